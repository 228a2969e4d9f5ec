"""The words of labels and what means the same."""

import pytest

from synth_pipeline.readings.vocabulary import KINDS, meant, words_of
from synth_pipeline.signal_kit import ANOMALIES


def test_the_kinds_are_those_of_the_kit() -> None:
    assert tuple(ANOMALIES) == KINDS == words_of("kind")


@pytest.mark.parametrize("column", ["kind", "category", "severity"])
def test_a_word_of_the_vocabulary_means_itself(column: str) -> None:
    assert [meant(column, word) for word in words_of(column)] == list(words_of(column))


@pytest.mark.parametrize(
    ("column", "written", "word"),
    [
        ("kind", "Spike", "spike"),
        ("kind", "LEVEL SHIFT", "level_shift"),
        ("kind", "levelShift", "level_shift"),
        ("kind", "step-change", "level_shift"),
        ("kind", "flat line", "stuck"),
        ("kind", "Sensor Drift", "drift"),
        ("kind", "sensor_stuck", "stuck"),
        ("kind", "dropout_fault", "dropout"),
        ("kind", "missing data", "dropout"),
        ("kind", "noise", "noise_burst"),
        ("kind", "spike_anomaly", "spike"),
        ("kind", "hunting", "oscillation"),
        ("kind", "clipping", "saturation"),
        ("category", "Process Fault", "process"),
        ("category", "instrumentation", "sensor"),
        ("severity", "CRITICAL", "high"),
        ("severity", "moderate", "medium"),
        ("severity", "minor", "low"),
    ],
)
def test_a_near_word_means_one_of_the_vocabulary(column: str, written: str, word: str) -> None:
    assert meant(column, written) == word


@pytest.mark.parametrize("written", ["leak", "bearing wear", "", "spike or drift", "Überhöhung"])
def test_another_word_is_left_as_it_is(written: str) -> None:
    assert meant("kind", written) == written
