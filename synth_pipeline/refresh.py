"""When a user's data is due again: cron expressions, and what is missing or out of date."""

import datetime as dt
from typing import cast

from croniter import croniter

from synth_pipeline.domain.errors import InputError


def require_cron(text: str | None) -> str | None:
    """Return a five-field cron expression as it is; raise InputError for anything else."""
    if text is None or not text.strip():
        return None
    expression = " ".join(text.split())
    if len(expression.split()) != 5 or not croniter.is_valid(expression):
        raise InputError(
            f"refresh cron {text!r}: expected five cron fields, such as '0 2 * * 1' for "
            "Mondays at 02:00 UTC"
        )
    return expression


def last_tick(expression: str, now: dt.datetime) -> dt.datetime:
    """The latest time at or before `now` that the expression names, in UTC."""
    ticks = croniter(expression, now + dt.timedelta(seconds=1), ret_type=dt.datetime)
    return cast(dt.datetime, ticks.get_prev())
