"""What a model behind Converse understands, learned from what it refuses, and requests in it.

A refusal costs one request, once: what was refused is left out for good.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from botocore.exceptions import ClientError

from synth_pipeline.authoring.bedrock.errors import is_known, status_of
from synth_pipeline.authoring.model.client import ModelOptions, Turn
from synth_pipeline.authoring.model.partial_reply import storable
from synth_pipeline.aws.errors import code_of, detail_of

CACHE_POINT: Mapping[str, Any] = {"cachePoint": {"type": "default"}}
# https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html; the ARN of an
# application's own profile does not tell the model, so it is tried there.
_CACHING = re.compile(r"anthropic\.claude|amazon\.nova|:application-inference-profile/")
# Bedrock takes four points a request; the first user turn has one, and Nova finds a prefix only
# where the same point stands again, so the turn before the last keeps its own.
_POINTS_IN_LATER_TURNS = 2
_ABOUT_STREAMS = r"stream|operation|\bpath\b|\broute\b"
_UNKNOWN_OPERATION = frozenset({400, 404, 405, 501})


@dataclass(frozen=True, slots=True)
class Dialect:
    """What may stand in a request, and whether replies are streamed."""

    caches: bool
    streams: bool = True
    takes_temperature: bool = True

    @classmethod
    def of(cls, model_id: str) -> Self:
        """What a model is taken to understand before it was asked anything."""
        return cls(caches=_CACHING.search(model_id.lower()) is not None)

    def refused_by(self, error: ClientError) -> str | None:
        """Which of its fields the error refuses; None where it is about something else."""
        refused = _refused_by(error)
        return refused if refused and getattr(self, refused) else None

    def request(self, options: ModelOptions, turns: Sequence[Turn]) -> dict[str, Any]:
        """The arguments of one call, the same for `converse` and `converse_stream`."""
        limits: dict[str, Any] = {"maxTokens": options.max_tokens}
        if options.temperature is not None and self.takes_temperature:
            limits["temperature"] = options.temperature
        return {
            "modelId": options.model_id,
            "messages": self._messages(turns),
            "inferenceConfig": limits,
        }

    def _messages(self, turns: Sequence[Turn]) -> list[dict[str, Any]]:
        later = [n for n, turn in enumerate(turns) if n > 0 and turn.role == "user"]
        kept = later[-_POINTS_IN_LATER_TURNS:] if self.caches else []
        messages = []
        for number, turn in enumerate(turns):
            is_first = number == 0 and self.caches
            content = _begun(turn) if is_first else [{"text": storable(turn.text)}]
            ending = [CACHE_POINT] if number in kept else []
            messages.append({"role": turn.role, "content": [*content, *ending]})
        return messages


def has_cache_point(request: Mapping[str, Any]) -> bool:
    """True where a request of a dialect asks for a beginning to be kept."""
    return any(CACHE_POINT in message["content"] for message in request["messages"])


def _refused_by(error: ClientError) -> str | None:
    text, code = detail_of(error).lower(), code_of(error)
    if status_of(error) in _UNKNOWN_OPERATION and not is_known(error):
        return "streams"
    if code not in {"ValidationException", "AccessDeniedException"}:
        return None
    if "cachepoint" in text or "prompt caching" in text:
        return "caches"
    if "temperature" in text and "top_p" not in text:
        return "takes_temperature"
    # Who may call InvokeModel need not be allowed to call InvokeModelWithResponseStream.
    about_streams = "stream" if code == "AccessDeniedException" else _ABOUT_STREAMS
    return "streams" if re.search(about_streams, text) else None


def _begun(turn: Turn) -> list[Mapping[str, Any]]:
    """The first turn with a point after what it shares; Bedrock refuses blank blocks of text."""
    text = storable(turn.text)
    shared, own = text[: turn.shared], text[turn.shared :]
    if not shared.strip():
        return [{"text": text}]
    if not own.strip():
        return [{"text": text}, CACHE_POINT]
    return [{"text": shared}, CACHE_POINT, {"text": own}]
