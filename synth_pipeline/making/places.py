"""How many machines of a run are worked on at a time; one whose model is being asked is not."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from synth_pipeline.authoring.author import Draft, GeneratorSession
from synth_pipeline.domain.errors import GeneratorError
from synth_pipeline.domain.finding import Finding
from synth_pipeline.domain.stop import IsStopped, acquire


class Place:
    """One machine's place among those that are worked on; of one thread.

    Waiting for it ends with a GeneratorError once `is_stopped` says so.
    """

    def __init__(self, places: threading.Semaphore, is_stopped: IsStopped) -> None:
        self.is_stopped = is_stopped
        self._places = places
        self._is_taken = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Wait for the place, and have it for a block."""
        self._take()
        try:
            yield
        finally:
            self._leave()

    @contextmanager
    def left(self) -> Iterator[None]:
        """Leave the place to another machine for a block, and wait for it again."""
        self._leave()
        try:
            yield
        finally:
            self._take()

    def _take(self) -> None:
        self._is_taken = acquire(self._places, self.is_stopped)
        if not self._is_taken:
            raise GeneratorError("stopped before its code was accepted")

    def _leave(self) -> None:
        if self._is_taken:
            self._is_taken = False
            self._places.release()


class AsideSession:
    """A session whose author is asked while another machine has the place; see GeneratorSession."""

    def __init__(self, session: GeneratorSession, place: Place) -> None:
        self._session = session
        self._place = place

    def write(self) -> Draft:
        """Return the first attempt."""
        with self._place.left():
            return self._session.write()

    def mend(self, findings: Sequence[Finding]) -> Draft:
        """Return another attempt, told what was found in the last one."""
        with self._place.left():
            return self._session.mend(findings)
