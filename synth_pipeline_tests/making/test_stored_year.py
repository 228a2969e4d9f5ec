"""A machine-year in the store: found, read by ranges, and named where it is damaged."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.domain.errors import NotFoundError, StoreError
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.making.stored_year import StoredYear, years_of
from synth_pipeline.readings.layout import YearFile
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.local import LocalObjects
from synth_pipeline.stores.s3 import S3Objects, make_s3_client
from synth_pipeline_tests.support.servers import Server, point_to
from synth_pipeline_tests.support.workshop import put_year

KEY = PartitionKey("ada", "etcher")


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return DatasetStore(LocalObjects(tmp_path / "store"))


@pytest.fixture
def year(store: DatasetStore) -> StoredYear:
    return StoredYear(store, KEY, 2025)


def parquet(path: Path, rows: int) -> Path:
    values = [float(row) for row in range(rows)]
    table = pa.table({"Timestamp": range(rows), "pressure_pa": values})
    pq.write_table(table.replace_schema_metadata({"industry": "semi"}), path)
    return path


def test_a_published_year_is_found_with_its_labels(
    store: DatasetStore, year: StoredYear, tmp_path: Path
) -> None:
    dataset = parquet(tmp_path / "made.parquet", 1000)

    put_year(store, KEY, 2025, dataset, parquet(tmp_path / "labels.parquet", 2))

    assert year.exists
    assert year.size_bytes == dataset.stat().st_size
    assert year.uri() == str(tmp_path / "store" / "ada" / "etcher" / "dataset" / "2025.parquet")
    assert year.uri(YearFile.LABELS).endswith("/ada/etcher/anomalies/2025.parquet")
    assert year.uri(YearFile.CLEAN).endswith("/ada/etcher/clean/2025.parquet")
    assert year.uri(YearFile.REPORT).endswith("/ada/etcher/report/2025.png")
    assert year.table().num_rows == 1000
    assert year.table(["pressure_pa"]).column_names == ["pressure_pa"]
    assert year.labels().num_rows == 2
    assert year.origin() == {"industry": "semi"}


def test_a_year_that_is_not_there_is_not_found(year: StoredYear) -> None:
    assert not year.exists
    assert year.labels() is None
    for read in (year.table, year.open, year.origin):
        with pytest.raises(NotFoundError, match=r"ada/etcher/dataset/2025\.parquet"):
            read()


def test_a_file_that_is_no_parquet_is_named_and_has_no_origin(
    store: DatasetStore, year: StoredYear
) -> None:
    for file in (YearFile.DATASET, YearFile.LABELS):
        store.put(KEY, file.of(2025), b"not parquet at all")

    for read in (year.table, year.labels):
        with pytest.raises(StoreError, match=r"2025\.parquet: cannot be read as Parquet"):
            read()
    assert year.origin() == {}


def test_years_are_those_with_a_dataset(store: DatasetStore, tmp_path: Path) -> None:
    dataset = parquet(tmp_path / "made.parquet", 10)
    put_year(store, KEY, 2026, dataset)
    put_year(store, KEY, 2024, dataset)
    store.put(KEY, YearFile.CLEAN.of(2020), dataset)
    store.put(KEY, "dataset/notes.txt", b"1")

    assert years_of(store, KEY) == (2024, 2026)
    assert years_of(store, PartitionKey("ada", "none")) == ()


@pytest.mark.server
def test_a_footer_or_a_column_in_s3_is_read_without_the_rest(
    s3_server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    point_to(s3_server, monkeypatch)
    s3_server.client("s3").create_bucket(Bucket="footers")
    fetched: list[int] = []

    def counted_client() -> Any:
        client = make_s3_client()
        client.meta.events.register(
            "after-call.s3.GetObject", lambda parsed, **_: fetched.append(parsed["ContentLength"])
        )
        return client

    columns = {f"c{n}": np.random.default_rng(n).random(250_000) for n in range(10)}
    pq.write_table(pa.table(columns), tmp_path / "big.parquet", use_dictionary=False)
    year = StoredYear(DatasetStore(S3Objects("footers", client=counted_client)), KEY, 2025)
    put_year(year.store, KEY, 2025, tmp_path / "big.parquet")
    size = year.size_bytes

    assert year.origin() == {}
    for_footer, fetched[:] = sum(fetched), []
    column = year.table(["c3"]).column("c3").to_numpy()

    assert size is not None
    assert size > 16_000_000
    assert 0 < for_footer < 200_000
    assert sum(fetched) < size / 7
    np.testing.assert_array_equal(column, columns["c3"])
