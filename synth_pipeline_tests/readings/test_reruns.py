"""Runs of the same code held against the first one."""

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.domain.column import Column
from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.fields import signals_of
from synth_pipeline.readings.machine_year import MachineYear
from synth_pipeline.readings.reruns import (
    again_findings,
    column_findings,
    leap_day_findings,
    seed_findings,
)
from synth_pipeline_tests.support.tables import label_table, minutes

ROWS = 525_600
SPIKE = ("2023-03-01T10:00", "2023-03-01T10:05", "spike")
SHIFT = (np.arange(ROWS) // 480 % 2).astype(float)  # by the plan, whatever the seed


def year(seed: int, labels: pa.Table | None = None, **changes: np.ndarray) -> MachineYear:
    random = np.random.default_rng(seed)
    columns = {
        "oil_temperature_c": np.round(random.laplace(size=ROWS).cumsum() / 50, 1),
        "load_kw": np.round(SHIFT * (20 + random.laplace(size=ROWS)), 2),
        **changes,
    }
    arrays = {name: pa.array(values, from_pandas=True) for name, values in columns.items()}
    table = pa.table({"Timestamp": minutes(2023), **arrays})
    return MachineYear(table, labels, signals_of(table.schema))


def said(findings: list[Finding], topic: Topic) -> list[str]:
    assert all(not finding.is_fatal and finding.topic is topic for finding in findings)
    return [finding.message for finding in findings]


# --- again ----------------------------------------------------------------------------------------


def test_the_same_again_is_the_same() -> None:
    gaps = np.where(SHIFT > 0, np.nan, 1.0)

    assert again_findings(year(1, label_table(SPIKE), gap_c=gaps),
                          year(1, label_table(SPIKE), gap_c=gaps)) == []  # fmt: skip
    assert again_findings(year(1), year(1)) == []


def test_one_value_that_is_another_is_named() -> None:
    other = year(1).table.column("load_kw").to_numpy().copy()
    other[777] += 1e-9

    found = said(again_findings(year(1), year(1, load_kw=other)), Topic.REPEATABLE)

    assert found[0].startswith(
        "the same year and seed gave other values in load_kw; load_kw at row 777 was "
    )


@pytest.mark.parametrize("labels", [None, label_table(), label_table((*SPIKE[:2], "drift"))])
def test_other_labels_are_named(labels: pa.Table | None) -> None:
    found = again_findings(year(1, label_table(SPIKE)), year(1, labels))

    assert said(found, Topic.REPEATABLE) == ["the same year and seed gave other labels"]


# --- another seed ---------------------------------------------------------------------------------


def test_another_seed_gives_other_signals() -> None:
    assert seed_findings(year(1), year(2)) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("setpoint_c", 20 + 5 * SHIFT),
        ("setpoint_c", np.where(np.arange(ROWS) % 10_000 < 5000, 80.0, 20.0)),
    ],
)
def test_a_setpoint_may_be_the_same_for_every_seed(name: str, values: np.ndarray) -> None:
    assert seed_findings(year(1, **{name: values}), year(2, **{name: values})) == []


def test_signals_that_no_seed_moves_are_named() -> None:
    fixed = year(1).table.column("load_kw").to_numpy()

    assert said(seed_findings(year(1), year(1)), Topic.SEED) == [
        "another seed gave the same values in oil_temperature_c, load_kw"
    ]
    assert said(seed_findings(year(1), year(2, load_kw=fixed)), Topic.SEED) == [
        "another seed gave the same values in load_kw"
    ]


def test_setpoints_alone_are_too_little() -> None:
    table = pa.table({"Timestamp": minutes(2023), "a_c": SHIFT, "b_c": 1 - SHIFT})
    made = MachineYear(table, None, signals_of(table.schema))

    assert said(seed_findings(made, made), Topic.SEED) == [
        "another seed gave the same values in a_c, b_c"
    ]


def test_a_seed_that_moves_nothing_but_the_anomalies_moves_too_little() -> None:
    values = year(1).table.column("oil_temperature_c").to_numpy()
    low, high = values.copy(), values.copy()
    low[100_000:110_000] -= 50
    high[300_000:310_000] += 50
    at = np.datetime64("2023-01-01T00:00") + np.array([100_000, 109_999, 300_000, 309_999])
    labels = [label_table((str(at[n]), str(at[n + 1]), "drift")) for n in (0, 2)]

    found = seed_findings(
        year(1, labels[0], oil_temperature_c=low), year(2, labels[1], oil_temperature_c=high)
    )

    assert said(found, Topic.SEED) == ["another seed gave the same values in oil_temperature_c"]


