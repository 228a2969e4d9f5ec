"""What a machine's outcome does to its request, the same in every registry."""

import dataclasses
from collections.abc import Mapping

from synth_pipeline.domain.record import (
    MACHINE_DONE,
    MACHINE_FAILED_PREFIX,
    RequestRecord,
    RequestStatus,
    settle,
)
from synth_pipeline.domain.request import Request

ACTIVE = frozenset({RequestStatus.PENDING, RequestStatus.RUNNING})
MAX_REASON_LENGTH = 1000
LISTENING = frozenset({RequestStatus.RUNNING, RequestStatus.FAILED})


def outcome_of(failure: str | None) -> str:
    """The text a record keeps of one machine, its reason cut to `MAX_REASON_LENGTH`."""
    if failure is None:
        return MACHINE_DONE
    return f"{MACHINE_FAILED_PREFIX}{failure[:MAX_REASON_LENGTH]}"


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


def with_machines(record: RequestRecord, machines: Mapping[str, str]) -> RequestRecord:
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
