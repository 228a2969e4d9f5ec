"""What helps against which finding: chosen by what it is about, never by its words."""

import pytest

from synth_pipeline.domain.finding import Finding, Topic
from synth_pipeline.readings.prompts.advice import advice_against

WITHOUT = {Topic.REPLY, Topic.SYNTAX, Topic.CRASH}  # the finding itself says what to do


@pytest.mark.parametrize(
    ("topic", "advice"),
    [
        (Topic.TIME, "replace it by operations on whole arrays"),
        (Topic.MEMORY, "float64 (4 MB a year)"),
        (Topic.FILES, "no CSV beside it"),
        (Topic.TIME_AXIS, "a leap year gets its"),
        (Topic.IMPORTS, "Nothing else is installed"),
        (Topic.LABELS, "on less than 5%"),
        (Topic.LABELS_AND_DATA, "first and last differing row are `start` and `end`"),
        (Topic.COLUMNS, "with a physical name and its unit"),
        (Topic.SWITCH, "from generators that anomalies do not draw from"),
    ],
)
def test_a_finding_gets_the_advice_that_fits_it(topic: Topic, advice: str) -> None:
    (fitting,) = advice_against([Finding(topic, "any words")])

    assert advice in fitting


@pytest.mark.parametrize("topic", list(Topic))
def test_every_topic_has_advice_but_those_that_speak_for_themselves(topic: Topic) -> None:
    assert bool(advice_against([Finding(topic, "x")])) is (topic not in WITHOUT)


def test_the_words_of_a_finding_choose_nothing() -> None:
    words = "the script exited with code 1: KeyError: 'timed out of memory, no network, labels'"

    assert advice_against([Finding(Topic.CRASH, words)]) == ()


def test_advice_is_given_once_in_the_order_of_the_findings() -> None:
    topics = [Topic.UNITS, Topic.SEED, Topic.UNITS]

    advice = advice_against([Finding(topic, "x") for topic in topics])

    assert [each.partition(":")[0] for each in advice] == ["Units", "Seed"]
