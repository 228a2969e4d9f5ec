"""Work that is told to stop, and waiting that ends when it is."""

import threading
from collections.abc import Callable

IsStopped = Callable[[], bool]
_ASKED_EVERY_S = 0.1  # so soon one who waits notices that it is to stop


def never() -> bool:
    """Nobody stops the work."""
    return False


def acquire(places: threading.Semaphore, is_stopped: IsStopped) -> bool:
    """Wait for one of the places and take it; False, with none taken, where told to stop."""
    while not is_stopped():
        if places.acquire(timeout=_ASKED_EVERY_S):
            if not is_stopped():
                return True
            places.release()
    return False
