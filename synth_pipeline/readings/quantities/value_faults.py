"""Values of columns that nothing at all, or no sensor of industry, shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.quantities.bounds import PLAUSIBLE, POSSIBLE, Bound
from synth_pipeline.readings.quantities.columns import ColumnReading, shown
from synth_pipeline.readings.quantities.names import Name
from synth_pipeline.readings.quantities.units import Unit
from synth_pipeline.readings.quantities.words import DIFFERENCES, SIGNED, any_of

ROUNDING = 1e-9  # relative, of conversions, so that °C, °F and K get one verdict

_TEMPERATURES = any_of("temperature temperatures temp temps")
# Words of a description that make a pressure a difference, where its name does not say so.
_EXCUSES = any_of("difference differential delta deviation minus signed")
_STATED = frozenset({"rms"})  # words of a description that count as words of the name


@dataclass(frozen=True, slots=True)
class ValueFault:
    """An extreme of a column outside a bound; impossible where nothing at all can have it."""

    message: str
    is_impossible: bool

    def __str__(self) -> str:
        return self.message


def value_faults(column: Column, low: float, high: float) -> list[ValueFault]:
    """Judge the lowest and the highest value of a year, without NaN, in the column's unit.

    At most one fault for each. None where the unit is unknown, which `unit_faults` says, and none
    where the unit has a reading in which both extremes can be.
    """
    read = ColumnReading.of(column)
    described = Name.of(column.description).words
    name = replace(read.name, words=read.name.words | described & _STATED)
    units = [_of_difference(unit, name) for unit in read.units]
    judged = [
        _faults_in(unit, _bounds_of(unit, name, described), column, low, high) for unit in units
    ]
    return min(judged, key=_gravity, default=[])


def _gravity(faults: Sequence[ValueFault]) -> tuple[int, int]:
    return sum(fault.is_impossible for fault in faults), len(faults)


def _of_difference(unit: Unit, name: Name) -> Unit:
    """Read `temperature_error_degc`, `temperature_rise_k` and kelvins of anything else as steps."""
    if unit.quantity != "temperature":
        return unit
    if unit.offset:
        is_difference = name.has_any(SIGNED)
    else:
        is_difference = not name.has_any(_TEMPERATURES) or name.has_any(DIFFERENCES)
    return replace(unit, quantity="temperature difference", offset=0.0) if is_difference else unit


def _bounds_of(unit: Unit, name: Name, described: frozenset[str]) -> list[Bound]:
    """Return the bounds that concern a column, the gravest first."""
    said = name.words | described & _EXCUSES if unit.quantity == "pressure" else name.words
    bounds = (*POSSIBLE, *PLAUSIBLE)
    return [bound for bound in bounds if _concerns(bound, unit.quantity, name, said)]


def _concerns(bound: Bound, quantity: str, name: Name, said: frozenset[str]) -> bool:
    groups = bound.words.split(",") if bound.words else []
    return (
        quantity in bound.quantities.split(", ")
        and said.isdisjoint(bound.unless)
        and (not bound.head or name.head in bound.head.split())
        and all(name.has_any(group.split()) for group in groups)
    )


def _faults_in(
    unit: Unit, bounds: Sequence[Bound], column: Column, low: float, high: float
) -> list[ValueFault]:
    si_low, si_high = unit.to_si(low), unit.to_si(high)
    below = [bound for bound in bounds if si_low < _least(bound, si_high)]
    above = [bound for bound in bounds if si_high > _most(bound)]
    return [
        *(_fault(bound, unit, column, low, is_low=True) for bound in below[:1]),
        *(_fault(bound, unit, column, high, is_low=False) for bound in above[:1]),
    ]


def _least(bound: Bound, si_high: float) -> float:
    return bound.low - bound.slack - bound.share * max(si_high, 0.0) - ROUNDING * abs(bound.low)


def _most(bound: Bound) -> float:
    return bound.high + bound.slack + ROUNDING * abs(bound.high)


def _fault(bound: Bound, unit: Unit, column: Column, value: float, *, is_low: bool) -> ValueFault:
    limit = unit.from_si(bound.low if is_low else bound.high)
    verb, side, than = ("falls", "below", "less") if is_low else ("rises", "above", "more")
    is_impossible = bound in POSSIBLE
    rule = f"nothing is {side}" if is_impossible else f"no such sensor shows {than} than"
    symbol = "" if unit.symbol == "1" else f" {unit.symbol}"
    message = (
        f"{shown(column.name)} {verb} to {value:,.6g}{symbol}; "
        f"{rule} {limit:,.6g}{symbol} ({bound.why})"
    )
    return ValueFault(message, is_impossible)
