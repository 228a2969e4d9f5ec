"""What the machine does when: modes, lots, shifts, maintenance, wear, stops."""

import datetime as dt

import numpy as np
import pytest

from synth_pipeline import signal_kit as kit

YEAR, LEAD = 2023, kit.LEAD_ROWS
RECIPE = kit.Recipe([("heat", 20, 0.1), ("cool", 10, 0.1)], per_lot=3, idle_minutes=15)
MODES = kit.Modes({"on": (300, 1), "off": (100, 1)})


def simulation(machine: str = "Test Rig", year: int = YEAR) -> kit.Simulation:
    return kit.Simulation(machine, year, 7, site="ada")


def test_recipes_run_through_their_steps_in_order() -> None:
    plan = simulation().plan(RECIPE)

    level = plan.level("x", {"heat": 1.0, "cool": 2.0})
    after_heat = level[1:][(level[:-1] == 1.0) & (level[1:] != 1.0)]
    assert set(after_heat) == {2.0}
    assert plan.where("heat").mean() == pytest.approx(60 / 105, abs=0.08)


def test_modes_share_the_year_by_weight_and_dwell() -> None:
    shares = [simulation(f"rig {n}").plan(MODES).where("on").mean() for n in range(6)]

    assert np.mean(shares) == pytest.approx(0.75, abs=0.06)


def test_maintenance_comes_at_different_times_of_the_morning() -> None:
    sim = simulation()
    plan = sim.plan(MODES, maintenance=kit.Maintenance(every_days=7, hours=3))

    starts = np.flatnonzero(np.diff(plan.where("maintenance").astype(np.int8)) == 1) + 1
    hours = [when.hour + when.minute / 60 for when in sim.timestamps[starts].astype(dt.datetime)]
    assert 48 <= len(starts) <= 56
    assert all(6 <= hour < 14 for hour in hours)
    assert len(set(hours)) > 8
    assert {hour * 4 % 1 for hour in hours} == {0.0}


def test_time_off_shift_is_by_the_calendar() -> None:
    sim = simulation()
    plan = sim.plan(RECIPE, shift=kit.Shift("off", days=5, start_hour=6, end_hour=14))

    at_work = ~plan.where("off", "maintenance")
    moments = sim.timestamps[at_work].astype("datetime64[m]").astype(dt.datetime)
    assert at_work.mean() == pytest.approx(8 / 24 * 5 / 7, abs=0.01)
    assert {moment.weekday() for moment in moments[::31]} == {0, 1, 2, 3, 4}
    assert {moment.hour for moment in moments[::31]} == set(range(6, 14))


def test_wear_grows_in_use_and_only_every_second_maintenance_resets_it() -> None:
    sim = simulation()
    plan = sim.plan(MODES, maintenance=kit.Maintenance(20, 5), wear=kit.Wear(400, ("on",), every=2))

    wear, on = plan.wear, plan.where("on")
    steps = np.diff(wear)
    resets = np.flatnonzero(steps < 0)
    ends = np.flatnonzero(np.diff(plan.where("maintenance").astype(np.int8)) == -1)
    assert len(ends) // 2 - 1 <= len(resets) <= len(ends) // 2 + 1
    assert set(resets) <= set(ends)
    assert steps[steps > 0].min() == pytest.approx(steps[steps > 0].max(), rel=1e-6)
    assert ((steps > 0) == on[1:])[steps >= 0].all()


def test_levels_follow_modes_lots_and_products() -> None:
    sim = simulation()
    plan = sim.plan(RECIPE, products={"a": 1.0, "b": 1.0})

    heat = plan.where("heat")
    plain = plan.level("plain", {"heat": 100.0}, otherwise=20.0)
    product = plan.level("product", {"heat": 100.0}, products={"b": 1.5})
    lots = plan.level("lots", {"heat": 100.0, "cool": 50.0}, lot=0.05)
    runs = plan.level("runs", {"heat": 100.0}, run=0.05)

    assert set(plain[heat]) == {100.0}
    assert set(plain[~heat]) == {20.0}
    assert set(product[heat]) == {100.0, 150.0}
    assert np.std(runs[heat]) == pytest.approx(5, rel=0.2)
    assert np.unique(runs[heat]).size > 2.5 * np.unique(lots[heat]).size


