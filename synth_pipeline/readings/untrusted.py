"""Reads a file that untrusted code left, within bounds on what it may unpack to; judges nothing."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from synth_pipeline.domain.errors import OutputError
from synth_pipeline.domain.text import visible
from synth_pipeline.readings.contract import MAX_SIGNALS, TIMESTAMP

BATCH_ROWS = 65_536
MAX_FILE_BYTES = 1024**3
MAX_UNPACKED_BYTES = 4 * 1024**3
MAX_EVENTS = 5_000
MAX_LABEL_BYTES = 64 * 1024**2
CHUNK_BYTES = 1024**2
WRITTEN_AS = "written_as"  # of a column in whose place there are nulls: the type that it has

# whatever pyarrow raises on bad content; UnicodeDecodeError is a ValueError
UNREADABLE = (pa.ArrowException, OSError, ValueError, OverflowError)


def read_dataset(path: Path, rows: int) -> pa.Table:
    """Read a CSV or Parquet file of about `rows` rows; raise OutputError where it is none."""
    require_plain(path, MAX_FILE_BYTES)
    try:
        if is_csv(path):
            return _read_csv(path, 4 * rows)
        with pq.ParquetFile(path) as file:
            _refuse_large(file, path.name, rows)
            return _read_fixed_width(file, path.name)
    except UNREADABLE as error:
        raise OutputError(f"{shown_name(path)} cannot be read: {reason_of(error)}") from error


def read_labels(path: Path, columns: Sequence[str], most_rows: int = MAX_EVENTS) -> pa.Table:
    """Read those of `columns` that a CSV or Parquet file of events has."""
    require_plain(path, MAX_LABEL_BYTES)
    try:
        if is_csv(path):
            return _read_csv(path, most_rows)
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > most_rows:
                raise OutputError(
                    f"{path.name} has {file.metadata.num_rows:,} rows; "
                    f"expected at most {most_rows:,}"
                )
            batch_rows = _cautious_batch_rows(file.metadata)
            return _read_batches(file, path.name, batch_rows, MAX_LABEL_BYTES, columns)
    except UNREADABLE as error:
        raise OutputError(f"{shown_name(path)} cannot be read: {reason_of(error)}") from error


def require_plain(path: Path, most_bytes: int) -> None:
    """Raise OutputError for a link, a pipe or a folder, which are never opened, and for size."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise OutputError(f"{shown_name(path)} is not a plain file")
    if found.st_size > most_bytes:
        raise OutputError(
            f"{shown_name(path)} has {found.st_size:,} bytes; expected at most {most_bytes:,}"
        )


def is_csv(path: Path) -> bool:
    """True where the name ends in `.csv`, in any case."""
    return path.suffix.lower() == ".csv"


def shown_name(path: Path) -> str:
    """The file's name as text that can be encoded and shown, whatever bytes it has."""
    return visible(os.fsencode(path.name).decode("utf-8", "backslashreplace"))


def reason_of(error: BaseException) -> str:
    """First line of an error's message."""
    lines = str(error).splitlines() or [type(error).__name__]
    return lines[0][:300]


def _read_csv(path: Path, most_rows: int) -> pa.Table:
    with path.open("rb") as file:
        commas = file.readline(CHUNK_BYTES).count(b",")
        if commas > 4 * MAX_SIGNALS:
            raise OutputError(
                f"{shown_name(path)} has {commas + 1:,} columns; expected at most {MAX_SIGNALS} "
                "signals"
            )
        file.seek(0)
        lines = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(CHUNK_BYTES), b""))
    if lines > most_rows:
        raise OutputError(f"{shown_name(path)} has {lines:,} lines; expected at most {most_rows:,}")
    options = pacsv.ConvertOptions(
        timestamp_parsers=["%Y-%m-%d %H:%M:%S"], null_values=["", "nan", "NaN", "NULL", "null"]
    )
    table = pacsv.read_csv(path, convert_options=options)
    _ = table.column_names  # raises where a name is not UTF-8
    return table


def _refuse_large(file: pq.ParquetFile, name: str, rows: int) -> None:
    footer = file.metadata
    if footer.num_rows > 4 * rows or footer.num_columns > MAX_SIGNALS + 1:
        raise OutputError(
            f"{name} has {footer.num_rows:,} rows and {footer.num_columns} columns; expected "
            f"{rows:,} rows and at most {MAX_SIGNALS} signals"
        )


def _read_fixed_width(file: pq.ParquetFile, name: str) -> pa.Table:
    schema = file.schema_arrow
    wanted = [field.name for field in schema if _is_fixed_width(field.type)]
    if len(wanted) == len(schema):
        return _read_batches(file, name, BATCH_ROWS, MAX_UNPACKED_BYTES)
    read = _read_batches(file, name, BATCH_ROWS, MAX_UNPACKED_BYTES, wanted)
    columns, fields = [], []
    for field in schema:
        is_read = _is_fixed_width(field.type)
        place = read.column_names.index(field.name) if is_read else 0
        columns.append(read.column(place) if is_read else _placeholder(file, field))
        written_as = {WRITTEN_AS: str(field.type)}
        fields.append(field if is_read else pa.field(field.name, pa.string(), metadata=written_as))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _placeholder(file: pq.ParquetFile, field: pa.Field) -> pa.ChunkedArray:
    """Nulls in place of a column whose values have no fixed width.

    A few bytes of them may unpack to gigabytes, and no such column is within the contract. Of
    times, which are often written as text, the first one is kept for the author to see.
    """
    nulls = pa.nulls(file.metadata.num_rows, pa.string())
    if field.name == TIMESTAMP and file.metadata.num_rows:
        first = pa.array([_first_time(file)], pa.string())
        return pa.chunked_array([first, nulls.slice(1)])
    return pa.chunked_array([nulls])


def _first_time(file: pq.ParquetFile) -> str:
    if file.metadata.row_group(0).total_byte_size > MAX_LABEL_BYTES:
        return "too large to read"
    batch = next(file.iter_batches(batch_size=1, columns=[TIMESTAMP]), None)
    return str(batch.column(0)[0].as_py())[:60] if batch is not None else "missing"


def _is_fixed_width(kind: pa.DataType) -> bool:
    return bool(pa.types.is_primitive(kind) or pa.types.is_decimal(kind) or pa.types.is_null(kind))


def _cautious_batch_rows(footer: pq.FileMetaData) -> int:
    """So few rows that a batch stays small even if each row repeats the largest value there is."""
    groups = (int(footer.row_group(i).total_byte_size) for i in range(footer.num_row_groups))
    return max(1, min(BATCH_ROWS, 4 * MAX_LABEL_BYTES // max(groups, default=1)))


def _read_batches(
    file: pq.ParquetFile,
    name: str,
    batch_rows: int,
    most_bytes: int,
    columns: Sequence[str] | None = None,
) -> pa.Table:
    """Read batch by batch, so that a small file cannot unpack into more memory than there is."""
    batches, unpacked = [], 0
    wanted = None if columns is None else list(columns)
    for batch in file.iter_batches(batch_size=batch_rows, columns=wanted):
        unpacked += batch.nbytes
        if unpacked > most_bytes:
            raise OutputError(f"{name} unpacks to more than {most_bytes >> 20} MiB")
        batches.append(batch)
    return pa.Table.from_batches(batches) if batches else file.schema_arrow.empty_table()
