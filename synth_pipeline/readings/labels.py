"""Brings a generator's labels, in whatever of the allowed forms, to the one schema."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from synth_pipeline.domain.errors import OutputError
from synth_pipeline.domain.known_fields import known_fields
from synth_pipeline.domain.text import visible
from synth_pipeline.readings.contract import (
    LABEL_SCHEMA,
    LATER_LABEL_COLUMNS,
    REQUIRED_LABEL_COLUMNS,
)
from synth_pipeline.readings.untrusted import UNREADABLE, reason_of
from synth_pipeline.readings.vocabulary import meant

# Root causes that name none.
SAYS_NOTHING = frozenset(
    {"-", "?", "n/a", "na", "none", "null", "other", "tbd", "undefined", "unknown",
     "unknown cause", "unspecified", "not known", "to be determined"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Event:
    """One labelled anomaly: its first and last minute, both inclusive, and what it is."""

    start: dt.datetime
    end: dt.datetime
    kind: str
    category: str | None
    root_cause: str | None
    affected: list[str] | None
    severity: str | None
    severity_sd: float | None = None
    snr: float | None = None
    cause_start: dt.datetime | None = None
    stop: dt.datetime | None = None
    restart: dt.datetime | None = None


def events_of(labels: pa.Table | None) -> tuple[Event, ...]:
    """The rows of a published label table, none where there is none."""
    rows = [] if labels is None else labels.to_pylist()
    return tuple(known_fields(Event, row) for row in rows)


def with_later_columns(labels: pa.Table) -> pa.Table:
    """Labels as an earlier version wrote them, with what has come since as null."""
    earlier = pa.schema([field for field in LABEL_SCHEMA if field.name not in LATER_LABEL_COLUMNS])
    if not labels.schema.equals(earlier):
        return labels
    for name in LATER_LABEL_COLUMNS:
        kind = LABEL_SCHEMA.field(name).type
        labels = labels.append_column(name, pa.nulls(labels.num_rows, kind))
    return labels


def normal_labels(table: pa.Table, name: str) -> pa.Table:
    """Return the events by time in `LABEL_SCHEMA`; columns that are not there become null.

    Words that mean one of the vocabulary become that one. An event whose list of affected
    signals is empty has none.

    Raises OutputError, which names the file `name`, where a column cannot be understood.
    """
    columns: list[pa.Array | pa.ChunkedArray] = []
    for field in LABEL_SCHEMA:
        count = table.column_names.count(field.name)
        if count == 1:
            columns.append(_normal_label(table.column(field.name), field, name))
        elif count or field.name in REQUIRED_LABEL_COLUMNS:
            raise OutputError(
                f"{name} has columns {', '.join(n[:80] for n in table.column_names[:10])}; "
                "expected start, end and kind once each"
            )
        else:
            columns.append(pa.nulls(table.num_rows, field.type))
    labels = pa.Table.from_arrays(columns, schema=LABEL_SCHEMA)
    return labels.sort_by([("start", "ascending"), ("end", "ascending")])


def _normal_label(column: pa.ChunkedArray, field: pa.Field, name: str) -> pa.ChunkedArray:
    try:
        if pa.types.is_timestamp(field.type):
            return _times(column).cast(field.type, safe=False)
        if pa.types.is_list(field.type):
            return pa.chunked_array([_names(column.to_pylist())], type=field.type)
        if pa.types.is_floating(field.type):
            return column.cast(field.type)
        texts = [_text(value, field.name) for value in column.to_pylist()]
        return pa.chunked_array([texts], type=field.type)
    except UNREADABLE as error:
        raise OutputError(
            f"{name}: {field.name} cannot be read as {field.type}: {reason_of(error)}"
        ) from error


def _text(value: object, column: str) -> str | None:
    text = visible("" if value is None else str(value)).strip()
    if not text or text == "nan" or (column == "root_cause" and text.casefold() in SAYS_NOTHING):
        return None
    return meant(column, text) if column in ("kind", "category", "severity") else text


def _times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        raise ValueError(f"{kind} has a time zone")
    if pa.types.is_integer(kind):
        raise ValueError(f"{kind} is no time")
    return column.cast(pa.timestamp("ns"))


def _names(values: Sequence[object]) -> list[list[str] | None]:
    """Lists as they are; text such as `a;b` or `['a', 'b']` split into names."""
    result: list[list[str] | None] = []
    for value in values:
        if value is None:
            result.append(None)
        elif isinstance(value, list | tuple):
            result.append([str(item) for item in value if item is not None] or None)
        else:
            text = str(value).strip("[](){}").replace(";", ",").replace("|", ",")
            parts = [part.strip(" '\"") for part in text.split(",")]
            result.append([part for part in parts if part] or None)
    return result
