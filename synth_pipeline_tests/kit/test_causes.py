"""Faults in the causes: what the second run of the equations changes, and what it may not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from synth_pipeline import signal_kit as kit
from synth_pipeline.readings.contract import (
    CONTEXT_SCHEMA,
    LABEL_SCHEMA,
    PATCH_SCHEMA,
    WORKLOG_SCHEMA,
)

YEAR, LEAD = 2023, kit.LEAD_ROWS
CAUSES = (
    kit.Cause("strainer", "grow", 8, (3, 20), wear_factor=60),
    kit.Cause("valve", "hunt", 6, (0.5, 4), ends="recovery"),
    kit.Cause("arcing", "bursts", 6, (0.3, 3), ends="recovery"),
    kit.Cause("relay", "step", 6, (1, 9)),
)


class Rig:
    """A pump, a controlled valve and a bath that the pump heats."""

    def __init__(self, sim: kit.Simulation) -> None:
        self.sim = sim
        self.plan = sim.plan(
            kit.Modes({"high": (300, 2), "low": (200, 1), "off": (60, 1)}),
            maintenance=kit.Maintenance(20, 5),
            wear=kit.Wear(500, ("high", "low")),
            causes=CAUSES,
            stops_per_year=15,
        )

    def record(self, recorder: kit.Recorder) -> None:
        sim, plan = self.sim, self.plan
        speed = sim.lag(plan.level("speed", {"high": 1500.0, "low": 900.0}, lot=0.03), 2)
        speed = speed * (1 + sim.noise("speed", 0.01, 20) + 0.1 * plan.cause("valve"))
        flow = 0.02 * speed * (1 - 0.5 * plan.cause("strainer"))
        bath = 20 + sim.lag(0.01 * speed + 20 * plan.cause("relay"), 45) + sim.wander("hall", 0.4)
        power = 2 + flow * 0.3 + 4 * plan.cause("arcing") * (speed > 100)
        for name, values, resolution in (
            ("speed_rpm", speed, 1),
            ("flow_m3_h", flow + sim.noise("f", 0.1), 0.01),
            ("bath_degc", bath + sim.noise("b", 0.02), 0.01),
            ("power_kw", power + sim.noise("p", 0.05), 0.01),
        ):
            recorder.add(
                name, values, unit="u", description=name, resolution=resolution,
                low=-100, high=3000, parents=("speed_rpm",) if name != "speed_rpm" else (),
            )  # fmt: skip
        recorder.couple("speed_rpm", "flow_m3_h", sign=1, level="run", why="affinity")
        recorder.fault("stuck", "sensor", "flow_m3_h", {"flow_m3_h": 0}, count=4, minutes=(5, 90))
        recorder.fault("dropout", "sensor", "bath_degc", {"bath_degc": 0}, count=3, minutes=(5, 50))


def make(
    folder: Path, *, anomalies: bool = True, build: Callable[[kit.Simulation], kit.Machine] = Rig
) -> tuple[kit.Simulation, list[kit.Event]]:
    folder.mkdir(exist_ok=True)
    sim = kit.Simulation("Rig", YEAR, 7, site="ada", anomalies=anomalies)
    return sim, kit.simulate(sim, build).write(str(folder))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, kit.Simulation, list[kit.Event]]:
    folder = tmp_path_factory.mktemp("faulty")
    return folder, *make(folder)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    folder = tmp_path_factory.mktemp("clean")
    make(folder, anomalies=False)
    assert sorted(path.name for path in folder.iterdir()) == ["dataset.parquet"]
    return readings(folder)


def readings(folder: Path) -> dict[str, np.ndarray]:
    table = pq.read_table(folder / "dataset.parquet")
    return {name: table[name].to_numpy() for name in table.column_names[1:]}


def differs(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    return (values != others) & ~(np.isnan(values) & np.isnan(others))


Made = tuple[Path, kit.Simulation, list[kit.Event]]


def test_all_kinds_of_causes_and_faults_come_up(made: Made) -> None:
    _, _, events = made

    assert {event.root_cause for event in events} == {
        "strainer", "valve", "arcing", "relay", "flow_m3_h", "bath_degc"
    }  # fmt: skip
    assert {event.kind for event in events} == {
        "drift", "oscillation", "noise_burst", "level_shift", "stuck", "dropout"
    }  # fmt: skip


def test_the_year_differs_from_its_clean_twin_exactly_where_the_labels_say(
    made: Made, clean: dict[str, np.ndarray]
) -> None:
    folder, _, events = made
    faulty = readings(folder)

    for name, values in faulty.items():
        changed = differs(values, clean[name])
        inside = np.zeros(values.size, dtype=bool)
        for event in events:
            if name in event.affected:
                inside[event.start : event.end + 1] = True
                assert changed[event.start : event.end + 1].any()
        assert changed.any()
        assert not (changed & ~inside).any()
    for event in events:
        for row in (event.start, event.end):
            assert any(differs(faulty[n][row], clean[n][row]) for n in event.affected)


def test_dataset_and_patch_are_the_clean_twin(made: Made, clean: dict[str, np.ndarray]) -> None:
    folder, *_ = made
    mended, patch = readings(folder), pq.read_table(folder / "patch.parquet")

    assert patch.schema.equals(PATCH_SCHEMA)
    for row, signal, value in zip(
        patch["row"].to_numpy(), patch["signal"].to_pylist(), patch["clean"].to_numpy(), strict=True
    ):
        mended[signal] = (
            mended[signal].copy() if not mended[signal].flags.writeable else (mended[signal])
        )
        mended[signal][row] = value
    assert all(np.array_equal(mended[n], clean[n], equal_nan=True) for n in clean)


def test_a_cause_shows_in_all_that_depends_on_it_and_later_where_it_is_slow(made: Made) -> None:
    _, _, events = made

    hunting = [event for event in events if event.root_cause == "valve"]
    assert all({"speed_rpm", "flow_m3_h"} <= set(event.affected) for event in hunting)
    heating = [event for event in events if event.root_cause == "relay"]
    assert all("bath_degc" in event.affected for event in heating)
    cooling = [event.end - event.stop for event in heating if event.stop is not None]
    assert np.median(cooling) > 20  # the bath cools after the stop


def test_a_repair_ends_a_fault_in_a_stop_that_both_twins_have(
    made: Made, clean: dict[str, np.ndarray]
) -> None:
    folder, sim, events = made
    repaired = [event for event in events if event.root_cause in {"strainer", "relay"}]
    faulty = readings(folder)["speed_rpm"]

    assert len(repaired) > 5
    for event in repaired:
        assert event.cause_start is not None
        assert event.stop is not None
        assert event.restart is not None
        assert event.cause_start <= event.start < event.restart
        stopped = slice(event.stop + 12, min(event.restart, faulty.size))
        for speed in (faulty[stopped], clean["speed_rpm"][stopped]):
            assert np.nan_to_num(speed).max(initial=0) < 60
    without = [stop for stop in sim.plan(kit.Modes({})).stops if stop.hit is None]
    assert len(without) > 5


def test_causes_come_up_when_worn(made: Made) -> None:
    ratios = []
    for number in range(12):
        sim = kit.Simulation(f"Rig {number}", YEAR, 7)
        plan = Rig(sim).plan
        offset = sim.start + LEAD
        starts = [hit.start - offset for hit in plan.hits if hit.cause.name == "strainer"]
        wear = plan.year_wear
        starts = [row for row in starts if 0 <= row < wear.size]
        ratios += list(wear[starts] / wear.mean())
    assert np.mean(ratios) > 1.3


def test_severities_are_graded_and_small_ones_as_frequent_as_large_ones() -> None:
    severities = [
        hit.severity for n in range(20) for hit in Rig(kit.Simulation(f"R {n}", YEAR, 7)).plan.hits
    ]

    assert kit.SMALLEST <= min(severities) < max(severities) <= 1
    assert 0.4 < np.mean(np.array(severities) < np.sqrt(kit.SMALLEST)) < 0.6


def test_units_have_different_luck() -> None:
    counts = [
        len(
            [h for h in Rig(kit.Simulation(f"R {n}", YEAR, 7)).plan.hits if h.cause.name == "relay"]
        )
        for n in range(12)
    ]

    assert len(set(counts)) > 3


def test_labels_context_worklog_and_tags_are_as_the_contract_has_them(made: Made) -> None:
    folder, _, events = made
    labels = pq.read_table(folder / "anomalies.parquet")
    context = pq.read_table(folder / "context.parquet")
    worklog = pq.read_table(folder / "worklog.parquet")
    signals = json.loads((folder / "signals.json").read_text())

    assert labels.schema.equals(LABEL_SCHEMA)
    assert context.schema.equals(CONTEXT_SCHEMA)
    assert worklog.schema.equals(WORKLOG_SCHEMA)
    assert context.num_rows == 525_600
    numbers = context["event"].to_numpy(zero_copy_only=False)
    for number, event in enumerate(events):
        assert set(numbers[event.start : event.end + 1]) == {number}
    modes = np.array(context["mode"].to_pylist())
    assert set(modes) == {"high", "low", "off", "maintenance", "stop"}
    assert np.array_equal(
        context["maintenance"].to_numpy(zero_copy_only=False), modes == "maintenance"
    )
    health = context["health"].to_numpy()
    assert 0 <= health.min() < health.max() <= 1
    repairs = [row for row in worklog.to_pylist() if row["kind"] == "repair"]
    owned = {row["event"] for row in repairs}
    assert all(n in owned for n, event in enumerate(events) if event.stop is not None)
    assert {row["kind"] for row in worklog.to_pylist()} == {
        "maintenance", "stop", "repair", "alarm"
    }  # fmt: skip
    assert [each["name"] for each in signals["signals"]] == list(readings(folder))
    assert signals["signals"][1]["parents"] == ["speed_rpm"]
    assert signals["couplings"] == [
        {"signals": ["speed_rpm", "flow_m3_h"], "sign": 1, "level": "run", "why": "affinity"}
    ]


def test_useful_life_runs_down_to_the_stop_that_ends_it(made: Made) -> None:
    folder, _, events = made
    life = pq.read_table(folder / "context.parquet")["rul_hours"].to_numpy()

    for event in events:
        if event.stop is not None and 600 < event.stop < life.size:
            assert life[event.stop - 1] == pytest.approx(0.0, abs=0.1)
            assert life[event.stop - 301] == pytest.approx(5.0, abs=0.1)
            assert np.isnan(life[event.stop])


def test_readings_are_lost_with_and_without_faults_alike(
    made: Made, clean: dict[str, np.ndarray]
) -> None:
    folder, *_ = made

    for name, values in readings(folder).items():
        lost = np.isnan(clean[name])
        assert 0 < lost.mean() < 0.01
        assert np.isnan(values[lost]).all()


def wrong(equation: Callable[[kit.Simulation, np.ndarray], np.ndarray]) -> type:
    class Wrong(Rig):
        def record(self, recorder: kit.Recorder) -> None:
            sim, plan = self.sim, self.plan
            flow = 5 + sim.noise("f", 0.1) - 3 * plan.cause("strainer")
            recorder.add(
                "tank_m", equation(sim, flow), unit="m", description="level", resolution=0.001,
                low=-1e9, high=1e9,
            )  # fmt: skip

    return Wrong


@pytest.mark.parametrize(
    "equation",
    [
        lambda _, flow: np.cumsum(flow),
        lambda _, flow: flow - flow.mean(),
        lambda sim, flow: sim.lag(flow, 3000),
        lambda _, flow: np.convolve(flow, np.ones(40) / 40, mode="same"),
    ],
    ids=["cumsum", "mean of all rows", "a lag beyond the memory", "rolling mean"],
)
def test_memory_that_is_not_a_lag_is_refused(
    tmp_path: Path, equation: Callable[[kit.Simulation, np.ndarray], np.ndarray]
) -> None:
    with pytest.raises(ValueError, match="'tank_m' is not as without causes at 2023-"):
        make(tmp_path, build=wrong(equation))


def test_equations_that_do_not_follow_the_rows_of_the_second_run_are_refused(
    tmp_path: Path,
) -> None:
    with pytest.raises(ValueError, match=r"operands could not be broadcast|shape"):
        make(tmp_path, build=wrong(lambda sim, flow: flow + np.ones(sim.all_rows)))


def test_a_plan_without_causes_needs_no_second_run(tmp_path: Path) -> None:
    class Calm(Rig):
        def __init__(self, sim: kit.Simulation) -> None:
            self.sim, self.plan = sim, sim.plan(kit.Modes({"high": (300, 2), "low": (200, 1)}))

        def record(self, recorder: kit.Recorder) -> None:
            values = self.sim.noise("n", 1.0)
            recorder.add(
                "flow_m3_h", values, unit="m3/h", description="d", resolution=0.1, low=-9, high=9
            )

    _, events = make(tmp_path, build=Calm)

    assert events == []


@pytest.mark.parametrize("seed", range(8))
def test_faults_never_fill_a_twentieth_of_the_year(tmp_path: Path, seed: int) -> None:
    class Unlucky(Rig):
        def __init__(self, sim: kit.Simulation) -> None:
            self.sim = sim
            self.plan = sim.plan(
                kit.Modes({"high": (300, 2), "low": (200, 1)}),
                causes=(kit.Cause("strainer", "grow", 15, (10, 40), ends="recovery"),),
            )

        def record(self, recorder: kit.Recorder) -> None:
            values = self.sim.noise("n", 1.0) + 9 * self.plan.cause("strainer")
            recorder.add(
                "flow_m3_h", values, unit="m3/h", description="d", resolution=0.1, low=-99, high=99
            )
            recorder.fault(
                "drift", "sensor", "flow_m3_h", {"flow_m3_h": 5}, count=8, minutes=(900, 2000)
            )

    sim = kit.Simulation("Rig", YEAR, seed)

    events = kit.simulate(sim, Unlucky).write(str(tmp_path))

    assert len(events) > 8
    assert sum(event.end - event.start + 1 for event in events) < 0.05 * 525_600
