"""Which figures look like a real machine, and which are flagged."""

import dataclasses
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.finding import Topic
from synth_pipeline.readings.realism import realism_findings
from synth_pipeline.readings.statistics import SignalStatistics, Statistics, measure
from synth_pipeline_tests.support.tables import SIGNALS, minutes, year_table

NAB = SignalStatistics(2.0, 86.0, 108.0, 0.0, 0.997, 8.5, 0.01)
FAST = SignalStatistics(0.0, 1.0, 2.0, 0.0, 0.01, 0.8, 0.0)
SLOW = SignalStatistics(0.0, 1.0, 2.0, 0.0, 0.99, 5.0, 0.05)


def messages(statistics: Statistics) -> list[str]:
    """What is found in figures of these signals; others are watts, which may be anything."""
    units = {signal.name: signal.unit for signal in SIGNALS}
    columns = [Column(name, units.get(name, "W")) for name in statistics.signals]
    return [finding.message for finding in realism_findings(statistics, columns)]


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
        "signals run by the clock, a period or two explain them: a_w (0.99 by 1440 minutes), "
        "b_w (0.99 by 1440 minutes), c_w (0.99 by 1440 minutes)"
    )


def test_independent_gaussian_noise_is_flagged() -> None:
    random = np.random.default_rng(1)

    found = messages(measured(**{f"{n}_w": random.normal(size=525_600) for n in "abc"}))

    assert len(found) == 4
    assert found[0].startswith("increments are Gaussian (median excess kurtosis ")
    assert found[0].endswith("expected more than 0.2")
    assert found[1] == "every signal is fast (lag-1 autocorrelation below 0.9)"
    assert found[2] == "signals are noise without memory, in every mode alike: a_w, b_w, c_w"
    assert found[3] == "0% of the signal pairs are correlated; expected at least 2%"


def real(rows: int = 525_600) -> dict[str, np.ndarray]:
    """Three signals that nothing is held against."""
    table = year_table(2023)
    return {name: table.column(name).to_numpy()[:rows] for name in table.column_names[1:]}


def told(**more: np.ndarray) -> list[str]:
    return messages(measured(**real(), **more))


def test_one_recipe_that_drives_all_signals_is_no_fault() -> None:
    random = np.random.default_rng(3)
    load = np.repeat(random.laplace(5, 2, 8760), 60) + np.cumsum(random.laplace(size=525_600)) / 900
    driven = {f"{name}_w": load * 3 + random.laplace(0, 3, 525_600) for name in "abcdefgh"}
    driven["slow_w"] = load

    statistics = measured(**driven)

    assert statistics.correlated_pairs == 1.0
    assert messages(statistics) == []


def test_copies_and_multiples_of_a_signal_are_flagged_but_setpoints_of_one_recipe_are_not() -> None:
    random = np.random.default_rng(3)
    power = real()["rf_power_w"]
    steps = np.repeat(random.choice([0.0, 5.0, 20.0], 8760), 60)

    assert told(copied_w=power.copy(), scaled_w=3 * power + 7)[0] == (
        "signals follow another one exactly: copied_w, scaled_w"
    )
    assert told(low_setpoint_w=steps, high_setpoint_w=4 * steps) == []
    assert told(low_setpoint_w=steps, same_setpoint_w=steps.copy()) == [
        "signals follow another one exactly: same_setpoint_w"
    ]


@pytest.mark.parametrize("days", [1, 7, 30, 6.95])
def test_a_stretch_that_comes_again_and_again_is_flagged(days: float) -> None:
    random = np.random.default_rng(3)
    stretch = np.round(random.laplace(size=round(days * 1440)).cumsum() * 0.1, 1)

    found = told(repeated_w=np.resize(stretch, 525_600))

    assert "signals repeat themselves to the last digit: repeated_w" in found


@pytest.mark.parametrize("minutes_per_cycle", [7, 90, 613.3, 1440, 10_080])
@pytest.mark.parametrize("shape", [np.sin, lambda phase: np.sign(np.sin(phase))])
def test_a_signal_that_runs_by_a_clock_of_any_period_is_flagged(
    minutes_per_cycle: float, shape: Callable[[np.ndarray], np.ndarray]
) -> None:
    phase = 2 * np.pi * (np.arange(525_600) + 0.3) / minutes_per_cycle
    noise = np.random.default_rng(3).laplace(0, 0.1, 525_600)

    (found,) = told(clocked_w=shape(phase) + noise)

    assert found.startswith(
        "signals run by the clock, a period or two explain them: clocked_w (0.9"
    )


