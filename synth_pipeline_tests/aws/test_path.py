"""The whole path on AWS parts: Lambda handler, DynamoDB, sensor, run, S3, checks; and its faults.

SeaweedFS is the S3 and ministack the DynamoDB. Bucket and table are made by plain boto3, and the
run has no more rights in the bucket than `deploy/iam/task-role-policy.json` gives.
"""

import http.server
import io
import json
import os
import re
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline import intake
from synth_pipeline.aws.client import CallOptions, make_client
from synth_pipeline.cli import main as cli
from synth_pipeline.cli.workbench import Workbench
from synth_pipeline.definitions import build_defs
from synth_pipeline.defs.sensors import on_new_request
from synth_pipeline.domain.check import is_sound
from synth_pipeline.domain.progress import Progress
from synth_pipeline.domain.request import Request
from synth_pipeline.making.standing import is_current
from synth_pipeline.readings.checks import CHECKS
from synth_pipeline.services import Services
from synth_pipeline.settings import S3Location, Settings
from synth_pipeline.stores.dataset_store import DatasetStore
from synth_pipeline.stores.s3 import S3Objects
from synth_pipeline_tests.support.policies import identity_with
from synth_pipeline_tests.support.servers import (
    READER_ACCESS_KEY,
    READER_SECRET_KEY,
    Server,
    point_to,
    running,
    seaweedfs,
)
from synth_pipeline_tests.support.workshop import ScriptedAuthor, make_services, stored

pytestmark = pytest.mark.server
PREFIX = "team/data"
NAMES = tuple(check.name for check in CHECKS)
LAYOUT = re.compile(
    r"team/data/[a-z]+/(machines\.json|[a-z0-9-]+/(signals\.json|"
    r"code/(main\.py|signal_kit\.py|provenance\.json)|report/\d{4}\.png|"
    r"(dataset|anomalies|patch|context|worklog)/\d{4}\.parquet))"
)
ASKED = {"industry": "semiconductor", "number": 2, "user_id": "ada", "year": 2024}


def make_bucket(server: Server) -> str:
    name = f"path-{uuid.uuid4().hex[:12]}"
    server.client("s3").create_bucket(Bucket=name)
    return name


def make_table(server: Server, *key: str) -> str:
    """A table as a stranger makes it, without an index."""
    name = f"path-{uuid.uuid4().hex[:12]}"
    server.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in key],
        KeySchema=[
            {"AttributeName": k, "KeyType": kind}
            for k, kind in zip(key, ("HASH", "RANGE"), strict=False)
        ],
    )
    return name


def objects_in(server: Server, bucket: str) -> dict[str, dict[str, Any]]:
    pages = server.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {entry["Key"]: entry for page in pages for entry in page.get("Contents", ())}


