"""Says in one sentence how a run failed: which limit it broke, or what exception ended it."""

import re
import signal
from collections.abc import Sequence

from synth_pipeline.sandbox.measure import FolderUse, ProcessUse
from synth_pipeline.sandbox.runner import MEBIBYTE, Limits

_MAX_REASON_LENGTH = 400
_SHELL_SIGNAL_BASE = 128
_TRACEBACK = "Traceback (most recent call last):"
_EXCEPTION_LINE = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning)\b.*")
_OUT_OF_MEMORY = re.compile(
    r"MemoryError|bad_alloc|Cannot allocate memory|alloc of size|can't start new thread"
)
_FILE_TOO_LARGE = re.compile(r"File too large|\[Errno 27\]")


def breach_of(
    limits: Limits, *, elapsed_s: float, folder: FolderUse, processes: ProcessUse
) -> str | None:
    """Return the sentence for the first limit that is exceeded, or None."""
    size_bytes = folder.size_bytes + processes.deleted_bytes
    rules = (
        (limits.is_stopped(), "was stopped"),
        (elapsed_s > limits.wall_s, f"timed out after {limits.wall_s:g} s"),
        (not folder.is_open, "made a folder that cannot be looked into"),
        (folder.files > limits.files, f"made more than {limits.files} files"),
        (size_bytes > limits.folder_bytes, f"wrote more than {_mib(limits.folder_bytes)} in all"),
        (processes.resident_bytes > limits.memory_bytes, _too_much_memory(limits)),
        (processes.threads > limits.threads, f"started more than {limits.threads} threads"),
        (processes.cpu_s > limits.cpu_s + 1, _too_much_processor_time(limits)),
    )
    return next((sentence for is_broken, sentence in rules if is_broken), None)


def describe_ending(exit_code: int, output: str, limits: Limits) -> str | None:
    """Return why a run that nobody stopped failed, or None for exit code 0.

    A negative `exit_code`, or one above 128 that names a signal, is death by that signal.
    """
    if exit_code == 0:
        return None
    number, reason = signal_of(exit_code), last_error(output)
    if number == signal.SIGXCPU:
        return _too_much_processor_time(limits)
    if number == signal.SIGXFSZ or _FILE_TOO_LARGE.search(reason):
        return f"wrote more than {_mib(limits.file_bytes)} to one file"
    if _OUT_OF_MEMORY.search(reason):
        return _shorten(f"{_too_much_memory(limits)}: {reason}")
    if number is not None:
        return f"was killed by signal {number.value} ({number.name})"
    return _shorten(f"exited with code {exit_code}" + (f": {reason}" if reason else ""))


def _too_much_memory(limits: Limits) -> str:
    return f"used more than {_mib(limits.memory_bytes)} of memory"


def _too_much_processor_time(limits: Limits) -> str:
    return f"used more than {limits.cpu_s} s of processor time"


def signal_of(exit_code: int) -> signal.Signals | None:
    """Return the signal an exit code stands for, in either convention."""
    number = -exit_code if exit_code < 0 else exit_code - _SHELL_SIGNAL_BASE
    try:
        return signal.Signals(number)
    except ValueError:
        return None


def last_error(output: str) -> str:
    """Return the line of `output` that names the last exception, or else its last line."""
    lines = [line.rstrip() for line in output.splitlines() if line.strip()]
    return _after_traceback(lines) or _last_exception(lines) or (lines[-1] if lines else "").strip()


def _after_traceback(lines: Sequence[str]) -> str:
    if _TRACEBACK not in lines:
        return ""
    start = len(lines) - lines[::-1].index(_TRACEBACK)
    return next((line for line in lines[start:] if not line.startswith(" ")), "")


def _last_exception(lines: Sequence[str]) -> str:
    return next((line for line in reversed(lines) if _EXCEPTION_LINE.fullmatch(line)), "")


def _mib(size_bytes: int) -> str:
    return f"{size_bytes // MEBIBYTE} MiB"


def _shorten(sentence: str) -> str:
    if len(sentence) <= _MAX_REASON_LENGTH:
        return sentence
    return f"{sentence[: _MAX_REASON_LENGTH - 3]}..."
