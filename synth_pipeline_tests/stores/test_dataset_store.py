"""The layout of the store, on a local folder; `test_object_stores` has the stores themselves."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.readings.contract import Signal
from synth_pipeline.domain.errors import ChangedCodeError, InputError, NotFoundError, StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.provenance import Code, Provenance, sha256_of
from synth_pipeline.domain.usage import Usage
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.local import LocalObjects
from synth_pipeline.stores.s3 import S3Objects, make_s3_client
from synth_pipeline_tests.support.servers import Server, point_to

KEY = PartitionKey("ada", "etcher")


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    return DatasetStore(LocalObjects(tmp_path / "store"))


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A small dataset as a runner leaves it."""
    return parquet(tmp_path / "made.parquet", list(range(1000)))


def machine(slug: str, user_id: str = "ada", year: int = 2025) -> Machine:
    return Machine(user_id, slug, slug.title(), "semiconductor", "Ätzt", "etcher", 1, year, 7)


def code(source: str = "print(1)\n", kit: str = "KIT = 1\n") -> Code:
    provenance = Provenance(
        author="catalog",
        author_version="1",
        prompt_sha256="",
        fingerprint="f",
        attempts=2,
        usage=Usage(1, 20, 30, 0.5),
        code_sha256=sha256_of(source),
        signal_kit_sha256=sha256_of(kit),
        verified_year=2025,
        verified_seed=7,
        signals=(Signal("chamber_pressure_pa", "Pa", "pressure"),),
        reported_errors=("drift was too strong",),
        extra={"region": "eu"},
    )
    return Code(source, kit, provenance)


def parquet(path: Path, values: list[int]) -> Path:
    table = pa.table({"Timestamp": values, "pressure_pa": [float(v) for v in values]})
    pq.write_table(table.replace_schema_metadata({"industry": "semi"}), path)
    return path


def test_a_list_comes_back_as_it_was_saved(store: DatasetStore) -> None:
    machines = (machine("etcher"), machine("furnace"))

    store.save_machines("ada", machines)

    assert store.load_machines("ada") == machines
    assert store.load_machine(PartitionKey("ada", "furnace")) == machines[1]


def test_the_list_is_readable_json_with_every_field(store: DatasetStore, tmp_path: Path) -> None:
    store.save_machines("ada", [machine("etcher")])

    text = (tmp_path / "store" / "ada" / "machines.json").read_text()
    assert json.loads(text) == [dataclasses.asdict(machine("etcher"))]
    assert "Ätzt" in text
    assert text.count("\n") > 9


def test_a_user_without_a_list_has_no_machines(store: DatasetStore) -> None:
    assert store.load_machines("ada") == ()


def test_a_machine_that_is_not_listed_is_not_found(store: DatasetStore) -> None:
    with pytest.raises(NotFoundError) as error:
        store.load_machine(PartitionKey("ada", "x"))

    assert str(error.value) == ("machine ada/x: not in ada's list; see synth machines --user ada")


def test_a_list_that_was_spoilt_is_named(store: DatasetStore, tmp_path: Path) -> None:
    store.objects.put("ada/machines.json", b'[{"slug": "x"}]')

    with pytest.raises(StoreError, match=r"ada/machines\.json: not a list of machines"):
        store.load_machines("ada")


def test_a_user_id_that_leads_elsewhere_is_refused(store: DatasetStore) -> None:
    for act in (store.load_machines, store.remove_user):
        with pytest.raises(InputError, match="user id"):
            act("../bob")


def test_lists_merged_at_once_keep_every_machine(store: DatasetStore) -> None:
    def add(number: int) -> None:
        store.merge_machines("ada", lambda old: (*old, machine(f"m{number}")))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))

    assert {m.slug for m in store.load_machines("ada")} == {f"m{n}" for n in range(20)}


def test_a_merge_returns_what_is_stored(store: DatasetStore) -> None:
    store.save_machines("ada", [machine("etcher")])

    merged = store.merge_machines("ada", lambda old: (*old, machine("furnace")))

    assert merged == store.load_machines("ada") == (machine("etcher"), machine("furnace"))


def test_users_are_those_with_anything_stored(store: DatasetStore, tmp_path: Path) -> None:
    store.save_machines("bob", [machine("x", "bob")])
    store.save_machines("ada", [])
    (tmp_path / "store" / "Not A User").mkdir()
    (tmp_path / "store" / "Not A User" / "file").write_text("1")

    assert store.users() == ("ada", "bob")


def test_code_comes_back_with_its_provenance(store: DatasetStore) -> None:
    uri = store.save_code(KEY, code())

    assert uri == store.code_uri(KEY)
    assert Path(uri).read_text() == "print(1)\n"
    assert store.load_code(KEY) == code()


@pytest.mark.parametrize("file", ["main.py", "signal_kit.py"])
def test_code_that_was_changed_is_refused_by_name(store: DatasetStore, file: str) -> None:
    store.save_code(KEY, code())

    store.objects.put(f"{KEY}/code/{file}", b"edited = True\n")

    with pytest.raises(ChangedCodeError, match=f"{file} is not the accepted file"):
        store.load_code(KEY)
    assert store.load_provenance(KEY) == code().provenance


@pytest.mark.parametrize("content", [b"", b"{}", b'{"usage": 1}', b"[1]", b"\xff"])
def test_a_spoilt_provenance_is_no_code(store: DatasetStore, content: bytes) -> None:
    store.save_code(KEY, code())

    store.objects.put(f"{KEY}/code/provenance.json", content)

    assert store.load_code(KEY) is None


