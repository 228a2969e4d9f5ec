"""A reply while it comes in: its text so far, why it ended, what it took, and its limits.

How a provider's events are read lies with the provider.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from synth_pipeline.authoring.model.client import Completion, Stop
from synth_pipeline.domain.usage import Usage

# Twenty characters for each token of the highest `max_tokens`: no honest reply is longer.
MAX_REPLY_CHARACTERS = 4_000_000

Result = TypeVar("Result")


class OverdueError(Exception):
    """The whole call took longer than it may."""


class ReplyTooLongError(Exception):
    """The reply has more than MAX_REPLY_CHARACTERS characters."""


class ReplyEndedError(Exception):
    """The connection ended in good order before the reply did."""


class MalformedReplyError(Exception):
    """What came is no reply of the provider's form."""


class PartialReply:
    """What has come of one reply, written by the thread that reads it.

    Complete once `stop` is known. `usage` is None until the provider has told it.
    """

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self.stop: Stop | None = None
        self.usage: Usage | None = None
        self.has_begun = False
        self._ends_at = time.monotonic() + limit_s
        self._texts: list[str] = []
        self._length = 0

    @property
    def spent(self) -> Usage:
        """What is known to have been spent, whether or not the reply gets complete."""
        return self.usage or Usage()

    def hear(self) -> None:
        """Note that something came. Raises OverdueError after the limit of the whole call."""
        self.has_begun = True
        if time.monotonic() > self._ends_at:
            raise OverdueError

    def add(self, text: object) -> None:
        """Append a piece of text; what is no text is left out. Raises ReplyTooLongError."""
        if not isinstance(text, str):
            return
        self._length += len(text)
        if self._length > MAX_REPLY_CHARACTERS:
            raise ReplyTooLongError
        self._texts.append(text)

    def completion(self) -> Completion:
        """The reply as it stands; a provider that told no usage counts as one call of no tokens."""
        text = storable("".join(self._texts))
        return Completion(text, self.stop or Stop.FINISHED, self.usage or Usage(calls=1))

    def filled_by(self, read: Callable[[], None]) -> Completion:
        """Run `read`, which fills this reply, and return what came.

        A reply that was complete when its stream broke, fell silent or was overdue, is a reply.
        Raises OverdueError and whatever `read` raises.
        """
        try:
            within(self.limit_s, read)
        except Exception:
            if self.stop is None:
                raise
        return self.completion()


def within(limit_s: float, work: Callable[[], Result]) -> Result:
    """Return or raise what `work` does, in a thread of its own; OverdueError after `limit_s`.

    A socket's time-out starts anew with every byte and a name may be looked up for ever; only
    another thread can leave those behind. The thread left behind ends with its connection.
    """
    future: Future[Result] = Future()
    threading.Thread(target=_settle, args=(future, work), name="model-call", daemon=True).start()
    wait([future], timeout=limit_s)
    if not future.done():
        raise OverdueError
    return future.result()


def _settle(future: "Future[Result]", work: Callable[[], Result]) -> None:
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  # raised again by the thread that waits
        future.set_exception(error)


def storable(text: str) -> str:
    """Join surrogate pairs that were sent apart, and replace lone ones, which UTF-8 cannot hold."""
    joined = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return joined.encode("utf-8", "replace").decode("utf-8")


def count_of(value: object) -> int:
    """A provider's count as a whole number of at least 0; 0 for what is none."""
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else 0
