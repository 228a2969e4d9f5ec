"""The time as registries write it; a test passes a clock of its own."""

import datetime as dt
from collections.abc import Callable

Clock = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    """The time now, in UTC."""
    return dt.datetime.now(dt.UTC)


def timestamp(clock: Clock) -> str:
    """ISO 8601 in UTC with microseconds, so that texts sort as times do."""
    return clock().astimezone(dt.UTC).isoformat(timespec="microseconds")
