"""A user's credentials reach the user's own folder of the bucket and no other.

The policy is `deploy/iam/user-policy.json` itself; SeaweedFS evaluates it.
"""

import uuid
from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from synth_pipeline.domain.errors import StoreError
from synth_pipeline.domain.machine import Machine
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.s3 import S3Objects
from synth_pipeline_tests.support.policies import Identity, identity_with
from synth_pipeline_tests.support.servers import Server, point_to

pytestmark = pytest.mark.server
PREFIX = "team/data"
USERS = ("ada", "adam", "bob")  # the first is how the second begins


def pump_of(user_id: str) -> Machine:
    return Machine(
        user_id=user_id, slug="pump", name="Pump", industry="food", description="", kind="pump",
        unit=1, year=2024, seed=0,
    )  # fmt: skip


@pytest.fixture(scope="module")
def bucket(s3_server: Server) -> Iterator[str]:
    """A bucket in which each user has a machine list."""
    name = f"isolation-{uuid.uuid4().hex[:12]}"
    s3_server.client("s3").create_bucket(Bucket=name)
    with pytest.MonkeyPatch.context() as monkeypatch:
        point_to(s3_server, monkeypatch)
        store = DatasetStore(S3Objects(name, PREFIX))
        for user_id in USERS:
            store.merge_machines(user_id, lambda _, user=user_id: (pump_of(user),))
        yield name


@pytest.fixture(scope="module")
def ada(s3_server: Server, bucket: str) -> Identity:
    return identity_with(s3_server, "user-policy.json", bucket, PREFIX, tag="ada")


@pytest.fixture
def store_of_ada(bucket: str, ada: Identity, monkeypatch: pytest.MonkeyPatch) -> DatasetStore:
    ada.become(monkeypatch)
    return DatasetStore(S3Objects(bucket, PREFIX))


def test_a_user_reads_and_lists_the_own_folder(store_of_ada: DatasetStore) -> None:
    assert store_of_ada.load_machines("ada") == (pump_of("ada"),)
    assert list(store_of_ada.objects.keys("ada/")) == ["ada/machines.json"]


@pytest.mark.parametrize("other", ["adam", "bob"])
def test_a_user_cannot_read_another_users_folder(store_of_ada: DatasetStore, other: str) -> None:
    with pytest.raises(StoreError, match="AWS denies s3:GetObject") as error:
        store_of_ada.load_machines(other)

    assert error.value.exit_code == 2


@pytest.mark.parametrize("prefix", ["adam/", "bob/", "ada", "a", ""])
def test_a_user_cannot_list_beyond_the_own_folder(store_of_ada: DatasetStore, prefix: str) -> None:
    with pytest.raises(StoreError, match="AWS denies s3:ListObjectsV2"):
        list(store_of_ada.objects.keys(prefix))


@pytest.mark.parametrize("key", ["ada/machines.json", "ada/new", "bob/new"])
def test_a_user_can_neither_write_nor_delete(ada: Identity, bucket: str, key: str) -> None:
    client = ada.client()

    for act in (
        lambda: client.put_object(Bucket=bucket, Key=f"{PREFIX}/{key}", Body=b"x"),
        lambda: client.delete_object(Bucket=bucket, Key=f"{PREFIX}/{key}"),
    ):
        with pytest.raises(ClientError, match="AccessDenied"):
            act()


def test_a_run_of_one_prefix_cannot_write_beside_it(s3_server: Server, bucket: str) -> None:
    run = identity_with(s3_server, "task-role-policy.json", bucket, f"{PREFIX}/ada").client()

    run.put_object(Bucket=bucket, Key=f"{PREFIX}/ada/extra", Body=b"x")
    run.delete_object(Bucket=bucket, Key=f"{PREFIX}/ada/extra")

    with pytest.raises(ClientError, match="AccessDenied"):
        run.put_object(Bucket=bucket, Key=f"{PREFIX}/adam/extra", Body=b"x")
