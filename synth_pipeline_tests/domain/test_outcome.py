"""What the outcomes of its machines make of a request."""

import pytest

from synth_pipeline.domain.outcome import (
    DONE,
    PENDING,
    MachineState,
    Outcome,
    RequestRecord,
    RequestStatus,
    settle,
)
from synth_pipeline.domain.request import Request


@pytest.mark.parametrize(
    ("machines", "status", "error"),
    [
        ({}, RequestStatus.DONE, None),
        ({"a": "done", "b": "done"}, RequestStatus.DONE, None),
        ({"a": "done", "b": "pending"}, RequestStatus.RUNNING, None),
        ({"a": "failed: x", "b": "pending"}, RequestStatus.RUNNING, None),
        ({"a": "failed: x", "b": "done"}, RequestStatus.FAILED, "1 of 2 machines failed: a: x"),
        (
            {"a": "failed: x: y", "b": "failed: z"},
            RequestStatus.FAILED,
            "2 of 2 machines failed: a: x: y; b: z",
        ),
    ],
)
def test_outcomes_settle_the_request(
    machines: dict[str, str], status: RequestStatus, error: str | None
) -> None:
    outcomes = {slug: Outcome.parse(text) for slug, text in machines.items()}

    assert settle(outcomes) == (status, error)


def test_a_record_has_the_id_of_its_request() -> None:
    request = Request("food", 1, "ada", 2024, 0)

    record = RequestRecord(request, RequestStatus.PENDING)

    assert record.request_id == request.request_id
    assert (record.attempt, dict(record.machines)) == (1, {})


def test_the_error_of_many_failed_machines_names_three_and_counts_the_rest() -> None:
    machines = {f"pump-{n}": Outcome.failed(f"reason {n}") for n in range(5)}

    assert settle(machines) == (
        "failed",
        "5 of 5 machines failed: pump-0: reason 0; pump-1: reason 1; pump-2: reason 2; and 2 more",
    )


@pytest.mark.parametrize("outcome", [PENDING, DONE, Outcome.failed("a: b: c"), Outcome.failed("")])
def test_an_outcome_survives_being_written_and_read(outcome: Outcome) -> None:
    assert Outcome.parse(str(outcome)) == outcome


@pytest.mark.parametrize("text", ["", "gone", "DONE", "failed"])
def test_any_text_is_an_outcome_and_only_the_known_words_are_no_failure(text: str) -> None:
    assert Outcome.parse(text).state is MachineState.FAILED


def test_the_machines_that_are_done_are_counted() -> None:
    outcomes = {"a": DONE, "b": PENDING, "c": Outcome.failed("x"), "d": DONE}

    record = RequestRecord(Request("food", 4, "ada", 2024, 0), RequestStatus.RUNNING, outcomes)

    assert record.made == 2
