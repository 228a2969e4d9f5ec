"""Runs that are killed amid their work: every model call that was over is counted, and once."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from synth_pipeline.cli.workbench import open_instance
from synth_pipeline.defs.partitions import add_partitions
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.dynamodb.registry import create_table
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.scripted_bedrock import fenced
from synth_pipeline_tests.support.scripted_openai import ScriptedOpenAi, say
from synth_pipeline_tests.support.scripted_server import Reply, silent
from synth_pipeline_tests.support.scripted_server import Request as Asked
from synth_pipeline_tests.support.servers import Server, point_to
from synth_pipeline_tests.support.workshop import GOOD_CODE

pytestmark = [pytest.mark.server, pytest.mark.sandbox]

SCRIPTS = Path(sys.executable).parent  # not resolved: the interpreter links out of the venv
REQUEST = Request.create(industry="tools", number=2, user_id="ada", year=2023, seed=1)
GENERATE = [
    "synth", "generate", "--industry", "tools", "--number", "2", "--user", "ada", "--year",
    "2023", "--seed", "1",
]  # fmt: skip
MATERIALIZE = ["dagster", "asset", "materialize", "-m", "synth_pipeline.definitions"]
KEPT = ("PATH", "HOME", "TMPDIR", "PYTHONPATH")

HALF = say("1. Lathe", tokens=(1, 2))
OTHER_HALF = say("1. Drill", tokens=(10, 20))
NO_PROGRAM = say("Which pump do you mean?", tokens=(100, 200))
GOOD = say(fenced(GOOD_CODE), tokens=(1000, 2000))


class Model:
    """Answers in order, then keeps silent; `is_waited_for` is set when it first does so."""

    def __init__(self, *replies: Reply) -> None:
        self.is_waited_for = threading.Event()
        self._replies = list(replies)
        self._lock = threading.Lock()

    def __call__(self, _: Asked) -> Reply:
        with self._lock:
            if self._replies:
                return self._replies.pop(0)
        self.is_waited_for.set()
        return silent()


class Desk:
    """A folder of its own, its registry, and commands that are run and killed in it."""

    def __init__(self, folder: Path, registry: str, more: dict[str, str]) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment = {
            **kept, **more,
            "DAGSTER_HOME": str(folder / "home"),
            "SYNTH_STORE": str(folder / "store"),
            "SYNTH_REGISTRY": registry,
            "SYNTH_REPORT": "off",
            "SYNTH_MODEL_CALLS": "1",
            "SYNTH_WORKERS": "1",
            "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        (folder / "home").mkdir()

    @property
    def registry(self) -> RequestRegistry:
        return Services(Settings.from_env(self.environment, self.folder)).registry

    @property
    def counted(self) -> tuple[int, int, int]:
        usage: Usage = self.registry.get(REQUEST.request_id).usage
        return usage.calls, usage.input_tokens, usage.output_tokens

    @contextlib.contextmanager
    def running(self, server: ScriptedOpenAi, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        program, *arguments = command
        with subprocess.Popen(
            [SCRIPTS / program, *arguments],
            cwd=self.folder,
            env={**self.environment, **server.environment()},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process:
            yield process

    def killed(self, model: Model, *command: str) -> None:
        """Run a command until the model keeps it waiting, and kill it and what it started."""
        with ScriptedOpenAi(model) as server, self.running(server, *command) as process:
            is_waited_for = model.is_waited_for.wait(120)
            os.killpg(process.pid, signal.SIGKILL)
            output, _ = process.communicate(timeout=60)
        assert is_waited_for, output.decode()[-4000:]
        assert process.returncode == -signal.SIGKILL

    def ended(self, model: Model, *command: str) -> None:
        """Run a command to its good end."""
        with ScriptedOpenAi(model) as server, self.running(server, *command) as process:
            output, _ = process.communicate(timeout=300)
        assert process.returncode == 0, output.decode()[-4000:]

    def know(self, kind: str, *partitions: str) -> None:
        """Let the instance know partitions, as sensors do."""
        with open_instance(self.folder / "home", self.folder) as instance:
            add_partitions(instance, kind, list(partitions))


@pytest.fixture(params=["sqlite", "dynamodb"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    if request.param == "sqlite":
        return Desk(tmp_path, f"sqlite:///{tmp_path}/requests.db", {})
    server: Server = request.getfixturevalue("aws_server")
    point_to(server, monkeypatch)
    table = f"killed-{uuid.uuid4().hex[:12]}"
    create_table(table)
    nowhere = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return Desk(tmp_path, f"dynamodb://{table}", {**server.variables, **nowhere})


def test_the_calls_of_a_command_that_is_killed_are_counted_and_once(desk: Desk) -> None:
    desk.killed(Model(HALF), *GENERATE)
    assert desk.counted == (1, 1, 2)

    desk.killed(Model(HALF, OTHER_HALF, NO_PROGRAM), *GENERATE)
    assert desk.counted == (1 + 3, 1 + 111, 2 + 222)

    desk.ended(Model(GOOD, GOOD), *GENERATE)
    assert desk.counted == (1 + 3 + 2, 1 + 111 + 2000, 2 + 222 + 4000)
    assert desk.registry.get(REQUEST.request_id).status == "done"


@pytest.mark.parametrize("desk", ["sqlite"], indirect=True)
def test_the_calls_of_a_dagster_run_that_is_killed_are_counted_and_once(desk: Desk) -> None:
    desk.registry.submit(REQUEST)
    desk.know("users", "ada")
    listing = [*MATERIALIZE, "--select", "machine_list", "--partition", "ada"]
    making = [*MATERIALIZE, "--select", "generator_code,dataset", "--partition", "ada/lathe"]

    desk.killed(Model(HALF), *listing)
    assert desk.counted == (1, 1, 2)

    desk.ended(Model(HALF, OTHER_HALF), *listing)
    assert desk.counted == (1 + 2, 1 + 11, 2 + 22)

    desk.killed(Model(NO_PROGRAM), *making)
    assert desk.counted == (3 + 1, 12 + 100, 24 + 200)

    desk.ended(Model(GOOD), *making)
    assert desk.counted == (4 + 1, 112 + 1000, 224 + 2000)
