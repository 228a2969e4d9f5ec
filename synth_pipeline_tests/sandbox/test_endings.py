"""What is said of the end of a run; every isolating runner."""

import shutil
import sys
from pathlib import Path

import pytest

from synth_pipeline.sandbox.runner import Runner
from synth_pipeline_tests.sandbox.test_runners import run_code, runner

__all__ = ["runner"]

pytestmark = pytest.mark.sandbox


@pytest.mark.parametrize(
    ("code", "failure", "exit_code"),
    [
        ("import sys; sys.exit(3)", "exited with code 3", 3),
        ("exit('no such mode')", "exited with code 1: no such mode", 1),
        ("print('hi'); x", "exited with code 1: NameError: name 'x' is not defined", 1),
        ("x = (", "exited with code 1: SyntaxError: '(' was never closed", 1),
        ("import os; os.kill(os.getpid(), 9)", "was killed by signal 9 (SIGKILL)", None),
        ("import os; os.abort()", "was killed by signal 6 (SIGABRT)", None),
    ],
)
def test_a_failure_is_one_sentence(
    runner: Runner, tmp_path: Path, code: str, failure: str, exit_code: int | None
) -> None:
    result = run_code(runner, tmp_path, code)

    assert result.failure == failure
    assert exit_code is None or result.exit_code == exit_code


def test_a_traceback_names_the_code_and_not_the_host(runner: Runner, tmp_path: Path) -> None:
    result = run_code(runner, tmp_path, "import json\n\n\ndef f():\n    json.loads('{')\n\n\nf()\n")

    assert 'File "/work/main.py", line 8, in <module>' in result.output
    assert result.failure is not None
    assert "JSONDecodeError: Expecting property name" in result.failure
    for path in {str(tmp_path), sys.prefix, sys.base_prefix} - {"/usr"}:
        assert path not in result.output


def test_a_folder_left_hostile_can_be_removed(runner: Runner, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    result = run_code(
        runner,
        folder,
        """
        import os
        os.mkfifo("pipe")
        os.symlink("/etc/passwd", "data.parquet")
        os.makedirs("a/b/c", mode=0o700)
        """,
    )

    assert result.failure is None
    shutil.rmtree(folder)
    assert not folder.exists()
