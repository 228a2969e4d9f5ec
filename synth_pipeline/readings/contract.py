"""The generator contract in figures and words; the rules that judge it are in `readings.rules`."""

import datetime as dt

import pyarrow as pa

from synth_pipeline.signal_kit import (
    MAX_ANOMALOUS_SHARE,
    ROWS_PER_DAY,
    ROWS_PER_HOUR,
    SAMPLING_INTERVAL_S,
    rows_in_year,
)

__all__ = [
    "MAX_ANOMALOUS_SHARE",
    "ROWS_PER_DAY",
    "ROWS_PER_HOUR",
    "SAMPLING_INTERVAL_S",
    "rows_in_year",
]

# The interval itself stands in `signal_kit`, which every generator carries along.
INTERVAL = dt.timedelta(seconds=SAMPLING_INTERVAL_S)
INTERVAL_MS = 1000 * SAMPLING_INTERVAL_S
TIMESTAMP = "Timestamp"
TIMESTAMP_TYPE = pa.timestamp("ms")
MIN_SIGNALS = 3
MAX_SIGNALS = 500
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
        # Of events whose clean twin is known, in standard deviations of the signal in the mode:
        pa.field("severity_sd", pa.float64()),  # the largest change
        pa.field("snr", pa.float64()),  # the root mean square change
        # Of faults that are causes inside the equations; the last two of those that end in a stop:
        pa.field("cause_start", TIMESTAMP_TYPE),
        pa.field("stop", TIMESTAMP_TYPE),
        pa.field("restart", TIMESTAMP_TYPE),
    ]
)
REQUIRED_LABEL_COLUMNS = ("start", "end", "kind")
LATER_LABEL_COLUMNS = ("severity_sd", "snr", "cause_start", "stop", "restart")

# The clean value of each reading that an event has changed: dataset and patch give the clean twin.
PATCH_SCHEMA = pa.schema(
    [
        pa.field("row", pa.int32()),
        pa.field("signal", pa.string()),
        pa.field("clean", pa.float64()),
    ]
)

# What the machine does at every interval; the number of the event, null outside of events.
CONTEXT_SCHEMA = pa.schema(
    [
        pa.field(TIMESTAMP, TIMESTAMP_TYPE),
        pa.field("mode", pa.dictionary(pa.int32(), pa.string())),
        pa.field("recipe", pa.dictionary(pa.int32(), pa.string())),
        pa.field("lot", pa.int32()),
        pa.field("health", pa.float64()),
        pa.field("rul_hours", pa.float64()),
        pa.field("maintenance", pa.bool_()),
        pa.field("event", pa.int32()),
    ]
)
# Planned maintenance, stops, repairs and alarms; the number of the event that they belong to.
WORKLOG_SCHEMA = pa.schema(
    [
        pa.field("start", TIMESTAMP_TYPE),
        pa.field("end", TIMESTAMP_TYPE),
        pa.field("kind", pa.string()),
        pa.field("text", pa.string()),
        pa.field("event", pa.int32()),
    ]
)


def interval_in_words() -> str:
    """The sampling interval as in "a row a ...": `minute`, `5 minutes`, `10 seconds`."""
    units = (("hour", 3600), ("minute", 60), ("second", 1))
    unit, length = next((u, s) for u, s in units if SAMPLING_INTERVAL_S % s == 0)
    count = SAMPLING_INTERVAL_S // length
    return unit if count == 1 else f"{count} {unit}s"


def last_time_of_year() -> str:
    """The time of the last row of every year, such as `23:59:00`."""
    return f"{(dt.datetime.min + dt.timedelta(days=1) - INTERVAL):%H:%M:%S}"
