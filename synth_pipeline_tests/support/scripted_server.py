"""A model's endpoint on 127.0.0.1 that answers from a script, whatever its wire.

What is the same for every provider: replies and how they go wrong, requests as they are recorded,
the server. How a provider spells them lies in `scripted_bedrock` and `scripted_openai`. A reply
whose body is a completion is streamed where the request asks for that.
"""

import itertools
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from synth_pipeline_tests.support.local_server import LocalServer

_MACHINE_LINE = re.compile(r'^Machine: "(?P<name>.+)"$', re.MULTILINE)
_DELTAS = 5  # of each text in a stream
# A slow reply ends when the server does; this only bounds a test that never closes it.
_LONGEST_SILENCE_S = 60
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Then(Enum):
    """How a stream goes on after the events that come in good order."""

    ENDS = auto()  # as if it were complete
    BREAKS = auto()  # amid the next event, by a reset
    FALLS_SILENT = auto()
    FAILS = auto()  # with an error as an event


@dataclass(frozen=True)
class Reply:
    """One scripted answer: a status with a body, a broken connection or silence.

    Where it is streamed, `after` events come, then what `then` says; below 0 it counts from the
    end. `chunk_bytes` cuts the stream into HTTP chunks of that size, `pause_s` passes before each
    chunk, and `tells_usage_first` puts the count of tokens before the words.
    """

    body: bytes
    status: int = 200
    error_type: str | None = None
    drops_connection: bool = False
    stays_silent: bool = False
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: int | None = None
    then: Then = Then.ENDS
    pause_s: float = 0.0
    chunk_bytes: int | None = None
    failure: "Reply | None" = None
    tells_usage_first: bool = False


@dataclass(frozen=True)
class Request:
    """One recorded request of a completion."""

    model_id: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    is_streamed: bool = False

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Role and text of every message."""
        return [(m["role"], _text_of(m["content"])) for m in self.payload["messages"]]

    @property
    def first_text(self) -> str:
        return self.texts[0][1]

    @property
    def last_text(self) -> str:
        return self.texts[-1][1]

    @property
    def machine(self) -> str | None:
        """The machine a code prompt is about; None for a list prompt."""
        match = _MACHINE_LINE.search(self.first_text)
        return match["name"] if match else None


def _text_of(content: str | Sequence[Mapping[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    return "".join(block["text"] for block in content if "text" in block)


Script = Sequence[Reply] | Callable[[Request], Reply]


# --- replies that are the same on every wire ---------------------------------------------------


def answer(body: object) -> Reply:
    """Status 200 with any JSON body."""
    return Reply(json.dumps(body).encode())


def garbage(body: bytes = b"<html>502</html>", content_type: str = "text/html") -> Reply:
    """Status 200 with a body that is no JSON."""
    return Reply(body, content_type=content_type)


def dropped() -> Reply:
    """The connection is closed without an answer."""
    return Reply(b"", drops_connection=True)


def silent() -> Reply:
    """No answer until the server closes, so that a client runs into its read timeout."""
    return Reply(b"", stays_silent=True)


def slow(reply: Reply, pause_s: float) -> Reply:
    """The same, with a pause before each chunk of its stream, which is an event if not cut."""
    return replace(reply, pause_s=pause_s)


def chunked(reply: Reply, chunk_bytes: int) -> Reply:
    """The same, in HTTP chunks that end anywhere, amid a character too."""
    return replace(reply, chunk_bytes=chunk_bytes)


def ending(reply: Reply, after: int) -> Reply:
    """The same stream, ended in good order after so many events."""
    return replace(reply, after=after, then=Then.ENDS)


def breaking(reply: Reply, after: int) -> Reply:
    """The same stream, reset amid the event after so many."""
    return replace(reply, after=after, then=Then.BREAKS)


def falling_silent(reply: Reply, after: int) -> Reply:
    """The same stream, with nothing after so many events, and the connection open."""
    return replace(reply, after=after, then=Then.FALLS_SILENT)


def failing(reply: Reply, after: int, failure: Reply) -> Reply:
    """The same stream, with an error as the event after so many."""
    return replace(reply, after=after, then=Then.FAILS, failure=failure)


def usage_first(reply: Reply) -> Reply:
    """The same stream, with the count of tokens before the words."""
    return replace(reply, tells_usage_first=True)


def pieces_of(text: str) -> list[str]:
    """A text as the deltas of a stream."""
    size = max(1, -(-len(text) // _DELTAS))
    return [text[start : start + size] for start in range(0, len(text), size)]


# --- the server --------------------------------------------------------------------------------


class Act(Enum):
    """What a handler does beside sending bytes and waiting; each ends the connection."""

    HANG_UP = auto()
    RESET = auto()
    HANG = auto()


class Torn(bytes):
    """The first half of a chunk, whose other half never comes."""


Step = bytes | float | Act


@dataclass(frozen=True)
class Performance:
    """An HTTP response as the handler performs it: bytes to send, seconds to wait, acts.

    Each piece of bytes is a chunk where `is_chunked`, else part of a body of known length.
    """

    status: int
    headers: Mapping[str, str]
    steps: Sequence[Step]
    is_chunked: bool = False


class ScriptedServer(LocalServer):
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, script: Script, out_of_script: Callable[[int], Reply]) -> None:
        self.requests: list[Request] = []
        is_function = callable(script)
        self._answer = script if is_function else _in_order(script, out_of_script(len(script)))
        self._lock = threading.Lock()
        server = _Server(("127.0.0.1", 0), _Handler)
        server.scripted = self
        super().__init__(server)

    def perform(self, path: str, headers: Mapping[str, str], body: bytes) -> Performance:
        """What becomes of one POST; the provider's."""
        raise NotImplementedError

    def respond(self, request: Request) -> Reply:
        """Record a request and choose its reply."""
        with self._lock:
            self.requests.append(request)
        return self._answer(request)

    def keep_silent(self, seconds: float = _LONGEST_SILENCE_S) -> None:
        """Wait, at most until the server closes."""
        self.closing.wait(seconds)


