"""`synth generate` against a model that errs, refuses and attacks: the whole path, really run.

One command of sixteen machines, judged by what it leaves on disk and by what the endpoint saw;
then the same command again, when the model has come to its senses.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline_tests.sandbox.test_runners import happens
from synth_pipeline_tests.support.bedrock_programs import (
    ENDLESS_FILE,
    ENDLESS_LOOP,
    FAILING_END,
    FORK_BOMB,
    LOWER_CASE,
    MEMORY_BOMB,
    NAME_ERROR,
    SMUGGLING_END,
    TWO_FILES,
    thief,
)
from synth_pipeline_tests.support.places import ROOT
from synth_pipeline_tests.support.scripted_bedrock import (
    PlayBook,
    Reply,
    Request,
    ScriptedBedrock,
    say,
)
from synth_pipeline_tests.support.workshop import GOOD_CODE, SHORT_CODE

pytestmark = [pytest.mark.server, pytest.mark.sandbox]

SYNTH = Path(sys.executable).with_name("synth")
PROJECT = ROOT
MODEL = "scripted.model-v1"
YEAR, SEED = 2023, 904_117
SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "planted-aws-secret-5d1c",
    "AWS_SESSION_TOKEN": "planted-session-token-9b2e",
    "DATABASE_URL": "postgres://planted-password-77aa@db/prod",
}
MARKER = f"synth-intruder-{os.getpid()}"
SCRIPT_TIMEOUT_S, REPAIR_ATTEMPTS = 20, 2
ENDS_WITHIN_S = 16 * (REPAIR_ATTEMPTS + 1) * SCRIPT_TIMEOUT_S
HALF = len(GOOD_CODE) // 2

MENDABLE: dict[str, list[str | Reply]] = {
    "Plasma Etcher": [GOOD_CODE],
    "Diffusion Furnace": [
        f"```python\n{SHORT_CODE}```\n<error>The year ends a day early.</error>\n"
        f"<error>The unit of the load is missing.</error>\n```python\n{GOOD_CODE}```\nDone."
    ],
    "Ion Implanter": [NAME_ERROR, GOOD_CODE],
    "Wafer Stepper": [SHORT_CODE, GOOD_CODE],
    "Wire Bonder": [f"Certainly! Here is the program.\n\n```python\n{GOOD_CODE}```\n"],
    "Sputter Coater": [LOWER_CASE, LOWER_CASE, GOOD_CODE],
    "Spin Coater": [TWO_FILES, GOOD_CODE],
    "Die Bonder": [
        say(f"```python\n{GOOD_CODE[:HALF]}", stop_reason="max_tokens"),
        f"{GOOD_CODE[HALF:]}```\nNo mistakes.",
    ],
}
HOPELESS: dict[str, list[str | Reply]] = {
    "Wet Bench": [SHORT_CODE],
    "Dicing Saw": [say("I'm sorry, I can't help with that.", stop_reason="refusal")],
    "Process Chiller": [ENDLESS_LOOP],
    "Ozone Generator": [MEMORY_BOMB],
    "Reflow Oven": [FORK_BOMB],
    "Air Compressor": [ENDLESS_FILE],
}
REASONS = {
    "wet-bench": "524,160 rows; expected 525,600",
    "dicing-saw": "refused",
    "process-chiller": f"timed out after {SCRIPT_TIMEOUT_S} s",
    "ozone-generator": "used more than 3072 MiB of memory",
    "reflow-oven": "started more than 64 threads",
    "air-compressor": "wrote more than 512 MiB to one file",
    "dry-pump": "RuntimeError",
}
# "Dry Pump" and "Gas Cabinet" are the thieves: one fails afterwards, one writes good data.
GOOD_SLUGS = {name.lower().replace(" ", "-") for name in MENDABLE} | {"gas-cabinet"}
NAMES = [*MENDABLE, *HOPELESS, "Dry Pump", "Gas Cabinet"]


@dataclass(frozen=True)
class World:
    """A user's folder, with a listener that no generator may reach."""

    folder: Path
    listener: socket.socket

    @property
    def store(self) -> Path:
        return self.folder / "store" / "ada"

    @property
    def home(self) -> Path:
        return self.folder / "dagster-home"

    @property
    def outside(self) -> list[Path]:
        """Places a thief knows of."""
        return [Path("/tmp"), Path.home(), PROJECT, self.folder, self.home, self.store.parent]

    def programs(self) -> dict[str, list[str | Reply]]:
        theft = thief(self.outside, self.listener.getsockname()[1], MARKER)
        thieves: dict[str, list[str | Reply]] = {
            "Dry Pump": [theft + FAILING_END],
            "Gas Cabinet": [theft + SMUGGLING_END],
        }
        return MENDABLE | HOPELESS | thieves

    def environment(self, server: ScriptedBedrock) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(Path.home()),
            **server.environment(),
            **SECRETS,
            "SYNTH_AUTHOR": "bedrock",
            "SYNTH_BEDROCK_MODEL_ID": MODEL,
            "SYNTH_STORE": str(self.store.parent),
            "DAGSTER_HOME": str(self.home),
            "SYNTH_SCRIPT_TIMEOUT_S": str(SCRIPT_TIMEOUT_S),
            "SYNTH_REPAIR_ATTEMPTS": str(REPAIR_ATTEMPTS),
            "SYNTH_WORKERS": "2",
        }


