"""A request as the registry keeps it: where it stands and how its machines fare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage


class RequestStatus(StrEnum):
    """`pending` waits for the sensor, `running` is claimed, `done` and `failed` are settled."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One row of the registry.

    `machines` maps each machine's slug to `pending`, `done` or `failed: <reason>`. `attempt`
    counts how often the request was (re)opened, from 1. Times are ISO 8601 in UTC.
    """

    request: Request
    status: RequestStatus
    machines: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    error: str | None = None
    refresh_cron: str | None = None
    attempt: int = 1
    usage: Usage = Usage()
    created_at: str = ""
    updated_at: str = ""

    @property
    def request_id(self) -> str:
        """The request's identity."""
        return self.request.request_id


MACHINE_PENDING = "pending"
MACHINE_DONE = "done"
MACHINE_FAILED_PREFIX = "failed: "
SUMMED_REASONS = 3  # in the error of a request; `machines` has them all


def settle(machines: Mapping[str, str]) -> tuple[RequestStatus, str | None]:
    """Return the status that the machines' outcomes amount to, and the error that sums them up."""
    if any(outcome == MACHINE_PENDING for outcome in machines.values()):
        return RequestStatus.RUNNING, None
    failed = {s: o for s, o in machines.items() if o.startswith(MACHINE_FAILED_PREFIX)}
    if not failed:
        return RequestStatus.DONE, None
    reasons = [f"{slug}: {o.removeprefix(MACHINE_FAILED_PREFIX)}" for slug, o in failed.items()]
    if len(reasons) > SUMMED_REASONS:
        reasons[SUMMED_REASONS:] = [f"and {len(reasons) - SUMMED_REASONS} more"]
    counted = f"{len(failed)} of {len(machines)} machines failed"
    return RequestStatus.FAILED, f"{counted}: {'; '.join(reasons)}"
