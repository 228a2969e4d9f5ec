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

from synth_pipeline import signal_kit as kit
from synth_pipeline.readings.contract import LABEL_SCHEMA

YEAR = 2023
ROWS = 525_600
LEAD = kit.LEAD_ROWS
ALL = LEAD + ROWS


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
        assert np.array_equal(faulty[name][outside], clean[name][outside], equal_nan=True)
        assert np.isfinite(clean[name]).mean() > 0.99
    untouched = "motor_temperature_degc"
    assert np.array_equal(faulty[untouched], clean[untouched], equal_nan=True)


def test_dropouts_are_nulls_whose_severity_nobody_knows(twins: tuple[Path, Path]) -> None:
    flow = signals_of(twins[0])["flow_m3h"]
    dropouts = [(rows, row) for rows, row in intervals_of(twins[0]) if row["kind"] == "dropout"]

    assert all(np.isnan(flow[rows]).all() for rows, _ in dropouts)
    assert {row["severity"] for _, row in dropouts} == {"medium"}
    assert {row["snr"] for _, row in dropouts} == {None}


def test_severity_is_measured_against_the_clean_signal(twins: tuple[Path, Path]) -> None:
    faulty, clean = signals_of(twins[0]), signals_of(twins[1])

    for rows, row in intervals_of(twins[0]):
        if row["snr"] is not None:
            away = [
                np.nanmax(np.abs(faulty[n][rows] - clean[n][rows])) / np.nanstd(clean[n])
                for n in row["affected"]
            ]
            assert row["severity_sd"] == pytest.approx(max(away), rel=0.05)
            assert 0 < row["snr"] <= row["severity_sd"]
            words = ("low", "medium", "high")
            assert row["severity"] == words[(row["severity_sd"] >= 2) + (row["severity_sd"] >= 6)]


def test_the_dataset_carries_units_and_the_labels_their_schema(twins: tuple[Path, Path]) -> None:
    schema = pq.read_schema(twins[0] / "dataset.parquet")
    labels = pq.read_schema(twins[0] / "anomalies.parquet")

    assert schema.names[0] == "Timestamp"
    assert schema.field("Timestamp").type == pa.timestamp("ms")
    assert schema.field("flow_m3h").metadata == {
        b"unit": b"u", b"description": b"flow_m3h", b"range": b"0 to 100", b"resolution": b"0.1"
    }  # fmt: skip
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
    mask = np.arange(ALL) % 100 < 10
    recorder, reference = recorder_of(sim), recorder_of(simulation(anomalies=False))
    sizes = {"flow_m3h": 20.0}
    recorder.fault("drift", "process", "valve", sizes, count=5, minutes=(30, 300), during=mask)

    events = recorder.write()
    faulty = signals_of(tmp_path)["flow_m3h"]
    reference.write()
    clean = signals_of(tmp_path)["flow_m3h"]
    changed = (faulty != clean) & ~np.isnan(clean)

    assert len(events) == 5
    assert all(mask[LEAD + event.start] and mask[LEAD + event.end] for event in events)
    assert changed.any()
    assert mask[LEAD:][changed].all()


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
        ("Flow", np.arange(ALL), "snake_case"),
        ("flow_m3h", np.arange(ALL), "new name"),
        ("level_m", np.arange(10), "shape"),
        ("level_m", np.zeros(ALL), "constant"),
        ("level_m", np.full(ALL, np.nan), "constant or not finite"),
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
