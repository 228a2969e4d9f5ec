"""An OpenAI-compatible endpoint on 127.0.0.1 that answers chat completions from a script.

The helpers are those of `scripted_bedrock` on another wire: one set of replies, sent whole or as
server-sent events, as the request asks. Requests are recorded in `server.requests`.

    with ScriptedOpenAi([say("1. Lathe"), throttled(), say(code)]) as server:
        subprocess.run(["synth", ...], env={**os.environ, **server.environment()})
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from synth_pipeline_tests.support.scripted_server import (
    Performance,
    Reply,
    Request,
    Script,
    ScriptedServer,
    answer,
    pieces_of,
    plain,
    streamed,
)

KEY = "sk-scripted-0123456789abcdef"
MODEL = "scripted-model"
EVENT_STREAM = "text/event-stream"
_PATH = "/v1/chat/completions"


def say(
    text: str | None = "",
    *,
    finish_reason: str = "stop",
    tokens: tuple[int, int] | None = (100, 200),
    cached: int | None = None,
    reasoning: str = "",
    refusal: str = "",
) -> Reply:
    """A chat completion; `cached` of its prompt tokens were read from the cache."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if reasoning:
        message["reasoning_content"] = reasoning
    if refusal:
        message["refusal"] = refusal
    body: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason}],
    }
    if tokens is not None:
        body["usage"] = {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]}
    if cached is not None:
        body["usage"]["prompt_tokens_details"] = {"cached_tokens": cached}
    return answer(body)


def fail(
    status: int, message: str = "no details", *, code: str | None = None, param: str | None = None
) -> Reply:
    """An error as OpenAI sends it."""
    error = {"message": message, "type": "an_error", "code": code, "param": param}
    return Reply(json.dumps({"error": error}).encode(), status)


def throttled(retry_after: str = "") -> Reply:
    reply = fail(429, "Rate limit reached for requests", code="rate_limit_exceeded")
    return replace(reply, headers={"Retry-After": retry_after}) if retry_after else reply


class ScriptedOpenAi(ScriptedServer):
    """The server; a context manager that listens on a free port of 127.0.0.1."""

    def __init__(self, script: Script, *, streams: bool = True) -> None:
        super().__init__(script, lambda length: fail(400, f"the script has only {length} replies"))
        self._streams = streams

    @property
    def base_url(self) -> str:
        return f"{self.url}/v1"

    def environment(self) -> dict[str, str]:
        """Variables that send a process here."""
        return {
            "SYNTH_AUTHOR": "openai",
            "SYNTH_OPENAI_BASE_URL": self.base_url,
            "SYNTH_OPENAI_MODEL": MODEL,
            "OPENAI_API_KEY": KEY,
        }

    def perform(self, path: str, headers: Mapping[str, str], body: bytes) -> Performance:
        if path != _PATH:
            return plain(fail(404, f"no route for {path}"), {})
        payload = json.loads(body)
        is_streamed = bool(payload.get("stream"))
        reply = self.respond(Request(payload["model"], payload, headers, is_streamed))
        events = list(_events(reply, payload)) if is_streamed and self._streams else []
        return streamed(reply, EVENT_STREAM, events, _error_event) if events else plain(reply, {})


def _events(reply: Reply, payload: Mapping[str, Any]) -> Iterator[bytes]:
    """The events of a chat completion; none for what is no such completion."""
    try:
        body = json.loads(reply.body)
        (choice,) = body["choices"]
        message, reason = choice["message"], choice["finish_reason"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    is_told = "usage" in body and payload.get("stream_options", {}).get("include_usage")
    usage = [_event({"choices": [], "usage": body["usage"]})] if is_told else []
    if reply.tells_usage_first:
        yield from usage
    yield _chunk({"role": "assistant", "content": ""})
    for name in ("reasoning_content", "refusal", "content"):
        for piece in pieces_of(message.get(name) or ""):
            yield _chunk({name: piece})
    yield _chunk({}, reason)
    if not reply.tells_usage_first:
        yield from usage
    yield b"data: [DONE]\n\n"


def _chunk(delta: Mapping[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason}
    return _event({"object": "chat.completion.chunk", "choices": [choice], "usage": None})


def _event(body: Mapping[str, Any]) -> bytes:
    # Not in ASCII, so that a chunk of HTTP may end amid a character; lone surrogates have to be.
    text = json.dumps(body, ensure_ascii=False)
    is_plain = not any("\ud800" <= character <= "\udfff" for character in text)
    return f"data: {text if is_plain else json.dumps(body)}\n\n".encode()


def _error_event(failure: Reply) -> bytes:
    return _event(json.loads(failure.body))
