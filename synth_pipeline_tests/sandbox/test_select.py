"""The choice of a runner, and the runner that does not confine."""

import os
from pathlib import Path

import pytest

from synth_pipeline.domain.errors import SandboxError, SettingsError
from synth_pipeline.sandbox.runner import MEBIBYTE, Limits
from synth_pipeline.sandbox.select import choose_runner
from synth_pipeline.sandbox.unconfined import UnconfinedRunner


def run_code(folder: Path, code: str, limits: Limits | None = None) -> tuple[str | None, str]:
    (folder / "main.py").write_text(code, encoding="utf-8")
    result = UnconfinedRunner().run(folder, {"SYNTH_YEAR": "2023"}, limits or Limits(wall_s=30.0))
    return result.failure, result.output


def test_an_unknown_sandbox_is_refused_with_the_choices() -> None:
    with pytest.raises(SettingsError) as refusal:
        choose_runner("docker")

    assert str(refusal.value) == (
        "SYNTH_SANDBOX 'docker': expected one of auto, bubblewrap, sandlock, none"
    )


def test_none_is_the_one_runner_that_does_not_isolate() -> None:
    runner = choose_runner("none")

    assert (runner.name, runner.isolates) == ("none", False)


@pytest.mark.sandbox
def test_auto_isolates() -> None:
    try:
        runner = choose_runner("auto")
    except SandboxError as refusal:
        pytest.skip(str(refusal))

    assert runner.isolates


@pytest.mark.sandbox
def test_unconfined_code_sees_a_clean_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "canary-secret")

    failure, output = run_code(tmp_path, "import os; print(dict(os.environ), os.getcwd())")

    assert failure is None
    assert "canary-secret" not in output
    assert "'SYNTH_YEAR': '2023'" in output
    assert str(tmp_path) not in output
    assert "/work" in output


@pytest.mark.sandbox
def test_unconfined_code_and_its_children_are_killed_in_time(tmp_path: Path) -> None:
    code = (
        "import os\npid = os.fork()\nif pid: open('child', 'w').write(str(pid))\nwhile True: pass\n"
    )

    failure, _ = run_code(tmp_path, code, Limits(wall_s=1.0))

    assert failure == "timed out after 1 s"
    child = int((tmp_path / "child").read_text())
    state = Path(f"/proc/{child}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.sandbox
@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("while True: pass", "used more than 1 s of processor time"),
        ("x = bytearray(1 << 40)", "used more than 256 MiB of memory: MemoryError"),
        (
            "f = open('big', 'wb')\nwhile True: f.write(bytes(1 << 20))",
            "wrote more than 8 MiB to one file",
        ),
        ("import sys; sys.exit(3)", "exited with code 3"),
        ("import os; os.kill(os.getpid(), 9)", "was killed by signal 9 (SIGKILL)"),
    ],
)
def test_unconfined_code_has_the_same_limits(tmp_path: Path, code: str, sentence: str) -> None:
    limits = Limits(wall_s=20.0, cpu_s=1, memory_bytes=256 * MEBIBYTE, file_bytes=8 * MEBIBYTE)

    failure, _ = run_code(tmp_path, code, limits)

    assert failure == sentence


@pytest.mark.sandbox
def test_unconfined_files_belong_to_the_caller(tmp_path: Path) -> None:
    failure, _ = run_code(tmp_path, "open('made', 'w').close()")

    assert failure is None
    assert (tmp_path / "made").stat().st_uid == os.getuid()
