"""One contract for both object stores, and what is special to each."""

import io
import json
import multiprocessing
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from synth_pipeline.aws.client import CallOptions, make_client
from synth_pipeline.domain.errors import NotFoundError, StoreError, UnavailableError
from synth_pipeline.stores.local import LocalObjects
from synth_pipeline.stores.objects import ObjectStore
from synth_pipeline.stores.s3 import MEBIBYTE, S3Objects, S3Options, make_s3_client
from synth_pipeline_tests.support.servers import (
    READER_ACCESS_KEY,
    READER_SECRET_KEY,
    Server,
    free_ports,
    point_to,
    running,
    seaweedfs,
)

KINDS = ("local", pytest.param("s3", marks=pytest.mark.server))


@pytest.fixture
def aws(s3_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The S3 server, with the environment that leads to it."""
    point_to(s3_server, monkeypatch)
    return s3_server


@pytest.fixture
def bucket(aws: Server) -> str:
    name = f"synth-{uuid.uuid4().hex[:12]}"
    aws.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture(scope="session")
def client(s3_server: Server) -> Any:
    """One client for the tests that do not look at how it is made: making one takes 0.1 s."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        point_to(s3_server, monkeypatch)
        return make_s3_client()


@pytest.fixture(params=KINDS)
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "local":
        return LocalObjects(tmp_path / "store")
    client = request.getfixturevalue("client")
    return S3Objects(request.getfixturevalue("bucket"), "team/data", client=lambda: client)


class TestEveryObjectStore:
    """What callers may rely on, whichever store is set."""

    def test_an_object_is_read_as_it_was_put(self, objects: ObjectStore) -> None:
        objects.put("ada/etcher/code/main.py", b"print('ok')\n")

        assert objects.read("ada/etcher/code/main.py") == b"print('ok')\n"
        assert objects.size("ada/etcher/code/main.py") == 12

    def test_a_file_is_published_under_its_key(self, objects: ObjectStore, tmp_path: Path) -> None:
        file = tmp_path / "made.parquet"
        file.write_bytes(os.urandom(1000))

        objects.put("ada/x/dataset/2025.parquet", file, tags={"user": "ada"})

        assert objects.read("ada/x/dataset/2025.parquet") == file.read_bytes()
        assert file.exists()

    def test_a_second_put_replaces_the_first(self, objects: ObjectStore) -> None:
        objects.put("a/b", b"a longer first version")
        objects.put("a/b", b"second")

        assert objects.read("a/b") == b"second"

    def test_an_empty_object_is_an_object(self, objects: ObjectStore) -> None:
        objects.put("a/empty", b"")

        assert objects.size("a/empty") == 0
        with objects.open("a/empty") as reader:
            assert reader.read() == b""

    def test_what_is_not_there_is_not_found(self, objects: ObjectStore) -> None:
        assert objects.size("a/none") is None
        with pytest.raises(NotFoundError, match="a/none: no such object"):
            objects.read("a/none")
        with pytest.raises(NotFoundError, match="a/none: no such object"):
            objects.open("a/none")

    def test_a_folder_is_not_an_object(self, objects: ObjectStore) -> None:
        objects.put("a/b/c", b"1")

        assert objects.size("a/b") is None
        with pytest.raises(NotFoundError):
            objects.read("a/b")

    def test_keys_come_in_order_and_by_prefix(self, objects: ObjectStore) -> None:
        for key in ("b/x", "a/z", "a-b/y", "a/b/c", "a/b-c", "ab"):
            objects.put(key, b"1")

        assert list(objects.keys("")) == ["a-b/y", "a/b-c", "a/b/c", "a/z", "ab", "b/x"]
        assert list(objects.keys("a/")) == ["a/b-c", "a/b/c", "a/z"]
        assert list(objects.keys("a/b")) == ["a/b-c", "a/b/c"]
        assert list(objects.keys("none/")) == []

    def test_children_are_the_folders_directly_below(self, objects: ObjectStore) -> None:
        for key in ("bob/m.json", "ada/x/code/main.py", "ada/y/code/main.py", "ada/m.json", "top"):
            objects.put(key, b"1")

        assert list(objects.children("")) == ["ada", "bob"]
        assert list(objects.children("ada/")) == ["x", "y"]
        assert list(objects.children("none/")) == []

    def test_deleting_is_repeatable(self, objects: ObjectStore) -> None:
        for key in ("ada/x/1", "ada/x/2", "bob/1"):
            objects.put(key, b"1")

        objects.delete(objects.keys("ada/"))
        objects.delete(["ada/x/1", "never/there"])

        assert list(objects.keys("")) == ["bob/1"]

    def test_a_reader_seeks_and_reads_any_range(self, objects: ObjectStore) -> None:
        content = os.urandom(300_000)
        objects.put("a/b", content)

        with objects.open("a/b") as reader:
            reader.seek(-10, io.SEEK_END)
            assert reader.read() == content[-10:]
            assert reader.seek(100_000) == 100_000
            assert reader.read(7) == content[100_000:100_007]
            assert reader.seek(5, io.SEEK_CUR) == 100_012
            assert reader.read(150_000) == content[100_012:250_012]
            assert reader.read() == content[250_012:]
            assert reader.read(1) == b""

    def test_a_reader_never_mixes_two_versions(self, objects: ObjectStore) -> None:
        old, new = b"o" * 300_000, b"n" * 300_000
        objects.put("a/b", old)

        with objects.open("a/b") as reader:
            start = reader.read(10)
            objects.put("a/b", new)
            try:
                rest = reader.read()
            except StoreError as error:
                assert "replaced while it was read" in str(error)  # noqa: PT017
                rest = old[10:]

        assert start + rest == old

    def test_updates_by_many_writers_are_all_kept(self, objects: ObjectStore) -> None:
        def add(number: int) -> None:
            def change(old: bytes | None) -> bytes:
                return json.dumps(sorted([*json.loads(old or b"[]"), number])).encode()

            objects.update("a/list.json", change)

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(add, range(12)))

        assert json.loads(objects.read("a/list.json")) == list(range(12))

    def test_an_update_that_changes_nothing_writes_nothing(self, objects: ObjectStore) -> None:
        objects.put("a/b", b"same")

        with objects.open("a/b") as reader:
            assert objects.update("a/b", lambda old: old or b"") == b"same"
            assert reader.read() == b"same"

    def test_an_update_that_raises_changes_nothing(self, objects: ObjectStore) -> None:
        objects.put("a/b", b"old")

        def refuse(old: bytes | None) -> bytes:
            raise StoreError("no")

        with pytest.raises(StoreError, match="no"):
            objects.update("a/b", refuse)
        assert objects.read("a/b") == b"old"

    def test_a_put_that_cannot_read_its_file_changes_nothing(
        self, objects: ObjectStore, tmp_path: Path
    ) -> None:
        objects.put("a/b", b"old")

        with pytest.raises(StoreError, match="a/b"):
            objects.put("a/b", tmp_path / "missing")

        assert objects.read("a/b") == b"old"
        assert list(objects.keys("")) == ["a/b"]

    def test_the_check_passes_and_leaves_nothing(self, objects: ObjectStore) -> None:
        objects.check()

        assert list(objects.keys("")) == []

    def test_the_address_names_the_object(self, objects: ObjectStore) -> None:
        assert objects.uri("ada/x/code/main.py").endswith("/ada/x/code/main.py")


