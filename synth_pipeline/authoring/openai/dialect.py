"""What a server understands of Chat Completions, learned from what it refuses, and requests in it.

A refusal costs one request, once: what was refused is left out for good.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from synth_pipeline.authoring.model.client import ModelOptions, Turn
from synth_pipeline.authoring.model.partial_reply import storable

_REFUSALS = frozenset({400, 404, 405, 415, 422, 501})
_NOT_TAKEN = r"(unsupported|not supported|unrecognized|unknown|unexpected|not permitted|forbidden)"
# From the particular to the general: one message may name several.
_NAMED = (
    ("reports_usage", r"stream_options|include_usage"),
    (
        "limits_as_before",
        rf"max_completion_tokens\W+instead|{_NOT_TAKEN}.*\bmax_tokens|\bmax_tokens.*{_NOT_TAKEN}",
    ),
    ("takes_temperature", r"temperature"),
    ("streams", r"\bstream(s|ed|ing)?\b"),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What may stand in a request, and whether replies are streamed.

    `limits_as_before` is `max_tokens`, which every local server knows; OpenAI's own newer models
    take `max_completion_tokens` only.
    """

    streams: bool = True
    reports_usage: bool = True
    limits_as_before: bool = True
    takes_temperature: bool = True

    def refused_by(self, status: int, text: str) -> str | None:
        """Which of its fields an error response refuses; None where it is about something else."""
        if status not in _REFUSALS:
            return None
        for name, words in _NAMED:
            if getattr(self, name) and re.search(words, text, re.IGNORECASE | re.DOTALL):
                return name
        return None

    def request(self, options: ModelOptions, turns: Sequence[Turn]) -> bytes:
        """The JSON body of one call, in ASCII."""
        body: dict[str, Any] = {
            "model": options.model_id,
            "messages": [{"role": turn.role, "content": storable(turn.text)} for turn in turns],
            "max_tokens" if self.limits_as_before else "max_completion_tokens": options.max_tokens,
        }
        if options.temperature is not None and self.takes_temperature:
            body["temperature"] = options.temperature
        if self.streams:
            body["stream"] = True
        if self.streams and self.reports_usage:
            body["stream_options"] = {"include_usage": True}
        return json.dumps(body).encode()
