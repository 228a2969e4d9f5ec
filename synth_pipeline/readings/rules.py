"""The generator contract as pure functions: a table or a column in, every violation out.

Each rule counts what breaks it and names the first offending value. Nothing here reads files.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.domain.names import is_generic_name
from synth_pipeline.domain.text import visible
from synth_pipeline.readings.contract import (
    INTERVAL_MS,
    MAX_SIGNALS,
    MIN_SIGNALS,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    interval_in_words,
    rows_in_year,
)
from synth_pipeline.readings.fields import column_of, type_of
from synth_pipeline.readings.wording import count_of, first_place, some_of, time_of

MAX_MAGNITUDE = 1e30  # beyond any physical quantity; figures of the year stay finite below it

STEP = np.timedelta64(INTERVAL_MS, "ms")

Times = npt.NDArray[np.datetime64]


def schema_findings(
    schema: pa.Schema,
    null_counts: Mapping[str, int | None],
    rows: int,
    *,
    has_times: bool = True,
) -> list[Finding]:
    """Judge column names, order, types and wholly null columns; `None` counts are unknown.

    Without `has_times` the type of the first column is not judged: its fault is known.
    """
    found: list[str] = []
    names = schema.names
    if not names or names[0] != TIMESTAMP:
        first = repr(names[0]) if names else "no column"
        found.append(f"the first column is {first}; expected {TIMESTAMP!r}")
    elif has_times and schema.field(0).type != TIMESTAMP_TYPE:
        found.append(f"{TIMESTAMP} is {schema.field(0).type}; expected {TIMESTAMP_TYPE}")
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        found.append(f"column names repeat: {some_of(repeated)}; expected unique names")
    else:
        found += _case_faults(names)
    fields = [schema.field(i) for i in range(len(names)) if names[i] != TIMESTAMP]
    found += _signal_faults(fields)
    floats = [field for field in fields if pa.types.is_floating(field.type)]
    empty = [f.name for f in floats if rows and null_counts.get(f.name) == rows]
    if empty:
        found.append(f"columns hold no value at all: {some_of(empty)}")
    return _as_findings(Topic.COLUMNS, found)


def _case_faults(names: Sequence[str]) -> list[str]:
    """Names that Spark and DuckDB take for one."""
    folded: dict[str, list[str]] = {}
    for name in names:
        folded.setdefault(name.casefold(), []).append(name)
    alike = [" and ".join(group) for group in folded.values() if len(group) > 1]
    return [f"column names differ in case only: {some_of(alike)}"] if alike else []


def _signal_faults(fields: Sequence[pa.Field]) -> list[str]:
    found: list[str] = []
    other = [f"{f.name} ({type_of(f)})" for f in fields if not pa.types.is_floating(f.type)]
    if other:
        found.append(f"columns are not numeric: {some_of(other)}; expected floats after Timestamp")
    count = len(fields) - len(other)
    if not MIN_SIGNALS <= count <= MAX_SIGNALS:
        found.append(
            f"{count} numeric signal columns ({some_of([f.name for f in fields])}); "
            f"expected at least {MIN_SIGNALS} and at most {MAX_SIGNALS}"
        )
    hidden = [f.name for f in fields if visible(f.name) != f.name]
    if hidden:
        found.append(f"names hold control characters: {some_of([visible(n) for n in hidden])}")
    generic = [f.name for f in fields if not f.name.strip() or is_generic_name(f.name)]
    if generic:
        found.append(
            f"names say nothing physical: {some_of(generic)}; "
            "expected quantity and unit, such as chamber_pressure_pa"
        )
    return found


def expected_signal_findings(schema: pa.Schema, expected: Sequence[Column]) -> list[Finding]:
    """Compare stored columns and units with those of the accepted generator."""
    stored = {name: i for i, name in enumerate(schema.names) if name != TIMESTAMP}
    wanted = {signal.name: signal for signal in expected}
    found: list[str] = []
    missing = [name for name in wanted if name not in stored]
    if missing:
        found.append(f"signals of the accepted generator are missing: {some_of(missing)}")
    unknown = [name for name in stored if name not in wanted]
    if unknown:
        found.append(f"columns that the accepted generator does not write: {some_of(unknown)}")
    if not found and list(stored) != list(wanted):
        found.append(f"columns stand in another order: {some_of(list(stored))}")
    for name in (name for name in wanted if name in stored):
        unit = column_of(schema.field(stored[name])).unit
        if unit != wanted[name].unit:
            found.append(f"{name} has unit {unit!r}; expected {wanted[name].unit!r}")
    return _as_findings(Topic.COLUMNS, found)


def cadence_findings(times: Times) -> list[Finding]:
    """Judge that each row is exactly one interval after the one before; shape (rows,), [ms]."""
    if _is_steady(times):
        return []
    found: list[str] = []
    missing = np.isnat(times)
    if missing.any():
        count = count_of(missing, "row")
        found.append(f"{count} without a time, the first at row {first_place(missing)}")
    millis = times.astype("datetime64[ms]").astype(np.int64)
    off = ~missing & (millis % INTERVAL_MS != 0)
    if off.any():
        at = first_place(off)
        first = f"{time_of(times[at])} at row {at}"
        found.append(f"{count_of(off, 'time')} off the {interval_in_words()}, the first {first}")
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
            at = first_place(where & known)
            found.append(
                f"{count_of(where & known, kind)}, the first at row {at + 1}: "
                f"{time_of(times[at + 1])} follows {time_of(times[at])}, "
                f"expected {time_of(times[at] + STEP)}"
            )
    return _as_findings(Topic.TIME_AXIS, found)


def _is_steady(times: Times) -> bool:
    """True where all is well, in a tenth of the time that it takes to say what is not."""
    millis = times.astype("datetime64[ms]").view(np.int64)  # NaT is off it, too
    on_grid = len(millis) and millis[0] % INTERVAL_MS == 0
    return bool(on_grid and (np.diff(millis) == INTERVAL_MS).all())


def coverage_findings(times: Times, year: int) -> list[Finding]:
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
            found.append(f"the {name} row is {time_of(value[0])}; expected {time_of(expected)}")
    outside = (times < start) | (times > end)
    if outside.any():
        at = first_place(outside)
        found.append(
            f"{count_of(outside, 'row')} outside {year}, the first {time_of(times[at])} at row {at}"
        )
    return _as_findings(Topic.TIME_AXIS, found)


def value_findings(table: pa.Table) -> list[Finding]:
    """Judge that no signal holds an infinite or absurd value; missing values are allowed."""
    found: list[Finding] = []
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
                Finding(
                    Topic.VALUES,
                    f"{name} has {count:,} infinite or absurd values, the first "
                    f"{column[at].as_py():g} at row {at}; expected at most {MAX_MAGNITUDE:g}",
                )
            )
    return found


def _as_findings(topic: Topic, messages: Sequence[str]) -> list[Finding]:
    return [Finding(topic, message) for message in messages]