class TestLocalObjects:
    @pytest.mark.parametrize(
        "key", ["../x", "a/../../x", "/etc/passwd", "a//b", "a/./b", ".lock", "a/.x", "", "a\0b"]
    )
    def test_no_key_leads_out_of_the_root(self, tmp_path: Path, key: str) -> None:
        objects = LocalObjects(tmp_path / "root")

        with pytest.raises(StoreError, match="object key"):
            objects.put(key, b"1")

        assert list(tmp_path.rglob("*")) == []

    def test_a_killed_writer_leaves_the_old_object_alone(self, tmp_path: Path) -> None:
        objects = LocalObjects(tmp_path)
        objects.put("a/b", b"old")
        fifo = tmp_path / "endless"
        os.mkfifo(fifo)
        command = (
            "import sys; from pathlib import Path;"
            "from synth_pipeline.stores.local import LocalObjects;"
            "LocalObjects(Path(sys.argv[1])).put('a/b', Path(sys.argv[1], 'endless'))"
        )
        writer = subprocess.Popen([sys.executable, "-c", command, str(tmp_path)])
        with fifo.open("wb") as pipe:  # opens once the writer reads, then it is amid its copy
            pipe.write(b"half" * 1000)
            pipe.flush()
            writer.kill()
            writer.wait()
        fifo.unlink()

        assert len(list((tmp_path / "a").iterdir())) == 2  # the object and the left-over
        assert objects.read("a/b") == b"old"
        assert list(objects.keys("")) == ["a/b"]

    def test_a_left_over_of_a_day_ago_is_swept_by_the_next_put(self, tmp_path: Path) -> None:
        objects = LocalObjects(tmp_path)
        objects.put("a/b", b"old")
        stale, fresh = tmp_path / "a" / ".tmp-b-dead", tmp_path / "a" / ".tmp-b-live"
        stale.write_bytes(b"half")
        fresh.write_bytes(b"half")
        os.utime(stale, (1, 1))

        objects.put("a/b", b"new")

        assert not stale.exists()
        assert fresh.exists()

    def test_deleting_removes_the_folders_it_empties(self, tmp_path: Path) -> None:
        objects = LocalObjects(tmp_path / "root")
        for key in ("ada/x/1", "ada/y/1"):
            objects.put(key, b"1")

        objects.delete(["ada/x/1"])
        assert list(objects.children("ada/")) == ["y"]
        objects.delete(["ada/y/1"])

        assert [path.name for path in tmp_path.rglob("*")] == ["root"]

    def test_a_folder_of_left_overs_only_is_no_child(self, tmp_path: Path) -> None:
        objects = LocalObjects(tmp_path)
        (tmp_path / "ada").mkdir()
        (tmp_path / "ada" / ".tmp-b-dead").write_bytes(b"half")

        assert list(objects.children("")) == []

    def test_files_get_the_rights_that_the_umask_leaves(self, tmp_path: Path) -> None:
        objects = LocalObjects(tmp_path)
        before = os.umask(0o027)
        try:
            objects.put("a/b", b"1")
        finally:
            os.umask(before)

        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o640

    def test_updates_by_several_processes_are_all_kept(self, tmp_path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        workers = [context.Process(target=add_letters, args=(tmp_path, c)) for c in "ab"]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(60)

        assert sorted(LocalObjects(tmp_path).read("a/b").decode()) == list("a" * 20 + "b" * 20)

    def test_a_root_that_cannot_be_written_is_named_and_nothing_is_made(
        self, tmp_path: Path
    ) -> None:
        (tmp_path / "file").write_text("in the way")
        objects = LocalObjects(tmp_path / "file" / "store")

        with pytest.raises(UnavailableError, match=r"^SYNTH_STORE /.*/file/store: cannot be") as e:
            objects.check()

        assert "set SYNTH_STORE to a folder you can write or to s3://bucket/prefix" in str(e.value)
        assert [p.name for p in tmp_path.iterdir()] == ["file"]

    def test_a_check_that_fails_takes_back_the_folders_it_made(self) -> None:
        place = Path("/proc/self/store/deeper")  # not even root can make a folder there

        with pytest.raises(UnavailableError, match="cannot be written"):
            LocalObjects(place).check()

        assert not place.parent.exists()

    def test_the_address_is_an_absolute_path(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)

        assert LocalObjects(Path("data")).uri("a/b") == str(tmp_path / "data" / "a" / "b")


@pytest.mark.server
class TestS3Objects:
    def test_only_the_ranges_that_are_read_are_fetched(self, bucket: str) -> None:
        fetched: list[int] = []

        def counted_client() -> Any:
            client = make_s3_client()
            client.meta.events.register(
                "after-call.s3.GetObject",
                lambda parsed, **_: fetched.append(parsed["ContentLength"]),
            )
            return client

        content = os.urandom(MEBIBYTE) * 20
        objects = S3Objects(bucket, client=counted_client)
        objects.put("big", content)

        with objects.open("big") as reader:
            reader.seek(-8, io.SEEK_END)
            assert reader.read(8) == content[-8:]
            reader.seek(5 * MEBIBYTE)
            assert reader.read(200_000) == content[5 * MEBIBYTE :][:200_000]
            assert reader.read(0) == b""

        assert fetched == [8, 200_000]

    def test_many_small_reads_in_a_row_cost_few_requests(self, bucket: str) -> None:
        requests: list[str] = []

        def counted_client() -> Any:
            client = make_s3_client()
            client.meta.events.register(
                "before-call.s3.GetObject", lambda **_: requests.append("get")
            )
            return client

        content = os.urandom(100_000)
        objects = S3Objects(bucket, client=counted_client)
        objects.put("a", content)

        with objects.open("a") as reader:
            assert b"".join(iter(lambda: reader.read(1000), b"")) == content

        assert len(requests) == 2

    def test_a_large_file_goes_up_in_parts(self, bucket: str, tmp_path: Path) -> None:
        file = sparse(tmp_path / "large", 20 * MEBIBYTE)
        objects = S3Objects(bucket, "deep/er")

        objects.put("a/large", file)

        head = objects._client.head_object(Bucket=bucket, Key="deep/er/a/large")
        assert objects.size("a/large") == 20 * MEBIBYTE
        assert head["ETag"].strip('"').endswith("-3")

    def test_an_upload_that_fails_amid_its_parts_leaves_nothing(
        self, aws: Server, bucket: str, tmp_path: Path
    ) -> None:
        objects = S3Objects(bucket, client=failing_after(2))
        objects.put("a/large", b"old")

        with pytest.raises(StoreError, match=r"s3://.*/a/large"):
            objects.put("a/large", sparse(tmp_path / "large", 40 * MEBIBYTE))

        assert objects.read("a/large") == b"old"
        assert list(objects.keys("")) == ["a/large"]
        assert "Uploads" not in aws.client("s3").list_multipart_uploads(Bucket=bucket)

    def test_a_server_that_dies_amid_an_upload_shows_nothing_of_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with running(seaweedfs(tmp_path / "own")) as server:
            point_to(server, monkeypatch)
            server.client("s3").create_bucket(Bucket="own")
            objects = S3Objects("own", client=failing_after(2, server.kill))

            with pytest.raises(StoreError, match="cannot be reached"):
                objects.put("a/large", sparse(tmp_path / "large", 40 * MEBIBYTE))
            server.start()

            assert list(S3Objects("own").keys("")) == []
            assert S3Objects("own").size("a/large") is None

    def test_more_than_a_page_of_objects_is_listed_and_deleted(
        self, aws: Server, bucket: str
    ) -> None:
        objects = S3Objects(bucket)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: objects.put(f"many/{n:04}", b"1"), range(1005)))

        assert len(list(objects.keys("many/"))) == 1005
        objects.delete(objects.keys("many/"))

        assert "Contents" not in aws.client("s3").list_objects_v2(Bucket=bucket)

    def test_objects_carry_the_tags_they_are_published_with(self, bucket: str) -> None:
        objects = S3Objects(bucket, options=S3Options(tagging=True))

        objects.put("a/b", b"1", tags={"user": "ada", "industry": "food & drink (EU)"})

        answer = objects._client.get_object_tagging(Bucket=bucket, Key="a/b")
        tags = {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}
        assert tags == {"user": "ada", "industry": "food _ drink _EU_"}

    def test_objects_carry_no_tags_unless_asked(self, bucket: str) -> None:
        objects = S3Objects(bucket)

        objects.put("a/b", b"1", tags={"user": "ada"})

        assert objects._client.get_object_tagging(Bucket=bucket, Key="a/b")["TagSet"] == []

    def test_objects_are_encrypted_where_asked(self, bucket: str) -> None:
        objects = S3Objects(bucket, options=S3Options(sse="AES256"))

        objects.put("a/b", b"1")

        head = objects._client.head_object(Bucket=bucket, Key="a/b")
        assert head["ServerSideEncryption"] == "AES256"

    def test_a_key_id_alone_means_kms(self) -> None:
        assert S3Options(kms_key_id="alias/synth").arguments(None) == {
            "ServerSideEncryption": "aws:kms",
            "SSEKMSKeyId": "alias/synth",
        }

    def test_two_prefixes_of_a_bucket_do_not_see_each_other(self, bucket: str) -> None:
        one, ten = S3Objects(bucket, "/one/"), S3Objects(bucket, "one0")
        one.put("a/b", b"1")
        ten.put("c/d", b"2")

        assert list(one.keys("")) == ["a/b"]
        assert list(ten.children("")) == ["c"]
        assert one.uri("a/b") == f"s3://{bucket}/one/a/b"

    def test_the_check_names_a_bucket_that_is_not_there(self, aws: Server) -> None:
        with pytest.raises(UnavailableError) as error:
            S3Objects("not-there", "data").check()

        assert str(error.value) == (
            "SYNTH_STORE s3://not-there/data/: there is no bucket 'not-there'; "
            "make it or name another in SYNTH_STORE"
        )

    def test_the_check_names_credentials_that_are_refused(
        self, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")

        with pytest.raises(UnavailableError, match="AWS refuses the credentials") as error:
            S3Objects(bucket).check()

        assert "AWS_SECRET_ACCESS_KEY" in str(error.value)
        assert "\n" not in str(error.value)

    def test_the_check_names_credentials_that_are_missing(
        self, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

        with pytest.raises(UnavailableError, match="no AWS credentials; set AWS_ACCESS_KEY_ID"):
            S3Objects(bucket).check()

    def test_the_check_names_a_profile_that_is_not_there(
        self, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "nobody")

        with pytest.raises(UnavailableError, match=r"nobody.*set AWS_PROFILE"):
            S3Objects(bucket).check()

    def test_the_check_names_an_endpoint_that_does_not_answer(
        self, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (port,) = free_ports(1)
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{port}")

        with pytest.raises(UnavailableError, match=f":{port}.*AWS_ENDPOINT_URL_S3$"):
            S3Objects(bucket, client=impatient_client).check()

    def test_the_check_notices_that_writing_is_denied(
        self, bucket: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER_ACCESS_KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", READER_SECRET_KEY)

        with pytest.raises(UnavailableError, match="AWS denies s3:CreateMultipartUpload"):
            S3Objects(bucket).check()


def add_letters(root: Path, letter: str) -> None:
    objects = LocalObjects(root)
    for _ in range(20):
        objects.update("a/b", lambda old: (old or b"") + letter.encode())


def sparse(path: Path, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    return path


def impatient_client() -> Any:
    """A client that tries once: the waits between attempts are botocore's own."""
    return make_client("s3", CallOptions(attempts=1))


def failing_after(parts: int, then: Callable[[], None] = lambda: None) -> Callable[[], Any]:
    """Make clients whose connection breaks for good once so many parts were sent."""
    sent: list[str] = []
    lock = threading.Lock()

    def break_off(request: Any, **_: Any) -> None:
        with lock:
            sent.append(request.url)
            if len(sent) == parts + 1:
                then()
            if len(sent) > parts:
                raise ConnectionClosedError(endpoint_url=request.url)

    def client() -> Any:
        made = impatient_client()
        made.meta.events.register("before-send.s3.UploadPart", break_off)
        return made

    return client
