"""Watches one running process from outside: its clock, its folder, its memory, its output.

What starts the process and what confines it is the runners' own; this part is the same for all.
"""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.domain.errors import SandboxError
from synth_pipeline.domain.finding import Finding
from synth_pipeline.sandbox.failure import breach_of
from synth_pipeline.sandbox.measure import (
    ProcessUse,
    measure_folders,
    measure_processes,
)
from synth_pipeline.sandbox.runner import Limits

OUTPUT_TAIL_BYTES = 16 * 1024
_POLL_S = 0.03
_DEATH_S = 5.0
_CHUNK_BYTES = 64 * 1024
_LAST_WORDS_BYTES = 1024 * 1024  # a full pipe may hold this much after its writer's death


@dataclass(frozen=True, slots=True)
class Ending:
    """How the watched process ended; `breach` names the limit it was stopped for."""

    breach: Finding | None
    return_code: int
    output: str
    wall_s: float
    peak_memory_bytes: int


class Watch:
    """One process under watch, from its start to the end of everything it started.

    `folders` are what it can write to, `pids` names the processes that count against the
    limits, `kill` ends all of them.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        folders: Sequence[Path],
        limits: Limits,
        *,
        pids: Callable[[], Iterable[int]],
        kill: Callable[[], None],
    ) -> None:
        self._process, self._folders, self._limits = process, folders, limits
        self._pids, self._kill = pids, kill
        self._started = time.monotonic()
        self._tail = b""
        self._peak_bytes = 0

    def wait(self) -> Ending:
        """Wait until the process ends or breaks a limit, and leave nothing of it running."""
        try:
            breach = self._watch()
        finally:
            self._kill()
            _, status = os.waitpid(self._process.pid, 0)
            self._process.returncode = os.waitstatus_to_exitcode(status)
            wall_s = time.monotonic() - self._started
        self._read_last_words()
        return Ending(
            breach=breach or self._breach(ProcessUse(), elapsed_s=0.0),
            return_code=self._process.returncode,
            output=self._tail.decode("utf-8", "replace"),
            wall_s=wall_s,
            # as last seen: `ru_maxrss` of wait4 counts the memory of whoever started it
            peak_memory_bytes=self._peak_bytes,
        )

    def _watch(self) -> Finding | None:
        """Return the first breach, or None when the process ended by itself."""
        end = os.pidfd_open(self._process.pid)
        try:
            poller = select.poll()
            poller.register(self._output, select.POLLIN)
            poller.register(end, select.POLLIN)
            return self._poll_until_end(poller, end)
        finally:
            os.close(end)

    def _poll_until_end(self, poller: select.poll, end: int) -> Finding | None:
        next_look = time.monotonic()
        while True:
            wait_s = max(next_look - time.monotonic(), 0.0)
            ready = {descriptor for descriptor, _ in poller.poll(wait_s * 1000)}
            if end in ready:
                return None
            if self._output in ready and not self._read_output():
                poller.unregister(self._output)
            if time.monotonic() >= next_look:
                breach = self._look()
                if breach:
                    return breach
                next_look = time.monotonic() + _POLL_S

    def _look(self) -> Finding | None:
        use = measure_processes(self._pids())
        self._peak_bytes = max(self._peak_bytes, use.peak_bytes)
        return self._breach(use, elapsed_s=time.monotonic() - self._started)

    def _breach(self, use: ProcessUse, *, elapsed_s: float) -> Finding | None:
        folders = measure_folders(self._folders, stop_above=self._limits.files)
        return breach_of(self._limits, elapsed_s=elapsed_s, folder=folders, processes=use)

    @property
    def _output(self) -> int:
        assert self._process.stdout is not None  # noqa: S101  # every runner pipes it
        return self._process.stdout.fileno()

    def _read_output(self) -> int:
        """Keep the tail of what is there to read; return its length, 0 at the end."""
        chunk = os.read(self._output, _CHUNK_BYTES)
        self._tail = (self._tail + chunk)[-OUTPUT_TAIL_BYTES:]
        return len(chunk)

    def _read_last_words(self) -> None:
        """Empty the pipe without waiting: someone the kill could not reach may still hold it."""
        os.set_blocking(self._output, False)
        left = _LAST_WORDS_BYTES
        try:
            while left > 0:
                length = self._read_output()
                left -= length or left
        except BlockingIOError:
            pass
        finally:
            assert self._process.stdout is not None  # noqa: S101
            self._process.stdout.close()


def end_processes(pids: Iterable[int]) -> None:
    """Kill these processes and return when they are gone; raise SandboxError where one is not."""
    handles: dict[int, int] = {}
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            handles[pid] = os.pidfd_open(pid)
    try:
        for handle in handles.values():
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        for pid, handle in handles.items():
            await_end(pid, handle)
    finally:
        for handle in handles.values():
            os.close(handle)


def await_end(pid: int, handle: int) -> None:
    """Wait for the end of a process that was sent SIGKILL; `handle` is its pidfd."""
    waiter = select.poll()
    waiter.register(handle, select.POLLIN)
    if not waiter.poll(_DEATH_S * 1000):
        raise SandboxError(
            f"sandbox: process {pid} did not end within {_DEATH_S:g} s of SIGKILL; "
            "look for it with ps"
        )


def neutral_paths(output: str, folder: Path) -> str:
    """Replace what tells of this host in a program's output: the folder becomes `/work`."""
    prefixes = {os.fspath(folder): "/work", os.fspath(folder.resolve()): "/work"}
    prefixes |= {sys.prefix: "/python", sys.base_prefix: "/python"}
    for path in sorted(prefixes, key=len, reverse=True):
        output = output.replace(path, prefixes[path]) if path != "/usr" else output
    return output
