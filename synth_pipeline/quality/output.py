"""Reads what a generator left in its folder into canonical tables, trusting none of it."""

import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from synth_pipeline.domain.contract import (
    DATASET_SUFFIXES,
    LABEL_FILES,
    LABEL_SCHEMA,
    MAX_SIGNALS,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    Signal,
    Violation,
    rows_in_year,
)
from synth_pipeline.domain.errors import SynthError
from synth_pipeline.quality import rules
from synth_pipeline.quality.units import unit_from_name

BATCH_ROWS = 65_536
MAX_UNPACKED_BYTES = 4 * 1024**3
NOT_OUTPUT = frozenset({"main.py", "signal_kit.py", "__pycache__"})


class OutputError(SynthError):
    """A file of the generator cannot be read; the message goes back to its author."""


@dataclass(frozen=True, slots=True)
class Output:
    """One verified machine-year: the dataset, its labels (None: none written), its signals."""

    table: pa.Table
    labels: pa.Table | None
    signals: tuple[Signal, ...]


def read_output(folder: Path, year: int, *, with_labels: bool = True) -> Output | list[Violation]:
    """Read, normalise and judge the files in `folder`; return the output or every violation."""
    try:
        table = _normal_dataset(_read(_find_dataset(folder), rows_in_year(year)))
        labels = _read_labels(folder) if with_labels else None
    except OutputError as error:
        return [Violation(rules.SCHEMA, str(error))]
    violations = judge_table(table, year)
    if labels is not None:
        violations += rules.label_violations(labels, year, table.column_names[1:])
    if violations:
        return violations
    fields = [table.schema.field(i) for i in range(1, table.num_columns)]
    return Output(table, labels, tuple(_signal(field) for field in fields))


def judge_table(table: pa.Table, year: int) -> list[Violation]:
    """All violations of a normalised dataset."""
    nulls = {name: table.column(i).null_count for i, name in enumerate(table.column_names)}
    found = rules.schema_violations(table.schema, nulls, table.num_rows)
    if not found:
        found += rules.value_violations(table)
    if table.num_columns and table.schema.field(0).type == TIMESTAMP_TYPE:
        times = table.column(0).to_numpy()
        found += rules.cadence_violations(times) + rules.coverage_violations(times, year)
    return found


def found_files(folder: Path) -> list[str]:
    """Names of what lies in the folder besides the code, for the author to see."""
    return sorted(path.name for path in folder.iterdir() if path.name not in NOT_OUTPUT)


def _find_dataset(folder: Path) -> Path:
    candidates = [
        folder / name
        for name in found_files(folder)
        if Path(name).suffix.lower() in DATASET_SUFFIXES and name not in LABEL_FILES
    ]
    if len(candidates) != 1:
        names = ", ".join(path.name for path in candidates) or (
            ", ".join(found_files(folder)[:5]) or "nothing"
        )
        raise OutputError(
            f"{len(candidates)} dataset files in the working folder (found: {names}); expected "
            "exactly one *.parquet or *.csv besides anomalies.parquet or anomalies.csv"
        )
    return candidates[0]


def _read(path: Path, rows: int) -> pa.Table:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OutputError(f"{path.name} is not a plain file")
    try:
        if path.suffix.lower() == ".csv":
            return pacsv.read_csv(path, convert_options=_csv_options())
        with pq.ParquetFile(path) as file:
            return _read_parquet(file, path.name, rows)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        reason = str(error).splitlines()[0][:300]
        raise OutputError(f"{path.name} cannot be read: {reason}") from error


def _read_parquet(file: pq.ParquetFile, name: str, rows: int) -> pa.Table:
    """Read batch by batch, so that a small file cannot unpack into more memory than there is."""
    footer = file.metadata
    if footer.num_rows > 4 * rows or footer.num_columns > MAX_SIGNALS + 1:
        raise OutputError(
            f"{name} has {footer.num_rows:,} rows and {footer.num_columns} columns; expected "
            f"{rows:,} rows and at most {MAX_SIGNALS} signals"
        )
    batches, unpacked = [], 0
    for batch in file.iter_batches(batch_size=BATCH_ROWS):
        unpacked += batch.nbytes
        if unpacked > MAX_UNPACKED_BYTES:
            raise OutputError(f"{name} unpacks to more than {MAX_UNPACKED_BYTES >> 20} MiB")
        batches.append(batch)
    return pa.Table.from_batches(batches, schema=file.schema_arrow)