def test_a_row_counter_is_flagged() -> None:
    assert told(counted_w=np.arange(525_600.0)) == ["signals only count the rows: counted_w"]


def test_signals_that_are_constant_or_missing_almost_throughout_are_flagged() -> None:
    rare = np.zeros(525_600)
    rare[::1000] = 5.0
    missing = real()["rf_power_w"].copy()
    missing[200_000:] = np.nan

    assert told(rare_w=rare)[0] == "signals are constant almost throughout: rare_w"
    assert told(lost_w=missing)[0] == "signals are missing for most of the year: lost_w"


def test_a_state_may_seldom_change_and_a_level_may_not() -> None:
    rows = np.arange(525_600)
    rare = np.where(rows % 7_000 < 70, 1.0 + rows // 9 % 7, 0.0)

    assert told(oil_level_w=rare)[0] == "signals are constant almost throughout: oil_level_w"
    assert told(alarm_count=rare) == []


@pytest.mark.parametrize(("other", "is_told"), [(2238, True), (10_080, False)])
def test_two_clocks_are_no_machine_and_a_calendar_is_one(other: int, is_told: bool) -> None:
    rows = np.arange(525_600)
    day = np.sin(2 * np.pi * rows / 1440)
    noise = np.random.default_rng(3).laplace(0, 0.1, 525_600)
    both = day + np.sin(2 * np.pi * rows / other + 1) + noise

    clocks = [each for each in told(both_w=both) if "run by the clock" in each]

    assert len(clocks) == is_told


def test_units_and_values_are_part_of_it() -> None:
    columns = [Column("bearing_temperature_c", "°C"), Column("drive_power_kw", "Pa")]
    signals = {column.name: dataclasses.replace(SLOW, minimum=-4940.0) for column in columns}
    found = realism_findings(Statistics(signals, 0.3), columns)

    fatal = [finding for finding in found if finding.is_fatal]
    units = [finding.message for finding in found if finding.topic is Topic.UNITS]
    assert units == ["drive_power_kw is in Pa (pressure), but its name ends in kw (power)"]
    assert "bearing_temperature_c" in fatal[0].message
    assert "-4,940" in fatal[0].message
    assert fatal[0].topic is Topic.VALUES


def test_signals_that_never_change_are_named() -> None:
    constant = dataclasses.replace(
        FAST, autocorrelation=None, kurtosis=None, hour_of_day=None, steady=1.0
    )

    assert messages(of(FAST, SLOW, constant)) == ["signals never change: signal_2_w"]


def test_a_number_in_place_of_missing_values_is_flagged() -> None:
    rng = np.random.default_rng(3)
    level = np.round(40 + rng.laplace(0, 1, 525_600), 1)
    gaps = level.copy()
    gaps[1000:1400] = -999.0
    low = np.round(rng.uniform(-999, -900, 525_600))

    found = messages(measured(level_w=gaps, other_level_w=low))

    assert "missing values are written as a number (expected NaN): level_w" in found


def test_a_signal_twice_is_flagged_even_where_events_tell_them_apart() -> None:
    rng = np.random.default_rng(3)
    flow = np.round(40 + rng.laplace(0, 1, 525_600).cumsum() / 50, 2)
    other, scaled, noisy = (
        flow.copy(),
        np.round(flow * 3.6 + 2, 2),
        flow + rng.normal(0, 0.3, 525_600),
    )
    other[:20_000] += 5.0
    scaled[100_000:120_000] = np.nan

    found = measured(flow_m3_h=flow, other_m3_h=other, third_m3_h=scaled, fourth_m3_h=noisy)

    assert found.same_courses == ("other_m3_h", "third_m3_h")


def test_the_second_half_of_a_year_is_not_the_first() -> None:
    rng = np.random.default_rng(3)
    half = np.round(rng.laplace(0, 1, 262_800), 2)

    found = messages(measured(a_w=np.concatenate([half, half])))

    assert "signals repeat themselves to the last digit: a_w" in found


def test_only_constants_are_flagged_once() -> None:
    constant = SignalStatistics(1.0, 1.0, 1.0, 0.0, None, None, None)

    assert messages(of(constant, constant, pairs=None)) == [
        "signals never change: signal_0_w, signal_1_w"
    ]


@pytest.mark.parametrize(
    ("signals", "pairs", "is_real"),
    [
        ((FAST, SLOW), 0.02, True),
        ((FAST, SLOW), 1.0, True),
        ((FAST, SLOW), 0.019, False),
        ((SLOW, SLOW), 0.3, True),  # a furnace
        ((FAST, FAST), 0.3, False),
        ((dataclasses.replace(FAST, kurtosis=0.1), SLOW), 0.3, True),
        ((dataclasses.replace(FAST, kurtosis=0.1),) * 2 + (SLOW,), 0.3, False),
        ((FAST, SLOW, dataclasses.replace(SLOW, hour_of_day=0.9)), 0.3, True),
        ((FAST, *(dataclasses.replace(SLOW, hour_of_day=0.8),) * 2), 0.3, True),  # off at night
    ],
)
def test_the_bounds_hold_for_the_median_signal(
    signals: tuple[SignalStatistics, ...], pairs: float, is_real: bool
) -> None:
    assert (messages(of(*signals, pairs=pairs)) == []) is is_real


def test_an_hour_meter_that_never_rests_counts_rows() -> None:
    rng = np.random.default_rng(3)
    always = np.arange(525_600) / 60
    running = np.cumsum(rng.random(525_600) < np.repeat(rng.uniform(0.3, 1, 365), 1440)) / 60

    found = messages(measured(runtime_h=np.round(always + rng.normal(0, 0.1, 525_600), 2)))
    honest = messages(measured(runtime_h=np.round(running, 2)))

    assert "signals only count the rows: runtime_h" in found
    assert not any("count the rows" in message for message in honest)


def test_two_signals_that_only_rest_together_are_no_copies() -> None:
    rng = np.random.default_rng(3)
    runs = np.repeat(rng.random(8_760) < 0.06, 60)
    pressure = np.where(runs, np.round(12 + rng.laplace(0, 1, 525_600), 1), 0.0)
    power = np.where(runs, np.round(900 + rng.laplace(0, 40, 525_600)), 0.0)

    assert measured(gas_pressure_bar=pressure, laser_power_w=power).same_courses == ()


def test_a_steady_signal_that_events_take_to_zero_counts_no_rows() -> None:
    rng = np.random.default_rng(3)
    frequency = np.round(50 + rng.laplace(0, 0.01, 525_600), 3)
    for first in range(50_000, 500_000, 90_000):
        frequency[first : first + 15] = 0.0

    found = messages(measured(grid_frequency_hz=frequency))

    assert not any("count the rows" in message for message in found)


def test_a_constant_is_no_row_counter() -> None:
    found = messages(measured(room_w=np.full(525_600, 3.5)))

    assert not any("count the rows" in message for message in found)


def test_zeros_for_what_was_lost_are_told_of_a_temperature() -> None:
    rng = np.random.default_rng(3)
    oil = np.round(57 + rng.laplace(0, 0.1, 525_600).cumsum() / 40, 1)
    lost, speed = oil.copy(), np.round(1480 + rng.laplace(0, 3, 525_600))
    for at in rng.integers(0, 525_600, 25).tolist():
        lost[at], speed[at] = 0.0, 0.0  # a machine may stop for a minute
    coil = np.round(8 * np.sin(np.arange(525_600) / 90), 1)  # passes zero
    coil = np.where(np.abs(coil) < 0.5, 0.0, coil)

    figures = measured(oil_temperature_c=lost, speed_rpm=speed, coil_temperature_c=coil)

    units = {"oil_temperature_c": "°C", "speed_rpm": "rpm", "coil_temperature_c": "°C"}
    found = realism_findings(figures, [Column(name, unit) for name, unit in units.items()])

    told_of = "missing values are written as a number (expected NaN): oil_temperature_c"
    assert told_of in [finding.message for finding in found]


@pytest.mark.parametrize(
    ("name", "is_told"), [("separator_dp_w", True), ("helium_level_w", False), ("energy_w", False)]
)
def test_a_ramp_of_the_year_is_the_row_number_unless_something_is_used_up(
    name: str, is_told: bool
) -> None:
    noise = np.random.default_rng(3).laplace(0, 0.006, 525_600)

    found = told(**{name: np.round(0.14 + 0.4 * np.arange(525_600) / 525_600 + noise, 4)})

    assert (f"signals rise or fall by the row number: {name}" in found) is is_told


def test_a_standby_machine_rests_in_several_signals() -> None:
    runs = (np.arange(525_600) % 43_200 < 60) * (1 + np.arange(525_600) % 7 / 100)
    rest = {f"{name}_w": runs * size for name, size in (("a", 9.0), ("b", 70.0), ("c", 4.0))}

    assert not any("almost throughout" in each for each in told(**rest))
    assert any("almost throughout" in each for each in told(a_w=rest["a_w"]))