def test_units_ask_for_different_levels_in_the_same_proportion() -> None:
    levels = [
        simulation(f"rig {n}").plan(RECIPE).level("x", {"heat": 9.0, "cool": 3.0}, units=0.2)
        for n in range(2)
    ]

    first, second = (sorted(set(values[values > 0])) for values in levels)
    assert first != second
    assert first[1] / first[0] == pytest.approx(second[1] / second[0])


def test_standing_still_is_as_in_maintenance_unless_it_is_said() -> None:
    plan = simulation().plan(RECIPE, maintenance=kit.Maintenance(10, 3), stops_per_year=80)

    stop = plan.where("stop")
    assert stop.any()
    assert set(plan.level("a", {"maintenance": 5.0}, otherwise=1.0)[stop]) == {5.0}
    assert set(plan.level("b", {"maintenance": 5.0, "stop": 2.0})[stop]) == {2.0}


def test_a_batch_machine_goes_on_with_the_next_lot() -> None:
    sim = simulation()
    plan = sim.plan(RECIPE, stops_per_year=60)

    assert len(plan.stops) > 30
    inside = [s for s in plan.stops if sim.start < s.start and s.restart < sim.start + sim.rows]
    heat = plan.where("heat")
    for stop in inside:
        assert stop.start < stop.ready <= stop.restart
        waits = heat[stop.start - sim.start : stop.restart - sim.start]
        assert not waits.any()


def test_progress_and_elapsed_begin_anew_with_every_run() -> None:
    plan = simulation().plan(RECIPE)

    heat, progress, elapsed = plan.where("heat"), plan.progress("heat"), plan.elapsed("heat")
    begins = np.flatnonzero(np.diff(heat.astype(np.int8)) == 1) + 1
    assert (progress[begins] == 0).all()
    assert (progress[~heat] == 0).all()
    assert 0.9 < progress.max() < 1
    assert (elapsed[begins + 3] == 3).all()


def test_the_plan_is_made_once() -> None:
    sim = simulation()

    assert sim.plan(MODES) is sim.plan(MODES)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"schedule": kit.Recipe([])}, "expected steps"),
        ({"schedule": kit.Recipe([("a", 0.5, 0)])}, "at least 1 minute"),
        ({"schedule": kit.Modes({"on": (5, 1)})}, "two or more"),
        ({"maintenance": kit.Maintenance(0.5, 1)}, "every_days >= 1"),
        ({"shift": kit.Shift("off", start_hour=9, end_hour=9)}, "start_hour < end_hour"),
        ({"wear": kit.Wear(0, ("on",))}, "full_hours > 0"),
        ({"causes": (kit.Cause("x", "explode", 3, (1, 2)),)}, "expected a pattern"),
        ({"causes": (kit.Cause("x", "grow", 3, (1, 2), "never"),)}, "repair or recovery"),
        ({"causes": (kit.Cause("x", "grow", 3, (2, 1)),)}, "least <= most"),
        ({"causes": (kit.Cause("x", "grow", 300, (20, 30)),)}, "expected 5 %"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulation().plan(**{"schedule": MODES, **asked})  # type: ignore[arg-type]


def test_a_misspelt_mode_cause_or_second_use_is_refused() -> None:
    plan = simulation().plan(MODES, causes=(kit.Cause("leak", "grow", 3, (1, 2)),))
    plan.level("x", {"on": 1.0})

    with pytest.raises(ValueError, match=r"unknown modes \['onn'\]"):
        plan.level("y", {"onn": 1.0})
    with pytest.raises(ValueError, match="unknown cause 'leek'"):
        plan.cause("leek")
    with pytest.raises(ValueError, match="already in use"):
        plan.level("x", {"on": 1.0})
