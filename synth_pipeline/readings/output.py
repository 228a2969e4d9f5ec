"""Turns what a generator left in its folder into canonical tables, trusting none of it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from synth_pipeline.domain.check import Violation
from synth_pipeline.domain.errors import OutputError
from synth_pipeline.domain.text import visible
from synth_pipeline.readings import rules
from synth_pipeline.readings.contract import (
    DATASET_SUFFIXES,
    LABEL_FILES,
    LABEL_SCHEMA,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    rows_in_year,
)
from synth_pipeline.readings.fields import column_of, signals_of
from synth_pipeline.readings.labels import normal_labels
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.units import unit_from_name
from synth_pipeline.readings.untrusted import (
    UNREADABLE,
    read_dataset,
    read_labels,
    reason_of,
    shown_name,
)

NOT_OUTPUT = frozenset({"main.py", "signal_kit.py", "__pycache__"})


def read_output(
    folder: Path, year: int, *, with_labels: bool = True
) -> MachineYear | list[Violation]:
    """Read, normalise and judge the files in `folder`; return the output or every violation."""
    try:
        table = _normal_dataset(read_dataset(_find_dataset(folder), rows_in_year(year)))
        labels = _read_labels(folder) if with_labels else None
    except OutputError as error:
        return [Violation(rules.SCHEMA, str(error))]
    violations = judge_table(table, year)
    if labels is not None:
        violations += rules.label_violations(labels, year, table.column_names[1:])
    if violations:
        return violations
    return MachineYear(table, labels, signals_of(table.schema))


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
    return [shown_name(path) for path in _left(folder)]


def _left(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.name not in NOT_OUTPUT)


def _is_labels(path: Path) -> bool:
    return path.name.lower() in LABEL_FILES


def _find_dataset(folder: Path) -> Path:
    candidates = [
        path
        for path in _left(folder)
        if path.suffix.lower() in DATASET_SUFFIXES
        and not _is_labels(path)
        and not path.name.startswith(".")
    ]
    if len(candidates) != 1:
        found = [shown_name(path) for path in candidates[:5]] or found_files(folder)[:5]
        raise OutputError(
            f"{len(candidates)} dataset files in the working folder (found: "
            f"{', '.join(found) or 'nothing'}); expected "
            "exactly one *.parquet or *.csv besides anomalies.parquet or anomalies.csv"
        )
    return candidates[0]


def _normal_dataset(table: pa.Table) -> pa.Table:
    """Cast times to milliseconds and numbers to floats; leave the rest for the rules to name."""
    fields, columns = [], []
    for i, field in enumerate(table.schema):
        column = table.column(i)
        if field.name == TIMESTAMP and i == 0:
            column = _normal_times(column)
        elif _is_number(field.type):
            column = column.cast(pa.float64(), safe=False)  # counts beyond 2**53
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        stated = column_of(field)
        unit = visible(stated.unit) or unit_from_name(field.name)
        described = {"unit": unit, "description": visible(stated.description)}
        is_signal = field.name != TIMESTAMP
        fields.append(pa.field(field.name, column.type, metadata=described if is_signal else None))
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _normal_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_date(kind) or (pa.types.is_timestamp(kind) and kind.tz is None):
        try:
            return column.cast(TIMESTAMP_TYPE)
        except UNREADABLE as error:
            raise OutputError(
                f"{TIMESTAMP} has times that {TIMESTAMP_TYPE} cannot hold: {reason_of(error)}"
            ) from error
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


def _read_labels(folder: Path) -> pa.Table | None:
    present = [path for path in _left(folder) if _is_labels(path)]
    if not present:
        return None
    if len(present) > 1:
        names = " and ".join(shown_name(path) for path in present)
        raise OutputError(f"{len(present)} label files, {names}; expected one of them")
    return normal_labels(read_labels(present[0], LABEL_SCHEMA.names), shown_name(present[0]))
