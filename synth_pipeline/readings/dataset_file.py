"""The published Parquet file: how it is encoded and what its footer says of its origin."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from synth_pipeline.domain.column import Column
from synth_pipeline.readings.contract import LABEL_SCHEMA, PATCH_SCHEMA, TIMESTAMP
from synth_pipeline.readings.fields import signals_of
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.statistics import Statistics

ROWS_PER_GROUP = 131_072
STATISTICS_KEY = b"statistics"


def write_dataset(
    made: MachineYear, statistics: Statistics, origin: Mapping[str, str], path: Path
) -> None:
    """Write the dataset with unit and description per field and `origin` in the footer.

    Holds no time of writing, so that equal content gives equal bytes.
    """
    footer = {**origin, STATISTICS_KEY.decode(): statistics.to_json()}
    table = made.table.replace_schema_metadata(footer)
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=1,
        row_group_size=ROWS_PER_GROUP,
        use_dictionary=table.column_names[1:],
        column_encoding={TIMESTAMP: "DELTA_BINARY_PACKED"},
    )


def write_labels(labels: pa.Table, origin: Mapping[str, str], path: Path) -> None:
    """Write the events, one row each, with the same origin in the footer."""
    _write(labels.cast(LABEL_SCHEMA), origin, path)


def write_patch(patch: pa.Table, origin: Mapping[str, str], path: Path) -> None:
    """Write the clean values of the changed readings, with the same origin in the footer."""
    _write(patch.cast(PATCH_SCHEMA), origin, path)


def _write(table: pa.Table, origin: Mapping[str, str], path: Path) -> None:
    pq.write_table(table.replace_schema_metadata(dict(origin)), path, compression="zstd")


def read_table(source: BinaryIO, columns: Sequence[str] | None = None) -> pa.Table:
    """Read a published file, or only some columns of it; raises what pyarrow raises."""
    with pq.ParquetFile(source, pre_buffer=True) as parquet:
        return parquet.read(columns=None if columns is None else list(columns))


class StoredDataset:
    """A published dataset read by ranges: footer first, columns only when asked for."""

    def __init__(self, source: BinaryIO) -> None:
        self._file = pq.ParquetFile(source)
        self._read: dict[str, pa.ChunkedArray] = {}

    @property
    def schema(self) -> pa.Schema:
        """Column names, types, units and the origin."""
        return self._file.schema_arrow

    @property
    def columns(self) -> tuple[Column, ...]:
        """The signals with their units and descriptions."""
        return signals_of(self.schema)

    @property
    def rows(self) -> int:
        """Row count by the footer."""
        return int(self._file.metadata.num_rows)

    @property
    def origin(self) -> dict[str, str]:
        """Who made it from what: every text of the footer but Arrow's own and the figures."""
        metadata = self.schema.metadata or {}
        return {
            key.decode("utf-8", "replace"): value.decode("utf-8", "replace")
            for key, value in metadata.items()
            if key not in (STATISTICS_KEY, b"ARROW:schema", b"pandas")
        }

    @property
    def statistics(self) -> Statistics | None:
        """Figures of the signals, None in a file that this project did not write."""
        text = (self.schema.metadata or {}).get(STATISTICS_KEY)
        try:
            return Statistics.from_json(text) if text else None
        except (ValueError, TypeError, KeyError, AttributeError):  # another program's figures
            return None

    def null_counts(self) -> dict[str, int | None]:
        """Missing values per column by the footer's statistics; None where it has none."""
        footer = self._file.metadata
        counts: dict[str, int | None] = {}
        for column in range(footer.num_columns):
            groups = [
                footer.row_group(group).column(column) for group in range(footer.num_row_groups)
            ]
            known = [g.statistics.null_count for g in groups if g.statistics is not None]
            name = footer.schema.column(column).path
            complete = len(known) == len(groups) and None not in known
            counts[name] = sum(known) if complete else None
        return counts

    def read(self, names: Sequence[str]) -> pa.Table:
        """These columns, after the first one; each is fetched once and kept."""
        wanted = [self.schema.names[0], *names]
        missing = [name for name in wanted if name not in self._read]
        if missing:
            table = self._file.read(columns=missing)
            places = {name: table.column_names.index(name) for name in missing}
            self._read |= {name: table.column(place) for name, place in places.items()}
        return pa.table({name: self._read[name] for name in wanted})

    def times(self) -> pa.ChunkedArray:
        """The first column alone; raises ArrowInvalid where there is none."""
        if not self.schema.names:
            raise pa.ArrowInvalid("the file has no columns")
        return self.read(()).column(0)
