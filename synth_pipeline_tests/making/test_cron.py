"""Cron expressions of a refresh: which are accepted, and when they last came."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth_pipeline.domain.errors import InputError
from synth_pipeline.making.cron import last_tick, require_cron


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0 2 * * 1", "0 2 * * 1"),
        ("  0  2 * *\t1 ", "0 2 * * 1"),
        ("*/5 * * * *", "*/5 * * * *"),
        ("0 0 29 2 *", "0 0 29 2 *"),
        ("0 2 * JAN-MAR FRI", "0 2 * JAN-MAR FRI"),
        ("0 0 L * *", "0 0 L * *"),
        (None, None),
        ("", None),
        ("  ", None),
    ],
)
def test_five_fields_are_kept_and_nothing_is_none(text: str | None, kept: str | None) -> None:
    assert require_cron(text) == kept


@pytest.mark.parametrize(
    "text",
    ["daily", "@daily", "0 2 * *", "0 2 * * 1 0", "0 2 * * 1 0 2026", "60 * * * *", "* 24 * * *",
     "0 0 0 * *", "0 0 31 2 *", "0 0 31 4 1#5", "*/0 * * * *", "a b c d e", "R R * * *",
     "H H * * *", "0 2 * * 8", "-1 * * * *", "0 2 * * 1\x00"],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError) as caught:
        require_cron(text)

    assert str(caught.value) == (
        f"refresh cron {text!r}: expected five cron fields, such as '0 2 * * 1' for Mondays at "
        "02:00 UTC"
    )


@pytest.mark.parametrize(
    ("expression", "now", "tick"),
    [
        ("0 2 * * *", "2024-01-02T02:00:00", "2024-01-02T02:00"),
        ("0 2 * * *", "2024-01-02T02:00:59.999", "2024-01-02T02:00"),
        ("0 2 * * *", "2024-01-02T01:59:59", "2024-01-01T02:00"),
        ("0 2 * * *", "2024-01-02T01:59:59.999999", "2024-01-01T02:00"),
        ("0 2 * * 1", "2024-01-07T23:00:00", "2024-01-01T02:00"),
        ("0 0 29 2 *", "2024-02-28T12:00:00", "2020-02-29T00:00"),
        ("* * * * *", "2024-01-01T00:00:30", "2024-01-01T00:00"),
    ],
)
def test_the_last_tick_is_at_or_before_now(expression: str, now: str, tick: str) -> None:
    assert last_tick(expression, at(now)) == at(tick)


@given(
    st.datetimes(
        dt.datetime(2000, 1, 1),
        dt.datetime(2100, 1, 1),
        timezones=st.just(dt.UTC),
    ),
    st.integers(0, 59),
    st.integers(0, 23),
)
def test_the_last_tick_of_a_daily_refresh_is_less_than_a_day_ago(
    now: dt.datetime, minute: int, hour: int
) -> None:
    tick = last_tick(f"{minute} {hour} * * *", now)

    assert dt.timedelta(0) <= now - tick < dt.timedelta(days=1)
    assert (tick.hour, tick.minute) == (hour, minute)
