"""What the command line says when Bedrock cannot be used, and what is left of such a request."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from synth_pipeline.cli import main as cli
from synth_pipeline.definitions import build_defs
from synth_pipeline.services import Services
from synth_pipeline.settings import Settings
from synth_pipeline_tests.support.scripted_bedrock import (
    PlayBook,
    Reply,
    Request,
    Script,
    ScriptedBedrock,
    fail,
    fenced,
    garbage,
    numbered,
    say,
    silent,
    throttled,
)
from synth_pipeline_tests.support.workshop import GOOD_CODE, SHORT_CODE

pytestmark = pytest.mark.server

REQUEST = ["--industry", "tools", "--number", "2", "--user", "ada", "--year", "2023"]
MODEL = "global.anthropic.claude-sonnet-4-6"
NAMES = ["Lathe", "Drill"]


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


class Terminal:
    """`synth` in process, in an empty folder, pointed at a scripted endpoint."""

    def __init__(
        self, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], folder: Path
    ) -> None:
        self._patch, self._capture, self.folder = patch, capture, folder

    def point_at(self, server: ScriptedBedrock) -> None:
        for name, value in server.environment().items():
            self._patch.setenv(name, value)

    def synth(self, *arguments: str) -> Ended:
        self._patch.setattr("sys.argv", ["synth", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = self._capture.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    def requests(self) -> list[dict[str, Any]]:
        return json.loads(self.synth("requests", "--json").out)

    def stored(self) -> list[str]:
        store = self.folder / "data"
        return sorted(str(p.relative_to(store)) for p in store.rglob("*") if p.is_file())


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Terminal]:
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"):
        monkeypatch.delenv(name, raising=False)
    for name in ("DAGSTER_HOME", "SYNTH_STORE", "SYNTH_REGISTRY", "SYNTH_BEDROCK_MODEL_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SYNTH_AUTHOR", "bedrock")
    monkeypatch.setenv("SYNTH_BEDROCK_TIMEOUT_S", "1")
    monkeypatch.setenv("SYNTH_REPAIR_ATTEMPTS", "1")
    monkeypatch.setenv("SYNTH_REPORT", "off")
    monkeypatch.chdir(tmp_path)
    return Terminal(monkeypatch, capsys, tmp_path)


def listing_then(reply: Callable[[Request], Reply]) -> Script:
    """A model that lists two machines, and answers code turns as told."""
    return lambda request: say(numbered(NAMES)) if request.machine is None else reply(request)


# --- before anything is done -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        (
            ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
            "no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
        ),
        (["AWS_DEFAULT_REGION"], "no AWS region; set AWS_DEFAULT_REGION or AWS_REGION"),
    ],
)
def test_without_credentials_or_region_nothing_is_written(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, missing: list[str], words: str
) -> None:
    with ScriptedBedrock([]) as server:
        terminal.point_at(server)
        for name in missing:
            monkeypatch.delenv(name)
        ended = terminal.synth("generate", *REQUEST)

    assert ended.code == 2
    assert ended.out == ""
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert server.requests == []
    assert list(terminal.folder.iterdir()) == []


def test_a_region_in_AWS_REGION_alone_is_enough(  # noqa: N802  # the variable's own name
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedBedrock(lambda _: fail(403, "AccessDeniedException")) as server:
        terminal.point_at(server)
        monkeypatch.delenv("AWS_DEFAULT_REGION")
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        ended = terminal.synth("generate", *REQUEST)

    assert "in eu-central-1: access denied" in ended.err


# --- while the machines are listed -------------------------------------------------------------

FAULTS = {
    "unknown model": (
        fail(404, "ResourceNotFoundException", "Could not resolve the model"),
        "not available: Could not resolve the model; set SYNTH_BEDROCK_MODEL_ID",
    ),
    "invalid model": (
        fail(400, "ValidationException", "The provided model identifier is invalid."),
        "set SYNTH_BEDROCK_MODEL_ID to a model or inference profile",
    ),
    "access denied": (
        fail(403, "AccessDeniedException", "You don't have access to the model."),
        "allow bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream on the model",
    ),
    "expired token": (
        fail(403, "ExpiredTokenException", "The security token included is expired"),
        "in us-east-1: AWS refuses the credentials as expired (ExpiredTokenException); renew",
    ),
    "wrong key": (
        fail(403, "UnrecognizedClientException", "The security token is invalid."),
        "in us-east-1: AWS refuses the credentials (UnrecognizedClientException); check AWS_ACC",
    ),
    "throttled": (throttled(), "throttled in all 5 attempts"),
    "silence": (silent(), "no reply within 1 s in all 5 attempts"),
    "no Converse": (garbage(b"[]"), "Check AWS_ENDPOINT_URL_BEDROCK_RUNTIME"),
    "codes": (fail(400, "ValidationException", "\x1b[2Jno\nway"), "request refused: [2Jno way"),
}


@pytest.mark.parametrize(("reply", "words"), FAULTS.values(), ids=FAULTS)
def test_a_list_that_cannot_be_had_is_one_line_and_a_failed_request(
    terminal: Terminal, reply: Reply, words: str
) -> None:
    with ScriptedBedrock(lambda _: reply) as server:
        terminal.point_at(server)
        ended = terminal.synth("generate", *REQUEST)
        (request,) = terminal.requests()

    assert ended.code == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert ended.out == ""
    assert (request["status"], request["machines"]) == ("failed", {})
    assert f"Error: {request['error']}\n" == ended.err
    assert terminal.stored() == []


def test_an_endpoint_where_nobody_listens_is_named(terminal: Terminal) -> None:
    with ScriptedBedrock([]) as server:
        terminal.point_at(server)
    ended = terminal.synth("generate", *REQUEST)

    assert ended.code == 2
    assert f"endpoint {server.url} cannot be reached" in ended.err
    assert "AWS_ENDPOINT_URL_BEDROCK_RUNTIME" in ended.err


def test_in_dagster_the_run_fails_with_the_same_words(terminal: Terminal) -> None:
    with ScriptedBedrock(lambda _: fail(403, "AccessDeniedException", "not yours")) as server:
        terminal.point_at(server)
        said = terminal.synth("generate", *REQUEST).err
        terminal.synth("request", *REQUEST)
        services = Services(Settings.from_env({"SYNTH_AUTHOR": "bedrock"}, terminal.folder))
        with dg.DagsterInstance.local_temp(str(terminal.folder)) as instance:
            instance.add_dynamic_partitions("users", ["ada"])
            job = build_defs(services).resolve_implicit_global_asset_job_def()
            run = job.execute_in_process(
                instance=instance,
                asset_selection=[dg.AssetKey("machine_list")],
                partition_key="ada",
                raise_on_error=False,
            )

    (failure,) = [event for event in run.all_events if event.is_step_failure]
    assert not run.success
    assert said == f"Error: {failure.step_failure_data.user_failure_data.description}\n"


# --- while code is written ---------------------------------------------------------------------


@pytest.mark.sandbox
def test_credentials_that_expire_amid_the_work_fail_each_machine_left(terminal: Terminal) -> None:
    def answer(request: Request) -> Reply:
        if request.machine == "Lathe":
            return say(fenced(GOOD_CODE))
        if len(request.texts) == 1:
            return say(fenced(SHORT_CODE))
        return fail(403, "ExpiredTokenException", "expired")

    with ScriptedBedrock(listing_then(answer)) as server:
        terminal.point_at(server)
        ended = terminal.synth("generate", *REQUEST)
        (request,) = terminal.requests()

    assert ended.code == 1
    assert "Traceback" not in ended.out + ended.err
    assert request["machines"]["lathe"] == "done"
    assert "in us-east-1: AWS refuses the credentials as expired" in request["machines"]["drill"]
    assert request["usage"]["calls"] == 3
    assert not any(name.startswith("ada/drill") for name in terminal.stored())


# --- code that was accepted once ---------------------------------------------------------------


@pytest.mark.sandbox
def test_accepted_code_is_reused_until_model_or_rewrite_ask_for_other(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = PlayBook(names=NAMES, otherwise=[GOOD_CODE])
    one_machine = ["--industry", "tools", "--number", "1", "--user", "ada"]
    turns = []

    with ScriptedBedrock(book) as server:
        terminal.point_at(server)
        for more in (
            ["--year", "2023"],
            ["--year", "2024"],
            ["--year", "2024", "--seed", "8"],
            ["--year", "2024", "--seed", "8", "--rewrite"],
        ):
            assert terminal.synth("generate", *one_machine, *more).code == 0
            turns.append(book.turns["Lathe"])
        monkeypatch.setenv("SYNTH_BEDROCK_MODEL_ID", "other.model-v2")
        assert terminal.synth("generate", *one_machine, "--year", "2024", "--seed", "8").code == 0
        turns.append(book.turns["Lathe"])

    assert turns == [1, 1, 1, 2, 3]
    assert book.turns[""] == 1
    shown = json.loads(terminal.synth("show", "ada/lathe", "--json").out)
    assert shown["provenance"]["author_version"].startswith("other.model-v2 prompt ")
    assert server.requests[-1].model_id == "other.model-v2"
    assert server.requests[0].model_id == MODEL
