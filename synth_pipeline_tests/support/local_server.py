"""What the servers of the tests share: a free port of 127.0.0.1, a thread, an end."""

import socketserver
import threading
from types import TracebackType
from typing import Self


class LocalServer:
    """Serves in a thread between entering and leaving; `closing` is set before it ends."""

    def __init__(self, server: socketserver.TCPServer) -> None:
        self.closing = threading.Event()
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, args=(0.02,))

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
