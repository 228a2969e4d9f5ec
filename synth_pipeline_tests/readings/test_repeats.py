"""Series that come again, in themselves or in another one."""

import numpy as np
import pytest

from synth_pipeline.readings.repeats import dealt_share, hourly_means, repeated_share

ROWS = 525_600
RNG = np.random.default_rng(8)
FLOW = np.round(300 + RNG.laplace(0, 8, ROWS), 1)
OTHER = np.round(300 + RNG.laplace(0, 8, ROWS), 1)
DAYS = RNG.integers(0, 10, 365)
DIGIT = 0.1 * RNG.integers(-1, 2, ROWS)


def dealt(values: np.ndarray, others: np.ndarray | None = None) -> float:
    return dealt_share(values, hourly_means(values), others)


def of_days(values: np.ndarray, days: np.ndarray) -> np.ndarray:
    return np.asarray(values.reshape(365, 1440)[days].ravel())


def test_a_year_that_is_mirrored_comes_again() -> None:
    half = np.r_[FLOW[: ROWS // 2], FLOW[: ROWS // 2][::-1]]

    assert repeated_share(half) > 0.99
    assert repeated_share(FLOW) < 0.01


def test_a_year_of_ten_days_in_any_order_comes_again() -> None:
    pool = of_days(FLOW, DAYS)

    assert dealt(pool) > 0.9
    assert dealt(np.round(pool + DIGIT, 1)) > 0.9
    assert dealt(FLOW) == 0.0


def test_a_coarse_signal_comes_again_only_where_it_is_the_same() -> None:
    coarse = np.round(FLOW / 20) * 20

    assert dealt(of_days(coarse, DAYS)) > 0.9
    assert dealt(coarse) == 0.0


@pytest.mark.parametrize(
    "other",
    [
        of_days(FLOW, RNG.permutation(365)),
        FLOW + DIGIT,
        np.roll(FLOW, 5_000 * 60 // 60 * 60),
    ],
)
def test_a_series_in_another_order_is_found_in_the_first(other: np.ndarray) -> None:
    assert dealt(FLOW, np.round(other, 1)) > 0.7


def test_another_series_is_not_found() -> None:
    assert dealt(FLOW, OTHER) == 0.0


def test_plans_ramps_and_counters_may_come_again() -> None:
    ramp = np.tile(np.round(np.r_[np.arange(180) * 3.3, np.full(180, 594.0)], 1), ROWS // 360)
    hours = np.round(np.cumsum(RNG.random(ROWS) < 0.7) / 60, 2)
    shift = np.where(np.arange(ROWS) // 480 % 3, 20.0, 0.0)

    assert [dealt(each) for each in (ramp, hours, shift)] == [0.0, 0.0, 0.0]
    assert [dealt(each, each) for each in (ramp, hours, shift)] == [0.0, 0.0, 0.0]


def test_missing_values_are_no_likeness() -> None:
    gaps = FLOW.copy()
    gaps[::50] = np.nan
    filled = np.where(np.isnan(gaps), 300.0, gaps)

    assert dealt_share(gaps, hourly_means(filled)) == 0.0
    assert repeated_share(gaps) == 0.0
