"""What outcomes and time do to a request, the same in every registry."""

import dataclasses
import datetime as dt

from synth_pipeline.domain.outcome import (
    DONE,
    Outcome,
    Outcomes,
    RequestRecord,
    RequestStatus,
    settle,
)
from synth_pipeline.domain.request import Request
from synth_pipeline.registries.clock import Clock, timestamp

ACTIVE = frozenset({RequestStatus.PENDING, RequestStatus.RUNNING})
MAX_REASON_LENGTH = 1000
LISTENING = frozenset({RequestStatus.RUNNING, RequestStatus.FAILED})
# Listing machines takes seconds, and each model call that is over renews the claim. One call takes
# at most 24 min: four attempts of a minute's silence, a minute after each, 900 s for the last
CLAIM_LEASE = dt.timedelta(minutes=30)
CLAIM_ATTEMPTS = 3


def outcome_of(failure: str | None) -> Outcome:
    """What a record keeps of one machine, its reason cut to `MAX_REASON_LENGTH`."""
    return DONE if failure is None else Outcome.failed(failure[:MAX_REASON_LENGTH])


def asked_again(old: RequestRecord, request: Request, cron: str | None) -> RequestRecord:
    """Return the record after its request was filed once more: the latest wishes hold."""
    return reopened(
        dataclasses.replace(
            old,
            request=dataclasses.replace(old.request, rolls=request.rolls),
            refresh_cron=cron or old.refresh_cron,
        )
    )


def reopened(record: RequestRecord) -> RequestRecord:
    """Return a settled record as pending once more, and an open one as it is."""
    if record.status in ACTIVE:
        return record
    return dataclasses.replace(
        record,
        status=RequestStatus.PENDING,
        attempt=record.attempt + 1,
        machines={},
        error=None,
    )


def with_machines(record: RequestRecord, machines: Outcomes) -> RequestRecord:
    """Return the record with a new list of machines and the status that follows from it."""
    status, error = settle(machines)
    return dataclasses.replace(record, machines=machines, status=status, error=error)


def resettled(record: RequestRecord) -> RequestRecord:
    """Return the record with the status that its machines amount to.

    Only running and failed requests move, and a request that failed for good stays failed
    while some of its machines are open.
    """
    if record.status not in LISTENING:
        return record
    status, error = settle(record.machines)
    if status is RequestStatus.RUNNING:
        return record
    return dataclasses.replace(record, status=status, error=error)


def lease_end(now: Clock) -> str:
    """The time before which a claim that shows no machines yet has lapsed."""
    return timestamp(lambda: now() - CLAIM_LEASE)


def is_abandoned(record: RequestRecord, end: str) -> bool:
    """True for a request whose run was claimed before `end` and listed no machines: it died."""
    return (
        record.status is RequestStatus.RUNNING and not record.machines and record.updated_at < end
    )


def released(record: RequestRecord, end: str) -> RequestRecord:
    """Return an abandoned record as pending once more, or failed after `CLAIM_ATTEMPTS`.

    Any other is returned as it is: its run showed life since it was read.
    """
    if not is_abandoned(record, end):
        return record
    if record.attempt < CLAIM_ATTEMPTS:
        return dataclasses.replace(record, status=RequestStatus.PENDING, attempt=record.attempt + 1)
    return dataclasses.replace(
        record,
        status=RequestStatus.FAILED,
        error=f"attempt {record.attempt} ended without a list of machines and without a reason; "
        "see its runs in the UI, then submit the request again",
    )