def plain(reply: Reply, headers: Mapping[str, str]) -> Performance:
    """A reply with its body as a whole, or without one."""
    told = {"Content-Type": reply.content_type, **headers, **reply.headers}
    if reply.stays_silent:
        return Performance(0, {}, [Act.HANG])
    if reply.drops_connection:
        return Performance(0, {}, [Act.HANG_UP])
    return Performance(reply.status, told, [reply.body])


def streamed(
    reply: Reply, content_type: str, events: Sequence[bytes], error: Callable[[Reply], bytes]
) -> Performance:
    """A reply as a stream of its events, in the course that it asks for."""
    good = list(events) if reply.after is None else list(events[: reply.after])
    steps: list[Step] = [*good]
    if reply.then is Then.BREAKS:
        following = events[len(good)]
        steps += [Torn(following[: len(following) // 2]), Act.RESET]
    if reply.then is Then.FALLS_SILENT:
        steps.append(Act.HANG)
    if reply.then is Then.FAILS and reply.failure is not None:
        steps.append(error(reply.failure))
    if reply.chunk_bytes is not None:
        steps = list(_cut(steps, reply.chunk_bytes))
    if reply.pause_s:
        steps = [part for step in steps for part in (reply.pause_s, step)]
    return Performance(200, {"Content-Type": content_type, **reply.headers}, steps, True)


def _cut(steps: Sequence[Step], size: int) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, bytes) and not isinstance(step, Torn):
            yield from (step[start : start + size] for start in range(0, len(step), size))
        else:
            yield step


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    scripted: ScriptedServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        performance = self.server.scripted.perform(self.path, dict(self.headers), body)
        if performance.status:
            self._begin(performance)
        for step in performance.steps:
            if isinstance(step, bytes):
                self._send(step, performance.is_chunked)
            elif isinstance(step, float):
                self.server.scripted.keep_silent(step)
            else:
                self._give_up(step)
                return
        if performance.is_chunked:
            self.wfile.write(b"0\r\n\r\n")

    def _begin(self, performance: Performance) -> None:
        self.send_response(performance.status)
        for name, value in performance.headers.items():
            self.send_header(name, value)
        if performance.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            length = sum(len(step) for step in performance.steps if isinstance(step, bytes))
            self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, piece: bytes, is_chunked: bool) -> None:
        if isinstance(piece, Torn):
            self.wfile.write(b"%x\r\n%b" % (2 * len(piece), piece))
        else:
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if is_chunked else piece)

    def _give_up(self, act: Act) -> None:
        self.close_connection = True
        if act is Act.HANG:
            self.server.scripted.keep_silent()
        if act is Act.RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


def _in_order(replies: Sequence[Reply], end: Reply) -> Callable[[Request], Reply]:
    remaining = itertools.chain(replies, itertools.repeat(end))
    lock = threading.Lock()

    def answer_next(_request: Request) -> Reply:
        with lock:
            return next(remaining)

    return answer_next
