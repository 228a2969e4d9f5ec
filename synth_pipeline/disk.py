"""Files on a local disk: replaced as a whole, and proof that a folder takes files.

What the files mean is not known here; the stores, the registry file and exports build on it.
"""

import contextlib
import os
import secrets
import shutil
import time
from pathlib import Path

TEMPORARY_PREFIX = ".tmp-"
STALE_AFTER_S = 24 * 3600
_ATTEMPTS = 5  # a folder can vanish between making it and writing into it: delete() prunes


def replace_file(path: Path, content: bytes | Path) -> None:
    """Put a file in place so that readers see the old one or all of the new one.

    The file is written beside its place, flushed to the disk and renamed. Raises OSError,
    with nothing left behind.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            _write_beside(path, content)
        except FileNotFoundError:
            if attempt == _ATTEMPTS or path.parent.exists():
                raise
        else:
            return


def prove_writable(folder: Path) -> None:
    """Make the folder where it is missing and prove that it takes files.

    Raises OSError, and then leaves no folder behind that was not there before.
    """
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = _temporary_beside(folder / "probe")
        os.close(_create(probe))
        probe.unlink()
    except OSError:
        for place in missing:
            with contextlib.suppress(OSError):
                place.rmdir()
        raise


def _write_beside(path: Path, content: bytes | Path) -> None:
    temporary = _temporary_beside(path)
    try:
        with os.fdopen(_create(temporary), "wb") as target:
            if isinstance(content, bytes):
                target.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, target, 1024 * 1024)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)
    _sweep(path)


def _temporary_beside(path: Path) -> Path:
    return path.with_name(f"{TEMPORARY_PREFIX}{path.name}-{secrets.token_hex(6)}")


def _create(path: Path) -> int:
    # 0o666 less the umask, as for any file the user makes; mkstemp would force 0o600
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(path: Path) -> None:
    """Drop what a writer of the same file that was killed left behind a day ago or earlier."""
    oldest = time.time() - STALE_AFTER_S
    for left_over in path.parent.glob(f"{TEMPORARY_PREFIX}{path.name}-*"):
        with contextlib.suppress(OSError):
            if left_over.stat().st_mtime < oldest:
                left_over.unlink()
