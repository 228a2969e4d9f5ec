"""A Bedrock Runtime endpoint on 127.0.0.1 that answers Converse requests from a script.

No client is patched anywhere: tests point boto3 at `server.url`, and a CLI in another process
is given `server.environment()`. Requests are recorded in `server.requests`.

    with ScriptedBedrock([say("1. Lathe"), throttled(), say(code)]) as server:   # in this order
        ...
    with ScriptedBedrock(lambda request: say(request.last_text)) as server:      # a function
        ...
    book = PlayBook(
        names=["Plasma Etcher", "Diffusion Furnace"],            # answers every list prompt
        programs={"Plasma Etcher": [bad_code, good_code]},       # by machine, by turn
        otherwise=[good_code],                                   # any other machine
    )
    with ScriptedBedrock(book) as server:
        subprocess.run(["synth", ...], env={**os.environ, **server.environment()})
    assert book.turns == {"Plasma Etcher": 2, "Diffusion Furnace": 1}

In a `PlayBook` a program may be source (put in a fence), a whole reply (with a fence) or a
`Reply`; the last one of a machine is repeated. A script that runs out answers 400.
"""

import itertools
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

_CONVERSE = re.compile(r"/model/(?P<model>[^/]+)/converse")
_MACHINE_LINE = re.compile(r'^Machine: "(?P<name>.+)"$', re.MULTILINE)
# A slow reply ends when the server does; this only bounds a test that never closes it.
_LONGEST_SILENCE_S = 60


@dataclass(frozen=True)
class Reply:
    """One scripted answer: a status with a body, a broken connection or silence."""

    body: bytes
    status: int = 200
    error_type: str | None = None
    drops_connection: bool = False
    stays_silent: bool = False


@dataclass(frozen=True)
class Request:
    """One recorded Converse request."""

    model_id: str
    payload: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Role and text of every message."""
        return [
            (message["role"], "\n".join(block["text"] for block in message["content"]))
            for message in self.payload["messages"]
        ]

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


Script = Sequence[Reply] | Callable[[Request], Reply]


def say(
    text: str = "",
    *,
    stop_reason: str = "end_turn",
    content: Sequence[Mapping[str, Any]] | None = None,
    tokens: tuple[int, int] = (100, 200),
    latency_ms: int = 1500,
) -> Reply:
    """A Converse response with one text block, or with the content blocks given."""
    blocks = [{"text": text}] if content is None else list(content)
    return answer(
        {
            "output": {"message": {"role": "assistant", "content": blocks}},
            "stopReason": stop_reason,
            "usage": {
                "inputTokens": tokens[0],
                "outputTokens": tokens[1],
                "totalTokens": sum(tokens),
            },
            "metrics": {"latencyMs": latency_ms},
        }
    )


def answer(body: object) -> Reply:
    """Status 200 with any JSON body."""
    return Reply(json.dumps(body).encode())


def fail(status: int, error_type: str, message: str = "no details") -> Reply:
    """An AWS error as Bedrock sends it."""
    return Reply(json.dumps({"message": message}).encode(), status, error_type)


def throttled() -> Reply:
    return fail(429, "ThrottlingException", "Too many tokens, please wait before trying again.")


def garbage(body: bytes = b"<html>502</html>") -> Reply:
    """Status 200 with a body that is no JSON."""
    return Reply(body)


def dropped() -> Reply:
    """The connection is closed without an answer."""
    return Reply(b"", drops_connection=True)


def silent() -> Reply:
    """No answer until the server closes, so that a client runs into its read timeout."""
    return Reply(b"", stays_silent=True)


def fenced(code: str) -> str:
    return f"```python\n{code.rstrip()}\n```\n\nThere are no mistakes.\n"


def numbered(names: Sequence[str]) -> str:
    lines = "\n".join(f"{number}. {name}" for number, name in enumerate(names, start=1))
    return f"```text\n{lines}\n```"


@dataclass
class PlayBook:
    """A script by machine; `turns` counts the requests of each, `""` those for lists."""

    names: Sequence[str] = ()
    programs: Mapping[str, Sequence[str | Reply]] = field(default_factory=dict)
    otherwise: Sequence[str | Reply] = ()
    turns: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Reply:
        machine = request.machine
        with self._lock:
            turn = self.turns[machine or ""]
            self.turns[machine or ""] += 1
        if machine is None:
            # Names after "exist already" in the prompt are taken; a real model leaves them out.
            free = [name for name in self.names if f'"{name}"' not in request.last_text]
            return say(numbered(free))
        replies = self.programs.get(machine, self.otherwise)
        if not replies:
            return fail(400, "ValidationException", f"the play book has no {machine!r}")
        reply = replies[min(turn, len(replies) - 1)]
        if isinstance(reply, Reply):
            return reply
        return say(reply if "```" in reply else fenced(reply))


class ScriptedBedrock:
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, script: Script) -> None:
        self.requests: list[Request] = []
        self._answer = script if callable(script) else _in_order(script)
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.scripted = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def environment(self) -> dict[str, str]:
        """Variables that send a process here and keep it from any other AWS account."""
        return {
            "AWS_ENDPOINT_URL_BEDROCK_RUNTIME": self.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIASCRIPTEDBEDROCK",
            "AWS_SECRET_ACCESS_KEY": "scripted-secret-key",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/nonexistent/config",
            "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent/credentials",
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, request: Request) -> Reply:
        """Record a request and choose its reply."""
        with self._lock:
            self.requests.append(request)
        return self._answer(request)

    def keep_silent(self) -> None:
        """Wait until the server closes."""
        self._closing.wait(_LONGEST_SILENCE_S)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    scripted: ScriptedBedrock

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is part of the script."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        match = _CONVERSE.fullmatch(self.path)
        if match is None:
            self._send(fail(404, "UnknownOperationException", self.path))
            return
        request = Request(unquote(match["model"]), json.loads(body), dict(self.headers))
        reply = self.server.scripted.respond(request)
        if reply.stays_silent:
            self.server.scripted.keep_silent()
        if reply.stays_silent or reply.drops_connection:
            self.close_connection = True
            return
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.error_type:
            self.send_header("x-amzn-ErrorType", f"{reply.error_type}:http://internal.amazon.com/")
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep the test's output clean."""


def _in_order(replies: Sequence[Reply]) -> Callable[[Request], Reply]:
    end = fail(400, "ValidationException", f"the script has only {len(replies)} replies")
    remaining = itertools.chain(replies, itertools.repeat(end))
    lock = threading.Lock()

    def answer_next(_request: Request) -> Reply:
        with lock:
            return next(remaining)

    return answer_next
