"""The layout of the store, on a local folder; `test_object_stores` has the stores themselves."""

import dataclasses
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.errors import ChangedCodeError, InputError, NotFoundError, StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.provenance import Code, Provenance, sha256_of
from synth_pipeline.domain.usage import Usage
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.local import LocalObjects

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


def put_list(store: DatasetStore, user_id: str, machines: Sequence[Machine]) -> None:
    store.merge_machines(user_id, lambda _: tuple(machines))


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
        signals=(Column("chamber_pressure_pa", "Pa", "pressure"),),
        reported_errors=("drift was too strong",),
    )
    return Code(source, kit, provenance)


def parquet(path: Path, values: list[int]) -> Path:
    table = pa.table({"Timestamp": values, "pressure_pa": [float(v) for v in values]})
    pq.write_table(table.replace_schema_metadata({"industry": "semi"}), path)
    return path


def test_a_list_comes_back_as_it_was_saved(store: DatasetStore) -> None:
    machines = (machine("etcher"), machine("furnace"))

    put_list(store, "ada", machines)

    assert store.load_machines("ada") == machines
    assert store.load_machine(PartitionKey("ada", "furnace")) == machines[1]


def test_the_list_is_readable_json_with_every_field(store: DatasetStore, tmp_path: Path) -> None:
    put_list(store, "ada", [machine("etcher")])

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


def test_what_a_later_version_wrote_into_a_row_is_read_past_and_kept(store: DatasetStore) -> None:
    row = dataclasses.asdict(machine("etcher")) | {"fleet": {"size": 3}}
    store.objects.put("ada/machines.json", json.dumps([row]).encode())

    merged = store.merge_machines("ada", lambda old: (old[0].at_year(2026), machine("saw")))

    assert merged == (machine("etcher", year=2026), machine("saw"))
    etcher, saw = json.loads(store.objects.read("ada/machines.json"))
    assert etcher == row | {"year": 2026}
    assert "fleet" not in saw


def test_lists_merged_at_once_keep_every_machine(store: DatasetStore) -> None:
    def add(number: int) -> None:
        store.merge_machines("ada", lambda old: (*old, machine(f"m{number}")))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(20)))

    assert {m.slug for m in store.load_machines("ada")} == {f"m{n}" for n in range(20)}


def test_a_merge_returns_what_is_stored(store: DatasetStore) -> None:
    put_list(store, "ada", [machine("etcher")])

    merged = store.merge_machines("ada", lambda old: (*old, machine("furnace")))

    assert merged == store.load_machines("ada") == (machine("etcher"), machine("furnace"))


def test_users_are_those_with_anything_stored(store: DatasetStore, tmp_path: Path) -> None:
    put_list(store, "bob", [machine("x", "bob")])
    put_list(store, "ada", [])
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
def test_a_spoilt_provenance_is_named_and_never_taken_for_none(
    store: DatasetStore, content: bytes
) -> None:
    store.save_code(KEY, code())

    store.objects.put(f"{KEY}/code/provenance.json", content)

    for load in (store.load_code, store.load_provenance):
        with pytest.raises(ChangedCodeError, match=r"code/provenance\.json cannot be read: "):
            load(KEY)


def test_code_of_a_later_version_with_more_to_say_is_code(store: DatasetStore) -> None:
    store.save_code(KEY, code())
    row = json.loads(code().provenance.to_json()) | {"measurements": {"runs": 5}}

    store.objects.put(f"{KEY}/code/provenance.json", json.dumps(row).encode())

    assert store.load_code(KEY) == code()


@pytest.mark.parametrize("file", ["main.py", "signal_kit.py", "provenance.json"])
def test_a_missing_file_is_no_code(store: DatasetStore, file: str) -> None:
    store.save_code(KEY, code())

    store.objects.delete([f"{KEY}/code/{file}"])

    assert store.load_code(KEY) is None


def test_a_file_lies_below_its_machine_and_is_read_back(store: DatasetStore, made: Path) -> None:
    uri = store.put(KEY, "dataset/2025.parquet", made)

    assert uri == store.uri(KEY, "dataset/2025.parquet")
    assert uri.endswith("/store/ada/etcher/dataset/2025.parquet")
    assert store.size(KEY, "dataset/2025.parquet") == made.stat().st_size
    with store.open(KEY, "dataset/2025.parquet") as file:
        assert file.read() == made.read_bytes()


def test_the_names_in_a_folder_of_the_machine_are_listed(store: DatasetStore) -> None:
    store.put(KEY, "dataset/2026.parquet", b"2")
    store.put(KEY, "dataset/2025.parquet", b"1")
    store.put(KEY, "datasets/2020.parquet", b"0")

    assert store.names(KEY, "dataset") == ("2025.parquet", "2026.parquet")
    assert store.names(PartitionKey("ada", "none"), "dataset") == ()


def test_a_withdrawn_file_is_gone_and_stays_gone(store: DatasetStore, made: Path) -> None:
    store.put(KEY, "anomalies/2025.parquet", made)

    store.withdraw(KEY, "anomalies/2025.parquet")
    store.withdraw(KEY, "anomalies/2025.parquet")

    assert store.size(KEY, "anomalies/2025.parquet") is None
    with pytest.raises(NotFoundError, match=r"ada/etcher/anomalies/2025\.parquet"):
        store.open(KEY, "anomalies/2025.parquet")


def test_a_removed_machine_leaves_its_neighbours(store: DatasetStore, made: Path) -> None:
    put_list(store, "ada", [machine("etcher"), machine("etcher-2")])
    for slug in ("etcher", "etcher-2"):
        store.put(PartitionKey("ada", slug), "dataset/2025.parquet", made)

    store.remove(KEY)

    assert store.load_machines("ada") == (machine("etcher-2"),)
    assert list(store.objects.keys("ada/etcher/")) == []
    assert store.size(PartitionKey("ada", "etcher-2"), "dataset/2025.parquet")


def test_removing_what_is_not_there_makes_no_list(store: DatasetStore) -> None:
    store.remove(KEY)

    assert store.users() == ()


def test_a_removed_user_leaves_nothing(store: DatasetStore, made: Path) -> None:
    put_list(store, "ada", [machine("etcher")])
    put_list(store, "adam", [])
    store.put(KEY, "dataset/2025.parquet", made)

    store.remove_user("ada")

    assert store.users() == ("adam",)
