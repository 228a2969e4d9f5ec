"""Turns what a generator left in its folder into canonical tables, trusting none of it."""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from synth_pipeline.domain.errors import OutputError
from synth_pipeline.domain.finding import Finding, Topic, has_fatal
from synth_pipeline.domain.text import visible
from synth_pipeline.readings import rules
from synth_pipeline.readings.contract import (
    CONTEXT_SCHEMA,
    DATASET_SUFFIXES,
    LABEL_FILES,
    LABEL_SCHEMA,
    PATCH_SCHEMA,
    TIMESTAMP,
    TIMESTAMP_TYPE,
    WORKLOG_SCHEMA,
    rows_in_year,
)
from synth_pipeline.readings.fields import column_of, signals_of, type_of
from synth_pipeline.readings.label_rules import label_findings
from synth_pipeline.readings.labels import normal_labels
from synth_pipeline.readings.machine_year import MachineYear, Story
from synth_pipeline.readings.quantities.endings import unit_from_name
from synth_pipeline.readings.shapes import shape_findings
from synth_pipeline.readings.untrusted import (
    UNREADABLE,
    WRITTEN_AS,
    read_dataset,
    read_labels,
    reason_of,
    require_plain,
    shown_name,
)
from synth_pipeline.signal_kit import CONTEXT_FILE, PATCH_FILE, SIGNALS_FILE, WORKLOG_FILE

MAX_PATCH_ROWS = 2_000_000
MAX_STORY_BYTES = 64 * 1024**2
SENSOR_KEYS = ("range", "resolution")  # of a field's metadata
MEASURED_LABEL_COLUMNS = ("severity_sd", "snr")
STATED_LABEL_COLUMNS = [n for n in LABEL_SCHEMA.names if n not in MEASURED_LABEL_COLUMNS]
# What the kit writes beside dataset and labels.
STORY_FILES = (CONTEXT_FILE, WORKLOG_FILE, SIGNALS_FILE)
NOT_OUTPUT = frozenset({"main.py", "signal_kit.py", "__pycache__", PATCH_FILE, *STORY_FILES})


@dataclass(frozen=True, slots=True)
class Output:
    """What was found: the machine's year, None where a finding is fatal, and all findings."""

    made: MachineYear | None
    findings: tuple[Finding, ...] = ()


def read_output(
    folder: Path, year: int, *, with_labels: bool = True, is_trusted: bool = False
) -> Output:
    """Read, normalise and judge the files in `folder`: dataset and labels, each for itself.

    A patch, and what the machine did, are taken from code that is trusted to say so.
    """
    table, found = _read_dataset(folder, year)
    labels: pa.Table | None = None
    patch: pa.Table | None = None
    story: Story | None = None
    try:
        labels = _read_labels(folder, is_trusted=is_trusted) if with_labels else None
        if with_labels and is_trusted:
            patch = _read_beside(folder / PATCH_FILE, PATCH_SCHEMA, MAX_PATCH_ROWS)
            story = _read_story(folder, rows_in_year(year))
    except OutputError as error:
        found.append(Finding(Topic.LABELS, str(error)))
    if table is not None:
        found += [] if labels is None else label_findings(labels, year, table.column_names[1:])
        found += [] if labels is None or has_fatal(found) else shape_findings(table, labels)
    if table is None or has_fatal(found):
        return Output(None, tuple(found))
    made = MachineYear(table, labels, signals_of(table.schema), patch, story=story)
    return Output(made, tuple(found))


def _read_beside(path: Path, schema: pa.Schema, most_rows: int) -> pa.Table | None:
    """A file that a trusted generator wrote beside its dataset, None where it did not.

    Raises OutputError where the file is not what `signal_kit` writes.
    """
    if not path.exists():
        return None
    table = read_labels(path, schema.names, most_rows=most_rows)
    if not table.schema.equals(schema):
        raise OutputError(f"{path.name} has columns {', '.join(table.column_names[:10])}")
    return table


