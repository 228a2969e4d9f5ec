"""The protocol of an object store: whole objects under `/`-separated keys, published atomically."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Protocol


class ObjectStore(Protocol):
    """A folder or an S3 prefix; every method raises StoreError when the store fails."""

    def uri(self, key: str) -> str:
        """Where the object lies: a path or an `s3://` address."""
        ...

    def check(self) -> None:
        """Raise UnavailableError, naming what to set, where objects cannot be written."""
        ...

    def size(self, key: str) -> int | None:
        """Bytes of the object, None where there is none."""
        ...

    def read(self, key: str) -> bytes:
        """The whole object; raises NotFoundError where there is none."""
        ...

    def open(self, key: str) -> BinaryIO:
        """A seekable reader that fetches only the ranges read; NotFoundError where none."""
        ...

    def put(self, key: str, content: bytes | Path, tags: Mapping[str, str] | None = None) -> None:
        """Publish an object: readers see the old one or all of the new one."""
        ...

    def update(self, key: str, change: Callable[[bytes | None], bytes]) -> bytes:
        """Replace an object by `change(old content or None)`; return the new content.

        No other `update` of the same object is lost; `change` may be called several times.
        """
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """Keys that start with `prefix`, in order."""
        ...

    def children(self, prefix: str) -> Iterator[str]:
        """Names of the folders directly below `prefix` (which is empty or ends in `/`)."""
        ...

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects; one that is already gone is no error."""
        ...
