"""One run of a generator: what it leaves in its folder never becomes an error of ours."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from synth_pipeline.domain.machine import Machine
from synth_pipeline.making.trial import Asked, Program, Tryout, ran, try_code
from synth_pipeline.services import Services
from synth_pipeline_tests.support.workshop import make_services

pytestmark = pytest.mark.sandbox

MACHINE = Machine("ada", "saw", "Saw", "tools", "", "", 1, 2023, 7)
# root looks into every folder, an ordinary user does not
CLOSED = "made a folder that cannot be looked into|0 dataset files"


def run(services: Services, code: str) -> Tryout:
    return try_code(services, Program(MACHINE, code, ""), Asked.by(MACHINE))


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("os.chmod('/work', 0)", CLOSED),
        ("os.chmod('/work', 0); 1 / 0", f"ZeroDivisionError|{CLOSED}"),
        ("os.makedirs('a/b'); os.chmod('a', 0)", CLOSED),
        ("for i in range(900): os.mkdir('d'); os.chdir('d')", CLOSED),
        ("open('a.csv', 'w'); os.chmod('a.csv', 0)", "a.csv cannot be read: "),
        ("os.symlink(__file__, 'a.csv')", "a.csv is not a plain file"),
        ("os.mkfifo('a.parquet')", "a.parquet is not a plain file"),
        ("os.mkdir('a.csv')", "a.csv is not a plain file"),
    ],
)
def test_whatever_is_left_is_a_reason_and_goes_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, reason: str
) -> None:
    services = make_services(tmp_path)
    _ = services.runner  # probed in its own folder
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))

    tryout = run(services, f"import os\n{code}\n")

    assert tryout.made is None
    assert re.search(reason, str(tryout.findings[0]))
    assert list(scratch.iterdir()) == []


def test_names_that_act_on_a_terminal_are_told_without_their_codes(tmp_path: Path) -> None:
    code = "for name in ('a\\x1b[2J\\n.csv', 'b.csv'): open(name, 'w')\n"

    tryout = run(make_services(tmp_path), code)

    assert "2 dataset files" in str(tryout.findings[0])
    assert "a [2J .csv, b.csv" in str(tryout.findings[0])


def test_files_written_elsewhere_are_named_with_the_last_output(tmp_path: Path) -> None:
    code = "open('/tmp/x.csv', 'w').write('1'); print('wrote 525600 rows to /tmp/x.csv')\n"

    found = [str(finding) for finding in run(make_services(tmp_path), code).findings]

    assert found[0].startswith("0 dataset files in the working folder (found: nothing)")
    assert found[1] == "it wrote to /tmp/x.csv; only what lies in the working folder is kept"
    assert found[2] == "its output ended with:\nwrote 525600 rows to /tmp/x.csv"


def test_a_file_in_a_folder_of_its_own_is_named(tmp_path: Path) -> None:
    code = "import os; os.mkdir('out'); open('out/data.csv', 'w').write('1')\n"

    found = [str(finding) for finding in run(make_services(tmp_path), code).findings]

    assert "out/data.csv" in found[0]


def test_the_kit_is_not_compiled_again_in_every_run(tmp_path: Path) -> None:
    program = "pass"
    with ran(
        make_services(tmp_path), Program(MACHINE, program, "X = 1\n"), Asked.by(MACHINE)
    ) as run:
        assert run is not None
        (run.folder / "signal_kit.py").write_text("X = 2\n")
        done = subprocess.run(
            [sys.executable, "-c", "import signal_kit; print(signal_kit.X)"],
            cwd=run.folder, capture_output=True, text=True, check=True,
        )  # fmt: skip

    assert done.stdout.strip() == "1"
