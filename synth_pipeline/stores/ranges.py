"""A file-like reader of one version of one S3 object, fetched range by range."""

import io
from typing import BinaryIO, Protocol, cast

READ_AHEAD_BYTES = 64 * 1024


class FetchRange(Protocol):
    """Fetches the bytes from `start` up to, not including, `stop`."""

    def __call__(self, start: int, stop: int) -> bytes:
        """Return exactly `stop - start` bytes of the version the reader was opened on."""
        ...


class RangedReader(io.RawIOBase):
    """Seekable; a read fetches what it asks for and at least `READ_AHEAD_BYTES`.

    The last range is kept, so that many small reads in a row cost few requests. One reader is
    for one thread at a time.
    """

    def __init__(self, size: int, fetch: FetchRange) -> None:
        super().__init__()
        self.size = size
        self._fetch = fetch
        self._position = 0
        self._start = 0
        self._held = b""

    @classmethod
    def opened(cls, size: int, fetch: FetchRange) -> BinaryIO:
        """Return a reader as the type that file-taking functions ask for."""
        return cast(BinaryIO, cls(size, fetch))

    def readable(self) -> bool:
        """Readers can be read."""
        return True

    def seekable(self) -> bool:
        """Readers can seek, and it costs nothing."""
        return True

    def tell(self) -> int:
        """Position of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position; raises ValueError where it would lie before the start."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise ValueError(f"seek to {base + offset}: expected a position from 0")
        self._position = base + offset
        return self._position

    def readinto(self, buffer: object) -> int:
        """Fill the buffer as far as the object goes."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # any writable buffer
        content = self._take(len(view))
        view[: len(content)] = content
        return len(content)

    def readall(self) -> bytes:
        """The rest of the object, by one request."""
        return self._take(max(0, self.size - self._position))

    def _take(self, count: int) -> bytes:
        if self.closed:
            raise ValueError("I/O operation on closed file")
        start = self._position
        stop = min(start + count, self.size)
        if stop <= start:
            return b""
        if start < self._start or stop > self._start + len(self._held):
            ahead = min(max(stop, start + READ_AHEAD_BYTES), self.size)
            self._held = self._fetch(start, ahead)
            self._start = start
        self._position = stop
        return self._held[start - self._start : stop - self._start]
