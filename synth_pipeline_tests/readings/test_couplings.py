"""Signals that follow another one exactly, scaled, rounded and delayed."""

from collections.abc import Callable

import numpy as np
import pytest

from synth_pipeline.readings.couplings import couplings_of

ROWS = 525_600
RNG = np.random.default_rng(6)
WORKS = np.arange(ROWS) // 700 % 3 > 0
CURRENT = np.round((WORKS * (90 + RNG.laplace(0, 9, ROWS)) + 3) * 2) / 2  # half amperes
SLOW = np.round(np.clip(RNG.laplace(size=ROWS).cumsum() / 200, -9, 9), 1)
Values = np.ndarray


def followers(**columns: Values) -> tuple[str, ...]:
    return couplings_of(columns)[1]


@pytest.mark.parametrize(
    "make",
    [
        lambda current: np.round(0.62 * current + 1.5, 1),
        lambda current: -2.0 * current,
        lambda current: np.round(current / 7, 2),
        lambda current: np.round(np.roll(0.62 * current, 7), 1),
        lambda current: np.roll(current, 1440),
        lambda current: np.roll(current, -3),
    ],
)
def test_a_copy_is_told(make: Callable[[Values], Values]) -> None:
    assert followers(current_a=CURRENT, power_kw=make(CURRENT)) == ("power_kw",)


def test_a_copy_with_events_of_its_own_is_told() -> None:
    power = np.round(0.62 * CURRENT + 1.5, 1)
    power[100_000:120_000] += 25.0

    assert followers(current_a=CURRENT, power_kw=power) == ("power_kw",)


def test_a_delayed_copy_of_a_coarse_signal_is_told() -> None:
    coarse = np.round(12 + 0.4 * RNG.laplace(size=ROWS), 1)

    assert followers(supply_c=coarse, header_c=np.roll(coarse, 7)) == ("header_c",)


@pytest.mark.parametrize(
    "make",
    [
        lambda current: np.round(0.62 * current + RNG.normal(0, 3, ROWS), 1),
        lambda current: np.round(0.62 * np.roll(current, 7) + RNG.normal(0, 3, ROWS), 1),
        lambda current: np.round(0.004 * current**2, 1),
        lambda current: np.where(WORKS, 12.0, 0.0),  # a setpoint of the same plan
        lambda current: np.round(12.0 * WORKS + RNG.normal(0, 0.02, ROWS), 2),
        lambda current: np.round(40.0 + RNG.laplace(0, 2, ROWS)),
    ],
)
def test_what_only_goes_with_it_is_no_copy(make: Callable[[Values], Values]) -> None:
    assert followers(current_a=CURRENT, other=make(CURRENT)) == ()


def test_a_setpoint_and_what_follows_it_are_two_signals() -> None:
    setpoint = np.where(WORKS, 900.0, 0.0)
    speed = np.round(np.roll(setpoint, 1) + WORKS * RNG.normal(0, 0.7, ROWS), 1)

    assert followers(setpoint_rpm=setpoint, speed_rpm=speed) == ()


def test_redundant_sensors_of_one_vessel_are_two_signals() -> None:
    level = SLOW * 3 + 50
    one, other = (np.round(level + RNG.normal(0, 0.3, ROWS), 1) for _ in range(2))

    assert followers(level_a_percent=one, level_b_percent=other) == ()


def test_missing_and_constant_columns_are_left_out() -> None:
    gaps = CURRENT.copy()
    gaps[::3] = np.nan

    assert followers(a=np.full(ROWS, np.nan), b=np.ones(ROWS), c=gaps) == ()
