"""The sampling interval stands in one place: a copy of the package with that line changed works."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import synth_pipeline

PACKAGE = Path(synth_pipeline.__file__).parent
RUN = "from synth_pipeline.cli.main import main; main()"


def synth(folder: Path, *arguments: str) -> str:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SYNTH_", "DAGSTER_"))}
    result = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=folder, env={**environment, "PYTHONPATH": str(folder)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.sandbox
def test_five_minutes_are_one_changed_line(tmp_path: Path) -> None:
    copy = tmp_path / "synth_pipeline"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    kit = copy / "signal_kit.py"
    text, changes = re.subn(
        r"(?m)^SAMPLING_INTERVAL_S = 60$", "SAMPLING_INTERVAL_S = 300", kit.read_text()
    )
    kit.write_text(text)

    asked = ("--industry", "semiconductor", "--number", "2", "--user", "ada", "--year", "2024")
    made = json.loads(synth(tmp_path, "generate", *asked, "--json"))["machines"]
    checked = json.loads(synth(tmp_path, "check", "--json"))

    assert changes == 1
    assert [row["rows"] for row in made] == [105_408, 105_408]
    blocking = [verdict for verdict in checked if verdict["blocking"]]
    assert len(blocking) == 2 * 4
    assert all(verdict["passed"] for verdict in blocking)
    for row in made:
        times = pq.read_table(row["uri"], columns=["Timestamp"]).column(0)
        first, second, *_, last = times.to_pylist()
        assert (second - first).total_seconds() == 300
        assert f"{last:%m-%d %H:%M}" == "12-31 23:55"
        events = pq.read_table(row["uri"].replace("/dataset/", "/anomalies/")).to_pylist()
        assert events
        assert {event["start"].minute % 5 for event in events} == {0}
