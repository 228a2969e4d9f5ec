"""The published file: its encoding, what it says of itself, and who can read it."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.readings.contract import LABEL_SCHEMA
from synth_pipeline.readings.dataset_file import StoredDataset, write_dataset, write_labels
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.statistics import measure
from synth_pipeline_tests.support.tables import (
    ORIGIN,
    SIGNALS,
    label_table,
    published_bytes,
    write_published,
    year_table,
)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published year on disk."""
    return write_published(tmp_path_factory.mktemp("published") / "2024.parquet")


def test_times_are_milliseconds_and_signals_floats(path: Path) -> None:
    schema = pq.read_schema(path)

    assert schema.names == ["Timestamp", *(signal.name for signal in SIGNALS)]
    assert schema.field(0).type == pa.timestamp("ms")
    assert {schema.field(i).type for i in (1, 2, 3)} == {pa.float64()}


def test_every_column_is_compressed_with_zstd(path: Path) -> None:
    footer = pq.read_metadata(path)

    groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
    assert {g.column(i).compression for g in groups for i in range(4)} == {"ZSTD"}


def test_unit_and_description_are_in_the_fields(path: Path) -> None:
    field = pq.read_schema(path).field("chuck_temperature_c")

    assert field.metadata[b"unit"].decode() == "°C"
    assert field.metadata[b"description"].decode() == "temperature of the wafer chuck"


def test_the_origin_is_in_the_footer(path: Path) -> None:
    metadata = pq.read_metadata(path).metadata

    assert {key: metadata[key.encode()].decode() for key in ORIGIN} == ORIGIN
    assert b"pandas" not in metadata


def test_the_same_content_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    output, statistics = MachineYear(year_table(), None, SIGNALS), measure(year_table())

    write_dataset(output, statistics, ORIGIN, tmp_path / "again.parquet")

    assert (tmp_path / "again.parquet").read_bytes() == published_bytes()


def test_the_values_are_those_that_were_written(path: Path) -> None:
    assert pq.read_table(path).equals(year_table())


def test_times_take_next_to_no_room(path: Path) -> None:
    footer = pq.read_metadata(path)

    times = sum(
        footer.row_group(i).column(0).total_compressed_size for i in range(footer.num_row_groups)
    )
    assert times < 0.01 * path.stat().st_size


def test_pandas_reads_it(path: Path) -> None:
    frame = pd.read_parquet(path)

    assert frame.shape == (527_040, 4)
    assert frame["Timestamp"].iloc[-1] == pd.Timestamp("2024-12-31 23:59:00")
    assert frame["rf_power_w"].iloc[3] == year_table().column("rf_power_w")[3].as_py()


def test_duckdb_reads_it(path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")

    [row] = duckdb.sql(
        f"SELECT count(*), min(Timestamp), max(Timestamp), avg(rf_power_w) FROM '{path}'"
    ).fetchall()

    assert row[0] == 527_040
    assert [str(value) for value in row[1:3]] == ["2024-01-01 00:00:00", "2024-12-31 23:59:00"]
    assert row[3] == pytest.approx(np.mean(year_table().column("rf_power_w").to_numpy()))


def test_a_stored_dataset_knows_its_rows_origin_and_figures() -> None:
    stored = StoredDataset(io.BytesIO(published_bytes()))

    assert stored.rows == 527_040
    assert stored.origin == ORIGIN
    assert stored.statistics == measure(year_table())
    assert stored.null_counts() == dict.fromkeys(year_table().column_names, 0)
    assert stored.times().to_numpy()[-1] == np.datetime64("2024-12-31T23:59")


def test_missing_values_are_counted_over_all_row_groups() -> None:
    values = np.where(np.arange(527_040) % 100_000 == 0, np.nan, 1.0)
    table = year_table().set_column(
        3, year_table().schema.field(3), pa.array(values, from_pandas=True)
    )
    content = io.BytesIO()
    pq.write_table(table, content, row_group_size=50_000)

    stored = StoredDataset(content)

    assert stored.null_counts()["rf_power_w"] == 6


def test_without_statistics_in_the_footer_null_counts_are_unknown() -> None:
    content = io.BytesIO()
    pq.write_table(year_table().slice(0, 10), content, write_statistics=False)

    assert set(StoredDataset(content).null_counts().values()) == {None}


def test_a_footer_of_any_bytes_can_be_shown() -> None:
    content = io.BytesIO()
    pq.write_table(pa.table({"a": [1]}).replace_schema_metadata({b"\xff": b"\xfe"}), content)

    assert StoredDataset(content).origin == {"\ufffd": "\ufffd"}


def test_labels_keep_their_schema_and_carry_the_origin(tmp_path: Path) -> None:
    labels = label_table(("2024-03-01T10:00", "2024-03-01T10:05", "spike"))

    write_labels(labels, ORIGIN, tmp_path / "labels.parquet")

    stored = pq.read_table(tmp_path / "labels.parquet")
    assert stored.schema.equals(LABEL_SCHEMA)
    assert stored.to_pylist() == labels.to_pylist()
    assert stored.schema.metadata[b"author"] == b"catalog"


def test_labels_without_events_are_written_too(tmp_path: Path) -> None:
    write_labels(label_table(), ORIGIN, tmp_path / "labels.parquet")

    assert pq.read_table(tmp_path / "labels.parquet").num_rows == 0
