"""Real servers on free ports of 127.0.0.1: SeaweedFS as S3, ministack as the rest of AWS.

`conftest.py` hands the fixtures to every test.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ACCESS_KEY, SECRET_KEY, REGION = "synth", "synth-secret", "eu-central-1"
READER_ACCESS_KEY, READER_SECRET_KEY = "reader", "reader-secret"
READY_WITHIN_S = 60.0
STOPPED_WITHIN_S = 15.0
_SCRIPTS = Path(sys.executable).parent  # not resolved: the interpreter links out of the venv
_QUICK = Config(
    connect_timeout=2,
    read_timeout=10,
    retries={"total_max_attempts": 1, "mode": "standard"},
    s3={"addressing_style": "path"},
)
_ADMIN = {
    "name": "admin",
    "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
    "actions": ["Admin", "Read", "List", "Tagging", "Write"],
}
_READER = {
    "name": "reader",
    "credentials": [{"accessKey": READER_ACCESS_KEY, "secretKey": READER_SECRET_KEY}],
    "actions": ["Read", "List"],
}


@dataclass
class Server:
    """A server process that can be stopped and started again on the same port and data."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    url: str
    is_ready: Callable[["Server"], bool]
    litter: tuple[Path, ...] = ()  # what it leaves outside its folder when it is killed
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _clients: dict[str, Any] = field(default_factory=dict, init=False)

    def start(self) -> None:
        """Start and wait until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**_plain_environment(), **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.log.parent,
            )
        deadline = time.monotonic() + READY_WITHIN_S
        while not self.is_ready(self):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                tail = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.name} is not ready at {self.url}:\n{tail}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the process, at the latest by a kill."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(STOPPED_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self.process = None

    def kill(self) -> None:
        """End the process at once, as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self, service: str) -> Any:
        """A boto3 client of the server for arranging and looking, without retries."""
        if service not in self._clients:
            session = boto3.session.Session(ACCESS_KEY, SECRET_KEY, region_name=REGION)
            client = session.client(service, endpoint_url=self.url, config=_QUICK)
            self._clients[service] = client
        return self._clients[service]

    @property
    def variables(self) -> dict[str, str]:
        """The environment that points a program at this server."""
        variables = {
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        services = ("S3", "IAM") if self.name == "seaweedfs" else ("DYNAMODB", "BEDROCK_RUNTIME")
        return variables | {f"AWS_ENDPOINT_URL_{service}": self.url for service in services}


@contextlib.contextmanager
def running(server: Server) -> Iterator[Server]:
    """Start the server for a block, and end it by its own process id."""
    server.start()
    try:
        yield server
    finally:
        server.stop()
        for path in server.litter:
            path.unlink(missing_ok=True)


def seaweedfs(folder: Path) -> Server:
    """An S3 server that checks signatures and rights; every port it opens is a free one."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    identities = folder / "identities.json"
    identities.write_text(json.dumps({"identities": [_ADMIN, _READER]}))
    names = ("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port")
    names += ("volume.port.grpc", "filer.port", "filer.port.grpc", "admin.port", "admin.port.grpc")
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    # the Iceberg, Lance and WebDAV servers and the telemetry are off
    off = ["-s3.port.iceberg=0", "-s3.port.lance=0", "-webdav=false", "-admin.ui=false"]
    off += ["-master.telemetry=false", "-s3.autoCreateBucket=false"]
    off += ["-s3.iam.readOnly=false"]  # tests make users with the policies of `deploy/iam`
    command = [
        str(_SCRIPTS / "weed"),
        "mini",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *(f"-{name}={port}" for name, port in ports.items()),
        f"-s3.localSocket={folder}/s3.sock",
        f"-s3.config={identities}",
        *off,
    ]
    url = f"http://127.0.0.1:{ports['s3.port']}"
    sockets = tuple(
        Path(f"/tmp/seaweedfs-{name.removesuffix('.port.grpc')}-grpc-{port}.sock")
        for name, port in ports.items()
        if name.endswith(".grpc")
    )
    return Server("seaweedfs", command, {}, folder / "weed.log", url, _takes_objects, sockets)


def ministack(folder: Path, environment: Mapping[str, str] | None = None) -> Server:
    """DynamoDB, Bedrock Runtime, Lambda and more; it accepts any credentials."""
    folder.mkdir(parents=True, exist_ok=True)
    (port,) = free_ports(1)
    # by hypercorn: the `ministack` command would listen on every address of the machine
    command = [sys.executable, "-m", "hypercorn", "ministack.app:app", f"--bind=127.0.0.1:{port}"]
    settings = {
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "TMPDIR": str(folder),
        **(environment or {}),
    }
    url = f"http://127.0.0.1:{port}"
    return Server("ministack", command, settings, folder / "ministack.log", url, _lists_tables)


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nothing listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def point_to(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the environment lead to the server, and to no account of the developer's."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    for name, value in server.variables.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One SeaweedFS for all tests of a session."""
    with running(seaweedfs(tmp_path_factory.mktemp("seaweedfs"))) as server:
        yield server


@pytest.fixture(scope="session")
def aws_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One ministack for all tests of a session."""
    with running(ministack(tmp_path_factory.mktemp("ministack"))) as server:
        yield server


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}


def _takes_objects(server: Server) -> bool:
    """True once a bucket can be made and written, not merely when the port is open."""
    if not _is_open(server.url):
        return False
    client = server.client("s3")
    try:
        if "ready" not in {bucket["Name"] for bucket in client.list_buckets()["Buckets"]}:
            client.create_bucket(Bucket="ready")
        client.put_object(Bucket="ready", Key="ready", Body=b"ready")
    except (BotoCoreError, ClientError):
        return False
    return True


def _lists_tables(server: Server) -> bool:
    if not _is_open(server.url):
        return False
    try:
        server.client("dynamodb").list_tables()
    except (BotoCoreError, ClientError):
        return False
    return True


def _is_open(url: str) -> bool:
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0