def _csv_options() -> pacsv.ConvertOptions:
    return pacsv.ConvertOptions(
        timestamp_parsers=["%Y-%m-%d %H:%M:%S"], null_values=["", "nan", "NaN", "NULL", "null"]
    )


def _normal_dataset(table: pa.Table) -> pa.Table:
    """Cast times to milliseconds and numbers to floats; leave the rest for the rules to name."""
    fields, columns = [], []
    for i, field in enumerate(table.schema):
        column = table.column(i)
        if field.name == TIMESTAMP and i == 0:
            column = _normal_times(column)
        elif _is_number(field.type):
            column = column.cast(pa.float64())
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        unit = rules.unit_of(field) or unit_from_name(field.name)
        described = {"unit": unit, "description": _description(field)}
        is_signal = field.name != TIMESTAMP
        fields.append(pa.field(field.name, column.type, metadata=described if is_signal else None))
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _normal_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is None:
        try:
            return column.cast(TIMESTAMP_TYPE)
        except pa.ArrowInvalid as error:
            raise OutputError(f"{TIMESTAMP} has times finer than a millisecond: {error}") from error
    if pa.types.is_date(kind):
        return column.cast(TIMESTAMP_TYPE)
    raise OutputError(
        f"{TIMESTAMP} is {kind}, the first value {_first_value(column)}; expected times without "
        "time zone, in CSV as yyyy-MM-dd HH:mm:ss"
    )


def _first_value(column: pa.ChunkedArray) -> str:
    return repr(column[0].as_py())[:60] if len(column) else "missing"


def _is_number(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
        or kind == pa.float16()
        or kind == pa.null()
    )


def _description(field: pa.Field) -> str:
    return bytes((field.metadata or {}).get(b"description", b"")).decode("utf-8", "replace")


def _signal(field: pa.Field) -> Signal:
    return Signal(field.name, rules.unit_of(field), _description(field))


def _read_labels(folder: Path) -> pa.Table | None:
    present = [folder / name for name in LABEL_FILES if (folder / name).exists()]
    if not present:
        return None
    if len(present) > 1:
        raise OutputError("both anomalies.parquet and anomalies.csv; expected one of them")
    return _normal_labels(_read(present[0], 200_000), present[0].name)


def _normal_labels(table: pa.Table, name: str) -> pa.Table:
    """Bring labels to `LABEL_SCHEMA`; columns that are not there become null."""
    columns: list[pa.Array | pa.ChunkedArray] = []
    for field in LABEL_SCHEMA:
        if table.column_names.count(field.name) != 1:
            if field.name in ("start", "end", "kind"):
                raise OutputError(
                    f"{name} has columns {', '.join(table.column_names[:10])}; "
                    "expected start, end and kind"
                )
            columns.append(pa.nulls(table.num_rows, field.type))
            continue
        columns.append(_normal_label(table.column(field.name), field, name))
    labels = pa.Table.from_arrays(columns, schema=LABEL_SCHEMA)
    return labels.sort_by([("start", "ascending"), ("end", "ascending")])


def _normal_label(column: pa.ChunkedArray, field: pa.Field, name: str) -> pa.ChunkedArray:
    try:
        if pa.types.is_timestamp(field.type):
            if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
                return column.cast(pa.timestamp("s")).cast(field.type)
            return column.cast(pa.timestamp("ns")).cast(field.type, safe=False)
        if pa.types.is_list(field.type):
            return pa.chunked_array([_names(column.to_pylist())], type=field.type)
        texts = [None if v is None else str(v) for v in column.to_pylist()]
        return pa.chunked_array([texts], type=pa.string())
    except pa.ArrowException as error:
        raise OutputError(
            f"{name}: {field.name} cannot be read as {field.type}: {str(error).splitlines()[0]}"
        ) from error


def _names(values: Sequence[object]) -> list[list[str] | None]:
    """Lists as they are; text such as `a;b` or `['a', 'b']` split into names."""
    result: list[list[str] | None] = []
    for value in values:
        if value is None:
            result.append(None)
        elif isinstance(value, list | tuple):
            result.append([str(item) for item in value if item is not None])
        else:
            text = str(value).strip("[](){}").replace(";", ",").replace("|", ",")
            result.append([part.strip(" '\"") for part in text.split(",") if part.strip(" '\"")])
    return result
