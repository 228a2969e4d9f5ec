"""A provider with a limit of calls at a time, that tells of what each call took at once."""

import threading
from collections.abc import Sequence

from synth_pipeline.authoring.meter import UNMETERED, Meter
from synth_pipeline.authoring.model.client import Completion, ModelClient, ModelOptions, Turn
from synth_pipeline.domain.errors import AuthorError, SynthError
from synth_pipeline.domain.stop import acquire
from synth_pipeline.domain.usage import Usage


class MeteredClient:
    """Passes calls on to another client, and what they take to a meter; see ModelClient.

    A call waits for one of `places`, which several metered clients may share. Retries, the pauses
    between them and the meter keep the place, so that the next call finds this one told of. One
    that the meter stops while it waits, or before, ends with an AuthorError.
    """

    def __init__(
        self, client: ModelClient, places: threading.Semaphore, meter: Meter = UNMETERED
    ) -> None:
        self._client = client
        self._places = places
        self._meter = meter

    @property
    def name(self) -> str:
        """The provider's."""
        return self._client.name

    @property
    def options(self) -> ModelOptions:
        """How the model is asked."""
        return self._client.options

    def check(self) -> None:
        """Raise UnavailableError, naming what to set, where no call can succeed."""
        self._client.check()

    def complete(self, turns: Sequence[Turn]) -> Completion:
        """Wait for a place, then ask; raises what the client does, AuthorError when stopped."""
        if not acquire(self._places, self._meter.is_stopped):
            raise AuthorError("stopped before the model was asked")
        try:
            return self._metered(turns)
        finally:
            self._places.release()

    def _metered(self, turns: Sequence[Turn]) -> Completion:
        try:
            completion = self._client.complete(turns)
        except SynthError as error:
            if error.usage != Usage():
                self._meter.spent(error.usage)
            raise
        self._meter.spent(completion.usage)
        return completion
