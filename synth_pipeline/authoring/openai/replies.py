"""Chat completions, whole or as a stream of chunks, read into a reply.

What a model thought (`reasoning_content`, `reasoning`) is left out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from synth_pipeline.authoring.model.client import Stop
from synth_pipeline.authoring.model.partial_reply import (
    MalformedReplyError,
    PartialReply,
    ReplyEndedError,
    count_of,
)
from synth_pipeline.authoring.openai.events import data_of_events
from synth_pipeline.authoring.openai.wire import body_of
from synth_pipeline.domain.usage import Usage

_END = "[DONE]"
_STOPS = {
    "length": Stop.CUT_OFF,
    "content_filter": Stop.FILTERED,
    "refusal": Stop.REFUSED,
    "model_length": Stop.CONTEXT_FULL,
}
_SSE_BEGINS = (b"data:", b"event:", b"id:", b"retry:", b":")


class ErrorInStreamError(Exception):
    """The server told of an error in place of the rest of its reply."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__("an error amid a stream")
        self.error = error


def read(pieces: Iterator[bytes], content_type: str, reply: PartialReply) -> None:
    """Fill `reply` from a body: a stream of events, or one completion.

    Servers that do not stream answer with one completion, whatever was asked for, and some name
    the type of a stream wrongly; what comes tells. Raises MalformedReplyError, ReplyEndedError,
    ReplyTooLongError and ErrorInStreamError, and what `pieces` raises.
    """
    if content_type.partition(";")[0].strip().lower() == "text/event-stream":
        _read_events(pieces, reply)
        return
    body = body_of(pieces)
    if body.lstrip().startswith(_SSE_BEGINS):
        _read_events([body], reply)
    else:
        if not _take(_parsed(body), "message", reply):
            raise MalformedReplyError
        reply.stop = reply.stop or Stop.FINISHED


def _read_events(pieces: Iterable[bytes], reply: PartialReply) -> None:
    is_chat = False
    for data in data_of_events(pieces):
        if data.strip() == _END:
            reply.stop = reply.stop or Stop.FINISHED
            return
        is_chat = _take(_parsed(data), "delta", reply) or is_chat
    if not is_chat:
        raise MalformedReplyError
    if reply.stop is None:
        raise ReplyEndedError


def _parsed(text: str | bytes) -> Mapping[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MalformedReplyError from error
    if not isinstance(value, Mapping):
        raise MalformedReplyError
    return value


def _take(body: Mapping[str, Any], part: str, reply: PartialReply) -> bool:
    """Take what a completion or a chunk of it holds, its words in `part`; False without choices."""
    if error := body.get("error"):
        raise ErrorInStreamError(error if isinstance(error, Mapping) else {"message": error})
    if isinstance(usage := body.get("usage"), Mapping):
        reply.usage = _usage(usage)
    choices = body.get("choices")
    if not isinstance(choices, list):
        return False
    choice = _mapping(choices[0]) if choices else {}
    said, refusal = _mapping(choice.get(part)), _mapping(choice.get(part)).get("refusal")
    for text in [*_texts(said.get("content")), refusal]:
        reply.add(text)
    if refusal:
        reply.stop = Stop.REFUSED
    elif (reason := choice.get("finish_reason")) and reply.stop is None:
        reply.stop = _STOPS.get(str(reason), Stop.FINISHED)
    return part in choice


def _texts(content: object) -> Iterator[object]:
    """The texts of a content, which is one or a list of parts; parts that are thoughts are not."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, Sequence):
        yield from (_mapping(part).get("text") for part in content)


def _usage(usage: Mapping[str, Any]) -> Usage:
    cached = count_of(_mapping(usage.get("prompt_tokens_details")).get("cached_tokens"))
    asked = count_of(usage.get("prompt_tokens"))
    cached = min(cached, asked)
    return Usage(
        calls=1,
        input_tokens=asked - cached,
        output_tokens=count_of(usage.get("completion_tokens")),
        cache_read_tokens=cached,
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
