"""Says in one sentence how a run failed: which limit it broke, or what exception ended it."""

import re
import signal
from collections.abc import Sequence

from synth_pipeline.domain.finding import Finding, Topic
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
# What the class of an exception says of its cause; the last part of its name.
_TOPICS = {
    "ModuleNotFoundError": Topic.IMPORTS,
    "ImportError": Topic.IMPORTS,
    "NameError": Topic.NAMES,
    "UnboundLocalError": Topic.NAMES,
    "SyntaxError": Topic.SYNTAX,
    "PermissionError": Topic.SURROUNDINGS,
    "URLError": Topic.SURROUNDINGS,
    "gaierror": Topic.SURROUNDINGS,
    "ConnectionError": Topic.SURROUNDINGS,
    "ConnectionRefusedError": Topic.SURROUNDINGS,
    "BlockingIOError": Topic.SURROUNDINGS,
}


def breach_of(
    limits: Limits, *, elapsed_s: float, folder: FolderUse, processes: ProcessUse
) -> Finding | None:
    """Return the first limit that is exceeded, or None."""
    size_bytes = folder.size_bytes + processes.deleted_bytes
    time, files, around = Topic.TIME, Topic.FILES, Topic.SURROUNDINGS
    rules = (
        (limits.is_stopped(), time, "was stopped"),
        (elapsed_s > limits.wall_s, time, f"timed out after {limits.wall_s:g} s"),
        (not folder.is_open, files, "made a folder that cannot be looked into"),
        (folder.files > limits.files, files, f"made more than {limits.files} files"),
        (
            size_bytes > limits.folder_bytes,
            files,
            f"wrote more than {_mib(limits.folder_bytes)} in all",
        ),
        (processes.resident_bytes > limits.memory_bytes, Topic.MEMORY, _too_much_memory(limits)),
        (processes.threads > limits.threads, around, f"started more than {limits.threads} threads"),
        (processes.cpu_s > limits.cpu_s + 1, time, _too_much_processor_time(limits)),
    )
    broken = (Finding(topic, sentence) for is_broken, topic, sentence in rules if is_broken)
    return next(broken, None)


def describe_ending(exit_code: int, output: str, limits: Limits) -> Finding | None:
    """Return why a run that nobody stopped failed, or None for exit code 0.

    A negative `exit_code`, or one above 128 that names a signal, is death by that signal.
    """
    if exit_code == 0:
        return None
    number, reason = signal_of(exit_code), last_error(output)
    if number == signal.SIGXCPU:
        return Finding(Topic.TIME, _too_much_processor_time(limits))
    if number == signal.SIGXFSZ or _FILE_TOO_LARGE.search(reason):
        return Finding(Topic.FILES, f"wrote more than {_mib(limits.file_bytes)} to one file")
    if _OUT_OF_MEMORY.search(reason):
        return Finding(Topic.MEMORY, _shorten(f"{_too_much_memory(limits)}: {reason}"))
    if number is not None:
        return Finding(Topic.CRASH, f"was killed by signal {number.value} ({number.name})")
    sentence = _shorten(f"exited with code {exit_code}" + (f": {reason}" if reason else ""))
    return Finding(_topic_of(reason), sentence)


def _topic_of(reason: str) -> Topic:
    """What the class of the exception that `reason` begins with is about."""
    return _TOPICS.get(reason.partition(":")[0].strip().rpartition(".")[2], Topic.CRASH)


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
