"""Where a request and each of its machines stand, as the registry keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage

SUMMED_REASONS = 3  # in the error of a request; `machines` has them all
_REASON = ": "


class RequestStatus(StrEnum):
    """`pending` waits for the sensor, `running` is claimed, `done` and `failed` are settled."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class MachineState(StrEnum):
    """Where one machine of a request stands."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What has become of one machine of a request; `reason` is that of a failure."""

    state: MachineState
    reason: str = ""

    @classmethod
    def failed(cls, reason: str) -> Self:
        """The outcome of a machine that could not be made."""
        return cls(MachineState.FAILED, reason)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str` wrote; anything else is a failure that says so."""
        state, _, reason = text.partition(_REASON)
        if state not in list(MachineState):
            return cls.failed(f"the registry holds the unknown outcome {text[:80]!r}")
        return cls(MachineState(state), reason)

    def __str__(self) -> str:
        return f"{self.state}{_REASON}{self.reason}" if self.reason else str(self.state)


PENDING, DONE = Outcome(MachineState.PENDING), Outcome(MachineState.DONE)
Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One row of the registry.

    `machines` maps each machine's slug to its outcome. `attempt` counts how often the request
    was (re)opened, from 1. Times are ISO 8601 in UTC.
    """

    request: Request
    status: RequestStatus
    machines: Outcomes = field(default_factory=lambda: MappingProxyType({}))
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

    @property
    def made(self) -> int:
        """How many machines are done."""
        return sum(outcome.state is MachineState.DONE for outcome in self.machines.values())


def settle(machines: Outcomes) -> tuple[RequestStatus, str | None]:
    """Return the status that the machines' outcomes amount to, and the error that sums them up."""
    if any(outcome.state is MachineState.PENDING for outcome in machines.values()):
        return RequestStatus.RUNNING, None
    failed = {slug: o for slug, o in machines.items() if o.state is MachineState.FAILED}
    if not failed:
        return RequestStatus.DONE, None
    reasons = [f"{slug}: {outcome.reason}" for slug, outcome in failed.items()]
    if len(reasons) > SUMMED_REASONS:
        reasons[SUMMED_REASONS:] = [f"and {len(reasons) - SUMMED_REASONS} more"]
    counted = f"{len(failed)} of {len(machines)} machines failed"
    return RequestStatus.FAILED, f"{counted}: {'; '.join(reasons)}"
