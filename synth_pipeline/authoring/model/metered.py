"""A provider with a limit of calls at a time, that tells of what each call took at once."""

import threading
from collections.abc import Callable, Sequence

from synth_pipeline.authoring.model.client import Completion, ModelClient, ModelOptions, Turn
from synth_pipeline.domain.errors import AuthorError, SynthError
from synth_pipeline.domain.usage import Usage

_ASKED_EVERY_S = 0.1  # so soon a call that waits for its place notices that it is to stop


def unnoticed(_: Usage) -> None:
    """Nobody counts."""


def never() -> bool:
    """Nobody stops the calls."""
    return False


class MeteredClient:
    """Passes calls on to another client; see ModelClient.

    A call waits for one of `places`, which several metered clients may share; retries and the
    pauses between them keep the place. Once `is_stopped` says so no further call is made: one
    that waits ends with an AuthorError, one under way goes on. `spent` hears of a call's usage as
    soon as the call is over, of a failed call's too where it cost tokens; it is called by the
    thread of the call, and what it raises ends that call.
    """

    def __init__(
        self,
        client: ModelClient,
        places: threading.Semaphore,
        spent: Callable[[Usage], None] = unnoticed,
        is_stopped: Callable[[], bool] = never,
    ) -> None:
        self._client = client
        self._places = places
        self._spent = spent
        self._is_stopped = is_stopped

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
        self._take_place()
        try:
            self._go_on()
            completion = self._client.complete(turns)
        except SynthError as error:
            if error.usage != Usage():
                self._spent(error.usage)
            raise
        finally:
            self._places.release()
        self._spent(completion.usage)
        return completion

    def _take_place(self) -> None:
        self._go_on()
        while not self._places.acquire(timeout=_ASKED_EVERY_S):
            self._go_on()

    def _go_on(self) -> None:
        if self._is_stopped():
            raise AuthorError("stopped before the model was asked")
