"""A server on 127.0.0.1 that sends whatever bytes it likes, for as long as it likes.

    with RawServer(lambda send: send(b"HTTP/1.1 200 OK\\r\\n")) as server: ...

`talk` is given a function that sends bytes, and runs once a connection, after the request's
headers and body have come. A client that hangs up ends it.
"""

import contextlib
import re
import socketserver
from collections.abc import Callable
from typing import Any

from synth_pipeline_tests.support.local_server import LocalServer

Send = Callable[[bytes], None]


class RawServer(LocalServer):
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, talk: Callable[[Send], None]) -> None:
        self.connections = 0
        server = _Server(("127.0.0.1", 0), _Handler)
        server.owner, server.talk = self, talk
        super().__init__(server)


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
