"""What a column is measured in, by its unit and by its name, both read at once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.text import quotable
from synth_pipeline.readings.quantities.dimensions import PLAIN_NUMBERS, Dimension
from synth_pipeline.readings.quantities.endings import Ending, endings_of
from synth_pipeline.readings.quantities.meanings import fitting
from synth_pipeline.readings.quantities.names import Name
from synth_pipeline.readings.quantities.unit_text import readings
from synth_pipeline.readings.quantities.units import Unit

MAX_SHOWN = 80
SAME_FACTOR = 0.01  # calendar and nominal values differ by less


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """The readings of a column's `stated` unit, the `ending` of its name, and what both give.

    `name` is without its unit; an ending that is not the stated unit is a word. `units` are the
    readings of the unit, those that fit the name where any does; none where nothing is known.
    """

    stated: tuple[Unit, ...]
    ending: Ending | None
    name: Name
    units: tuple[Unit, ...]

    @classmethod
    def of(cls, column: Column) -> "ColumnReading":
        """Read both the unit and the name of a column."""
        stated = readings(column.unit)
        ending = _ending_as_stated(column.name, stated)
        text, units = column.name, stated
        if ending and (not stated or are_alike(stated, ending.units)):
            text = ending.before
        if ending and (not stated or stated[0].symbol == ending.units[0].symbol):
            units = ending.units  # no more than the end of the name, it may have been read off it
        name = Name.of(text)
        return cls(stated, ending, name, fitting(units, name))


def _ending_as_stated(name: str, stated: Sequence[Unit]) -> Ending | None:
    """The longest end of the name that is the stated unit; the longest of all where none is."""
    endings = endings_of(name)
    said = [each for each in endings if "per" in each.text and have_one_size(stated, each.units)]
    return next(iter(said or endings), None)


def have_one_size(some: Iterable[Unit], others: Iterable[Unit]) -> bool:
    """True where a reading of the one is a reading of the other."""
    return any(
        one.dimension == other.dimension
        and abs(one.factor / other.factor - 1) < SAME_FACTOR
        and one.offset == other.offset
        for one in some
        for other in others
    )


def are_alike(some: Iterable[Unit], others: Iterable[Unit]) -> bool:
    """True where two readings measure one kind of thing."""
    kinds, other_kinds = ({_unnumbered(unit.dimension) for unit in us} for us in (some, others))
    return bool(kinds & other_kinds)


def _unnumbered(dimension: Dimension) -> Dimension:
    """Percent and plain numbers as one: both state shares."""
    return frozenset() if dimension in PLAIN_NUMBERS else dimension


def shown(text: str) -> str:
    """Foreign text as a fault shows it."""
    return quotable(text, MAX_SHOWN)
