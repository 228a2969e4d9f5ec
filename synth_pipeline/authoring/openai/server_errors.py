"""What a server says is wrong, whichever of the usual forms it has, without the key."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from synth_pipeline.authoring.openai.replies import ErrorInStreamError
from synth_pipeline.authoring.openai.wire import StatusError
from synth_pipeline.domain.text import visible

MAX_DETAIL_LENGTH = 300
_MIN_KEY_LENGTH = 4  # a shorter one is a word like "x", which a local server is given
_FIELDS = ("message", "detail", "msg", "error")
_STATUS_OF = (
    (429, r"rate_limit|too_many_requests|insufficient_quota"),
    (400, r"invalid_request|context_length|bad_request"),
)


@dataclass(frozen=True, slots=True)
class ServerError:
    """An HTTP status, the server's own words, and how long it wishes to be left alone."""

    status: int
    text: str
    wait_s: float = 0.0

    def detail(self, key: str) -> str:
        """One harmless line that may be shown."""
        text = self.text.replace(key, "***") if len(key) >= _MIN_KEY_LENGTH else self.text
        line = " ".join(visible(text).split()).rstrip(".;") or "no details given"
        return line if len(line) <= MAX_DETAIL_LENGTH else f"{line[:MAX_DETAIL_LENGTH]}…"


def read_error(error: StatusError | ErrorInStreamError) -> ServerError:
    """Read the error of a response or of an event; one amid a stream has a status by its code."""
    if isinstance(error, ErrorInStreamError):
        text = _words(error.error)
        return ServerError(_status_in_stream(error.error, text), text)
    wait_s = _wait_s(error.headers)
    body = error.body.decode("utf-8", "replace").strip()
    if body.startswith("<"):  # a proxy's page says nothing
        return ServerError(error.status, "", wait_s)
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ServerError(error.status, body, wait_s)
    return ServerError(error.status, _words(told), wait_s)


def _words(told: object) -> str:
    """The words for people and, where they are not among them, code and parameter."""
    if not isinstance(told, Mapping):
        return told if isinstance(told, str) else json.dumps(told)
    inner = next((told[field] for field in _FIELDS if told.get(field)), "")
    words = _words(inner)
    named = [told.get("code"), told.get("param"), told.get("type")]
    others = [str(name) for name in named if isinstance(name, str) and name not in words]
    return f"{words} ({', '.join(others)})" if others else words


def _status_in_stream(told: Mapping[str, Any], text: str) -> int:
    code = told.get("code")
    if isinstance(code, int) and 400 <= code < 600:
        return code
    named = (status for status, words in _STATUS_OF if re.search(words, text))
    return next(named, 500)


def _wait_s(headers: Mapping[str, str]) -> float:
    """Seconds of a Retry-After header; 0 where there is none, or a date."""
    text = headers.get("Retry-After", "")
    return float(text) if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text) else 0.0
