"""Objects in a local folder, for one machine or a shared disk; S3 is in `storage.s3`."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from synth_pipeline.disk import prove_writable, replace_file
from synth_pipeline.domain.errors import NotFoundError, StoreError, UnavailableError


class LocalObjects:
    """One file an object, under `root`; names with a leading dot are the store's own."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()

    def uri(self, key: str) -> str:
        """The absolute path of the object."""
        return str(self._path(key))

    def check(self) -> None:
        """Make the root where it is missing and prove it writable; see ObjectStore."""
        try:
            prove_writable(self.root)
        except OSError as error:
            raise UnavailableError(
                f"SYNTH_STORE {self.root}: cannot be written: {_reason(error)}; "
                "set SYNTH_STORE to a folder you can write or to s3://bucket/prefix"
            ) from error

    def size(self, key: str) -> int | None:
        """Bytes of the object, None where there is none."""
        path = self._path(key)
        with self._failures(key, "read"):
            try:
                return path.stat().st_size if path.is_file() else None
            except FileNotFoundError:
                return None

    def read(self, key: str) -> bytes:
        """The whole object."""
        with self._failures(key, "read"):
            return self._path(key).read_bytes()

    def open(self, key: str) -> BinaryIO:
        """A reader of the version that is there now, whatever is published meanwhile."""
        with self._failures(key, "read"):
            return self._path(key).open("rb")

    def put(self, key: str, content: bytes | Path, tags: Mapping[str, str] | None = None) -> None:  # noqa: ARG002 - a folder has no tags
        """Publish by a rename within the folder."""
        with self._failures(key, "written"):
            replace_file(self._path(key), content)

    def update(self, key: str, change: Callable[[bytes | None], bytes]) -> bytes:
        """Replace an object under one lock for the whole store; see ObjectStore."""
        with self._failures(key, "written"), self._lock():
            path = self._path(key)
            old = path.read_bytes() if path.exists() else None
            new = change(old)
            if new != old:
                replace_file(path, new)
            return new

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with `prefix`, in order."""
        with self._failures(prefix, "read"):
            yield from sorted(self._walk(prefix))

    def children(self, prefix: str) -> Iterator[str]:
        """Names of the folders directly below `prefix` that hold an object."""
        with self._failures(prefix, "read"):
            folder = self._path(prefix.rstrip("/")) if prefix else self.root
            places = sorted(folder.iterdir()) if folder.is_dir() else []
            for place in places:
                below = self._walk(f"{prefix}{place.name}/")
                if _is_visible(place.name) and place.is_dir() and next(below, None) is not None:
                    yield place.name

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects, and the folders that are left empty."""
        for key in keys:
            path = self._path(key)
            with self._failures(key, "deleted"):
                path.unlink(missing_ok=True)
            for folder in path.relative_to(self.root).parents[:-1]:
                with contextlib.suppress(OSError):  # not empty, or gone
                    (self.root / folder).rmdir()

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if "\0" in key or not all(_is_visible(part) for part in parts):
            raise StoreError(
                f"object key {key!r}: expected names without a leading '.', parted by single '/'"
            )
        return self.root.joinpath(*parts)

    def _walk(self, prefix: str) -> Iterator[str]:
        above, _, _ = prefix.rpartition("/")
        base = self._path(above) if above else self.root
        for folder, folders, files in os.walk(base, onerror=_raise_unless_gone):
            folders[:] = filter(_is_visible, folders)
            place = Path(folder).relative_to(self.root)
            for key in ((place / name).as_posix() for name in files if _is_visible(name)):
                if key.startswith(prefix):
                    yield key

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        folder = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # ends with the descriptor, so with the process
            yield
        finally:
            os.close(folder)

    @contextlib.contextmanager
    def _failures(self, key: str, done: str) -> Iterator[None]:
        try:
            yield
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            if done == "read":
                raise NotFoundError(f"{self.root / key}: no such object") from error
            raise StoreError(f"{self.root / key}: cannot be {done}: {_reason(error)}") from error
        except OSError as error:
            raise StoreError(f"{self.root / key}: cannot be {done}: {_reason(error)}") from error


def _is_visible(name: str) -> bool:
    return bool(name) and not name.startswith(".")


def _reason(error: OSError) -> str:
    return error.strerror or str(error)


def _raise_unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
