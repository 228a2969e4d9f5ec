"""What a machine of a model's is shown with: runs, warnings, tokens and, with prices set, money."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from synth_pipeline.cli import main as cli
from synth_pipeline.domain.evidence import KEPT, Run
from synth_pipeline_tests.support.scripted_bedrock import fenced
from synth_pipeline_tests.support.scripted_openai import ScriptedOpenAi, say
from synth_pipeline_tests.support.workshop import GOOD_CODE

pytestmark = pytest.mark.sandbox

GENERATE = [
    "generate", "--industry", "tools", "--number", "1", "--user", "ada", "--year", "2023",
    "--seed", "1",
]  # fmt: skip
NO_LABELS = GOOD_CODE.replace('pq.write_table(pa.table(event), "anomalies.parquet")', "pass")
REPLIES = (
    say("1. Lathe", tokens=(10, 20)),
    say(fenced(NO_LABELS), tokens=(3000, 4000), cached=1000),
)
PRICES = {
    "SYNTH_PRICE_INPUT": "1.5", "SYNTH_PRICE_OUTPUT": "6", "SYNTH_PRICE_CACHE_READ": "0.15",
}  # fmt: skip
OF_CODE = (2000 * 1.5 + 4000 * 6 + 1000 * 0.15) / 1e6
OF_ALL = OF_CODE + (10 * 1.5 + 20 * 6) / 1e6


@dataclass(frozen=True)
class Made:
    """A folder with a machine of a model's, and what the command that made it printed."""

    folder: Path
    printed: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    folder = tmp_path_factory.mktemp("costs")
    program = Path(sys.executable).with_name("synth")
    kept = {n: os.environ[n] for n in ("PATH", "HOME", "TMPDIR", "PYTHONPATH") if n in os.environ}
    once = {"SYNTH_REPAIR_ATTEMPTS": "0", "SYNTH_REPORT": "off"}
    with ScriptedOpenAi(REPLIES) as server:
        ended = subprocess.run(
            [program, *GENERATE],
            cwd=folder,
            env={**kept, **once, **PRICES, **server.environment()},
            capture_output=True,
            text=True,
            check=True,
        )
    return Made(folder, ended.stdout)


Synth = Callable[..., str]


@pytest.fixture
def synth(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Synth:
    """What `synth` prints in a copy of the folder, with or without prices."""
    shutil.copytree(made.folder, tmp_path, dirs_exist_ok=True)
    for name in [name for name in os.environ if name.startswith(("SYNTH_", "DAGSTER_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, **prices: str) -> str:
        with monkeypatch.context() as environment:
            for name, value in prices.items():
                environment.setenv(name, value)
            cli.cli.main([*arguments], standalone_mode=False)
        return capsys.readouterr().out

    return run


def test_what_a_request_cost_is_said_when_it_is_done(made: Made) -> None:
    assert (
        f"Model calls of this request so far: 2, 2,010 + 4,020 tokens, cost {OF_ALL:.4f}"
        in made.printed.splitlines()
    )


def test_requests_have_a_column_of_costs_where_prices_are_set(synth: Synth) -> None:
    plain, priced = synth("requests"), synth("requests", **PRICES)

    assert "2,010 + 4,020" in plain
    assert "Cost" not in plain
    head, row = (line.split("│" if "│" in line else "┃") for line in priced.splitlines()[2:5:2])
    cells = dict(zip((cell.strip() for cell in head), (cell.strip() for cell in row), strict=True))
    assert cells["Tokens"] == "2,010 + 4,020"
    assert cells["Cost"] == f"{OF_ALL:.4f}"


def test_programs_get_the_cost_where_prices_are_set(synth: Synth) -> None:
    (plain,) = json.loads(synth("requests", "--json"))
    (priced,) = json.loads(synth("requests", "--json", **PRICES))
    shown = json.loads(synth("show", "ada/lathe", "--json"))
    shown_priced = json.loads(synth("show", "ada/lathe", "--json", **PRICES))

    assert priced == {**plain, "cost": pytest.approx(OF_ALL, abs=1e-6)}
    assert "cost" not in plain
    assert shown_priced == {**shown, "cost": pytest.approx(OF_CODE, abs=1e-6)}
    assert "cost" not in shown


def test_a_price_that_is_missing_leaves_the_cost_out(synth: Synth) -> None:
    lacking = {"SYNTH_PRICE_INPUT": "1", "SYNTH_PRICE_OUTPUT": "1"}

    (request,) = json.loads(synth("requests", "--json", **lacking))
    shown = synth("show", "ada/lathe", **lacking)

    assert "cost" not in request
    assert "cost" not in shown


def test_a_machine_is_shown_with_its_cost_where_prices_are_set(synth: Synth) -> None:
    plain, priced = synth("show", "ada/lathe"), synth("show", "ada/lathe", **PRICES)

    told = "1 attempt(s), 1 model calls, 2000 + 4000 tokens"
    assert [line for line in plain.splitlines() if line.endswith(told)]
    assert plain.replace(told, f"{told}, cost {OF_CODE:.4f}") == priced


def test_a_machine_is_shown_with_the_runs_and_warnings_it_was_accepted_on(synth: Synth) -> None:
    shown = synth("show", "ada/lathe")
    provenance = json.loads(synth("show", "ada/lathe", "--json"))["provenance"]

    lines = shown.splitlines()
    start = lines.index("Evidence")
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines[start:]]
    rows = [row for row in rows if len(row) == 5]
    assert [row[0] for row in rows] == [each["run"] for each in provenance["evidence"]]
    assert rows[0][0] == Run.REQUEST
    request = provenance["evidence"][0]
    assert rows[0][1:] == ["2023", "1", f"{request['seconds']:g}", f"✓ {KEPT}"]
    assert {row[4][0] for row in rows} == {
        "✓" if each["holds"] else "✗" for each in provenance["evidence"]
    }
    warnings = [line for line in lines if line.startswith("warning: ")]
    assert "warning: it writes no labels: expected anomalies.parquet, a row an event" in warnings
    assert len(warnings) == len(provenance["warnings"]) >= 1