def _read_story(folder: Path, rows: int) -> Story | None:
    """What trusted code says of its machine's year; raises OutputError where a file is amiss."""
    paths = [folder / name for name in STORY_FILES]
    if not all(path.exists() for path in paths):
        return None
    for path in paths:
        require_plain(path, MAX_STORY_BYTES)
    for path, schema, most in ((paths[0], CONTEXT_SCHEMA, rows), (paths[1], WORKLOG_SCHEMA, None)):
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(schema) or most not in {None, file.metadata.num_rows}:
                raise OutputError(f"{path.name} is not as signal_kit writes it")
    context, worklog, signals = (path.read_bytes() for path in paths)
    return Story(context, worklog, signals)


def _read_dataset(folder: Path, year: int) -> tuple[pa.Table | None, list[Finding]]:
    try:
        path = _find_dataset(folder)
    except OutputError as error:
        return None, [Finding(Topic.FILES, str(error))]
    try:
        table, time_fault = _normal_dataset(read_dataset(path, rows_in_year(year)))
    except OutputError as error:
        return None, [Finding(Topic.COLUMNS, str(error))]
    return table, judge_table(table, year, time_fault)


def judge_table(table: pa.Table, year: int, time_fault: str = "") -> list[Finding]:
    """All that breaks the contract in a normalised dataset.

    `time_fault` says why its first column could not be read as times.
    """
    nulls = {name: table.column(i).null_count for i, name in enumerate(table.column_names)}
    found = [Finding(Topic.TIME_AXIS, time_fault)] if time_fault else []
    found += rules.schema_findings(table.schema, nulls, table.num_rows, has_times=not time_fault)
    if not found:
        found += rules.value_findings(table)
    if table.num_columns and table.schema.field(0).type == TIMESTAMP_TYPE:
        times = table.column(0).to_numpy()
        found += rules.cadence_findings(times) + rules.coverage_findings(times, year)
    return found


def found_files(folder: Path) -> list[str]:
    """What lies in the folder besides the code, for the author to see; files of a folder too."""
    names = []
    for path in _left(folder):
        below = sorted(path.iterdir()) if path.is_dir() and not path.is_symlink() else []
        names += [f"{shown_name(path)}/{shown_name(each)}" for each in below] or [shown_name(path)]
    return names


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


def _normal_dataset(table: pa.Table) -> tuple[pa.Table, str]:
    """Cast times to milliseconds and numbers to floats; leave the rest for the rules to name.

    The text says why the first column cannot be read as times, and is empty where it can.
    """
    fields, columns, time_fault = [], [], ""
    for i, field in enumerate(table.schema):
        column = table.column(i)
        if field.name == TIMESTAMP and i == 0:
            try:
                column = _normal_times(column)
            except OutputError as error:
                time_fault = str(error)
        elif _is_number(field.type):
            column = column.cast(pa.float64(), safe=False)  # counts beyond 2**53
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
        stated = column_of(field)
        unit = visible(stated.unit) or unit_from_name(field.name)
        described = {"unit": unit, "description": visible(stated.description)}
        described |= {
            key: visible(value)
            for key in SENSOR_KEYS
            if (value := (field.metadata or {}).get(key.encode(), b"").decode("utf-8", "replace"))
        }
        if WRITTEN_AS.encode() in (field.metadata or {}):
            described[WRITTEN_AS] = type_of(field)
        is_signal = field.name != TIMESTAMP
        fields.append(pa.field(field.name, column.type, metadata=described if is_signal else None))
        columns.append(column)
    return pa.Table.from_arrays(columns, schema=pa.schema(fields)), time_fault


def _normal_times(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind: pa.DataType = column.type
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


def _read_labels(folder: Path, *, is_trusted: bool) -> pa.Table | None:
    """The events; how large they are is measured, unless the code is trusted to say so."""
    present = [path for path in _left(folder) if _is_labels(path)]
    if not present:
        return None
    if len(present) > 1:
        names = " and ".join(shown_name(path) for path in present)
        raise OutputError(f"{len(present)} label files, {names}; expected one of them")
    columns = LABEL_SCHEMA.names if is_trusted else STATED_LABEL_COLUMNS
    return normal_labels(read_labels(present[0], columns), shown_name(present[0]))
