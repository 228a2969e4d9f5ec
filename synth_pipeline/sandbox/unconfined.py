"""Runs a generator as an ordinary process with limits: for code the project itself wrote.

It does not confine: the code can read what this user can read and reach the network. Services
refuse it for code that a model wrote.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from synth_pipeline.sandbox.failure import describe_ending
from synth_pipeline.sandbox.measure import first_files, process_tree
from synth_pipeline.sandbox.runner import Limits, RunResult
from synth_pipeline.sandbox.supervise import Watch, end_processes, neutral_paths
from synth_pipeline.sandbox.surroundings import launch_command, python_environment


class UnconfinedRunner:
    """Runner without a boundary: limits, a clean environment and an end for the whole session."""

    name = "none"
    isolates = False

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        """Run `main.py` of `folder`; see `Runner.run`."""
        with tempfile.TemporaryDirectory(prefix="synth-home-") as home:
            process = subprocess.Popen(
                launch_command(sys.executable, limits, [sys.executable, "-s", "main.py"]),
                env=python_environment(environment, home=home),
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            ending = Watch(
                process,
                [folder, Path(home)],
                limits,
                pids=lambda: process_tree(process.pid),
                kill=lambda: _kill_session(process.pid),
            ).wait()
            elsewhere = first_files(Path(home), "$TMPDIR")
        output = neutral_paths(ending.output, folder)
        return RunResult(
            finding=ending.breach or describe_ending(ending.return_code, output, limits),
            output=output,
            exit_code=None if ending.breach else ending.return_code,
            wall_s=ending.wall_s,
            peak_memory_bytes=ending.peak_memory_bytes,
            elsewhere=elsewhere,
        )


def _kill_session(leader: int) -> None:
    """End the tree below `leader`, and what has left the tree but not the session's group."""
    end_processes(process_tree(leader))
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
