"""A machine-year as CSV files."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv

from synth_pipeline.domain.errors import InputError, StoreError
from synth_pipeline.readings.contract import TIMESTAMP


def export_csv(table: pa.Table, labels: pa.Table | None, folder: Path, stem: str) -> list[Path]:
    """Write `<stem>.csv` and, where there are labels, `<stem>-anomalies.csv`; return their paths.

    Times are `yyyy-MM-dd HH:mm:ss`; lists of affected signals are joined by `;`. Raises
    StoreError for a stored year that is too damaged to be written so.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = [_write(table, folder / f"{stem}.csv", (TIMESTAMP,))]
        if labels is not None:
            path = folder / f"{stem}-anomalies.csv"
            written.append(_write(_flat(labels), path, ("start", "end")))
    except (pa.ArrowException, KeyError, ValueError) as error:
        raise StoreError(
            f"{stem}: cannot be written as CSV ({' '.join(str(error).split())[:200]}); "
            "see what synth check says of it"
        ) from error
    except OSError as error:
        raise InputError(
            f"output {folder}: cannot be written ({error.strerror or error}); name another folder"
        ) from error
    return written


def _flat(labels: pa.Table) -> pa.Table:
    joined = [
        None if names is None else ";".join(names) for names in labels["affected"].to_pylist()
    ]
    place = labels.column_names.index("affected")
    return labels.set_column(place, "affected", pa.array(joined, pa.string()))


def _write(table: pa.Table, path: Path, times: tuple[str, ...]) -> Path:
    for name in times:
        place = table.column_names.index(name)
        table = table.set_column(place, name, table.column(place).cast(pa.timestamp("s")))
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.write(_header(table.column_names))
            pacsv.write_csv(table, file, pacsv.WriteOptions(include_header=False))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return path


def _header(names: Sequence[str]) -> bytes:
    """The first line, with quotes only where a name needs them; pyarrow would quote every name."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(names)
    return text.getvalue().encode()
