"""One column that an accepted generator writes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A name, a unit and what it is; the name is unique within a dataset."""

    name: str
    unit: str = ""
    description: str = ""