@pytest.mark.parametrize(("factor", "offset"), [(1.0, 3.0), (1.07, 0.0), (-2.0, 40.0)])
def test_a_series_that_the_seed_only_moves_or_scales_is_named(factor: float, offset: float) -> None:
    values = year(1).table.column("load_kw").to_numpy()

    found = seed_findings(year(1), year(2, load_kw=factor * values + offset))

    assert said(found, Topic.SEED) == [
        "another seed gave the same series, moved, scaled or in another order, in load_kw"
    ]


def test_coarse_signals_of_few_steps_are_not_taken_for_one_series() -> None:
    coarse = [np.random.default_rng(seed).integers(0, 2, ROWS).astype(float) for seed in (1, 2)]

    assert seed_findings(year(1, level_pct=coarse[0]), year(2, level_pct=coarse[1])) == []


# --- columns --------------------------------------------------------------------------------------

WANTED = (Column("a_c", "°C"), Column("b_pa", "Pa"))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (WANTED, None),
        (WANTED[:1], "another run wrote other columns (missing: b_pa)"),
        ((*WANTED, Column("c_w", "W")), "another run wrote other columns (new: c_w)"),
        (WANTED[::-1], "another run wrote other columns (in another order)"),
        (
            (Column("a_c", "K"), WANTED[1]),
            "another run wrote other columns (of another unit: a_c)",
        ),
    ],
)
def test_every_run_writes_the_same_columns(found: tuple[Column, ...], message: str | None) -> None:
    told = said(column_findings(WANTED, found, Topic.YEAR), Topic.YEAR)

    assert told == ([message] if message else [])


def test_a_series_that_the_seed_moves_in_time_is_named_and_a_ramp_is_not() -> None:
    rng = np.random.default_rng(4)
    noise = np.round(rng.laplace(0, 3, 525_600), 1)
    ramp = np.round(np.clip(np.arange(400) * 7.7, 0, 3000), 1)
    speed = [np.round(np.abs(rng.laplace(0, 3, 525_600)), 1) for _ in range(2)]
    speed[0][10_000:10_400] = ramp
    speed[1][9_000:9_400] = ramp

    found = seed_findings(
        year(1, flow_w=noise, speed_w=speed[0]),
        year(2, flow_w=np.roll(noise, 15_840), speed_w=speed[1]),
    )

    assert said(found, Topic.SEED) == [
        "another seed gave the same series, moved, scaled or in another order, in flow_w"
    ]


def leap_year(**signals: np.ndarray) -> MachineYear:
    table = pa.table({"Timestamp": minutes(2024), **signals})
    return MachineYear(table, None, signals_of(table.schema))


@pytest.mark.parametrize("day", [58, 52, 300])
def test_a_leap_day_has_readings_of_its_own(day: int) -> None:
    rng = np.random.default_rng(4)
    own = rng.laplace(0, 3, 527_040)
    copied, still = own.copy(), own.copy()
    copied[59 * 1440 : 60 * 1440] = copied[day * 1440 : (day + 1) * 1440]
    still[59 * 1440 : 60 * 1440] = 1.0

    found = leap_day_findings(leap_year(a_w=own, b_w=copied), 2024)
    stands = leap_day_findings(leap_year(a_w=still, b_w=still, c_w=still), 2024)
    off = leap_day_findings(leap_year(a_w=own, b_w=still), 2024)

    assert [str(each) for each in found] == ["29 February 2024 is a copy of another day in b_w"]
    assert [str(each) for each in stands] == ["29 February 2024 stands still in a_w, b_w, c_w"]
    assert off == []


