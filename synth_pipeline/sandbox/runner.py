"""The protocol of a runner and its limits: how untrusted generator code is executed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from synth_pipeline.domain.finding import Finding

MEBIBYTE = 1024 * 1024


def never() -> bool:
    """Nobody asks for an early end."""
    return False


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may take before it and everything it started is killed.

    `is_stopped` is asked all the while; once it says so, the run ends as if over a limit.
    """

    wall_s: float
    cpu_s: int = 120
    memory_bytes: int = 3072 * MEBIBYTE
    file_bytes: int = 512 * MEBIBYTE
    folder_bytes: int = 1024 * MEBIBYTE
    threads: int = 64
    files: int = 1000
    is_stopped: Callable[[], bool] = never


@dataclass(frozen=True, slots=True)
class RunResult:
    """How one run ended.

    `finding` is None for exit code 0 within all limits, else it names the limit or the exit
    code. `output` is the tail of stdout and stderr, at most 16 kB. `elsewhere` names the first
    files that were written outside of the working folder, as the code saw them.
    """

    finding: Finding | None
    output: str
    exit_code: int | None
    wall_s: float
    peak_memory_bytes: int
    elsewhere: tuple[str, ...] = ()

    @property
    def failure(self) -> str | None:
        """How it failed, in one sentence; None where it did not."""
        return self.finding.message if self.finding else None


class Runner(Protocol):
    """Runs `python main.py` in a folder, with nothing else of the machine in reach."""

    @property
    def name(self) -> str:
        """`bubblewrap`, `sandlock` or `none`."""
        ...

    @property
    def isolates(self) -> bool:
        """False for the runner that only limits and does not confine."""
        ...

    def run(self, folder: Path, environment: Mapping[str, str], limits: Limits) -> RunResult:
        """Run `main.py` of `folder`, which is also the working folder, and wait for its end.

        The folder is the only writable place the code sees. What lies in it afterwards belongs to
        the caller and may be anything (links, FIFOs, set-user-id files): make it for this run,
        private (`tempfile.mkdtemp`), and open only what is a plain file.

        `environment` is the whole environment but for what the interpreter needs. Raises
        SandboxError where the sandbox itself cannot start; whatever the code does wrong is in
        the result.
        """
        ...