@dataclass(frozen=True)
class Ended:
    """How one command ended, and what the endpoint saw of it."""

    code: int
    out: str
    err: str
    wall_s: float
    session: int
    turns: Counter[str]
    requests: list[Request]
    asked: list[dict[str, Any]]


def generate(world: World, book: PlayBook) -> Ended:
    number, year, seed = str(len(NAMES)), str(YEAR), str(SEED)
    with ScriptedBedrock(book) as server:
        environment = world.environment(server)
        command = [SYNTH, "generate", "--industry", "semiconductor", "--number", number]
        started = time.monotonic()
        with subprocess.Popen(
            [*command, "--user", "ada", "--year", year, "--seed", seed],
            cwd=world.folder,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            out, err = process.communicate(timeout=ENDS_WITHIN_S)
        wall_s = time.monotonic() - started
        listed = subprocess.check_output(
            [SYNTH, "requests", "--json"], cwd=world.folder, env=environment
        )
    return Ended(
        code=process.returncode,
        out=out,
        err=err,
        wall_s=wall_s,
        session=process.pid,
        turns=book.turns,
        requests=server.requests,
        asked=json.loads(listed),
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield World(tmp_path_factory.mktemp("path"), listener)


@pytest.fixture(scope="module")
def first(world: World) -> Ended:
    """The command, against a model that errs and attacks."""
    return generate(world, PlayBook(names=NAMES, programs=world.programs()))


@pytest.fixture(scope="module")
def left(world: World, first: Ended) -> dict[str, bytes]:
    """Every file of the store after the first command."""
    files = (path for path in world.store.parent.rglob("*") if path.is_file())
    return {str(path.relative_to(world.store)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def second(world: World, first: Ended, left: dict[str, bytes]) -> Ended:
    """The same command again, against a model that now writes good programs only."""
    return generate(world, PlayBook(names=NAMES, otherwise=[GOOD_CODE]))


def test_the_command_ends_in_time_with_exit_code_1_and_no_traceback(first: Ended) -> None:
    assert first.code == 1, first.err
    assert "Traceback" not in first.out + first.err
    assert first.wall_s < ENDS_WITHIN_S


def test_every_machine_with_a_good_reply_has_a_year_inside_the_contract(
    world: World, left: dict[str, bytes]
) -> None:
    stored = {name.split("/")[0] for name in left if name.endswith(".parquet")}

    assert stored == GOOD_SLUGS
    for slug in GOOD_SLUGS:
        check_year(world.store / slug / f"dataset/{YEAR}.parquet")
        check_labels(world.store / slug / f"anomalies/{YEAR}.parquet")


def check_year(path: Path) -> None:
    """Judge a dataset with nothing of the project: pandas and the issue's words."""
    table = pq.read_table(path)
    minutes = pd.date_range(f"{YEAR}-01-01 00:00", f"{YEAR}-12-31 23:59", freq="min")
    assert table.column_names[0] == "Timestamp"
    assert table.schema.field(0).type == pa.timestamp("ms")
    assert len(table) == 525_600
    assert (table.column(0).to_numpy() == minutes.to_numpy()).all()
    signals = table.to_pandas().drop(columns="Timestamp")
    assert signals.shape[1] >= 3
    assert (signals.dtypes == np.float64).all()
    assert signals.notna().to_numpy().any(axis=0).all()
    assert np.isfinite(signals.to_numpy()).all()


def check_labels(path: Path) -> None:
    labels = pd.read_parquet(path)
    assert len(labels) > 0
    assert labels["start"].ge(f"{YEAR}-01-01").all()
    assert labels["end"].lt(f"{YEAR + 1}-01-01").all()
    minutes = (labels["end"] - labels["start"]).dt.total_seconds() / 60 + 1
    assert 0 < minutes.sum() < 0.05 * 525_600


@pytest.mark.parametrize(("slug", "reason"), REASONS.items())
def test_a_machine_that_cannot_be_good_is_named_with_its_reason(
    world: World, first: Ended, slug: str, reason: str
) -> None:
    lines = [line for line in first.err.splitlines() if line.startswith(f"✗ {slug} ")]

    assert len(lines) == 1
    assert reason in lines[0]
    assert f"replies kept in {world.home}/rejected/ada/{slug} " in lines[0]
    assert reason in str(first.asked[0]["machines"][slug])
    assert f"│ {slug} " in first.out
    assert first.err.splitlines()[-1].startswith("Error: request ada-")
    assert "7 of 16 machines failed" in first.err.splitlines()[-1]


def test_a_machine_that_cannot_be_good_publishes_nothing(
    world: World, left: dict[str, bytes]
) -> None:
    assert {name.split("/")[0] for name in left} == {*GOOD_SLUGS, "machines.json"}
    assert {path.name for path in world.store.iterdir() if path.is_dir()} >= GOOD_SLUGS
    for slug in REASONS:
        kept = sorted(path.name for path in (world.home / "rejected/ada" / slug).iterdir())
        assert kept == ["attempt-1.txt", "attempt-2.txt", "attempt-3.txt"]


def test_no_request_leaves_the_sandbox(world: World, first: Ended) -> None:
    world.listener.setblocking(False)

    with pytest.raises(BlockingIOError):
        world.listener.accept()


def test_no_file_appears_outside_the_sandbox(world: World, first: Ended) -> None:
    places = [*world.outside, PROJECT.parent, Path("/"), Path("/dev/shm"), Path("/var/tmp")]

    intruders = [path for place in places for path in place.glob(f"{MARKER}*")]

    assert intruders == []
    assert list(world.folder.rglob(f"{MARKER}*")) == []


def test_no_secret_is_in_any_file_output_or_prompt(world: World, first: Ended) -> None:
    contents = {str(path): path.read_bytes() for path in world.folder.rglob("*") if path.is_file()}
    contents["output"] = (first.out + first.err).encode()
    contents["prompts"] = json.dumps([request.payload for request in first.requests]).encode()

    secrets = [*SECRETS.values(), "AKIASCRIPTEDBEDROCK"]
    leaks = [
        (place, secret)
        for place, content in contents.items()
        for secret in secrets
        if secret.encode() in content
    ]

    assert leaks == []
    assert any("requests.db" in place for place in contents)
    assert any("attempt-3.txt" in place for place in contents)


def test_nothing_is_left_running(first: Ended) -> None:
    confined = f"SYNTH_SEED={SEED}".encode()

    survivors = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            session = (process / "stat").read_text().rpartition(")")[2].split()[3]
        except OSError:  # ended meanwhile
            continue
        if confined in environment or session == str(first.session):
            survivors.append((process / "cmdline").read_bytes())

    assert survivors == []


def test_what_fails_goes_back_to_the_model_as_often_as_allowed(first: Ended) -> None:
    hopeless = dict.fromkeys([*HOPELESS, "Dry Pump"], 1 + REPAIR_ATTEMPTS)
    replies = {name: len(replies) for name, replies in MENDABLE.items()}
    warned = {"Gas Cabinet": 1 + REPAIR_ATTEMPTS}  # it asks for its process, and is accepted last

    assert first.turns == {"": 1, **warned, **replies, **hopeless}
    findings = {r.machine: r.last_text for r in first.requests if len(r.texts) == 3}
    assert "row_count (line" in findings["Ion Implanter"]
    assert "the first column is 'timestamp'; expected 'Timestamp'" in findings["Sputter Coater"]
    assert "2 dataset files" in findings["Spin Coater"]
    assert "summary.csv" in findings["Spin Coater"]


def test_provenance_tells_how_the_code_came_to_be(world: World, first: Ended) -> None:
    mended = json.loads((world.store / "ion-implanter/code/provenance.json").read_text())
    reported = json.loads((world.store / "diffusion-furnace/code/provenance.json").read_text())

    assert mended["author"] == "bedrock"
    assert mended["author_version"].startswith(f"{MODEL} prompt ")
    assert re.fullmatch(r"[0-9a-f]{64}", mended["prompt_sha256"])
    assert mended["attempts"] == 2
    assert mended["usage"] == {
        "calls": 2, "input_tokens": 200, "output_tokens": 400, "latency_s": 3.0,
        "cache_read_tokens": 0, "cache_write_tokens": 0,
    }  # fmt: skip
    assert any("row_count" in error for error in mended["found_errors"])
    assert (mended["verified_year"], mended["verified_seed"]) == (YEAR, SEED)
    assert reported["attempts"] == 1
    assert reported["reported_errors"] == [
        "The year ends a day early.",
        "The unit of the load is missing.",
    ]


def test_every_call_of_the_model_is_counted(first: Ended) -> None:
    (request,) = first.asked
    calls = len(first.requests)

    assert request["status"] == "failed"
    assert request["usage"] == {
        "calls": calls,
        "input_tokens": 100 * calls,
        "output_tokens": 200 * calls,
        "latency_s": pytest.approx(1.5 * calls),
        "cache_read_tokens": 0,
        "cache_write_tokens": 0,
    }


def test_the_same_command_again_asks_only_for_what_failed(second: Ended) -> None:
    assert second.code == 0, second.err
    assert second.turns == dict.fromkeys([*HOPELESS, "Dry Pump"], 1)


def test_the_same_command_again_leaves_good_machines_as_they_were(
    world: World, second: Ended, left: dict[str, bytes]
) -> None:
    stored = {path.parents[1].name for path in world.store.glob(f"*/dataset/{YEAR}.parquet")}

    assert stored == GOOD_SLUGS | set(REASONS)
    for name, content in left.items():
        if name != "machines.json":
            assert (world.store / name).read_bytes() == content


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_a_command_that_is_interrupted_ends_at_once_and_asks_no_more(
    world: World, tmp_path: Path, end: signal.Signals
) -> None:
    book = PlayBook(names=NAMES, otherwise=[ENDLESS_LOOP])
    seed = f"{SEED}{end.value}"
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    with ScriptedBedrock(book) as server:
        environment = {
            **world.environment(server),
            "SYNTH_STORE": str(tmp_path / "store"),
            "DAGSTER_HOME": str(tmp_path / "home"),
            "SYNTH_SCRIPT_TIMEOUT_S": "600",
            "SYNTH_MODEL_CALLS": "1",
            "TMPDIR": str(scratch),
        }
        command = [SYNTH, "generate", "--industry", "tools", "--number", "9", "--user", "ada"]
        with subprocess.Popen(
            [*command, "--seed", seed],
            cwd=tmp_path,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            # the list, the two machines at work, and one whose reply waits for a worker
            assert happens(
                lambda: len(confined(seed)) == 2 and book.turns.total() == 4, within_s=60
            )
            process.send_signal(end)
            _, err = process.communicate(timeout=60)

    assert process.returncode == 130
    assert err.splitlines()[-1] == "Error: interrupted"
    assert "Traceback" not in err
    assert book.turns.total() == 4
    assert confined(seed) == []
    assert list(scratch.iterdir()) == []


def confined(seed: str) -> list[bytes]:
    """Command lines of the sandboxed processes of one seed."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"SYNTH_SEED={seed}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes())
    return [line for line in found if b"main.py" in line]
