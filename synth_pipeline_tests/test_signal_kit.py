import datetime as dt
import hashlib
import math
import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from synth_pipeline import signal_kit as kit
from synth_pipeline.readings.contract import LABEL_SCHEMA

YEAR = 2023
ROWS = 525_600


def slow_lag(values: np.ndarray, tau_minutes: float) -> np.ndarray:
    keep = math.exp(-1 / tau_minutes)
    result = values.copy()
    for row in range(1, values.size):
        result[row] = keep * result[row - 1] + (1 - keep) * values[row]
    return result


def simulation(
    *, machine: str = "Test Rig", seed: int = 7, anomalies: bool = True
) -> kit.Simulation:
    return kit.Simulation(machine, YEAR, seed, anomalies=anomalies)


def recorder_of(sim: kit.Simulation) -> kit.Recorder:
    recorder = kit.Recorder(sim)
    for name, tau in (("flow_m3h", 0.0), ("pressure_bar", 5.0), ("motor_temperature_degc", 300.0)):
        values = 50 + sim.noise(name, sd=4.0, tau_minutes=tau)
        recorder.add(name, values, unit="u", description=name, resolution=0.1, low=0, high=100)
    return recorder


def write(folder: Path, monkeypatch: pytest.MonkeyPatch, **options: object) -> Path:
    folder.mkdir()
    monkeypatch.chdir(folder)
    recorder = recorder_of(simulation(**options))
    for kind in kit.ANOMALIES:
        effects = {"pressure_bar": 25.0, "flow_m3h": -12.0}
        recorder.fault(kind, "process", "valve", effects, count=4, minutes=(5, 90))
    recorder.write()
    return folder


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        folder = tmp_path_factory.mktemp("twins")
        return (
            write(folder / "faulty", monkeypatch),
            write(folder / "clean", monkeypatch, anomalies=False),
        )


def signals_of(folder: Path) -> dict[str, np.ndarray]:
    table = pq.read_table(folder / "dataset.parquet")
    return {name: table[name].to_numpy() for name in table.column_names[1:]}


