"""Runs a generator under Landlock and seccomp, for hosts that forbid namespaces.

Uses the optional package `sandlock` (Linux 6.12 or later: signals must be confined too). Files,
network, processes and limits are as tight as bubblewrap's; two things are not. Names and sizes
of host files can be learned with `stat`, and the code runs under the caller's own user id.
"""

import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from synth_pipeline.domain.errors import SandboxError
from synth_pipeline.sandbox.failure import describe_ending, last_error
from synth_pipeline.sandbox.measure import first_files, process_tree
from synth_pipeline.sandbox.runner import Limits, RunResult
from synth_pipeline.sandbox.seccomp import seccomp_program
from synth_pipeline.sandbox.supervise import Watch, end_processes, neutral_paths
from synth_pipeline.sandbox.surroundings import (
    LAUNCHER,
    Interpreter,
    launch_command,
    library_folders,
    package_paths,
    python_environment,
)

_PROBE_LIMITS = Limits(wall_s=20.0, cpu_s=20)
_READABLE = ("/usr/share/zoneinfo", "/dev/null", "/dev/zero", "/dev/urandom")
WARDEN = Path(__file__).with_name("warden.py")
_CAPABILITY_COUNT = "/proc/sys/kernel/cap_last_cap"


class SandlockRunner:
    """Runner on Landlock; works for root and for ordinary users, in any thread."""

    name = "sandlock"
    isolates = True

    def probe(self) -> None:
        """Start the sandbox once with an empty program; raise SandboxError where it cannot."""
        _package_folder()
        with tempfile.TemporaryDirectory(prefix="synth-probe-") as folder:
            Path(folder, "main.py").write_text("", encoding="utf-8")
            result = self.run(Path(folder), {}, _PROBE_LIMITS)
        if result.failure:
            raise SandboxError(f"sandbox sandlock: Python does not start in it: {result.failure}")

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        """Run `main.py` of `folder`; see `Runner.run`."""
        folder = folder.resolve()
        with tempfile.TemporaryDirectory(prefix="synth-sandlock-") as scratch:
            packages, home = Path(scratch, "packages"), Path(scratch, "home")
            for made in (packages, home):
                made.mkdir()
            # links, since whoever may list site-packages may read all of it
            for name, path in package_paths().items():
                (packages / name).symlink_to(path)
            variables = python_environment(environment, home=str(home))
            variables["PYTHONPATH"] = str(packages)
            policy = _policy([folder, home], [packages, *package_paths().values()], variables)
            return _run([folder, home], policy, limits)


def _package_folder() -> Path:
    """Return the folder that holds the package `sandlock`, for the warden's `sys.path`."""
    found = importlib.util.find_spec("sandlock")
    if found is None or found.origin is None:
        raise SandboxError(
            "sandbox sandlock: package sandlock is not installed; "
            "run `pip install 'synth_pipeline[sandlock]'` or set SYNTH_SANDBOX=bubblewrap"
        )
    return Path(found.origin).parents[1]


def _policy(
    writable: list[Path], readable: list[Path], variables: dict[str, str]
) -> dict[str, object]:
    interpreter = Interpreter.current()
    shown = [interpreter.program, interpreter.standard_library, LAUNCHER]
    shown += [*library_folders(), *readable]
    if interpreter.shared_library:
        shown.append(interpreter.shared_library)
    shown += [path for path in map(Path, (*_READABLE, _CAPABILITY_COUNT)) if path.exists()]
    return {
        "fs_readable": [str(path) for path in shown],
        "fs_writable": [str(path) for path in writable],
        "fs_denied": [
            str(interpreter.standard_library / name)
            for name in interpreter.installed_package_folders
        ],
        "env": variables,
        "clean_env": True,
        "cwd": str(writable[0]),
    }


def _run(folders: list[Path], policy: dict[str, object], limits: Limits) -> RunResult:
    python = str(Interpreter.current().program)
    bpf = seccomp_program(has_namespaces=False)
    program = launch_command(python, limits, [python, "-s", "main.py"], bpf=bpf)
    with _started(policy, program) as (process, status):
        ending = Watch(
            process,
            folders,
            limits,
            pids=lambda: process_tree(process.pid)[1:],
            kill=lambda: _kill_tree(process.pid),
        ).wait()
        text = b"".join(iter(lambda: os.read(status, 4096), b""))
    output = neutral_paths(ending.output, folders[0])
    exit_code = None if ending.breach else _exit_code(text, output)
    return RunResult(
        finding=ending.breach or describe_ending(exit_code or 0, output, limits),
        output=output,
        exit_code=exit_code,
        wall_s=ending.wall_s,
        peak_memory_bytes=ending.peak_memory_bytes,
        elsewhere=first_files(folders[1], "$TMPDIR"),
    )


@contextlib.contextmanager
def _started(
    policy: dict[str, object], program: list[str]
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Start the warden; yield it and where it reports."""
    package_folder = str(_package_folder())
    status, status_end = os.pipe()
    order = {"policy": policy, "program": program, "status": status_end}
    order["package_folder"] = package_folder
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", str(WARDEN), json.dumps(order)],
            env={},
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(status_end,),
            start_new_session=True,
        )
    except BaseException:
        os.close(status)
        raise
    finally:
        os.close(status_end)
    try:
        yield process, status
    finally:
        if process.returncode is None:
            _kill_tree(process.pid)
            process.wait()
        if process.stdout is not None:
            process.stdout.close()
        os.close(status)


def _kill_tree(warden: int) -> None:
    """Hold the warden, so that it starts nothing more, and kill what it has, then itself."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(warden, signal.SIGSTOP)
    end_processes(process_tree(warden))


def _exit_code(report: bytes, output: str) -> int:
    if not report:
        raise SandboxError(
            f"sandbox sandlock: cannot start here: {last_error(output) or 'no message'}. "
            "It needs Linux 6.12 with Landlock; set SYNTH_SANDBOX=bubblewrap, or none for "
            "catalogue code only"
        )
    return int(report)
