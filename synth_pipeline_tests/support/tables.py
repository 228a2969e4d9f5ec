"""Datasets, labels and stored years for the tests of what judges and writes them."""

import io
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.contract import (
    LABEL_SCHEMA,
    LATER_LABEL_COLUMNS,
    PATCH_SCHEMA,
    TIMESTAMP,
)
from synth_pipeline.readings.dataset_file import write_dataset
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.statistics import measure

SIGNALS = (
    Column("chamber_pressure_pa", "Pa", "pressure in the chamber"),
    Column("chuck_temperature_c", "°C", "temperature of the wafer chuck"),
    Column("rf_power_w", "W", ""),
)
ORIGIN = {
    "industry": "semiconductor",
    "machine": "Plasma Etcher",
    "seed": "7",
    "author": "catalog",
    "code_sha256": "c0de",
}
Event = tuple[str, str, str]


@cache
def minutes(year: int = 2024) -> np.ndarray:
    """Every minute of a year, shape (rows,), [ms]."""
    return np.arange(f"{year}-01", f"{year + 1}-01", dtype="datetime64[m]").astype("datetime64[ms]")


@cache
def year_table(year: int = 2024) -> pa.Table:
    """A year as a real machine might show it: fast and slow, heavy-tailed, one coupled pair."""
    times = minutes(year)
    random = np.random.default_rng(7)
    slow = np.cumsum(random.laplace(size=len(times))) / 50
    fast = random.laplace(size=len(times)) + 0.05 * slow
    coupled = 0.5 * fast + random.laplace(size=len(times)) + 100
    columns = [times, *(np.round(values, 3) for values in (fast, slow, coupled))]
    fields = [pa.field(TIMESTAMP, pa.timestamp("ms"))]
    for signal in SIGNALS:
        described = {"unit": signal.unit, "description": signal.description}
        fields.append(pa.field(signal.name, pa.float64(), metadata=described))
    return pa.Table.from_arrays([pa.array(c) for c in columns], schema=pa.schema(fields))


def with_times(table: pa.Table, times: np.ndarray) -> pa.Table:
    """The same signals, as many as there are `times`, at other times."""
    shorter = table.slice(0, len(times))
    return shorter.set_column(0, table.schema.field(0), pa.array(times))


def label_table(*events: Event, affected: list[str] | None = None) -> pa.Table:
    """Events (start, end, kind) in the schema that is published."""
    starts, ends, kinds = zip(*events, strict=True) if events else ((), (), ())
    rows = len(events)
    columns = {
        "start": np.array(starts, "datetime64[ms]"),
        "end": np.array(ends, "datetime64[ms]"),
        "kind": list(kinds),
        "category": ["sensor"] * rows,
        "root_cause": ["rf_power_w"] * rows,
        "affected": [affected or ["rf_power_w"]] * rows,
        "severity": ["high"] * rows,
    }
    length = len(next(iter(columns.values()))) if columns else 0
    for name in LATER_LABEL_COLUMNS:
        columns.setdefault(name, pa.nulls(length, LABEL_SCHEMA.field(name).type))
    return pa.table(columns, schema=LABEL_SCHEMA)


def patch_table(labels: pa.Table, year: int) -> pa.Table:
    """A patch as if every reading of the affected signals in the events were changed."""
    first = np.datetime64(f"{year}-01-01", "m")
    rows: list[tuple[int, str]] = []
    for event in labels.to_pylist():
        start, end = ((np.datetime64(event[n], "m") - first).astype(int) for n in ("start", "end"))
        rows += [(row, name) for row in range(start, end + 1) for name in event["affected"] or ()]
    places, names = zip(*sorted(rows), strict=True) if rows else ((), ())
    columns = {"row": places, "signal": names, "clean": [-12345.0] * len(rows)}
    return pa.table(columns, schema=PATCH_SCHEMA)


@cache
def published_bytes(year: int = 2024) -> bytes:
    """A published Parquet file of `year_table(year)`."""
    return stored_bytes(year_table(year))


def stored_bytes(table: pa.Table) -> bytes:
    """Any table as it is written to the store."""
    content = io.BytesIO()
    write_dataset(MachineYear(table, None, SIGNALS), measure(table), ORIGIN, content)  # type: ignore[arg-type]
    return content.getvalue()


def write_published(path: Path, year: int = 2024) -> Path:
    """The published file on disk."""
    path.write_bytes(published_bytes(year))
    return path
