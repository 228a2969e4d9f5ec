"""What events of a kind look like, and what they cannot look like."""

import numpy as np
import pyarrow as pa
import pytest

from synth_pipeline.readings.changes import changes_between
from synth_pipeline.readings.shapes import kind_findings, shape_findings
from synth_pipeline.signal_kit import ANOMALIES
from synth_pipeline_tests.support.tables import label_table, minutes
from synth_pipeline_tests.support.twins import CLEAN, POWER, event

RNG = np.random.default_rng(5)
ROWS = np.arange(240)


def shaped(kind: str, values: np.ndarray) -> list[str]:
    """What is said of five events of a kind, each an hour of these values."""
    power = np.round(400 + np.random.default_rng(1).laplace(0, 3, 525_600), 1)
    places = [(day * 1440, day * 1440 + 59) for day in range(10, 60, 10)]
    for first, last in places:
        power[first : last + 1] = values
    table = pa.table({"Timestamp": minutes(2023), "rf_power_w": power})
    times = [[str(np.datetime64("2023-01-01T00:00") + row) for row in place] for place in places]
    found = shape_findings(table, label_table(*((*each, kind) for each in times)))
    assert not any(finding.is_fatal for finding in found)
    return [finding.message for finding in found]


NOISY = np.round(np.random.default_rng(2).laplace(400, 3, 60), 1)


@pytest.mark.parametrize(
    ("kind", "values", "is_so"),
    [
        ("stuck", np.full(60, 401.0), True),
        ("stuck", np.r_[np.full(40, 401.0), np.zeros(20)], True),  # a stop amid it
        ("stuck", NOISY, False),
        ("dropout", np.full(60, np.nan), True),
        ("dropout", np.zeros(60), True),
        ("dropout", NOISY, False),
        ("noise_burst", NOISY, True),
    ],
)
def test_stuck_and_dropout_are_what_the_readings_do(
    kind: str, values: np.ndarray, is_so: bool
) -> None:
    assert (shaped(kind, values) == []) is is_so


def beside_twin(kind: str, *away: np.ndarray) -> list[str]:
    """What is said of four events of a kind that move the power by so much, in turn."""
    power = CLEAN.column(POWER).to_numpy().copy()
    events = []
    for number in range(4):
        first, change = 10_000 * (number + 1), away[number % len(away)]
        power[first : first + change.size] += change
        events.append(event(first, first + change.size - 1, kind))
    place = CLEAN.column_names.index(POWER)
    table = CLEAN.set_column(place, CLEAN.schema.field(place), pa.array(power))
    found = kind_findings(table, label_table(*events), changes_between(table, CLEAN))
    assert not any(finding.is_fatal for finding in found)
    return [finding.message for finding in found]


RAMP = 8.0 * (ROWS + 1) / 240
WAVE = 8 * np.sin(ROWS / 2.1 + 0.4)
STEP = np.full(240, 8.0)
NOISE = RNG.normal(0, 8, 240)
DYING = 30 * np.exp(-np.arange(8) / 1.5)


@pytest.mark.parametrize(
    ("kind", "away"),
    [
        ("spike", DYING),
        ("spike", 30 * np.exp(-np.arange(90) / 20)),  # through a slow body
        ("level_shift", STEP),
        ("level_shift", 8 * (1 - np.exp(-(ROWS + 1) / 30))),
        ("level_shift", np.full(3, 8.0)),
        ("level_shift", np.where(ROWS // 7 % 2, 8.0, 0.0)),  # while the machine works
        ("drift", RAMP),
        ("drift", np.r_[RAMP, RAMP[::-1]]),
        ("drift", RAMP + RNG.normal(0, 0.5, 240)),
        ("drift", RAMP * (ROWS % 8 == 0)),  # while a pump runs
        ("drift", 8 * (1 - np.exp(-(ROWS + 1) / 60))),
        ("noise_burst", NOISE),
        ("noise_burst", np.abs(NOISE)),
        ("oscillation", WAVE),
        ("oscillation", 6 + np.round(WAVE)),
        ("oscillation", np.sin(ROWS[:40] / 9)),
        ("saturation", STEP),
    ],
)
def test_events_of_a_kind_look_like_it(kind: str, away: np.ndarray) -> None:
    assert beside_twin(kind, away) == []


@pytest.mark.parametrize(
    ("kind", "away", "said"),
    [
        ("spike", STEP, "stay near their height for more than an hour"),
        ("level_shift", WAVE, "go to and fro or grow steadily"),
        ("level_shift", NOISE, "go to and fro or grow steadily"),
        ("level_shift", RAMP, "go to and fro or grow steadily"),
        ("drift", WAVE, "do not grow"),
        ("drift", NOISE, "do not grow"),
        ("drift", STEP, "do not grow"),
        ("noise_burst", STEP, "hardly scatter"),
        ("noise_burst", RAMP, "hardly scatter"),
        ("noise_burst", WAVE, "hardly scatter"),
        ("drift", np.where(ROWS < 12, ROWS / 12, 1.0) * 8, "do not grow"),
        ("oscillation", RAMP, "do not swing"),
        ("oscillation", NOISE, "do not swing"),
    ],
)
def test_events_of_another_kind_are_told(kind: str, away: np.ndarray, said: str) -> None:
    (found,) = beside_twin(kind, away)

    assert found.startswith(f"4 of 4 events of kind {kind} at {POWER} {said}: rows 10,000")


def test_a_few_odd_events_of_a_kind_are_no_fault() -> None:
    assert beside_twin("drift", RAMP, STEP) == []


@pytest.mark.parametrize("rows", [1, 2, 5, 19, 20, 29, 30, 59, 60])
@pytest.mark.parametrize("kind", ANOMALIES)
def test_events_of_any_length_are_judged(kind: str, rows: int) -> None:
    flat = np.zeros(rows)
    flat[0] = 5.0

    assert all(kind in found for found in beside_twin(kind, NOISE[:rows], flat))


def test_another_cause_does_not_hide_a_false_kind() -> None:
    power = CLEAN.column(POWER).to_numpy().copy()
    events, causes = [], []
    for number in range(8):
        first = 10_000 * (number + 1)
        power[first : first + 240] += STEP if number % 2 else RAMP
        events.append(event(first, first + 239, "drift"))
        causes.append("valve" if number % 2 else "seal")
    place = CLEAN.column_names.index(POWER)
    table = CLEAN.set_column(place, CLEAN.schema.field(place), pa.array(power))
    labels = label_table(*events)
    labels = labels.set_column(
        labels.schema.get_field_index("root_cause"),
        labels.schema.field("root_cause"),
        pa.array(causes),
    )

    (found,) = kind_findings(table, labels, changes_between(table, CLEAN))

    assert found.message.startswith("4 of 4 events of kind drift at valve do not grow")


def test_one_signal_that_does_as_the_kind_says_is_enough() -> None:
    power, pressure = (CLEAN.column(n).to_numpy().copy() for n in (POWER, "chamber_pressure_pa"))
    events = []
    for first in (10_000, 20_000, 30_000):
        power[first : first + 240] += STEP
        pressure[first : first + 240] += RAMP
        events.append(event(first, first + 239, "drift"))
    table = CLEAN
    for name, values in ((POWER, power), ("chamber_pressure_pa", pressure)):
        place = table.column_names.index(name)
        table = table.set_column(place, table.schema.field(place), pa.array(values))
    both = label_table(*events, affected=[POWER, "chamber_pressure_pa"])

    assert kind_findings(table, both, changes_between(table, CLEAN)) == []
