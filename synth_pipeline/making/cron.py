"""The cron expression of a request: which ones are taken, and when one last ticked."""

import datetime as dt
from typing import cast

from croniter import croniter

from synth_pipeline.domain.errors import InputError


def require_cron(text: str | None) -> str | None:
    """Return a five-field cron expression as it is; raise InputError for anything else."""
    if text is None or not text.strip():
        return None
    expression = " ".join(text.split())
    if len(expression.split()) != 5 or not _happens(expression):
        raise InputError(
            f"refresh cron {text!r}: expected five cron fields, such as '0 2 * * 1' for "
            "Mondays at 02:00 UTC"
        )
    return expression


def last_tick(expression: str, now: dt.datetime) -> dt.datetime:
    """The latest time at or before `now` that the expression names, in UTC."""
    after = now.replace(second=0, microsecond=0) + dt.timedelta(seconds=1)
    ticks = croniter(expression, after, ret_type=dt.datetime)
    return cast(dt.datetime, ticks.get_prev())


def _happens(expression: str) -> bool:
    """True for an expression that names some time, and always the same one.

    31 February is well formed, but never comes; croniter's own `R` is drawn anew each time.
    """
    if any(part.startswith(("r", "R")) for part in expression.split()):
        return False
    try:
        return bool(last_tick(expression, dt.datetime(2000, 1, 1, tzinfo=dt.UTC)))
    except ValueError:  # croniter's errors are ValueErrors
        return False