def intervals_of(folder: Path) -> list[tuple[slice, dict[str, object]]]:
    first = dt.datetime(YEAR, 1, 1)
    rows = pq.read_table(folder / "anomalies.parquet").to_pylist()
    minute = dt.timedelta(minutes=1)
    return [
        (slice((row["start"] - first) // minute, (row["end"] - first) // minute + 1), row)
        for row in rows
    ]


# --- time and randomness -----------------------------------------------------------------


@pytest.mark.parametrize(("year", "rows"), [(2023, 525_600), (2024, 527_040), (2100, 525_600)])
def test_a_year_has_every_minute_from_its_first_to_its_last(year: int, rows: int) -> None:
    timestamps = kit.Simulation("rig", year, 0).timestamps

    assert timestamps.size == rows
    assert timestamps[0] == np.datetime64(f"{year}-01-01T00:00")
    assert timestamps[-1] == np.datetime64(f"{year}-12-31T23:59")
    assert (np.diff(timestamps) == np.timedelta64(1, "m")).all()


def test_year_and_seed_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_YEAR", "2024")
    monkeypatch.setenv("SYNTH_SEED", "11")
    monkeypatch.setenv("SYNTH_ANOMALIES", "off")

    sim = kit.Simulation.from_env("rig")

    assert (sim.year, sim.seed, sim.anomalies) == (2024, 11, False)


def test_unset_variables_mean_the_last_full_year_with_anomalies(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SYNTH_YEAR", "SYNTH_SEED", "SYNTH_ANOMALIES"):
        monkeypatch.delenv(name, raising=False)

    sim = kit.Simulation.from_env("rig")

    assert (sim.year, sim.seed, sim.anomalies) == (dt.datetime.now(dt.UTC).year - 1, 0, True)


@pytest.mark.parametrize(
    ("name", "value"), [("SYNTH_YEAR", "soon"), ("SYNTH_SEED", "-1"), ("SYNTH_ANOMALIES", "maybe")]
)
def test_a_bad_variable_is_named_in_the_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=f"{name}='{value}'"):
        kit.Simulation.from_env("rig")


def test_streams_differ_by_seed_machine_and_name_and_repeat_otherwise() -> None:
    def draw(machine: str, seed: int, name: str) -> float:
        return float(kit.Simulation(machine, YEAR, seed).stream(name).random())

    draws = [draw("a", 0, "x"), draw("a", 1, "x"), draw("b", 0, "x"), draw("a", 0, "y")]

    assert len(set(draws)) == 4
    assert draw("a", 0, "x") == draws[0]


def test_another_year_is_no_copy_of_this_one() -> None:
    noise, start, walk = (
        [make(kit.Simulation("Test Rig", year, 7)) for year in (2022, 2023)]
        for make in (
            lambda sim: sim.noise("n", sd=1.0, tau_minutes=30),
            lambda sim: sim.maintenance(every_days=30, hours=6),
            lambda sim: sim.wander("w", sd=1.0),
        )
    )

    assert (noise[0] == noise[1]).mean() < 0.001
    assert (np.flatnonzero(start[0])[:1] != np.flatnonzero(start[1])[:1]).all()
    assert abs(np.corrcoef(walk[0], walk[1])[0, 1]) < 0.6


def test_noise_changes_its_loudness_at_no_fixed_minute() -> None:
    noise = np.abs(simulation().noise("n", sd=1.0, tails=2.5))
    near = np.log(noise + 1e-9)

    def variance_of_blocks(width: int, offset: int) -> float:
        rows = near[offset : offset + near[offset:].size // width * width]
        return float(rows.reshape(-1, width).mean(axis=1).var())

    by_offset = [variance_of_blocks(16, offset) for offset in range(16)]

    # on a grid of sixteen minutes the blocks of one offset differ most
    assert max(by_offset) < 1.05 * min(by_offset)


def test_the_weather_makes_no_step_at_midnight() -> None:
    air = simulation().ambient("t", daily=5.0, seasonal=9.0, weather=3.0)
    turns = np.abs(np.diff(air[::60], 2)).reshape(-1)  # at 1:00 first
    by_hour = [float(np.median(turns[hour::24])) for hour in range(24)]
    midnight = max(by_hour[22:24])

    assert midnight < 1.5 * float(np.median(by_hour))


def test_maintenance_begins_at_different_times_of_the_morning() -> None:
    planned = simulation().maintenance(every_days=14, hours=6).astype(int)
    begins = (np.flatnonzero(np.diff(planned) > 0) + 1) % 1440

    assert (begins % 15 == 0).all()
    assert begins.min() >= 6 * 60
    assert begins.max() <= 13 * 60 + 45
    assert len(set(begins.tolist())) > 5


def test_a_stream_cannot_be_used_twice() -> None:
    sim = simulation()
    sim.noise("flow", sd=1.0)

    with pytest.raises(ValueError, match="'noise:flow' is already in use"):
        sim.noise("flow", sd=1.0)


def test_another_signal_leaves_the_first_as_it_was() -> None:
    alone, together = simulation(), simulation()

    first = alone.noise("flow", sd=1.0, tau_minutes=10)
    together.noise("pressure", sd=1.0)

    assert np.array_equal(together.noise("flow", sd=1.0, tau_minutes=10), first)


# --- physics -------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    values=hnp.arrays(
        np.float64, st.integers(1, 400), elements=st.floats(-1e6, 1e6, allow_subnormal=False)
    ),
    tau=st.floats(0.05, 5000),
)
def test_lag_agrees_with_the_plain_loop(values: np.ndarray, tau: float) -> None:
    expected = slow_lag(values, tau)

    span = float(np.abs(values).max()) or 1.0
    assert np.allclose(kit.lag(values, tau), expected, rtol=1e-9, atol=1e-9 * span)


def test_lag_agrees_with_the_plain_loop_over_a_year() -> None:
    values = np.where(np.arange(ROWS) % 700 < 300, 850.0, 0.0)

    assert np.allclose(kit.lag(values, 42.0), slow_lag(values, 42.0), rtol=1e-10, atol=1e-9)


def test_noise_has_the_deviation_and_the_memory_asked_for() -> None:
    noise = simulation().noise("flow", sd=3.0, tau_minutes=30)

    assert noise.std() == pytest.approx(3.0, rel=0.1)
    assert abs(noise.mean()) < 0.15
    assert np.corrcoef(noise[1:], noise[:-1])[0, 1] == pytest.approx(math.exp(-1 / 30), abs=0.005)


@pytest.mark.parametrize(("tails", "least", "most"), [(5.0, 0.8, 4.0), (math.inf, -0.1, 0.1)])
def test_tails_decide_how_heavy_the_increments_are(tails: float, least: float, most: float) -> None:
    steps = np.diff(simulation().noise("flow", sd=1.0, tails=tails))

    kurtosis = float((steps**4).mean() / steps.var() ** 2 - 3)

    assert least < kurtosis < most


def test_drift_and_ambient_stay_around_zero() -> None:
    sim = simulation()

    drift, ambient = sim.wander("t", sd=2.0, tau_days=3), sim.ambient("t", 1.0, 5.0, 1.5)

    assert drift.shape == ambient.shape == (ROWS,)
    assert drift.std() == pytest.approx(2.0, rel=0.3)
    assert abs(ambient.mean()) < 0.5
    assert ambient.std() < 5


def test_shifts_hold_on_working_days_and_hours_only() -> None:
    working = simulation().shifts(days=5, start_hour=6, end_hour=14)

    moments = simulation().timestamps[working].astype("datetime64[m]").astype(dt.datetime)
    assert working.mean() == pytest.approx(8 / 24 * 5 / 7, abs=0.01)
    assert {moment.weekday() for moment in moments[::31]} == {0, 1, 2, 3, 4}
    assert {moment.hour for moment in moments[::31]} == set(range(6, 14))


def test_wear_grows_while_running_and_is_reset_by_every_second_maintenance() -> None:
    running, maintenance = np.ones(600, dtype=bool), np.zeros(600, dtype=bool)
    maintenance[100:110] = maintenance[300:310] = maintenance[500:505] = True

    wear = kit.wear(running, maintenance, full_hours=2.0, every=2)

    assert wear[119] == pytest.approx(1.0)
    assert wear[299] == pytest.approx(2.5)
    assert wear[300] == pytest.approx(0.0)
    assert wear[520] == pytest.approx(220 / 120)


def test_batches_run_through_their_steps_in_order_and_cover_the_year() -> None:
    cycle = simulation().batches([("heat", 20, 0.1), ("cool", 10, 0.1)], per_lot=3, idle_minutes=15)

    level = cycle.level("x", {"heat": 1.0, "cool": 2.0}, otherwise=0.0)
    assert level.shape == (ROWS,)
    assert cycle.where("heat").mean() == pytest.approx(60 / 105, abs=0.03)
    after_heat = level[1:][(level[:-1] == 1.0) & (level[1:] != 1.0)]
    assert set(after_heat) == {2.0}


def test_modes_share_the_year_by_weight_and_dwell() -> None:
    cycle = simulation().modes({"on": (300, 1), "off": (100, 1)})

    assert cycle.where("on").mean() == pytest.approx(0.75, abs=0.05)
    assert (cycle.where("on") ^ cycle.where("off")).all()


def test_an_override_wins_over_the_cycle() -> None:
    sim = simulation()
    stop = sim.maintenance(every_days=30, hours=6)

    cycle = sim.modes({"on": (300, 1), "off": (100, 1)}).override(stop, "maintenance")

    assert np.array_equal(cycle.where("maintenance"), stop)
    assert 0.003 < stop.mean() < 0.02


def test_a_misspelt_mode_is_refused() -> None:
    cycle = simulation().modes({"on": (300, 1), "off": (100, 1)})

    with pytest.raises(ValueError, match="unknown modes \\['onn'\\]"):
        cycle.level("x", {"onn": 1.0})


@settings(deadline=None)
@given(
    value=st.floats(-2000, 2000),
    resolution=st.sampled_from([5, 2, 1, 0.5, 0.25, 0.1, 0.05, 0.01, 0.002, 1e-6]),
)
def test_sensors_show_clean_decimals_within_their_range(value: float, resolution: float) -> None:
    shown = float(kit.sense(np.array([value]), resolution, -1000.0, 1000.0)[0])

    assert -1000 <= shown <= 1000
    assert math.copysign(1, shown) == 1 or shown < 0
    assert abs(shown - min(max(value, -1000), 1000)) <= resolution / 2 + 1e-9
    assert len(repr(shown).split("e")[0].rstrip("0").split(".")[-1]) <= 6


def test_a_resolution_that_gives_no_clean_decimals_is_refused() -> None:
    with pytest.raises(ValueError, match=r"resolution 0\.3"):
        kit.sense(np.ones(3), 0.3, 0, 1)


# --- faults ----------------------------------------------------------------------------------


def test_every_event_asked_for_is_delivered_without_overlap(twins: tuple[Path, Path]) -> None:
    intervals = intervals_of(twins[0])

    kinds = [row["kind"] for _, row in intervals]
    assert {kind: kinds.count(kind) for kind in kit.ANOMALIES} == dict.fromkeys(kit.ANOMALIES, 4)
    for (before, _), (after, _) in pairwise(intervals):
        assert after.start - before.stop >= kit.GUARD_ROWS
    assert all(5 <= rows.stop - rows.start <= 90 for rows, _ in intervals)


def test_every_event_shows_in_each_signal_it_affects(twins: tuple[Path, Path]) -> None:
    faulty, clean = signals_of(twins[0]), signals_of(twins[1])

    for rows, row in intervals_of(twins[0]):
        assert row["affected"] == ["pressure_bar", "flow_m3h"]
        for name in row["affected"]:
            assert not np.array_equal(faulty[name][rows], clean[name][rows]), row


def test_nothing_differs_from_the_clean_twin_outside_of_the_events(
    twins: tuple[Path, Path],
) -> None:
    faulty, clean = signals_of(twins[0]), signals_of(twins[1])
    outside = np.ones(ROWS, dtype=bool)
    for rows, _ in intervals_of(twins[0]):
        outside[rows] = False

    assert not (twins[1] / "anomalies.parquet").exists()
    assert 0.95 < outside.mean() < 1
    for name in faulty:
        assert np.array_equal(faulty[name][outside], clean[name][outside])
        assert np.isfinite(clean[name]).all()
    assert np.array_equal(faulty["motor_temperature_degc"], clean["motor_temperature_degc"])


def test_dropouts_are_nulls_and_severe(twins: tuple[Path, Path]) -> None:
    table = pq.read_table(twins[0] / "dataset.parquet")
    dropouts = [(rows, row) for rows, row in intervals_of(twins[0]) if row["kind"] == "dropout"]

    assert table["flow_m3h"].null_count == sum(rows.stop - rows.start for rows, _ in dropouts)
    assert {row["severity"] for _, row in dropouts} == {"high"}


def test_the_dataset_carries_units_and_the_labels_their_schema(twins: tuple[Path, Path]) -> None:
    schema = pq.read_schema(twins[0] / "dataset.parquet")
    labels = pq.read_schema(twins[0] / "anomalies.parquet")

    assert schema.names[0] == "Timestamp"
    assert schema.field("Timestamp").type == pa.timestamp("ms")
    assert schema.field("flow_m3h").metadata == {b"unit": b"u", b"description": b"flow_m3h"}
    assert labels.equals(LABEL_SCHEMA)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_ones(
    twins: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def digest(folder: Path) -> list[str]:
        return [hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(folder.iterdir())]

    again = write(tmp_path / "again", monkeypatch)
    other = write(tmp_path / "other", monkeypatch, seed=8)

    assert digest(again) == digest(twins[0])
    assert set(digest(other)).isdisjoint(digest(twins[0]))


def test_labels_are_written_even_where_there_is_no_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    events = recorder_of(simulation()).write()

    assert events == []
    assert pq.read_table(tmp_path / "anomalies.parquet").num_rows == 0


def test_events_begin_end_and_show_only_while_the_mask_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sim = simulation()
    mask = np.arange(ROWS) % 100 < 10
    recorder, reference = recorder_of(sim), recorder_of(simulation(anomalies=False))
    sizes = {"flow_m3h": 20.0}
    recorder.fault("drift", "process", "valve", sizes, count=5, minutes=(30, 300), during=mask)

    events = recorder.write()
    faulty = signals_of(tmp_path)["flow_m3h"]
    reference.write()
    changed = faulty != signals_of(tmp_path)["flow_m3h"]

    assert len(events) == 5
    assert all(mask[event.start] and mask[event.end] for event in events)
    assert changed.any()
    assert mask[changed].all()


def test_a_fault_that_cannot_show_is_an_error_that_names_it() -> None:
    recorder = recorder_of(simulation())
    recorder.fault("drift", "sensor", "flow_m3h", {"flow_m3h": 0.0}, count=1, minutes=(5, 9))

    with pytest.raises(ValueError, match="fault 'drift' of 'flow_m3h': no visible place"):
        recorder.write()


def bad_share(recorder: kit.Recorder) -> None:
    recorder.fault("drift", "sensor", "f", {"flow_m3h": 9.0}, count=60, minutes=(5, 600))


def bad_kind(recorder: kit.Recorder) -> None:
    recorder.fault("wobble", "sensor", "f", {"flow_m3h": 9.0}, count=6, minutes=(5, 60))


def bad_signal(recorder: kit.Recorder) -> None:
    recorder.fault("drift", "sensor", "f", {"missing_bar": 9.0}, count=6, minutes=(5, 60))


def bad_minutes(recorder: kit.Recorder) -> None:
    recorder.fault("drift", "sensor", "f", {"flow_m3h": 9.0}, count=6, minutes=(60, 5))


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (bad_share, "expected at most 5 %"),
        (bad_kind, "fault 'wobble'"),
        (bad_signal, "must be signals added before"),
        (bad_minutes, "least <= most"),
    ],
)
def test_impossible_faults_are_refused_at_once(
    ask: Callable[[kit.Recorder], None], message: str
) -> None:
    recorder = recorder_of(simulation())

    with pytest.raises(ValueError, match=message):
        ask(recorder)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("Flow", np.arange(ROWS), "snake_case"),
        ("flow_m3h", np.arange(ROWS), "new name"),
        ("level_m", np.arange(10), "shape"),
        ("level_m", np.zeros(ROWS), "constant"),
        ("level_m", np.full(ROWS, np.nan), "constant or not finite"),
    ],
)
def test_signals_that_cannot_be_are_refused(name: str, values: np.ndarray, message: str) -> None:
    recorder = recorder_of(simulation())

    with pytest.raises(ValueError, match=message):
        recorder.add(
            name, values.astype(float), unit="m", description="", resolution=1, low=0, high=9
        )  # fmt: skip


def test_a_generator_imports_neither_pandas_nor_the_project(tmp_path: Path) -> None:
    program = (
        "import sys, signal_kit as kit\n"
        "sim = kit.Simulation('rig', 2023, 0)\n"
        "recorder = kit.Recorder(sim)\n"
        "recorder.add('flow_m3h', sim.noise('f', 1.0), unit='m3/h', description='d',"
        " resolution=0.1, low=-9, high=9)\n"
        "recorder.fault('spike', 'sensor', 'f', {'flow_m3h': 5.0}, count=3, minutes=(1, 2))\n"
        "recorder.write()\n"
        "print([m for m in ('pandas', 'synth_pipeline', 'scipy') if m in sys.modules])\n"
    )
    (tmp_path / "signal_kit.py").write_bytes(Path(kit.__file__).read_bytes())
    (tmp_path / "main.py").write_text(program)

    done = subprocess.run(
        [sys.executable, "main.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