def test_a_plan_is_on_its_leap_day_as_on_others() -> None:
    setpoint = np.where(np.arange(527_040) // 480 % 3, 80.0, 60.0)

    assert leap_day_findings(leap_year(setpoint_c=setpoint), 2024) == []


def events(*minutes: int) -> pa.Table:
    start = np.datetime64("2023-02-01T00:00")
    times = [str(start + np.timedelta64(minute, "m")) for minute in minutes]
    return label_table(*((time, time, "spike") for time in times))


@pytest.mark.parametrize(
    ("others", "told"),
    [
        ((0, 900, 1800, 2700, 3600, 4500), "another seed gave 6 of 6 events at the same places"),
        ((0, 900, 1800, 2700, 1, 2), "another seed gave 4 of 6 events at the same places"),
        ((0, 100, 200, 300, 400, 500), ""),
    ],
)
def test_another_seed_has_its_events_elsewhere(others: tuple[int, ...], told: str) -> None:
    first = year(1, labels=events(0, 900, 1800, 2700, 3600, 4500))

    found = seed_findings(first, year(2, labels=events(*others)))

    assert said(found, Topic.SEED) == ([told] if told else [])


def test_the_days_of_one_year_in_another_order_are_named() -> None:
    rng = np.random.default_rng(4)
    flow = np.round(rng.laplace(300, 3, ROWS), 1)
    dealt = flow.reshape(365, 1440)[rng.permutation(365)].ravel()

    found = seed_findings(year(1, flow_w=flow), year(2, flow_w=dealt))

    assert said(found, Topic.SEED) == [
        "another seed gave the same series, moved, scaled or in another order, in flow_w"
    ]


def weather(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    slow = np.interp(
        np.arange(ROWS), np.arange(0, ROWS + 720, 720), rng.normal(0, 3, ROWS // 720 + 1)
    )
    return slow + 4 * np.sin(np.arange(ROWS) / 1440 * 2 * np.pi)


@pytest.mark.parametrize(("other", "is_told"), [(1, True), (2, False)])
def test_one_weather_for_all_seeds_is_told_whatever_the_noise(other: int, is_told: bool) -> None:
    noise = [np.random.default_rng(seed).normal(0, 0.2, ROWS) for seed in (5, 6)]
    first, second = (weather(seed) + each for seed, each in zip((1, other), noise, strict=True))

    found = seed_findings(year(1, air_c=np.round(first, 1)), year(2, air_c=np.round(second, 1)))

    assert bool(said(found, Topic.SEED)) is is_told


def test_a_tank_that_is_filled_by_plan_is_the_same_for_every_seed() -> None:
    level = 90 - np.arange(ROWS) % 30_000 / 1000
    noise = [np.random.default_rng(seed).normal(0, 0.4, ROWS) for seed in (5, 6)]
    first, second = (np.round(level + each, 1) for each in noise)

    assert seed_findings(year(1, level_pct=first), year(2, level_pct=second)) == []


def test_a_leap_day_that_is_another_one_with_some_noise_is_told() -> None:
    rng = np.random.default_rng(4)
    own = rng.laplace(300, 3, 527_040)
    plan = np.where(np.arange(527_040) % 90 < 45, 20.0, 5.0) + rng.laplace(0, 0.1, 527_040)
    for values in (own, plan):
        day = values[58 * 1440 : 59 * 1440]
        values[59 * 1440 : 60 * 1440] = day + rng.laplace(0, 0.01 * day.std(), 1440)

    (found,) = leap_day_findings(leap_year(own_w=own, plan_w=plan), 2024)

    assert "is a copy of another day in own_w" in str(found)


def test_a_machine_may_rest_on_a_leap_day_if_it_rests_on_others() -> None:
    rng = np.random.default_rng(4)
    rests = rng.laplace(300, 3, 527_040).reshape(366, 1440)
    rests[rng.random(366) < 0.08] = 0.0
    rests[59] = 0.0
    speed = rests.ravel()

    assert leap_day_findings(leap_year(a_w=speed, b_w=2 * speed, c_w=3 * speed), 2024) == []


def test_a_leap_day_between_two_others_in_straight_lines_is_told() -> None:
    rng = np.random.default_rng(4)
    drawn = {}
    for name in ("a_w", "b_w", "c_w"):
        values = rng.laplace(300, 3, 527_040)
        ends = values[59 * 1440 - 1], values[60 * 1440]
        values[59 * 1440 : 60 * 1440] = np.linspace(*ends, 1442)[1:-1]
        drawn[name] = values

    (found,) = leap_day_findings(leap_year(**drawn), 2024)

    assert str(found) == "29 February 2024 stands still in a_w, b_w, c_w"
