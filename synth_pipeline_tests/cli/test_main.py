"""The command line in process, as a user would call it in a folder of their own."""

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth_pipeline.cli import main as cli

REQUEST = ["--industry", "semiconductor", "--number", "2", "--user", "ada", "--year", "2023"]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Synth = Callable[..., Ended]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one request of two machines was carried out, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    program = Path(sys.executable).with_name("synth")
    subprocess.run([program, "generate", *REQUEST], cwd=folder, env=plain_environment(), check=True)
    return folder


def plain_environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return {**kept, "SYNTH_REPORT": "off"}


@pytest.fixture
def synth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Synth:
    """Run `synth` in an empty folder with nothing but defaults."""
    for name in [name for name in os.environ if name.startswith(("SYNTH_", "DAGSTER_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SYNTH_REPORT", "off")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, answer: str = "") -> Ended:
        monkeypatch.setattr("sys.argv", ["synth", *arguments])
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return Ended(int(ended.value.code or 0), captured.out, captured.err)

    return run


@pytest.fixture
def filled(synth: Synth, made: Path, tmp_path: Path) -> Synth:
    """The same in a copy of the folder that holds two machines."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return synth


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["generate"], "Missing option '--industry'"),
        (["generate", "--colour", "red"], "No such option '--colour'"),
        (["generate", "--industry", "x", "--user", "u", "--number", "0"], "number '0'"),
        (["generate", "--industry", "x", "--user", "u", "--number", "101"], "number '101'"),
        (["generate", "--industry", "x", "--user", "u", "--number", "ten"], "number 'ten'"),
        (["generate", "--industry", "x", "--user", "../u"], "user id '../u'"),
        (["generate", "--industry", "x", "--user", "a,b"], "user id 'a,b'"),
        (["generate", "--industry", "", "--user", "u"], "industry ''"),
        (["generate", "--industry", "x", "--user", "u", "--year", "99999"], "year '99999'"),
        (["generate", "--industry", "x", "--user", "u", "--seed", "-1"], "seed '-1'"),
        (["request", "--industry", "x", "--user", "u", "--refresh-cron", "daily"], "cron 'daily'"),
        (["show", "ada/unknown"], "machine ada/unknown: not in ada's list"),
        (["show", "ada"], "machine 'ada': expected USER/MACHINE"),
        (["show", "../x/y"], "user id '..'"),
        (["export", "ada/unknown", "--output", "x"], "machine ada/unknown"),
        (["export", "ada/unknown", "--output", "x", "--format", "xml"], "'xml' is not"),
        (["requests", "--user", "A"], "user id 'A'"),
        (["check", "--user", "nobody"], "user 'nobody' has no machines"),
        (["backfill", "--user", "nobody"], "user 'nobody' has no machines"),
        (["remove", "nobody", "--yes"], "user 'nobody' has no machines"),
        (["levitate"], "No such command 'levitate'"),
    ],
)
def test_bad_input_is_one_line_with_exit_2_and_nothing_written(
    synth: Synth, tmp_path: Path, arguments: list[str], words: str
) -> None:
    ended = synth(*arguments)

    assert ended.code == 2
    assert words in ended.err
    assert ended.err.count("\n") == 1
    assert ended.err.startswith("Error: ")
    assert ended.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SYNTH_AUTHOR", "gpt"),
        ("SYNTH_STORE", "s3://"),
        ("SYNTH_REGISTRY", "postgres://x"),
        ("SYNTH_SANDBOX", "docker"),
        ("SYNTH_REPAIR_ATTEMPTS", "many"),
        ("SYNTH_SCRIPT_TIMEOUT_S", "0"),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(
    synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    ended = synth("generate", *REQUEST)

    assert ended.code == 2
    assert f"{name} {value!r}" in ended.err
    assert list(tmp_path.iterdir()) == []


def test_an_unwritable_store_is_found_before_anything_is_filed(
    synth: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SYNTH_STORE", str(tmp_path / "file/store"))

    ended = synth("generate", *REQUEST)

    assert ended.code == 2
    assert "cannot be written" in ended.err
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("command", sorted(cli.cli.commands))
def test_every_command_has_help_with_an_example(synth: Synth, command: str) -> None:
    ended = synth(command, "--help")

    assert ended.code == 0
    assert f"Example: synth {command}" in ended.out


@pytest.mark.sandbox
def test_a_generated_request_is_shown_as_a_table_with_what_to_do_next(synth: Synth) -> None:
    ended = synth("generate", *REQUEST)

    assert ended.code == 0, ended.err
    assert "plasma-etcher" in ended.out
    assert ended.out.count("525,600") == 2
    assert ended.out.count("✓ 7 of 7") == 2
    assert "synth show ada/plasma-etcher" in ended.out


@pytest.mark.sandbox
def test_an_unknown_industry_and_a_missing_boundary_are_said_plainly(
    synth: Synth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_SANDBOX", "none")

    ended = synth("generate", "--industry", "Goat Yoga", "--number", "1", "--user", "ada")

    assert ended.code == 0
    assert "'Goat Yoga'" in ended.err
    assert "general industrial equipment" in ended.err
    assert "SYNTH_SANDBOX is none" in ended.err


@pytest.mark.sandbox
def test_the_same_request_again_changes_nothing(filled: Synth, tmp_path: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "data").rglob("*") if p.is_file()}

    ended = filled("generate", *REQUEST, "--json")

    after = {p: p.stat().st_mtime_ns for p in (tmp_path / "data").rglob("*") if p.is_file()}
    assert ended.code == 0
    assert json.loads(ended.out)["request"]["status"] == "done"
    assert after == before


@pytest.mark.sandbox
def test_what_exists_and_what_was_asked_for_can_be_read_by_programs(filled: Synth) -> None:
    machines = json.loads(filled("machines", "--user", "ada", "--json").out)
    requests = json.loads(filled("requests", "--json").out)
    shown = json.loads(filled("show", "ada/plasma-etcher", "--json").out)

    assert [m["partition"] for m in machines] == ["ada/plasma-etcher", "ada/cvd-reactor"]
    assert requests[0]["machines"] == {"plasma-etcher": "done", "cvd-reactor": "done"}
    assert shown["rows"] == 525_600
    assert {"name", "unit", "minimum", "mean", "maximum", "missing"} <= shown["signals"][0].keys()
    assert shown["provenance"]["code_sha256"] == shown["origin"]["code_sha256"]
    for name in ("dataset", "labels", "patch", "context", "worklog"):
        assert Path(shown["files"][name]).is_file()
    assert {"snr", "severity_sd", "cause_start", "stop", "restart"} <= shown["anomalies"][0].keys()


@pytest.mark.sandbox
def test_the_tables_for_people_name_the_same(filled: Synth) -> None:
    shown = filled("show", "ada/plasma-etcher").out
    machines = filled("machines").out

    assert "chamber_pressure_pa" in shown
    assert "anomalies" in shown
    assert "author catalog" in shown
    assert "525,600" in machines
    assert "done" in filled("requests", "--user", "ada").out


@pytest.mark.sandbox
def test_export_writes_csv_with_plain_times(filled: Synth, tmp_path: Path) -> None:
    ended = filled("export", "ada/plasma-etcher", "--format", "csv", "--output", "csv")

    assert ended.code == 0
    with (tmp_path / "csv/plasma-etcher-2023.csv").open() as lines:
        header, first = next(lines), next(lines)
        count = 1 + sum(1 for _ in lines)
    assert header.startswith("Timestamp,")
    assert first.startswith("2023-01-01 00:00:00,")
    assert count == 525_600


@pytest.mark.sandbox
def test_export_of_a_year_that_is_not_stored_says_which_are(filled: Synth) -> None:
    ended = filled("export", "ada/plasma-etcher", "--year", "1999", "--output", "csv")

    assert ended.code == 2
    assert "no dataset of 1999; stored: 2023" in ended.err


def damage_row(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table.slice(0, 500), table.slice(501)])


def damage_order(table: pa.Table) -> pa.Table:
    swapped = [table.slice(701, 1), table.slice(700, 1)]
    return pa.concat_tables([table.slice(0, 700), *swapped, table.slice(702)])


def damage_name(table: pa.Table) -> pa.Table:
    return table.rename_columns(["Timestamp", "renamed_pa", *table.column_names[2:]])


def damage_year(table: pa.Table) -> pa.Table:
    year_ms = 365 * 24 * 3600 * 1000
    shifted = table["Timestamp"].cast(pa.int64()).to_numpy() + year_ms
    times = pa.array(shifted).cast(pa.timestamp("ms"))
    return table.set_column(0, table.schema.field(0), times)


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("damage", "check", "words"),
    [
        (damage_row, "minute_cadence", "2023-01-01 08:21:00"),
        (damage_order, "minute_cadence", "2023-01-01 11:41:00"),
        (damage_name, "schema", "renamed_pa"),
        (damage_year, "year_coverage", "2024-01-01 00:00:00"),
    ],
)
def test_a_damaged_dataset_makes_check_exit_1_and_name_the_value(
    filled: Synth,
    tmp_path: Path,
    damage: Callable[[pa.Table], pa.Table],
    check: str,
    words: str,
) -> None:
    path = tmp_path / "data/ada/cvd-reactor/dataset/2023.parquet"
    pq.write_table(damage(pq.read_table(path)), path)

    ended = filled("check", "--user", "ada", "--junit", "out/junit.xml")

    assert ended.code == 1
    lines = [line for line in ended.out.splitlines() if line.startswith("failed")]
    assert any(f"ada/cvd-reactor {check} 2023" in line and words in line for line in lines)
    assert not any("plasma-etcher" in line for line in lines)
    junit = ElementTree.parse(tmp_path / "out/junit.xml").getroot()
    assert junit.get("tests") == "14"
    assert int(junit.get("failures", "0")) >= 1


@pytest.mark.sandbox
def test_check_passes_on_what_was_just_made(filled: Synth) -> None:
    ended = filled("check", "--json")

    assert ended.code == 0
    rows = json.loads(ended.out)
    assert len(rows) == 14
    assert all(row["passed"] for row in rows)


@pytest.mark.sandbox
def test_removal_asks_first_and_then_removes(filled: Synth, tmp_path: Path) -> None:
    refused = filled("remove", "ada/cvd-reactor", answer="n\n")
    removed = filled("remove", "ada/cvd-reactor", "--yes")

    assert refused.code == 130
    assert removed.code == 0
    assert sorted(p.name for p in (tmp_path / "data/ada").iterdir()) == [
        "machines.json",
        "plasma-etcher",
    ]


@pytest.mark.sandbox
def test_a_request_is_only_filed_until_a_daemon_takes_it(synth: Synth, tmp_path: Path) -> None:
    filed = synth("request", *REQUEST, "--refresh-cron", "0 2 * * 1")
    again = synth("request", *REQUEST, "--json")

    assert "is pending" in filed.out
    assert json.loads(again.out)["attempt"] == 1
    assert len(json.loads(synth("requests", "--json").out)) == 1
    assert not list((tmp_path / "data").iterdir())


@pytest.mark.sandbox
def test_the_project_folder_is_found_from_a_folder_below(
    filled: Synth, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    (tmp_path / "deep/er").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "deep/er")

    ended = filled("machines", "--json")

    assert len(json.loads(ended.out)) == 2
    assert list((tmp_path / "deep/er").iterdir()) == []
