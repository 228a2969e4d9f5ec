"""The figures of a year against the plainest numpy and pandas ways to get them."""

import json
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.readings.statistics import SignalStatistics, Statistics, measure

DAYS = 10
ROWS = DAYS * 1440
RANDOM = np.random.default_rng(5)


def table(**columns: np.ndarray) -> pa.Table:
    rows = len(next(iter(columns.values())))
    times = np.datetime64("2024-01-01", "ms") + np.arange(rows) * np.timedelta64(60_000, "ms")
    return pa.table({"Timestamp": times, **{n: pa.array(v) for n, v in columns.items()}})


def figures(values: np.ndarray) -> SignalStatistics:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return measure(table(power_w=values)).signals["power_w"]


def excess_kurtosis(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    centred = known - known.mean()
    return float((centred**4).mean() / (centred**2).mean() ** 2 - 3)


SHAPES = {
    "white noise": RANDOM.normal(size=ROWS),
    "heavy noise": RANDOM.laplace(3, 2, size=ROWS),
    "random walk": np.cumsum(RANDOM.normal(size=ROWS)),
    "daily sine": np.sin(np.arange(ROWS) / 1440 * 2 * np.pi) + 0.1 * RANDOM.normal(size=ROWS),
    "coarse steps": np.round(np.cumsum(RANDOM.normal(size=ROWS)) / 10),
    "with missing": np.where(RANDOM.random(ROWS) < 0.1, np.nan, RANDOM.normal(size=ROWS)),
    "missing days": np.where(np.arange(ROWS) < 3 * 1440, np.nan, RANDOM.normal(size=ROWS)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_range_and_missing_share_are_those_of_pandas(shape: str) -> None:
    values = SHAPES[shape]
    series = pd.Series(values)

    found = figures(values)

    assert found.minimum == pytest.approx(series.min(), rel=1e-5)
    assert found.mean == pytest.approx(series.mean(), rel=1e-5)
    assert found.maximum == pytest.approx(series.max(), rel=1e-5)
    assert found.missing == pytest.approx(series.isna().mean(), abs=1e-6)


@pytest.mark.parametrize("shape", SHAPES)
def test_autocorrelation_is_that_of_the_values_with_the_mean_where_one_is_missing(
    shape: str,
) -> None:
    series = pd.Series(SHAPES[shape])

    expected = series.fillna(series.mean()).autocorr(lag=1)

    assert figures(SHAPES[shape]).autocorrelation == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("shape", SHAPES)
def test_kurtosis_is_that_of_increments_between_neighbouring_minutes(shape: str) -> None:
    expected = excess_kurtosis(np.diff(SHAPES[shape]))

    assert figures(SHAPES[shape]).kurtosis == pytest.approx(expected, abs=0.006)


@pytest.mark.parametrize("shape", SHAPES)
def test_hour_of_day_is_the_variance_of_the_hourly_means_over_the_variance(shape: str) -> None:
    series = pd.Series(SHAPES[shape])
    filled = series.fillna(series.mean())
    hours = filled.groupby(np.arange(ROWS) // 60 % 24).mean()

    expected = hours.var(ddof=0) / series.var(ddof=0)

    assert figures(SHAPES[shape]).hour_of_day == pytest.approx(expected, abs=1e-4)


def test_the_hour_of_day_explains_a_daily_sine_and_no_noise() -> None:
    sine, noise = figures(SHAPES["daily sine"]), figures(SHAPES["white noise"])

    assert sine.hour_of_day == pytest.approx(0.98, abs=0.02)
    assert noise.hour_of_day == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -273.15, 1e-200, 1e30])
def test_a_constant_has_a_range_and_nothing_else(value: float) -> None:
    found = figures(np.full(ROWS, value))

    assert found.minimum == found.mean == found.maximum == pytest.approx(value)
    assert (found.autocorrelation, found.kurtosis, found.hour_of_day) == (None, None, None)


def test_a_constant_with_gaps_is_still_a_constant() -> None:
    found = figures(np.where(np.arange(ROWS) % 7 == 0, np.nan, 0.1))

    assert (found.autocorrelation, found.kurtosis, found.hour_of_day) == (None, None, None)


def test_a_signal_without_any_value_is_wholly_missing() -> None:
    found = figures(np.full(ROWS, np.nan))

    assert found == SignalStatistics(None, None, None, 1.0, None, None, None)


@pytest.mark.parametrize("scale", [1e-300, 1e-150, 1e-80, 1e29])
def test_very_small_and_large_values_end_in_finite_figures_without_a_warning(scale: float) -> None:
    found = figures(RANDOM.normal(size=ROWS) * scale)

    known = [v for v in (found.autocorrelation, found.kurtosis, found.hour_of_day) if v is not None]
    assert np.isfinite(known).all()


def test_values_that_no_sampled_row_holds_give_no_warning() -> None:
    sparse = np.full(ROWS, np.nan)
    sparse[1] = 1.0
    columns = {"a_w": sparse, "b_w": SHAPES["white noise"], "c_w": SHAPES["random walk"]}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = measure(table(**columns))

    assert found.correlated_pairs in (0.0, 1.0)


def pairs_by_pandas(columns: dict[str, np.ndarray]) -> float:
    step = max(1, ROWS // 5_000)
    frame = pd.DataFrame(columns).iloc[::step]
    matrix = frame.fillna(frame.mean()).rank().corr().abs().to_numpy()
    return float((matrix[np.triu_indices(len(columns), k=1)] > 0.3).mean())


def test_correlated_pairs_are_those_of_spearman_with_ties_and_gaps() -> None:
    base = RANDOM.normal(size=ROWS)
    columns = {
        "a_w": base,
        "exponential_w": np.exp(3 * base),
        "coarse_w": np.round(base),
        "gaps_w": np.where(RANDOM.random(ROWS) < 0.1, np.nan, -base),
        "other_w": RANDOM.normal(size=ROWS),
        "other_coarse_w": np.round(RANDOM.normal(size=ROWS)),
    }

    found = measure(table(**columns)).correlated_pairs

    assert found == pytest.approx(6 / 15, abs=1e-4)
    assert found == pytest.approx(pairs_by_pandas(columns), abs=1e-4)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.lists(st.integers(0, 4), min_size=30, max_size=30), min_size=2, max_size=5))
def test_ranks_with_many_ties_agree_with_pandas(rows: list[list[int]]) -> None:
    columns = {f"c{i}_w": np.array(row, float) for i, row in enumerate(rows)}
    varying = {name: v for name, v in columns.items() if v.min() < v.max()}
    padded = {name: np.tile(v, 48) for name, v in columns.items()}  # one day

    found = measure(table(**padded)).correlated_pairs

    if len(varying) < 2:
        assert found is None
        return
    matrix = pd.DataFrame(varying).corr("spearman").abs().to_numpy()
    upper = matrix[np.triu_indices(len(varying), k=1)]
    if np.abs(upper - 0.3).min() > 1e-9:
        assert found == pytest.approx((upper > 0.3).mean(), abs=1e-4)


def test_pairs_of_constants_are_undefined() -> None:
    found = measure(table(a_w=np.full(ROWS, 1.0), b_w=RANDOM.normal(size=ROWS)))

    assert found.correlated_pairs is None


def test_figures_survive_being_written_and_read() -> None:
    found = measure(table(a_w=SHAPES["with missing"], b_w=np.full(ROWS, 1.0)))

    assert Statistics.from_json(found.to_json()) == found
    assert json.loads(found.to_json())["signals"]["b_w"]["autocorrelation"] is None
