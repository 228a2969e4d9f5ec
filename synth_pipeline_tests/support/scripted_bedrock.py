"""A Bedrock Runtime endpoint on 127.0.0.1 that answers Converse requests from a script.

No client is patched anywhere: tests point boto3 at `server.url`, and a CLI in another process
is given `server.environment()`. Requests are recorded in `server.requests`. The same replies serve
`converse` and, as events of an AWS event stream, `converse_stream`.

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
`Reply`; the last one of a machine is repeated. A script that runs out answers 400. An endpoint
without streams answers `converse_stream` with `without_streams` and records no such request.
"""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from synth_pipeline_tests.support.event_stream import event, exception
from synth_pipeline_tests.support.scripted_server import (
    Performance,
    Reply,
    Request,
    Script,
    ScriptedServer,
    answer,
    dropped,
    garbage,
    pieces_of,
    plain,
    silent,
    streamed,
)

__all__ = [
    "PlayBook",
    "Reply",
    "Request",
    "Script",
    "ScriptedBedrock",
    "answer",
    "dropped",
    "fail",
    "fenced",
    "garbage",
    "numbered",
    "say",
    "silent",
    "throttled",
]

EVENT_STREAM = "application/vnd.amazon.eventstream"
_CONVERSE = re.compile(r"/model/(?P<model>[^/]+)/converse(?P<stream>-stream)?")


def say(
    text: str = "",
    *,
    stop_reason: str = "end_turn",
    content: Sequence[Mapping[str, Any]] | None = None,
    tokens: tuple[int, int] = (100, 200),
    cached: tuple[int, int] | None = None,
    latency_ms: int = 1500,
) -> Reply:
    """A Converse response with one text block, or with the content blocks given.

    `cached` are the tokens read from the prompt cache and those written to it.
    """
    blocks = [{"text": text}] if content is None else list(content)
    usage = {"inputTokens": tokens[0], "outputTokens": tokens[1], "totalTokens": sum(tokens)}
    if cached is not None:
        usage |= {"cacheReadInputTokens": cached[0], "cacheWriteInputTokens": cached[1]}
    return answer(
        {
            "output": {"message": {"role": "assistant", "content": blocks}},
            "stopReason": stop_reason,
            "usage": usage,
            "metrics": {"latencyMs": latency_ms},
        }
    )


def fail(status: int, error_type: str, message: str = "no details") -> Reply:
    """An AWS error as Bedrock sends it."""
    return Reply(json.dumps({"message": message}).encode(), status, error_type)


def throttled() -> Reply:
    return fail(429, "ThrottlingException", "Too many tokens, please wait before trying again.")


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


class ScriptedBedrock(ScriptedServer):
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, script: Script, *, without_streams: Reply | None = None) -> None:
        super().__init__(script, _out_of_script)
        self._without_streams = without_streams

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

    def perform(self, path: str, headers: Mapping[str, str], body: bytes) -> Performance:
        match = _CONVERSE.fullmatch(path)
        if match is None:
            return _whole(fail(404, "UnknownOperationException", path))
        is_streamed = match["stream"] is not None
        if is_streamed and self._without_streams is not None:
            return _whole(self._without_streams)
        request = Request(unquote(match["model"]), json.loads(body), headers, is_streamed)
        reply = self.respond(request)
        events = list(_events(reply)) if is_streamed else []
        return streamed(reply, EVENT_STREAM, events, _error_event) if events else _whole(reply)


def _whole(reply: Reply) -> Performance:
    kind = {"x-amzn-ErrorType": f"{reply.error_type}:http://internal.amazon.com/"}
    return plain(reply, kind if reply.error_type else {})


def _out_of_script(length: int) -> Reply:
    return fail(400, "ValidationException", f"the script has only {length} replies")


def _events(reply: Reply) -> Iterator[bytes]:
    """The events of a Converse response; none for what is no such response."""
    try:
        body = json.loads(reply.body)
        blocks = body["output"]["message"]["content"]
        contents = [_block_events(number, block) for number, block in enumerate(blocks)]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return
    metadata = event("metadata", {"usage": body["usage"], "metrics": body["metrics"]})
    if reply.tells_usage_first:
        yield metadata
    yield event("messageStart", {"role": "assistant"})
    for events in contents:
        yield from events
    yield event("messageStop", {"stopReason": body["stopReason"]})
    if not reply.tells_usage_first:
        yield metadata


def _block_events(number: int, block: Mapping[str, Any]) -> list[bytes]:
    place = {"contentBlockIndex": number}
    deltas: list[Mapping[str, Any]]
    begun = []
    if "text" in block:
        deltas = [{"text": piece} for piece in pieces_of(block["text"])]
    elif "reasoningContent" in block:
        thought = block["reasoningContent"]["reasoningText"]["text"]
        deltas = [{"reasoningContent": {"text": piece}} for piece in pieces_of(thought)]
    else:
        use = block["toolUse"]
        named = {"toolUseId": use["toolUseId"], "name": use["name"]}
        begun = [event("contentBlockStart", {"start": {"toolUse": named}, **place})]
        deltas = [{"toolUse": {"input": json.dumps(use["input"])}}]
    said = [event("contentBlockDelta", {"delta": delta, **place}) for delta in deltas]
    return [*begun, *said, event("contentBlockStop", place)]


def _error_event(failure: Reply) -> bytes:
    kind = failure.error_type or "internalServerException"
    return exception(kind[:1].lower() + kind[1:], json.loads(failure.body)["message"])