def items_in(server: Server, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client("dynamodb").scan(TableName=table)["Items"]
    return found


def open_instance(folder: Path) -> dg.DagsterInstance:
    folder.mkdir(parents=True)
    (folder / "dagster.yaml").write_text("telemetry: {enabled: false}\nnux: {enabled: false}\n")
    return dg.DagsterInstance.local_temp(str(folder))


class Daemon:
    """What Dagster's daemon does with one instance, tick by tick, in this process."""

    def __init__(self, instance: dg.DagsterInstance, services: Services) -> None:
        self.instance = instance
        self.definitions = build_defs(services)
        self.services = services
        self.ticked = self._tick(None)

    def look_for_requests(self) -> list[dg.RunRequest]:
        """One tick of on_new_request."""
        context = dg.build_sensor_context(self.instance, resources={"services": self.services})
        result = on_new_request(context)
        if isinstance(result, dg.SkipReason):
            return []
        for addition in result.dynamic_partitions_requests or []:
            self.instance.add_dynamic_partitions("users", list(addition.partition_keys))
        return list(result.run_requests or [])

    def list_machines(self, request: dg.RunRequest) -> bool:
        """The run that the sensor asked for; true where it went well."""
        job = self.definitions.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance,
            asset_selection=[dg.AssetKey("machine_list")],
            run_config=request.run_config,
            tags={**request.tags, "dagster/partition": str(request.partition_key)},
            raise_on_error=False,
        ).success

    def make_machines(self) -> set[str]:
        """One tick of on_new_machines and the runs that it asks for; returns their partitions."""
        self.ticked = self._tick(self.ticked)
        asked = self.ticked.get_requested_partitions(dg.AssetKey("dataset"))
        Workbench(self.instance, self.services).make(
            [m.key for m in self.services.store.load_machines("ada") if str(m.key) in asked]
        )
        return {str(key) for key in asked}

    def _tick(
        self, before: dg.EvaluateAutomationConditionsResult | None
    ) -> dg.EvaluateAutomationConditionsResult:
        return dg.evaluate_automation_conditions(
            defs=self.definitions,
            instance=self.instance,
            asset_selection=dg.AssetSelection.assets("generator_code", "dataset"),
            cursor=before.cursor if before else None,
        )

    def evaluations(self, check: str) -> dict[str | None, bool]:
        """The recorded results of one check."""
        key = dg.AssetCheckKey(dg.AssetKey("dataset"), check)
        records = self.instance.event_log_storage.get_asset_check_execution_history(key, limit=99)
        found = [record.event.dagster_event for record in records if record.event]
        results = [
            event.asset_check_evaluation_data
            for event in found
            if event and event.event_type_value == "ASSET_CHECK_EVALUATION"
        ]
        return {result.partition: result.passed for result in results}


@dataclass(frozen=True)
class Delivery:
    """One request after it went the whole path."""

    answer: dict[str, Any]
    daemon: Daemon
    made: set[str]
    bucket: str
    table: str
    home: Path

    @property
    def services(self) -> Services:
        return self.daemon.services


@pytest.fixture(scope="module")
def delivery(
    s3_server: Server, aws_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Delivery]:
    """An event to the Lambda handler becomes datasets, by environment variables alone."""
    home = tmp_path_factory.mktemp("home")
    bucket, table = make_bucket(s3_server), make_table(aws_server, "user_id", "request_id")
    with pytest.MonkeyPatch.context() as monkeypatch:
        point_to(aws_server, monkeypatch)
        point_more(s3_server, monkeypatch)
        identity_with(s3_server, "task-role-policy.json", bucket, PREFIX).become(monkeypatch)
        for name, value in {
            "DAGSTER_HOME": str(home),
            "SYNTH_STORE": f"s3://{bucket}/{PREFIX}",
            "SYNTH_REGISTRY": f"dynamodb://{table}",
            "SYNTH_S3_SSE": "AES256",
            "SYNTH_S3_TAGGING": "on",
        }.items():
            monkeypatch.setenv(name, value)
        services = Services(Settings.from_env(os.environ, home))
        with open_instance(home / "instance") as instance:
            daemon = Daemon(instance, services)
            answer = intake.handler(ASKED, None)
            for request in daemon.look_for_requests():
                daemon.list_machines(request)
            made = daemon.make_machines()
            yield Delivery(json.loads(answer["body"]), daemon, made, bucket, table, home)


