"""Units of columns that are missing, unknown or at odds with the name."""

from collections.abc import Sequence

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.quantities.columns import (
    ColumnReading,
    are_alike,
    have_one_size,
    shown,
)
from synth_pipeline.readings.quantities.dimensions import PLAIN_NUMBERS
from synth_pipeline.readings.quantities.endings import Ending
from synth_pipeline.readings.quantities.meanings import contradicts
from synth_pipeline.readings.quantities.names import Name
from synth_pipeline.readings.quantities.units import Unit
from synth_pipeline.readings.quantities.words import DIFFERENCES, any_of

# Heads of names that need no unit.
_UNITLESS = any_of(
    "factor count counts counter ratio index number state mode status flag code cop score id step "
    "class quality fraction enabled active alarm occupancy grade recipe rank probability pf cosphi "
    "phi coefficient emissivity absorbance turns cycles starts strokes pieces parts rejects "
    "alarms trips on off running health"
)
_STOCKS = any_of(
    "level fill volume mass weight inventory stock thickness depth diameter wear life health soh "
    "age capacity charge total totaliser totalizer cumulative energy hours content reserve height"
)
_COUNTED = frozenset({"number", "number concentration"})
# What is held against another unit that is stated: no short endings, as in `temperature_min`.
_STRICT_SHORT = any_of("kw kv hz kg kj mm um ml")
_LOOSE_LONG = any_of("min deg rad atm tph lux mol ppm ppb ppt pas umm gpd")
_DEGREES = any_of("k c f")
_LETTERED = any_of(
    "type thermocouple tc zone sensor probe point channel element section bay line unit phase side"
)
_BARS = any_of("tie boring torsion bus light cross sway roll sand drill tool")


def unit_faults(columns: Sequence[Column]) -> list[str]:
    """Say of each column whose unit is missing, unknown or misfits the name what is wrong."""
    return [fault for column in columns if (fault := _unit_fault(column))]


def is_of_states(column: Column) -> bool:
    """True for a state, a mode, a count or another plain number that needs no unit."""
    return ColumnReading.of(column).name.head in _UNITLESS


def is_never_zero(column: Column) -> bool:
    """True for a temperature, which no machine that stops takes to zero."""
    units = ColumnReading.of(column).units
    return bool(units) and units[0].quantity == "temperature" and units[0].offset != 0.0


def is_stock(column: Column) -> bool:
    """True for what is used up or gathers: a level, a mass, a thickness, wear."""
    return ColumnReading.of(column).name.has_any(_STOCKS)


def is_counted(column: Column) -> bool:
    """True for numbers of pieces or particles, which come by chance."""
    units = ColumnReading.of(column).units
    return is_of_states(column) or any(unit.quantity in _COUNTED for unit in units)


def _unit_fault(column: Column) -> str:
    read, name = ColumnReading.of(column), shown(column.name)
    if column.unit.strip() and not read.stated:
        unknown = f"has the unit '{shown(column.unit)}', which is none that we know"
        return f"{name} {unknown}; expected one such as bar"
    if not read.units:
        missing = "has no unit, stated or at the end of the name; expected one such as bar"
        is_needed = read.name.head not in _UNITLESS
        return f"{name} {missing}, or 1 for a plain number" if is_needed else ""
    return _ending_fault(column, read) or _head_fault(column, read)


def _ending_fault(column: Column, read: ColumnReading) -> str:
    """Say where the name ends in another unit than the one that is stated."""
    stated, ending = read.stated, read.ending
    if not stated or not ending or not _is_strict(ending, stated[0]):
        return ""
    name, text, end = shown(column.name), shown(column.unit), shown(ending.text)
    if not are_alike(stated, ending.units):
        kind, other = _kind(stated[0]), _kind(ending.units[0])
        return f"{name} is in {text} ({kind}), but its name ends in {end} ({other})"
    is_plain = any(unit.dimension in PLAIN_NUMBERS for unit in stated)
    if not is_plain and not have_one_size(stated, ending.units):
        return f"{name} is in {text}, but its name ends in {end}"
    return ""


def _head_fault(column: Column, read: ColumnReading) -> str:
    """Say where the head of the name names what none of the units measures."""
    if not all(contradicts(unit, read.name) for unit in read.units):
        return ""
    name, unit = shown(column.name), read.units[0]
    return f"{name} is in {unit.symbol} ({_kind(unit)}), but its name says {read.name.head}"


def _is_strict(ending: Ending, stated: Unit) -> bool:
    """True where an ending can be nothing but a unit; `m3_min` is the tail of `kw_m3_min`."""
    if ending.text in _DEGREES and stated.quantity == "temperature":
        return not Name.of(ending.before).has_any(DIFFERENCES | _LETTERED)
    if "/" in stated.symbol and "_" in ending.text and "per" not in ending.text.split("_"):
        return False
    if ending.text == "bar" and ending.before.rpartition("_")[2] in _BARS:
        return False
    return ending.text in _STRICT_SHORT or (len(ending.text) > 2 and ending.text not in _LOOSE_LONG)


def _kind(unit: Unit) -> str:
    return unit.quantity or "a product of units"
