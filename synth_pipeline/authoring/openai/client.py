"""One call of a model over an OpenAI-compatible endpoint: turns in, text and usage out."""

import os
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial

from urllib3.exceptions import HTTPError

from synth_pipeline.authoring.model.attempts import PassingFaultError, persist
from synth_pipeline.authoring.model.call_site import CallSite
from synth_pipeline.authoring.model.client import Completion, ModelOptions, Turn
from synth_pipeline.authoring.model.partial_reply import PartialReply
from synth_pipeline.authoring.openai.dialect import Dialect
from synth_pipeline.authoring.openai.errors import (
    FAULTS,
    is_passing,
    translate,
    unusable_proxy,
    wait_s,
)
from synth_pipeline.authoring.openai.replies import read
from synth_pipeline.authoring.openai.server_errors import read_error
from synth_pipeline.authoring.openai.wire import StatusError, Wire, pieces_of
from synth_pipeline.domain.errors import SynthError, UnavailableError

_KEY = re.compile(r"[!-~]*")  # what a header may carry; http.client quotes any other in its error


def key_of_environment() -> str:
    """The key in OPENAI_API_KEY; empty where there is none, as for a local server."""
    return os.environ.get("OPENAI_API_KEY", "").strip()


class OpenAiClient:
    """Streamed chat completions with retries inside; see ModelClient.

    `base_url` is the address above `/chat/completions`. The key is read when it is first needed
    and kept nowhere else.
    """

    name = "openai"

    def __init__(
        self,
        options: ModelOptions,
        base_url: str,
        read_key: Callable[[], str] = key_of_environment,
    ) -> None:
        self.options = options
        self._base_url = base_url.rstrip("/")
        self._read_key = read_key
        self._lock = threading.Lock()
        self._wire: Wire | None = None
        self._dialect = Dialect()

    def check(self) -> None:
        """Raise UnavailableError for a key or a proxy that cannot be used; needs no network."""
        self._connect()

    def complete(self, turns: Sequence[Turn]) -> Completion:
        """Send a conversation that ends with a user's turn and return the model's answer.

        Raises UnavailableError for what concerns every call and AuthorError for this one.
        """
        return persist(lambda: self._attempt(turns), self.options)

    def _attempt(self, turns: Sequence[Turn]) -> Completion:
        """One attempt, with as many requests as it takes to learn what the server refuses."""
        while True:
            dialect, started = self._dialect, time.monotonic()
            reply = PartialReply(self.options.read_timeout_s)
            body = dialect.request(self.options, turns)
            try:
                completion = reply.filled_by(partial(self._exchange, body, dialect, reply))
            except FAULTS as error:
                if not self._unlearn(dialect, error):
                    raise self._fault(error, dialect, reply) from error
            else:
                latency_s = round(time.monotonic() - started, 3)
                return replace(completion, usage=replace(completion.usage, latency_s=latency_s))

    def _exchange(self, body: bytes, dialect: Dialect, reply: PartialReply) -> None:
        silence_s = self.options.longest_silence_s(streams=dialect.streams)
        with closing(self._connect().post(body, silence_s)) as response:
            read(pieces_of(response, reply), response.headers.get("Content-Type", ""), reply)

    def _unlearn(self, dialect: Dialect, error: Exception) -> bool:
        """Leave out for good what the error refuses; False where it refuses nothing of that."""
        told = read_error(error) if isinstance(error, StatusError) else None
        refused = dialect.refused_by(told.status, told.text) if told else None
        if refused is None:
            return False
        with self._lock:
            self._dialect = replace(self._dialect, **{refused: False})
        return True

    def _fault(
        self, error: Exception, dialect: Dialect, reply: PartialReply
    ) -> SynthError | PassingFaultError:
        site = CallSite(
            who=f"model {self.options.model_id!r} at {self._base_url}",
            settings="SYNTH_OPENAI",
            options=self.options,
            streams=dialect.streams,
            has_begun=reply.has_begun,
        )
        told = translate(error, site, self._read_key())
        told.usage = reply.spent
        return PassingFaultError(told, wait_s(error)) if is_passing(error, site) else told

    def _connect(self) -> Wire:
        with self._lock:
            if self._wire is None:
                headers = {
                    "Content-Type": "application/json",
                    "Accept": "text/event-stream, application/json",
                    "Accept-Encoding": "identity",
                    "User-Agent": "synth_pipeline",
                }
                if key := self._usable_key():
                    headers["Authorization"] = f"Bearer {key}"
                self._wire = self._wire_with(headers)
            return self._wire

    def _wire_with(self, headers: dict[str, str]) -> Wire:
        url = f"{self._base_url}/chat/completions"
        try:
            return Wire(url, headers, self.options.connect_timeout_s)
        except (HTTPError, ValueError):
            raise unusable_proxy() from None

    def _usable_key(self) -> str:
        key = self._read_key()
        if not _KEY.fullmatch(key):
            raise UnavailableError(
                "OPENAI_API_KEY holds characters that no key has (spaces, line breaks or letters "
                "beyond ASCII); set it to the key alone"
            )
        return key
