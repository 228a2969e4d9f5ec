"""One call of a model over Bedrock's Converse API: turns in, text and usage out."""

import itertools
import threading
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from synth_pipeline.authoring.bedrock.dialect import Dialect, has_cache_point
from synth_pipeline.authoring.bedrock.errors import (
    FAULTS,
    is_passing,
    translate,
)
from synth_pipeline.authoring.bedrock.replies import read_stream, read_whole
from synth_pipeline.authoring.model.attempts import PassingFaultError, persist
from synth_pipeline.authoring.model.call_site import CallSite
from synth_pipeline.authoring.model.client import Completion, ModelOptions, Turn
from synth_pipeline.authoring.model.partial_reply import PartialReply
from synth_pipeline.aws.client import CallOptions, make_client
from synth_pipeline.aws.errors import quotes_credentials
from synth_pipeline.domain.errors import SynthError


class BedrockClient:
    """Streamed Converse calls with retries inside; see ModelClient."""

    name = "bedrock"

    def __init__(self, options: ModelOptions) -> None:
        self.options = options
        self._lock = threading.Lock()
        self._clients: dict[bool, Any] = {}
        self._dialect = Dialect.of(options.model_id)
        self._has_cached = False  # whether a request with cache points was ever answered

    def check(self) -> None:
        """Raise UnavailableError without credentials, region or a usable configuration.

        Needs no network, unless the default credential chain itself asks a metadata service.
        """
        self._connect(self._dialect.streams)

    def complete(self, turns: Sequence[Turn]) -> Completion:
        """Send a conversation that ends with a user's turn and return the model's answer.

        Raises UnavailableError for what concerns every call and AuthorError for this one.
        """
        numbers = itertools.count(1)
        return persist(lambda: self._attempt(turns, next(numbers)), self.options)

    def _attempt(self, turns: Sequence[Turn], number: int) -> Completion:
        """One attempt, with as many requests as it takes to learn what the model refuses."""
        while True:
            dialect = self._spoken_at(number)
            client = self._connect(dialect.streams)
            reply = PartialReply(self.options.read_timeout_s)
            request = dialect.request(self.options, turns)
            read = read_stream if dialect.streams else read_whole
            try:
                completion = reply.filled_by(partial(read, client, request, reply))
            except FAULTS as error:
                if not self._unlearn(dialect, error):
                    cause = None if quotes_credentials(error) else error
                    raise self._fault(error, client, dialect, reply) from cause
            else:
                self._has_cached = self._has_cached or has_cache_point(request)
                return completion

    def _spoken_at(self, number: int) -> Dialect:
        """What is said at the attempt of that number.

        An emulator that does not know cache points may fail or hang up over one; until one was
        taken, further attempts do without.
        """
        is_doubtful = number > 1 and not self._has_cached
        return replace(self._dialect, caches=False) if is_doubtful else self._dialect

    def _unlearn(self, dialect: Dialect, error: Exception) -> bool:
        """Leave out for good what the error refuses; False where it refuses nothing of that."""
        refused = dialect.refused_by(error) if isinstance(error, ClientError) else None
        if refused is None:
            return False
        with self._lock:
            self._dialect = replace(self._dialect, **{refused: False})
        return True

    def _fault(
        self, error: Exception, client: Any, dialect: Dialect, reply: PartialReply
    ) -> SynthError | PassingFaultError:
        region, endpoint = client.meta.region_name, client.meta.endpoint_url
        site = replace(
            self._site(f" in {region}", endpoint),
            streams=dialect.streams,
            has_begun=reply.has_begun,
        )
        told = translate(error, site)
        told.usage = reply.spent
        return PassingFaultError(told) if is_passing(error, site) else told

    def _connect(self, streams: bool) -> Any:
        """The client of one of the two operations: without a stream a reply is long in coming."""
        with self._lock:  # sessions and their credential lookup are not thread-safe, clients are
            if streams not in self._clients:
                try:
                    self._clients[streams] = make_client("bedrock-runtime", self._timing(streams))
                except (BotoCoreError, ValueError) as error:
                    raise translate(error, self._site()) from error
            return self._clients[streams]

    def _timing(self, streams: bool) -> CallOptions:
        """One attempt: `persist` counts them, and botocore repeats nothing amid a stream."""
        return CallOptions(
            attempts=1,
            connect_timeout_s=self.options.connect_timeout_s,
            read_timeout_s=self.options.longest_silence_s(streams=streams),
        )

    def _site(self, place: str = "", endpoint: str = "of Bedrock") -> CallSite:
        who = f"Bedrock model {self.options.model_id!r}{place}"
        return CallSite(who, "SYNTH_BEDROCK", self.options, endpoint)
