"""Converse replies, whole or as a stream of events, read into a reply.

Blocks that are no text, such as `reasoningContent`, are left out; text blocks join without a break.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from botocore.exceptions import EventStreamError

from synth_pipeline.authoring.bedrock.errors import said_over_http
from synth_pipeline.authoring.model.client import Stop
from synth_pipeline.authoring.model.partial_reply import (
    MalformedReplyError,
    PartialReply,
    ReplyEndedError,
    count_of,
)
from synth_pipeline.domain.usage import Usage

_STOPS = {
    "max_tokens": Stop.CUT_OFF,
    "refusal": Stop.REFUSED,
    "guardrail_intervened": Stop.GUARDRAIL,
    "content_filtered": Stop.FILTERED,
    "model_context_window_exceeded": Stop.CONTEXT_FULL,
}


def read_stream(client: Any, request: Mapping[str, Any], reply: PartialReply) -> None:
    """Call `converse_stream` and fill `reply` as events come in, to the last one, `metadata`.

    Raises MalformedReplyError for a stream that holds no event and ReplyEndedError for one that
    ends before `messageStop`, else what boto3 and urllib3 raise.
    """
    with closing(client.converse_stream(**request)["stream"]) as stream:
        for event in _events(stream):
            reply.hear()
            _take(_mapping(event), reply)
            if reply.stop is not None and reply.usage is not None:
                return
    if not reply.has_begun:
        raise MalformedReplyError
    if reply.stop is None:
        raise ReplyEndedError


def read_whole(client: Any, request: Mapping[str, Any], reply: PartialReply) -> None:
    """Call `converse` and fill `reply`; raise MalformedReplyError where the body is no reply."""
    body = _mapping(client.converse(**request))
    content = _mapping(_mapping(body.get("output")).get("message")).get("content")
    if not isinstance(content, list):
        raise MalformedReplyError
    for block in content:
        reply.add(_mapping(block).get("text"))
    reply.usage = _usage(body)
    reply.stop = _stop(body.get("stopReason"))


def _events(stream: Iterable[Any]) -> Iterator[Any]:
    try:
        yield from stream
    except EventStreamError as error:
        raise said_over_http(error) from error


def _take(event: Mapping[str, Any], reply: PartialReply) -> None:
    delta = _mapping(_mapping(event.get("contentBlockDelta")).get("delta"))
    reply.add(delta.get("text"))
    if "messageStop" in event:
        reply.stop = _stop(_mapping(event["messageStop"]).get("stopReason"))
    if "metadata" in event:
        reply.usage = _usage(_mapping(event["metadata"]))


def _stop(reason: object) -> Stop:
    return _STOPS.get(str(reason), Stop.FINISHED)


def _usage(body: Mapping[str, Any]) -> Usage:
    usage, metrics = _mapping(body.get("usage")), _mapping(body.get("metrics"))
    return Usage(
        calls=1,
        input_tokens=count_of(usage.get("inputTokens")),
        output_tokens=count_of(usage.get("outputTokens")),
        latency_s=round(count_of(metrics.get("latencyMs")) / 1000, 3),
        cache_read_tokens=count_of(usage.get("cacheReadInputTokens")),
        cache_write_tokens=count_of(usage.get("cacheWriteInputTokens")),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
