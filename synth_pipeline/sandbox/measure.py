"""Looks at running code from outside: its folder, its processes, what they take."""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from synth_pipeline.domain.text import visible

_CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
_KIBIBYTE = 1024


@dataclass(frozen=True, slots=True)
class FolderUse:
    """Entries of all kinds below a folder, and the bytes of its files.

    `is_open` is False where a subfolder is too deep or too private to be measured.
    """

    files: int = 0
    size_bytes: int = 0
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class ProcessUse:
    """What some processes take together."""

    threads: int = 0
    resident_bytes: int = 0
    peak_bytes: int = 0
    cpu_s: float = 0.0
    deleted_bytes: int = 0

    def __add__(self, other: "ProcessUse") -> "ProcessUse":
        return ProcessUse(
            self.threads + other.threads,
            self.resident_bytes + other.resident_bytes,
            self.peak_bytes + other.peak_bytes,
            self.cpu_s + other.cpu_s,
            self.deleted_bytes + other.deleted_bytes,
        )


def first_files(folder: Path, shown_as: str, most: int = 10) -> tuple[str, ...]:
    """The first files below a folder as text, with the name by which the code knows it."""
    found: list[str] = []
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files)[: most - len(found)]:
            below = os.path.relpath(os.path.join(parent, name), folder)  # noqa: PTH118
            text = os.fsencode(below).decode("utf-8", "backslashreplace")
            found.append(visible(f"{shown_as}/{text}"))
        if len(found) >= most:
            break
    return tuple(found)


def measure_folders(folders: Iterable[Path], *, stop_above: int) -> FolderUse:
    """Count what lies below the folders; stop once there are more than `stop_above` entries.

    Follows no symbolic link.
    """
    files, size_bytes = 0, 0
    try:
        for status in _entries(folders):
            files += 1
            if stat.S_ISREG(status.st_mode):
                size_bytes += max(status.st_size, status.st_blocks * 512)
            if files > stop_above:
                break
    except _ClosedFolderError:
        return FolderUse(files, size_bytes, is_open=False)
    return FolderUse(files, size_bytes)


class _ClosedFolderError(Exception):
    """A folder exists whose content this process cannot measure."""


def measure_processes(pids: Iterable[int]) -> ProcessUse:
    """Sum up what these processes take; one that has ended counts as nothing."""
    return sum((_measure_process(pid) for pid in pids), ProcessUse())


def process_tree(root: int) -> list[int]:
    """Return `root` and its descendants; only `root` on a kernel without CONFIG_PROC_CHILDREN."""
    tree = [root]
    for pid in tree:  # grows while it is walked
        tree += child_pids(pid)
    return tree


def child_pids(pid: int) -> list[int]:
    """Return the children of every thread of a process."""
    children: list[int] = []
    for thread in _listing(f"/proc/{pid}/task"):
        children += [int(word) for word in _read(f"/proc/{pid}/task/{thread}/children").split()]
    return children


def _entries(folders: Iterable[Path]) -> Iterator[os.stat_result]:
    pending = [os.fspath(folder) for folder in folders]
    while pending:
        try:
            with os.scandir(pending.pop()) as listing:
                for entry in listing:
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(entry.path)
                    yield entry.stat(follow_symlinks=False)
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG}:
                raise _ClosedFolderError from error
            # else it was renamed or removed by the running code meanwhile


def _measure_process(pid: int) -> ProcessUse:
    status = dict(
        line.split(":", 1) for line in _read(f"/proc/{pid}/status").splitlines() if ":" in line
    )
    # the command's name stands in brackets and may hold anything
    times = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    if not times or "VmRSS" not in status:
        return ProcessUse()
    return ProcessUse(
        threads=int(status["Threads"]),
        resident_bytes=int(status["VmRSS"].split()[0]) * _KIBIBYTE,
        peak_bytes=int(status["VmHWM"].split()[0]) * _KIBIBYTE,
        cpu_s=(int(times[11]) + int(times[12])) / _CLOCK_TICKS,
        deleted_bytes=_deleted_bytes(pid),
    )


def _deleted_bytes(pid: int) -> int:
    """Bytes of open files that no folder shows any more."""
    size_bytes = 0
    for number in _listing(f"/proc/{pid}/fd"):
        try:
            status = os.stat(f"/proc/{pid}/fd/{number}")  # noqa: PTH116  # hot, and no real path
        except OSError:  # closed meanwhile
            continue
        if stat.S_ISREG(status.st_mode) and status.st_nlink == 0:
            size_bytes += status.st_blocks * 512
    return size_bytes


def _listing(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208  # hot
    except OSError:
        return []


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:  # noqa: PTH123  # hot
            return file.read()
    except OSError:
        return ""
