"""A server on 127.0.0.1 that sends whatever bytes it likes, for as long as it likes.

    with RawServer(lambda send: send(b"HTTP/1.1 200 OK\\r\\n")) as server: ...

`talk` is given a function that sends bytes, and runs once a connection, after the request's
headers and body have come. A client that hangs up ends it.
"""

import contextlib
import re
import socketserver
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

Send = Callable[[bytes], None]


class RawServer:
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, talk: Callable[[Send], None]) -> None:
        self.closing = threading.Event()
        self.connections = 0
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner, self._server.talk = self, talk
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    owner: RawServer
    talk: Callable[[Send], None]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is part of the script."""


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        self.server.owner.connections += 1
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.rfile.readline() or b"\r\n\r\n"
        length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
        self.rfile.read(int(length[1]) if length else 0)
        with contextlib.suppress(OSError):
            self.server.talk(self._send)

    def _send(self, data: bytes) -> None:
        if self.server.owner.closing.is_set():
            raise ConnectionAbortedError
        self.connection.sendall(data)
