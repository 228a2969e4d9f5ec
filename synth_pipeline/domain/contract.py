"""The generator contract in figures and types; the rules that judge it are in `quality.rules`."""

import calendar
import re
from dataclasses import dataclass

import pyarrow as pa

TIMESTAMP = "Timestamp"
TIMESTAMP_TYPE = pa.timestamp("ms")
CSV_TIMESTAMP_FORMAT = "%Y-%m-%d %H:%M:%S"
MINUTES_PER_DAY = 1440
MIN_SIGNALS = 3
MAX_SIGNALS = 500
MAX_ANOMALOUS_SHARE = 0.05
MAX_LABEL_TEXT_LENGTH = 200
DATASET_SUFFIXES = (".parquet", ".csv")
LABEL_FILES = ("anomalies.parquet", "anomalies.csv")

LABEL_SCHEMA = pa.schema(
    [
        pa.field("start", TIMESTAMP_TYPE),
        pa.field("end", TIMESTAMP_TYPE),
        pa.field("kind", pa.string()),
        pa.field("category", pa.string()),
        pa.field("root_cause", pa.string()),
        pa.field("affected", pa.list_(pa.string())),
        pa.field("severity", pa.string()),
    ]
)
REQUIRED_LABEL_COLUMNS = ("start", "end", "kind")

_GENERIC_NAME = re.compile(
    r"_*(signal|sensor|value|val|column|col|feature|feat|channel|ch|variable|var|data|metric|x|y"
    r"|index(_level)?|unnamed)"  # the index that pandas writes where it is not told otherwise
    r"[ _:]*\d*_*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Signal:
    """One measured quantity: its column name, its unit and what it is."""

    name: str
    unit: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: the check it belongs to and a sentence with the first offending value."""

    check: str
    message: str

    def __str__(self) -> str:
        return f"{self.check}: {self.message}"


def rows_in_year(year: int) -> int:
    """Minutes in a calendar year: 525,600, or 527,040 in a leap year."""
    return (366 if calendar.isleap(year) else 365) * MINUTES_PER_DAY


def is_generic_name(name: str) -> bool:
    """True for a column name that says nothing physical, such as `signal_1` or `x`."""
    return _GENERIC_NAME.fullmatch(name) is not None
