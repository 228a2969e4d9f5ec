"""Which files a machine has of each year, and where they lie below its folder."""

import re
from collections.abc import Iterable
from enum import Enum

SIGNALS = "signals.json"  # the tag dictionary of a machine, whatever the year
_YEAR = re.compile(r"(\d{4})\.\w+")


class YearFile(Enum):
    """One file a machine-year; the value is its folder and the ending of its name."""

    DATASET = ("dataset", "parquet")
    LABELS = ("anomalies", "parquet")
    PATCH = ("patch", "parquet")  # clean values of the changed readings
    CONTEXT = ("context", "parquet")  # mode, lot, health, maintenance, event at every row
    WORKLOG = ("worklog", "parquet")  # maintenance, stops, repairs and alarms
    CLEAN = ("clean", "parquet")  # the dataset without its anomalies
    REPORT = ("report", "png")

    @property
    def folder(self) -> str:
        """The folder that holds the file of every year."""
        return self.value[0]

    def of(self, year: int) -> str:
        """The name of one year's file, such as `dataset/2025.parquet`."""
        folder, ending = self.value
        return f"{folder}/{year}.{ending}"


def years_in(names: Iterable[str]) -> tuple[int, ...]:
    """The years that files are named for, in order."""
    return tuple(int(found[1]) for found in map(_YEAR.fullmatch, names) if found)