def point_more(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a second server to the environment that leads to the first."""
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)


@pytest.mark.sandbox
class TestDelivery:
    def test_the_request_is_done_with_its_machines_and_no_longer_active(
        self, delivery: Delivery, aws_server: Server
    ) -> None:
        (item,) = items_in(aws_server, delivery.table)

        assert item["request_id"] == {"S": delivery.answer["request_id"]}
        assert item["status"] == {"S": "done"}
        assert item["machines"] == {
            "M": {"plasma-etcher": {"S": "done"}, "cvd-reactor": {"S": "done"}}
        }
        assert "active" not in item

    def test_the_bucket_holds_the_layout_and_nothing_else(
        self, delivery: Delivery, s3_server: Server
    ) -> None:
        found = objects_in(s3_server, delivery.bucket)

        assert [key for key in found if not LAYOUT.fullmatch(key)] == []
        assert len(found) == 1 + 2 * 10
        uploads = s3_server.client("s3").list_multipart_uploads(Bucket=delivery.bucket)
        assert "Uploads" not in uploads

    def test_every_check_passed_on_every_machine(self, delivery: Delivery) -> None:
        expected = dict.fromkeys(["ada/plasma-etcher", "ada/cvd-reactor"], True)

        assert delivery.made == set(expected)
        assert {name: delivery.daemon.evaluations(name) for name in NAMES} == dict.fromkeys(
            NAMES, expected
        )

    def test_a_dataset_is_the_year_that_was_asked_for(
        self, delivery: Delivery, s3_server: Server
    ) -> None:
        table = read_year(s3_server, delivery.bucket)

        assert table.num_rows == 527_040
        assert table.schema.field(0).type == pa.timestamp("ms")

    def test_objects_are_encrypted_and_tagged_as_set(
        self, delivery: Delivery, s3_server: Server
    ) -> None:
        client = s3_server.client("s3")
        keys = objects_in(s3_server, delivery.bucket)

        heads = {key: client.head_object(Bucket=delivery.bucket, Key=key) for key in keys}
        tags = {
            key: client.get_object_tagging(Bucket=delivery.bucket, Key=key)["TagSet"]
            for key in keys
            if "/plasma-etcher/" in key
        }

        assert {head["ServerSideEncryption"] for head in heads.values()} == {"AES256"}
        assert len(tags) == 10
        for found in tags.values():
            assert {tag["Key"]: tag["Value"] for tag in found} == {
                "user": "ada",
                "industry": "semiconductor",
                "machine": "plasma-etcher",
            }

    def test_the_same_event_again_makes_nothing_again(
        self, delivery: Delivery, s3_server: Server, aws_server: Server
    ) -> None:
        before = objects_in(s3_server, delivery.bucket)

        intake.handler(ASKED, None)
        for request in delivery.daemon.look_for_requests():
            assert delivery.daemon.list_machines(request)

        assert delivery.daemon.make_machines() == set()
        assert objects_in(s3_server, delivery.bucket) == before
        (item,) = items_in(aws_server, delivery.table)
        assert (item["status"], item["attempt"]) == ({"S": "done"}, {"N": "2"})

    def test_a_tampered_object_is_named_by_the_check_and_mended_by_the_same_request(
        self,
        delivery: Delivery,
        s3_server: Server,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(delivery.home)
        good = read_year(s3_server, delivery.bucket)
        write_year(s3_server, delivery.bucket, pa.concat_tables([good[:1000], good[1001:]]))

        tampered = synth(monkeypatch, capsys, "check", "--user", "ada")
        options = ["--industry", "semiconductor", "--number", "2", "--user", "ada"]
        synth(monkeypatch, capsys, "generate", *options, "--year", "2024")
        mended = synth(monkeypatch, capsys, "check", "--user", "ada")

        assert tampered.code == 1
        assert (
            "ada/plasma-etcher minute_cadence 2024: 1 gap, the first at row 1000: "
            "2024-01-01 16:41:00 follows 2024-01-01 16:39:00" in tampered.out
        )
        assert mended.code == 0
        assert read_year(s3_server, delivery.bucket).equals(good)


def read_year(server: Server, bucket: str) -> pa.Table:
    key = f"{PREFIX}/ada/plasma-etcher/dataset/2024.parquet"
    body = server.client("s3").get_object(Bucket=bucket, Key=key)["Body"]
    return pq.read_table(io.BytesIO(body.read()))


def write_year(server: Server, bucket: str, table: pa.Table) -> None:
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    key = f"{PREFIX}/ada/plasma-etcher/dataset/2024.parquet"
    server.client("s3").put_object(Bucket=bucket, Key=key, Body=buffer.getvalue())


@dataclass(frozen=True)
class Ended:
    """How a command ended and what it said."""

    code: object
    out: str
    err: str


def synth(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> Ended:
    monkeypatch.setattr(sys, "argv", ["synth", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    said = capsys.readouterr()
    return Ended(ended.value.code, " ".join(said.out.split()), said.err)


@pytest.fixture
def environment(
    s3_server: Server, aws_server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pytest.MonkeyPatch:
    """Both servers, a fresh bucket and a fresh table of one key."""
    for name in [name for name in os.environ if name.startswith("SYNTH_")]:
        monkeypatch.delenv(name)
    point_to(aws_server, monkeypatch)
    point_more(s3_server, monkeypatch)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SYNTH_STORE", f"s3://{make_bucket(s3_server)}/{PREFIX}")
    monkeypatch.setenv("SYNTH_REGISTRY", f"dynamodb://{make_table(aws_server, 'user_id')}")
    return monkeypatch


class TestFaultsThatAreKnownUpFront:
    @pytest.mark.parametrize(
        ("variables", "reason"),
        [
            ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "AWS refuses the credentials"),
            (
                {
                    "AWS_ACCESS_KEY_ID": READER_ACCESS_KEY,
                    "AWS_SECRET_ACCESS_KEY": READER_SECRET_KEY,
                },
                "AWS denies s3:CreateMultipartUpload",
            ),
            ({"SYNTH_STORE": "s3://not-there/data"}, "there is no bucket 'not-there'"),
            ({"SYNTH_REGISTRY": "dynamodb://not-there"}, "there is no such table"),
        ],
        ids=["wrong secret", "writes denied", "no bucket", "no table"],
    )
    def test_generate_ends_with_one_line_and_code_two(
        self,
        environment: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        variables: dict[str, str],
        reason: str,
    ) -> None:
        for name, value in variables.items():
            environment.setenv(name, value)

        ended = synth(environment, capsys, "generate", "--industry", "food", "--user", "ada")

        assert ended.code == 2
        assert ended.err.startswith("Error: SYNTH_")
        assert reason in ended.err
        assert ended.err.count("\n") == 1

    @pytest.mark.parametrize("command", [["machines"], ["check"], ["show", "ada/x"]], ids=str)
    def test_so_does_a_command_that_only_reads(
        self,
        environment: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        command: list[str],
    ) -> None:
        environment.setenv("SYNTH_STORE", "s3://not-there/data")

        ended = synth(environment, capsys, *command)

        assert ended.code == 2
        assert "there is no bucket 'not-there'" in ended.err
        assert ended.err.count("\n") == 1


class Recorder(http.server.BaseHTTPRequestHandler):
    """An S3 that holds nothing, takes every write and keeps its headers."""

    def do_GET(self) -> None:
        self._answer(404, b"<Error><Code>NoSuchKey</Code></Error>")

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.written[self.path] = dict(self.headers)  # type: ignore[attr-defined]
        self._answer(200, b"")

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the test's output quiet."""


def test_the_kms_key_of_the_settings_goes_with_every_write(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.written = {}  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        environment.setenv("AWS_ENDPOINT_URL_S3", f"http://127.0.0.1:{server.server_port}")
        environment.setenv("SYNTH_STORE", "s3://bucket")
        environment.setenv("SYNTH_S3_KMS_KEY_ID", "alias/synth")
        objects = Services(Settings.from_env(os.environ, tmp_path)).store.objects

        objects.put("put", b"1")
        objects.update("updated", lambda _: b"1")
        server.shutdown()

    written: dict[str, dict[str, str]] = server.written  # type: ignore[attr-defined]
    assert set(written) == {"/bucket/put", "/bucket/updated"}
    for headers in written.values():
        assert headers["x-amz-server-side-encryption"] == "aws:kms"
        assert headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/synth"


def test_of_two_daemons_on_one_registry_one_carries_the_request_out(
    environment: pytest.MonkeyPatch, aws_server: Server, tmp_path: Path
) -> None:
    author = ScriptedAuthor()
    table = os.environ["SYNTH_REGISTRY"].removeprefix("dynamodb://")
    aws_server.client("dynamodb").put_item(
        TableName=table,
        Item={
            "user_id": {"S": "ada"},
            "industry": {"S": "tools"},
            "number": {"N": "3"},
            "active": {"BOOL": True},
        },
    )
    with ExitStack() as stack:
        daemons = [
            Daemon(stack.enter_context(open_instance(tmp_path / name)), on_aws(name_path, author))
            for name, name_path in (("one", tmp_path / "1"), ("two", tmp_path / "2"))
        ]
        asked = [daemon.look_for_requests() for daemon in daemons]

        ran = [daemon.list_machines(r) for daemon, (r,) in zip(daemons, asked, strict=True)]

        assert ran == [True, True]
        listed = [len(d.instance.get_dynamic_partitions("machines")) for d in daemons]
        assert sorted(listed) == [0, 3]
        assert [daemon.look_for_requests() for daemon in daemons] == [[], []]
    (item,) = items_in(aws_server, table)
    assert (item["status"], item["attempt"]) == ({"S": "running"}, {"N": "1"})
    assert set(item["machines"]["M"]) == {"lathe", "drill", "saw"}


def on_aws(folder: Path, author: ScriptedAuthor) -> Services:
    """Services of a scripted author on the parts that the environment names."""
    settings = Settings.from_env(os.environ, folder)
    return make_services(
        folder, author, store=settings.store, registry=settings.registry, with_report=False
    )


@pytest.mark.sandbox
def test_a_server_that_dies_amid_ten_machines_costs_a_retry_and_nothing_else(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = [f"Machine {letter}" for letter in "abcdefghij"]
    request = Request.create(industry="tools", number=10, user_id="ada", year=2023)
    with running(seaweedfs(tmp_path / "own")) as server, open_instance(tmp_path / "i") as instance:
        point_more(server, environment)
        bucket = make_bucket(server)
        environment.setenv("SYNTH_STORE", f"s3://{bucket}/{PREFIX}")
        services = on_aws(tmp_path, ScriptedAuthor(names=names))

        dying = Services(
            services.settings,
            author=services.author,
            store=DatasetStore(impatient(services)),
            watch=when_publishing(4, server.kill),
        )
        Workbench(instance, dying).carry_out(request, rewrite=False)
        broken = services.registry.get(request.request_id)
        server.start()
        services.registry.submit(request)
        Workbench(instance, services).carry_out(request, rewrite=False)
        mended = services.registry.get(request.request_id)

        machines = services.store.load_machines("ada")
        current = {machine.slug for machine in machines if is_current(services, machine)}
        sound = {m.slug for m in machines if is_sound(stored(services, m).judge())}
        keys = list(objects_in(server, bucket))
        uploads = server.client("s3").list_multipart_uploads(Bucket=bucket)

    assert broken.status == "failed"
    assert len(broken.machines) == 10
    assert all("cannot be reached" in outcome.reason for outcome in broken.machines.values())
    assert mended.status == "done"
    assert current == sound == {f"machine-{letter}" for letter in "abcdefghij"}
    assert [key for key in keys if not LAYOUT.fullmatch(key)] == []
    assert len(keys) == 1 + 10 * 6
    assert "Uploads" not in uploads


def when_publishing(number: int, act: Callable[[], None]) -> Callable[[Progress], None]:
    """A watcher that acts as the numbered machine is about to be published."""
    seen: list[str] = []

    def watch(progress: Progress) -> None:
        if progress.step == "publish":
            seen.append(progress.machine)
            if len(seen) == number:
                act()

    return watch


def impatient(services: Services) -> S3Objects:
    """The store's objects by a client that tries once: the waits are botocore's own."""
    location = services.settings.store
    assert isinstance(location, S3Location)
    client = partial(make_client, "s3", CallOptions(attempts=1))
    return S3Objects(location.bucket, location.prefix, client=client)
