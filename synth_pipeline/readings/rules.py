"""The generator contract as pure functions: a table or a column in, every violation out.

Each rule counts what breaks it and names the first offending value. Nothing here reads files.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth_pipeline.domain.check import Violation
from synth_pipeline.domain.column import Column
from synth_pipeline.domain.names import is_generic_name
from synth_pipeline.domain.text import visible
from synth_pipeline.readings.contract import (
    INTERVAL_MS,
    MAX_ANOMALOUS_SHARE,
    MAX_LABEL_TEXT_LENGTH,
    MAX_SIGNALS,
    MIN_SIGNALS,
    REQUIRED_LABEL_COLUMNS,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    interval_in_words,
    rows_in_year,
)
from synth_pipeline.readings.fields import column_of

SCHEMA, CADENCE, COVERAGE = "schema", "minute_cadence", "year_coverage"
ANOMALIES, REALISM = "anomalies_present", "signal_realism"
MAX_MAGNITUDE = 1e30  # beyond any physical quantity; figures of the year stay finite below it

STEP = np.timedelta64(INTERVAL_MS, "ms")

Times = npt.NDArray[np.datetime64]


def schema_violations(
    schema: pa.Schema, null_counts: Mapping[str, int | None], rows: int
) -> list[Violation]:
    """Judge column names, order, types and wholly null columns; `None` counts are unknown."""
    found: list[str] = []
    names = schema.names
    if not names or names[0] != TIMESTAMP:
        first = repr(names[0]) if names else "no column"
        found.append(f"the first column is {first}; expected {TIMESTAMP!r}")
    elif schema.field(0).type != TIMESTAMP_TYPE:
        found.append(f"{TIMESTAMP} is {schema.field(0).type}; expected {TIMESTAMP_TYPE}")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        found.append(f"column names repeat: {_some(repeated)}; expected unique names")
    fields = [schema.field(i) for i in range(len(names)) if names[i] != TIMESTAMP]
    found += _signal_faults(fields)
    empty = [f.name for f in fields if rows and null_counts.get(f.name) == rows]
    if empty:
        found.append(f"columns hold no value at all: {_some(empty)}")
    return [Violation(SCHEMA, message) for message in found]


def _signal_faults(fields: Sequence[pa.Field]) -> list[str]:
    found: list[str] = []
    other = [f"{f.name} ({f.type})" for f in fields if not pa.types.is_floating(f.type)]
    if other:
        found.append(f"columns are not numeric: {_some(other)}; expected floats after Timestamp")
    count = len(fields) - len(other)
    if not MIN_SIGNALS <= count <= MAX_SIGNALS:
        found.append(
            f"{count} numeric signal columns ({_some([f.name for f in fields])}); "
            f"expected at least {MIN_SIGNALS} and at most {MAX_SIGNALS}"
        )
    hidden = [f.name for f in fields if visible(f.name) != f.name]
    if hidden:
        found.append(f"names hold control characters: {_some([visible(n) for n in hidden])}")
    generic = [f.name for f in fields if not f.name.strip() or is_generic_name(f.name)]
    if generic:
        found.append(
            f"names say nothing physical: {_some(generic)}; "
            "expected quantity and unit, such as chamber_pressure_pa"
        )
    return found


def expected_signal_violations(schema: pa.Schema, expected: Sequence[Column]) -> list[Violation]:
    """Compare stored columns and units with those of the accepted generator."""
    stored = {name: i for i, name in enumerate(schema.names) if name != TIMESTAMP}
    wanted = {signal.name: signal for signal in expected}
    found: list[str] = []
    missing = [name for name in wanted if name not in stored]
    if missing:
        found.append(f"signals of the accepted generator are missing: {_some(missing)}")
    unknown = [name for name in stored if name not in wanted]
    if unknown:
        found.append(f"columns that the accepted generator does not write: {_some(unknown)}")
    if not found and list(stored) != list(wanted):
        found.append(f"columns stand in another order: {_some(list(stored))}")
    for name in (name for name in wanted if name in stored):
        unit = column_of(schema.field(stored[name])).unit
        if unit != wanted[name].unit:
            found.append(f"{name} has unit {unit!r}; expected {wanted[name].unit!r}")
    return [Violation(SCHEMA, message) for message in found]


def cadence_violations(times: Times) -> list[Violation]:
    """Judge that each row is exactly one interval after the one before; shape (rows,), [ms]."""
    if _is_steady(times):
        return []
    found: list[str] = []
    missing = np.isnat(times)
    if missing.any():
        found.append(f"{_count(missing, 'row')} without a time, the first at row {_first(missing)}")
    millis = times.astype("datetime64[ms]").astype(np.int64)
    off = ~missing & (millis % INTERVAL_MS != 0)
    if off.any():
        at = _first(off)
        first = f"{_time(times[at])} at row {at}"
        found.append(f"{_count(off, 'time')} off the {interval_in_words()}, the first {first}")
    steps = np.diff(millis)
    known = ~missing[1:] & ~missing[:-1]
    kinds: dict[str, npt.NDArray[np.bool_]] = {
        "repeat": steps == 0,
        "disorder": steps < 0,
        "gap": steps > INTERVAL_MS,
        "short step": (steps > 0) & (steps < INTERVAL_MS),
    }
    for kind, where in kinds.items():
        if (where & known).any():
            at = _first(where & known)
            found.append(
                f"{_count(where & known, kind)}, the first at row {at + 1}: {_time(times[at + 1])} "
                f"follows {_time(times[at])}, expected {_time(times[at] + STEP)}"
            )
    return [Violation(CADENCE, message) for message in found]


def _is_steady(times: Times) -> bool:
    """True where all is well, in a tenth of the time that it takes to say what is not."""
    millis = times.astype("datetime64[ms]").view(np.int64)  # NaT is off it, too
    on_grid = len(millis) and millis[0] % INTERVAL_MS == 0
    return bool(on_grid and (np.diff(millis) == INTERVAL_MS).all())


def coverage_violations(times: Times, year: int) -> list[Violation]:
    """Judge that the rows are the whole of `year`, from its first interval to its last."""
    found: list[str] = []
    wanted = rows_in_year(year)
    if len(times) != wanted:
        found.append(f"{len(times):,} rows; expected {wanted:,} for {year}")
    start = np.datetime64(f"{year:04d}-01-01T00:00", "ms")
    end = np.datetime64(f"{year + 1:04d}-01-01T00:00", "ms") - STEP
    for name, value, expected in (
        ("first", times[:1], start),
        ("last", times[-1:], end),
    ):
        if len(value) and value[0] != expected:
            found.append(f"the {name} row is {_time(value[0])}; expected {_time(expected)}")
    outside = (times < start) | (times > end)
    if outside.any():
        at = _first(outside)
        found.append(
            f"{_count(outside, 'row')} outside {year}, the first {_time(times[at])} at row {at}"
        )
    return [Violation(COVERAGE, message) for message in found]


def value_violations(table: pa.Table) -> list[Violation]:
    """Judge that no signal holds an infinite or absurd value; missing values are allowed."""
    found: list[Violation] = []
    for name in table.column_names:
        column = table.column(name)
        if not pa.types.is_floating(column.type):
            continue
        values = column.to_numpy()
        bounds = np.array([np.fmin.reduce(values), np.fmax.reduce(values)] if len(values) else [])
        if (np.abs(bounds) > MAX_MAGNITUDE).any():  # not so for NaN, a column without a value
            absurd = pc.fill_null(pc.greater(pc.abs(column), MAX_MAGNITUDE), False)
            count, at = pc.sum(absurd).as_py(), pc.index(absurd, True).as_py()
            found.append(
                Violation(
                    SCHEMA,
                    f"{name} has {count:,} infinite or absurd values, the first "
                    f"{column[at].as_py():g} at row {at}; expected at most {MAX_MAGNITUDE:g}",
                )
            )
    return found


def label_violations(labels: pa.Table, year: int, signals: Iterable[str]) -> list[Violation]:
    """Judge labels: inside the year, start before end, known signals, under 5 % of rows."""
    found: list[str] = []
    for name in REQUIRED_LABEL_COLUMNS:
        nulls = labels.column(name).null_count
        if nulls:
            found.append(f"{nulls} events have no {name}")
    if not found and labels.num_rows:
        found += _interval_faults(labels, year)
    found += _text_faults(labels)
    named = {s for row in labels.column("affected").to_pylist() for s in row or []}
    unknown = sorted(named - set(signals))
    if unknown:
        found.append(f"affected signals that the dataset does not have: {_some(unknown)}")
    return [Violation(ANOMALIES, message) for message in found]


def _text_faults(labels: pa.Table) -> list[str]:
    found: list[str] = []
    for name in ("kind", "category", "root_cause", "severity"):
        longest = pc.max(pc.utf8_length(labels.column(name))).as_py() or 0
        if longest > MAX_LABEL_TEXT_LENGTH:
            found.append(
                f"a {name} has {longest:,} characters; expected at most {MAX_LABEL_TEXT_LENGTH}"
            )
    return found


def _interval_faults(labels: pa.Table, year: int) -> list[str]:
    starts, ends = (labels.column(n).to_numpy().astype("datetime64[ms]") for n in ("start", "end"))
    found: list[str] = []
    low = np.datetime64(f"{year:04d}-01-01T00:00", "ms")
    high = np.datetime64(f"{year + 1:04d}-01-01T00:00", "ms")
    reversed_ = ends < starts
    if reversed_.any():
        at = _first(reversed_)
        found.append(
            f"{_count(reversed_, 'event')} end before they start, the first "
            f"{_time(starts[at])} to {_time(ends[at])}"
        )
    outside = (starts < low) | (ends >= high)
    if outside.any():
        at = _first(outside)
        found.append(
            f"{_count(outside, 'event')} outside {year}, the first "
            f"{_time(starts[at])} to {_time(ends[at])}"
        )
    if not found:
        share = anomalous_share(labels, year)
        if share >= MAX_ANOMALOUS_SHARE:
            found.append(
                f"anomalies cover {share:.1%} of the rows; "
                f"expected less than {MAX_ANOMALOUS_SHARE:.0%}"
            )
    return found


def anomalous_share(labels: pa.Table, year: int) -> float:
    """Share of the year's rows that lie inside at least one event."""
    rows = rows_in_year(year)
    first = np.datetime64(f"{year:04d}-01-01T00:00", "ms")
    times = (labels.column(n).to_numpy().astype("datetime64[ms]") for n in ("start", "end"))
    starts, ends = ((at - first).astype(np.int64) // INTERVAL_MS for at in times)
    order = np.argsort(starts, kind="stable")
    starts, ends = starts[order], np.minimum(ends[order] + 1, rows)
    reached = np.concatenate([[0], np.maximum.accumulate(ends)[:-1]])
    fresh = ends - np.maximum(starts, reached)
    return float(fresh[fresh > 0].sum() / rows)


def _some(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(n if len(n) <= 80 else f"{n[:77]}..." for n in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def _count(where: npt.NDArray[np.bool_], noun: str) -> str:
    count = int(where.sum())
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _first(where: npt.NDArray[np.bool_]) -> int:
    return int(np.argmax(where))


def _time(value: np.datetime64) -> str:
    if np.isnat(value):
        return "no time"
    fine = value.astype("datetime64[ms]").astype(np.int64) % 1000
    return str(value.astype("datetime64[ms]" if fine else "datetime64[s]")).replace("T", " ")
