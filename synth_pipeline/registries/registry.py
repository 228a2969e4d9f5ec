"""The protocol of a request registry: what was asked for, and where it stands."""

from collections.abc import Sequence
from typing import Protocol

from synth_pipeline.domain.outcome import Outcomes, RequestRecord
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage


class RequestRegistry(Protocol):
    """Keeps one record a request; every method raises RegistryError when the registry fails."""

    def check(self) -> None:
        """Raise UnavailableError, naming what to set, where the registry cannot be used."""
        ...

    def submit(self, request: Request, refresh_cron: str | None = None) -> RequestRecord:
        """File a request as pending and return its record.

        One that is already pending or running is returned as it is; one that is done or
        failed is opened again with `attempt` raised. A `refresh_cron` replaces the old one.
        """
        ...

    def claim(self, request_id: str, *, take_over: bool = False) -> bool:
        """Turn pending into running; True for exactly one of several callers.

        With `take_over` a running one is claimed too: for a user who asks here and now.
        """
        ...

    def get(self, request_id: str) -> RequestRecord:
        """One record; raises NotFoundError where there is none."""
        ...

    def list(self, user_id: str | None = None) -> Sequence[RequestRecord]:
        """All records, or one user's, oldest first."""
        ...

    def pending(self) -> Sequence[RequestRecord]:
        """Records that wait to be claimed, oldest first, found without a full scan.

        One that was claimed, or had a model call counted, half an hour ago and has no machines
        yet, because its run died, is opened again first, with `attempt` raised; after the third
        attempt it is failed.
        """
        ...

    def record_machines(self, request_id: str, machines: Outcomes) -> None:
        """Store the machine list with each outcome so far, and settle where none is pending."""
        ...

    def report_machine(self, user_id: str, slug: str, failure: str | None) -> None:
        """Store one machine's outcome in every running or failed request that lists it; settle."""
        ...

    def fail(self, request_id: str, reason: str) -> None:
        """Mark a request as failed for good."""
        ...

    def add_usage(self, request_id: str, usage: Usage) -> None:
        """Add to what the request's model calls took; its run shows life by that."""
        ...

    def forget_machine(self, user_id: str, slug: str) -> None:
        """Drop a removed machine from the records that list it; settle."""
        ...
