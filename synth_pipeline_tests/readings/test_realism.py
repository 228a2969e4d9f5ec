"""Which figures look like a real machine, and which are flagged."""

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.readings.realism import realism_violations
from synth_pipeline.readings.statistics import SignalStatistics, Statistics, measure
from synth_pipeline_tests.support.tables import minutes, year_table

NAB = SignalStatistics(2.0, 86.0, 108.0, 0.0, 0.997, 8.5, 0.01)
FAST = SignalStatistics(0.0, 1.0, 2.0, 0.0, 0.01, 0.8, 0.0)
SLOW = SignalStatistics(0.0, 1.0, 2.0, 0.0, 0.99, 5.0, 0.05)


def messages(statistics: Statistics) -> list[str]:
    return [violation.message for violation in realism_violations(statistics)]


def of(*signals: SignalStatistics, pairs: float | None = 0.3) -> Statistics:
    return Statistics({f"signal_{i}_w": s for i, s in enumerate(signals)}, pairs)


def measured(**signals: np.ndarray) -> Statistics:
    return measure(pa.table({"Timestamp": minutes(2023), **signals}))


def test_a_year_with_noise_a_walk_and_a_coupling_is_real() -> None:
    assert messages(measure(year_table())) == []


def test_the_recordings_that_set_the_bounds_are_real() -> None:
    assert messages(of(FAST, SLOW, SLOW, pairs=0.18)) == []
    assert messages(of(FAST, SLOW, NAB, pairs=0.39)) == []


def test_pure_daily_sines_are_flagged() -> None:
    phase = np.arange(525_600) / 1440 * 2 * np.pi

    found = messages(measured(a_w=np.sin(phase), b_w=np.cos(phase), c_w=np.sin(phase + 1)))

    assert found[0] == (
        "the hour of day explains 0.99 of the median signal's variance; expected at most 0.3"
    )
    assert any("increments are Gaussian" in message for message in found)
    assert any(message.startswith("every signal is slow") for message in found)


def test_independent_gaussian_noise_is_flagged() -> None:
    random = np.random.default_rng(1)

    found = messages(measured(**{f"{n}_w": random.normal(size=525_600) for n in "abc"}))

    assert len(found) == 3
    assert found[0].startswith("increments are Gaussian (median excess kurtosis ")
    assert found[0].endswith("expected more than 0.2")
    assert found[1] == "every signal is fast (lag-1 autocorrelation below 0.9)"
    assert found[2] == "0% of the signal pairs are correlated; expected 2% to 90%"


def test_copies_of_one_signal_are_flagged() -> None:
    assert messages(of(FAST, SLOW, pairs=1.0)) == [
        "100% of the signal pairs are correlated; expected 2% to 90%"
    ]


def test_signals_that_never_change_are_named() -> None:
    constant = dataclasses.replace(FAST, autocorrelation=None, kurtosis=None, hour_of_day=None)

    assert messages(of(FAST, SLOW, constant)) == ["signals never change: signal_2_w"]


def test_only_constants_are_flagged_once() -> None:
    constant = SignalStatistics(1.0, 1.0, 1.0, 0.0, None, None, None)

    assert messages(of(constant, constant, pairs=None)) == [
        "signals never change: signal_0_w, signal_1_w"
    ]


@pytest.mark.parametrize(
    ("signals", "pairs", "is_real"),
    [
        ((FAST, SLOW), 0.02, True),
        ((FAST, SLOW), 0.9, True),
        ((FAST, SLOW), 0.019, False),
        ((FAST, SLOW), 0.91, False),
        ((SLOW, SLOW), 0.3, False),
        ((FAST, FAST), 0.3, False),
        ((dataclasses.replace(FAST, kurtosis=0.1), SLOW), 0.3, True),
        ((dataclasses.replace(FAST, kurtosis=0.1),) * 2 + (SLOW,), 0.3, False),
        ((FAST, SLOW, dataclasses.replace(SLOW, hour_of_day=0.9)), 0.3, True),
        ((FAST, *(dataclasses.replace(SLOW, hour_of_day=0.31),) * 2), 0.3, False),
    ],
)
def test_the_bounds_hold_for_the_median_signal(
    signals: tuple[SignalStatistics, ...], pairs: float, is_real: bool
) -> None:
    assert (messages(of(*signals, pairs=pairs)) == []) is is_real
