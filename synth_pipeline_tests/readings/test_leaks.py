"""Columns that are the label in disguise, and honest ones that look a little like it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from synth_pipeline.domain.finding import Topic
from synth_pipeline.readings.label_rules import rows_of_events
from synth_pipeline.readings.leaks import digit_findings, leak_findings
from synth_pipeline_tests.support.tables import label_table, year_table

ROWS = 525_600
STARTS = np.arange(1, 21) * 25_000
TIMES = np.datetime64("2023-01-01T00:00") + np.stack([STARTS, STARTS + 119]).astype("m8[m]")
LABELS = label_table(*((str(a), str(b), "drift") for a, b in TIMES.T))
INSIDE = np.zeros(ROWS)
for start in STARTS.tolist():
    INSIDE[start : start + 120] = 1.0
RANDOM = np.random.default_rng(5)
NOISE = RANDOM.laplace(size=ROWS)


def found(name: str, values: np.ndarray, labels: pa.Table | None = LABELS) -> list[str]:
    table = year_table(2023).append_column(name, pa.array(values))
    findings = leak_findings(table, labels)
    assert all(finding.is_fatal and finding.topic is Topic.LEAK for finding in findings)
    return [finding.message for finding in findings]


@pytest.mark.parametrize(
    "values",
    [
        INSIDE,
        1 - INSIDE,
        3.5 * INSIDE - 1,
        np.where(RANDOM.random(ROWS) < 0.0005, 1 - INSIDE, INSIDE),
        np.roll(INSIDE, 6),
        np.where(INSIDE > 0, 2.0, (np.arange(ROWS) // 480 % 2).astype(float)),
        100 - 40 * INSIDE + NOISE,
        np.where(INSIDE > 0, np.nan, 5.0),
    ],
    ids=["flag", "inverse", "scaled", "with errors", "late", "one mode of three", "noisy score",
         "missing"],
)  # fmt: skip
def test_the_label_in_disguise_is_refused(values: np.ndarray) -> None:
    assert found("machine_state", values) == [
        "columns say when there is an anomaly, as a label would: machine_state; where events "
        "change them, name them in `affected`"
    ]


@pytest.mark.parametrize(
    "name",
    ["is_anomaly", "anomaly_score", "Anomaly", "outlier", "label", "fault_flag", "ground_truth",
     "event_id", "target"],
)  # fmt: skip
def test_a_column_named_like_a_label_is_refused_whatever_it_holds(name: str) -> None:
    assert found(name, NOISE) == [f"columns are named like labels: {name}"]
    assert found(name, NOISE, labels=None) == [f"columns are named like labels: {name}"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("valve_open", (np.arange(ROWS) // 480 % 2).astype(float)),
        ("label_tension_n", NOISE),
        ("target_voltage_v", NOISE),
        ("eventual_flow_lpm", NOISE),
        ("slightly_moved_c", NOISE + 0.5 * INSIDE),
        ("pump_running", np.where(INSIDE + (np.arange(ROWS) % 9000 < 700) > 0, 0.0, 1.0)),
    ],
)
def test_honest_columns_are_no_leak(name: str, values: np.ndarray) -> None:
    assert found(name, values) == []


def test_a_signal_that_most_events_name_may_show_them() -> None:
    labels = label_table(*((str(a), str(b), "drift") for a, b in TIMES.T), affected=["hot_c"])

    assert found("hot_c", 40 + 30 * INSIDE + NOISE, labels) == []


def told(table: pa.Table, labels: pa.Table) -> list[tuple[str, bool]]:
    found = [*leak_findings(table, labels), *digit_findings(table, labels)]
    return [(finding.message, finding.is_fatal) for finding in found]


def of_kinds(*kinds: str) -> pa.Table:
    """Twenty events, of these kinds in turn, each said to affect the signal `supply_v`."""
    events = ((str(a), str(b), kinds[n % len(kinds)]) for n, (a, b) in enumerate(TIMES.T))
    return label_table(*events, affected=["supply_v"])


@pytest.mark.parametrize("sag", [-7.0, np.nan])
def test_a_signal_that_every_event_moves_alike_is_the_label(sag: float) -> None:
    values = 24 + 0.1 * NOISE + np.where(INSIDE > 0, sag, 0.0)
    table = year_table(2023).append_column("supply_v", pa.array(values))

    found = told(table, of_kinds("drift", "stuck", "noise_burst"))

    assert found == [("columns say when there is an anomaly, as a label would: supply_v", True)]


def test_a_signal_with_one_strong_kind_of_event_is_no_label() -> None:
    values = np.round(24 + 0.1 * NOISE + np.where(INSIDE > 0, 7.0, 0.0), 2)
    table = year_table(2023).append_column("supply_v", pa.array(values))

    assert told(table, of_kinds("level_shift")) == []


def test_faults_added_after_the_rounding_are_told_and_not_refused() -> None:
    noise = np.where(INSIDE > 0, NOISE / 7, 0.0)
    table = year_table(2023).append_column("supply_v", pa.array(np.round(24 + NOISE, 1) + noise))

    assert told(table, of_kinds("noise_burst")) == [
        (
            "readings have more digits in events than outside, which gives them away: supply_v",
            False,
        )
    ]


def test_digits_of_one_kind_of_event_are_told_and_those_of_a_few_readings_are_not() -> None:
    labels = of_kinds("noise_burst", "drift")
    bursts = labels.filter(pc.equal(labels.column("kind"), "noise_burst"))
    values = np.round(24 + NOISE, 1)
    few, all_ = values.copy(), values.copy()
    for first, last in rows_of_events(bursts):
        all_[first : last + 1] += 0.001
        few[first : first + 3] += 0.001

    for column, expected in ((all_, 1), (few, 0)):
        table = year_table(2023).append_column("supply_v", pa.array(column))
        assert len(digit_findings(table, labels)) == expected


def test_a_ragged_sag_around_each_event_tells_it() -> None:
    sag = np.zeros(ROWS)
    for start in STARTS.tolist():
        before, after = RANDOM.integers(5, 40, 2)
        sag[start - before : start + 120 + after] = 14.0
    values = 97 + NOISE - sag

    assert len(found("control_quality_pct", np.round(values, 1))) == 1


def test_a_machine_that_seldom_runs_and_then_has_its_events_is_no_label() -> None:
    speed = np.where((np.arange(ROWS) // 60) % 5 == 0, 1500.0, 0.0) + np.abs(NOISE)

    assert found("speed_rpm", np.where(INSIDE > 0, 1500 + NOISE, speed)) == []


def test_gaps_as_events_begin_tell_them_and_gaps_anywhere_do_not() -> None:
    lost, own = np.round(24 + NOISE, 1), np.round(24 + NOISE, 1)
    own[RANDOM.integers(0, ROWS, 60)] = np.nan
    for first, _ in rows_of_events(LABELS):
        lost[first : first + 3] = np.nan

    assert len(found("supply_v", lost)) == 1
    assert found("supply_v", own) == []


def test_an_index_that_falls_in_nearly_every_event_is_the_label() -> None:
    labels = of_kinds("drift", "oscillation", "noise_burst")
    values = 96 + 0.3 * NOISE
    for number, (first, last) in enumerate(rows_of_events(labels)):
        part = slice(first, last + 1)
        fall = 30 * np.sin(np.arange(last + 1 - first) / 3) if number % 3 == 1 else 30.0
        values[part] = np.minimum(values[part] - fall, 100)
    table = year_table(2023).append_column("supply_v", pa.array(np.round(values, 1)))

    assert told(table, labels) == [
        ("columns say when there is an anomaly, as a label would: supply_v", True)
    ]


def test_a_heater_that_is_on_about_nine_of_ten_events_tells_them() -> None:
    power = np.zeros(ROWS)
    places = rows_of_events(LABELS)
    for number, (first, last) in enumerate(places):
        at = first if number % 10 else 7_000 * (number + 1)
        power[max(0, at - 45) : at + last - first + 30] = 2.0

    assert len(found("heater_current_a", np.round(5 + power + 0.1 * NOISE, 2))) == 1
