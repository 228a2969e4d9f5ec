"""How often a call is tried and how long the pauses are, without waiting for them."""

import dataclasses

import pytest

from synth_pipeline.authoring.model.attempts import (
    LONGEST_PAUSE_S,
    LONGEST_WISH_S,
    PassingFaultError,
    persist,
)
from synth_pipeline.authoring.model.client import Completion, Stop
from synth_pipeline.domain.errors import AuthorError, SynthError
from synth_pipeline.domain.usage import Usage
from synth_pipeline_tests.support.models import model_options

NOTHING = Usage()
HI = Completion("hi", Stop.FINISHED, Usage(1, 5, 6))


def fault(usage: Usage = NOTHING, wait_s: float = 0.0) -> PassingFaultError:
    error = AuthorError("busy")
    error.usage = usage
    return PassingFaultError(error, wait_s)


class Attempts:
    """Raises or returns what it is given, in order, and keeps the pauses."""

    def __init__(self, *outcomes: Exception | Completion) -> None:
        self.outcomes = list(outcomes)
        self.pauses: list[float] = []

    def __call__(self) -> Completion:
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def persist(self, attempts: int, backoff_s: float = 1.0) -> Completion:
        options = model_options(attempts=attempts, backoff_s=backoff_s)
        return persist(self, options, self.pauses.append)


def test_the_first_success_counts() -> None:
    attempts = Attempts(fault(), fault(), HI)

    assert attempts.persist(5) == HI
    assert len(attempts.pauses) == 2


def test_pauses_grow_and_have_an_end() -> None:
    attempts = Attempts(*[fault() for _ in range(12)])

    with pytest.raises(AuthorError, match="busy"):
        attempts.persist(12)

    for number, pause_s in enumerate(attempts.pauses):
        longest_s = min(2.0**number, LONGEST_PAUSE_S)
        assert longest_s / 2 <= pause_s <= longest_s
    assert len(attempts.pauses) == 11


def test_two_calls_do_not_return_at_the_same_moment() -> None:
    pauses = set()
    for _ in range(20):
        attempts = Attempts(fault(), HI)
        attempts.persist(2)
        pauses.add(attempts.pauses[0])

    assert len(pauses) > 10


@pytest.mark.parametrize(("wish_s", "pause_s"), [(7.0, 7.0), (9999.0, LONGEST_WISH_S)])
def test_the_wish_of_a_server_is_heard_within_reason(wish_s: float, pause_s: float) -> None:
    attempts = Attempts(fault(wait_s=wish_s), HI)
    attempts.persist(2)

    assert attempts.pauses == [pause_s]


def test_what_will_not_pass_is_raised_at_once_with_what_was_spent() -> None:
    final = AuthorError("no")
    attempts = Attempts(fault(Usage(1, 2, 3)), final)

    with pytest.raises(SynthError) as caught:
        attempts.persist(5)

    assert caught.value is final
    assert final.usage == Usage(1, 2, 3)


def test_the_last_fault_is_told_with_its_cause_and_what_all_attempts_took() -> None:
    first, last = fault(Usage(1, 2, 3)), fault(Usage(1, 20, 30))
    last.__cause__ = OSError("reset")

    with pytest.raises(AuthorError) as caught:
        Attempts(first, last).persist(2)

    assert caught.value is last.error
    assert caught.value.__cause__ is last.__cause__
    assert caught.value.usage == Usage(2, 22, 33)


def test_a_success_counts_what_the_failures_took() -> None:
    completion = Attempts(fault(Usage(1, 1, 1)), HI).persist(2)

    assert completion == dataclasses.replace(HI, usage=Usage(2, 6, 7))