@pytest.mark.parametrize("file", ["main.py", "signal_kit.py", "provenance.json"])
def test_a_missing_file_is_no_code(store: DatasetStore, file: str) -> None:
    store.save_code(KEY, code())

    store.objects.delete([f"{KEY}/code/{file}"])

    assert store.load_code(KEY) is None


def test_a_year_is_published_with_its_labels(
    store: DatasetStore, made: Path, tmp_path: Path
) -> None:
    labels = parquet(tmp_path / "labels.parquet", [1, 2])

    uri = store.publish_dataset(KEY, 2025, made, labels)

    assert (
        uri
        == store.dataset_uri(KEY, 2025)
        == str(tmp_path / "store" / "ada" / "etcher" / "dataset" / "2025.parquet")
    )
    assert store.has_dataset(KEY, 2025)
    assert store.dataset_size(KEY, 2025) == made.stat().st_size
    assert store.load_table(KEY, 2025).num_rows == 1000
    assert store.load_labels(KEY, 2025).num_rows == 2
    assert store.labels_uri(KEY, 2025).endswith("/ada/etcher/anomalies/2025.parquet")


def test_a_year_without_labels_removes_the_labels_before_it(
    store: DatasetStore, made: Path, tmp_path: Path
) -> None:
    store.publish_dataset(KEY, 2025, made, parquet(tmp_path / "labels.parquet", [1, 2]))

    store.publish_dataset(KEY, 2025, made, None)

    assert store.load_labels(KEY, 2025) is None
    assert store.open_labels(KEY, 2025) is None
    assert store.has_dataset(KEY, 2025)


def test_years_are_those_with_a_dataset(store: DatasetStore, made: Path) -> None:
    store.publish_dataset(KEY, 2026, made, None)
    store.publish_dataset(KEY, 2024, made, None)
    store.publish_clean(KEY, 2020, made)
    store.objects.put(f"{KEY}/dataset/notes.txt", b"1")

    assert store.years(KEY) == (2024, 2026)
    assert store.years(PartitionKey("ada", "none")) == ()
    assert not store.has_dataset(KEY, 2020)


def test_only_the_columns_asked_for_are_loaded(store: DatasetStore, made: Path) -> None:
    store.publish_dataset(KEY, 2025, made, None)

    assert store.load_table(KEY, 2025, ["pressure_pa"]).column_names == ["pressure_pa"]


def test_the_footer_tells_rows_and_metadata(store: DatasetStore, made: Path) -> None:
    store.publish_dataset(KEY, 2025, made, None)

    footer = store.read_footer(KEY, 2025)

    assert footer.num_rows == 1000
    assert footer.metadata[b"industry"] == b"semi"


def test_a_year_that_is_not_there_is_not_found(store: DatasetStore) -> None:
    for read in (store.load_table, store.read_footer, store.open_dataset):
        with pytest.raises(NotFoundError, match=r"ada/etcher/dataset/2025\.parquet"):
            read(KEY, 2025)


def test_a_dataset_that_is_no_parquet_is_named(store: DatasetStore) -> None:
    store.objects.put(f"{KEY}/dataset/2025.parquet", b"not parquet at all")

    for read in (store.load_table, store.read_footer):
        with pytest.raises(StoreError, match=r"2025\.parquet: cannot be read as Parquet"):
            read(KEY, 2025)


def test_the_clean_twin_and_the_report_lie_beside_the_dataset(
    store: DatasetStore, made: Path
) -> None:
    assert store.open_clean(KEY, 2025) is None
    assert store.read_report(KEY, 2025) is None

    clean_uri = store.publish_clean(KEY, 2025, made)
    report_uri = store.publish_report(KEY, 2025, b"\x89PNG")

    assert clean_uri.endswith("/ada/etcher/clean/2025.parquet")
    assert report_uri.endswith("/ada/etcher/report/2025.png")
    assert store.read_report(KEY, 2025) == b"\x89PNG"
    clean = store.open_clean(KEY, 2025)
    assert clean is not None
    with clean:
        assert pq.read_table(clean).num_rows == 1000


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
    store = DatasetStore(S3Objects("footers", client=counted_client))
    store.publish_dataset(KEY, 2025, tmp_path / "big.parquet", None)
    size = store.dataset_size(KEY, 2025)

    assert store.read_footer(KEY, 2025).num_rows == 250_000
    for_footer, fetched[:] = sum(fetched), []
    column = store.load_table(KEY, 2025, ["c3"]).column("c3").to_numpy()

    assert size is not None
    assert size > 16_000_000
    assert for_footer < 200_000
    assert sum(fetched) < size / 7
    np.testing.assert_array_equal(column, columns["c3"])


def test_a_removed_machine_leaves_its_neighbours(store: DatasetStore, made: Path) -> None:
    store.save_machines("ada", [machine("etcher"), machine("etcher-2")])
    for slug in ("etcher", "etcher-2"):
        store.publish_dataset(PartitionKey("ada", slug), 2025, made, None)

    store.remove(KEY)

    assert store.load_machines("ada") == (machine("etcher-2"),)
    assert list(store.objects.keys("ada/etcher/")) == []
    assert store.has_dataset(PartitionKey("ada", "etcher-2"), 2025)


def test_removing_what_is_not_there_makes_no_list(store: DatasetStore) -> None:
    store.remove(KEY)

    assert store.users() == ()


def test_a_removed_user_leaves_nothing(store: DatasetStore, made: Path) -> None:
    store.save_machines("ada", [machine("etcher")])
    store.save_machines("adam", [])
    store.publish_dataset(KEY, 2025, made, None)

    store.remove_user("ada")

    assert store.users() == ("adam",)
