"""The request registry in a DynamoDB table, ours or one that another program made and fills.

One item a request. `table` says which keys a table may have and how active items are
found; an item with only `industry`, `number`, `user_id` and `active` is adopted: completed in
place by a conditional write.
"""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from synth_pipeline.aws.client import make_client
from synth_pipeline.aws.errors import AwsError, code_of, explain, is_about_settings
from synth_pipeline.domain.errors import RegistryError, RegistrySettingsError, UnavailableError
from synth_pipeline.domain.outcome import Outcomes, RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.clock import Clock, timestamp, utc_now
from synth_pipeline.registries.dynamodb.item import amounts_of, is_active
from synth_pipeline.registries.dynamodb.records import Found, Records, in_order
from synth_pipeline.registries.dynamodb.rows import Rows
from synth_pipeline.registries.dynamodb.table import TableShape, recommended_table
from synth_pipeline.registries.dynamodb.update import EXISTS, OneOf
from synth_pipeline.registries.transitions import (
    LISTENING,
    lease_end,
    outcome_of,
    resettled,
    with_machines,
)

_CLAIMABLE = OneOf((str(RequestStatus.PENDING),))
_CLAIMABLE_OR_TAKEN = OneOf((str(RequestStatus.PENDING), str(RequestStatus.RUNNING)))
_LISTENING = OneOf(tuple(str(status) for status in LISTENING))


def make_dynamo_client() -> Any:
    """A client by the standard AWS configuration."""
    return make_client("dynamodb")


def create_table(table: str, client: Callable[[], Any] = make_dynamo_client) -> None:
    """Make the table we recommend and wait until it takes items; one that is there is kept."""
    with _failures(table):
        made = client()
        with contextlib.suppress(made.exceptions.ResourceInUseException):
            made.create_table(**recommended_table(table))
        wait = {"Delay": 1, "MaxAttempts": 60}
        made.get_waiter("table_exists").wait(TableName=table, WaiterConfig=wait)


class DynamoRegistry:
    """Every change is a conditional write, so that any number of programs may share a table."""

    def __init__(
        self,
        table: str,
        now: Clock = utc_now,
        client: Callable[[], Any] = make_dynamo_client,
    ) -> None:
        self.table = table
        self._now = now
        self._make_client = client

    def check(self) -> None:
        """Prove that the table is there, readable and writable, changing nothing."""
        try:
            with _failures(self.table):
                next(self._rows.active(), None)
                self._rows.prove_writable()
        except RegistryError as error:
            raise UnavailableError(f"SYNTH_REGISTRY {error}") from error

    def submit(self, request: Request, refresh_cron: str | None = None) -> RequestRecord:
        """File a request, or open it again; see RequestRegistry."""
        with _failures(self.table):
            return self._records.submit(request, refresh_cron)

    def claim(self, request_id: str, *, take_over: bool = False) -> bool:
        """Turn pending into running by one conditional write; see RequestRegistry."""
        claimable = _CLAIMABLE_OR_TAKEN if take_over else _CLAIMABLE
        with _failures(self.table):
            found = self._records.find(request_id)
            if found is None:
                return False
            item, record = found
            claimed = {"status": str(RequestStatus.RUNNING), "updated_at": timestamp(self._now)}
            still = {"status": claimable, "created_at": record.created_at}
            return self._rows.update(item, claimed, still)

    def get(self, request_id: str) -> RequestRecord:
        """One record; raises NotFoundError where there is none."""
        with _failures(self.table):
            return self._records.find_known(request_id)[1]

    def list(self, user_id: str | None = None) -> Sequence[RequestRecord]:
        """All records, or one user's, oldest first; with what waits to be adopted."""
        with _failures(self.table):
            rows = self._rows
            return self._records.listed(rows.all() if user_id is None else rows.of_user(user_id))

    def pending(self) -> Sequence[RequestRecord]:
        """Records that wait to be claimed; see RequestRegistry. Adopts what other programs put.

        A malformed item is marked as failed, with the reason, and stops no other.
        """
        with _failures(self.table):
            end = lease_end(self._now)
            active = filter(is_active, list(self._rows.active()))
            adopted = filter(None, map(self._records.adopt, active))
            records = [self._records.release(record, end) for record in adopted]
            found = {r.request_id: r for r in records if r.status is RequestStatus.PENDING}
            return in_order(found.values())

    def record_machines(self, request_id: str, machines: Outcomes) -> None:
        """Store the machine list, and settle where none is pending."""
        with _failures(self.table):
            self._records.change(request_id, lambda old: with_machines(old, dict(machines)))

    def report_machine(self, user_id: str, slug: str, failure: str | None) -> None:
        """Write one key of the map of outcomes, atomic for itself; then settle."""
        with _failures(self.table):
            for item, record in self._that_list(user_id, slug):
                still = {
                    ("machines", slug): EXISTS,
                    "status": _LISTENING,
                    "created_at": record.created_at,
                }
                if self._rows.set_within(item, ("machines", slug), str(outcome_of(failure)), still):
                    self._records.change(record.request_id, resettled)

    def fail(self, request_id: str, reason: str) -> None:
        """Mark a request as failed for good."""
        with _failures(self.table):
            self._records.change(
                request_id,
                lambda old: dataclasses.replace(old, status=RequestStatus.FAILED, error=reason),
            )

    def add_usage(self, request_id: str, usage: Usage) -> None:
        """Add to what the request's model calls took, atomically; see RequestRegistry."""
        with _failures(self.table):
            item, _ = self._records.find_known(request_id)
            life = {"updated_at": timestamp(self._now)}
            self._rows.add_within(item, "usage", amounts_of(usage), life)

    def forget_machine(self, user_id: str, slug: str) -> None:
        """Remove one key of the map of outcomes, and settle."""
        with _failures(self.table):
            for item, record in self._that_list(user_id, slug):
                place = ("machines", slug)
                self._rows.set_within(item, place, None, {"created_at": record.created_at})
                self._records.change(record.request_id, resettled)

    def _that_list(self, user_id: str, slug: str) -> Iterator[Found]:
        for item, record in self._records.adopted(self._rows.of_user(user_id)):
            if slug in record.machines:
                yield item, record

    @cached_property
    def _rows(self) -> Rows:
        client = self._make_client()
        description = client.describe_table(TableName=self.table)["Table"]
        return Rows(client, self.table, TableShape.parse(description), self._now)

    @cached_property
    def _records(self) -> Records:
        return Records(self._rows, self._now)


@contextlib.contextmanager
def _failures(table: str) -> Iterator[None]:
    try:
        yield
    except (*AwsError, ValueError) as error:
        reason = explain(error, "dynamodb")
        if code_of(error) == "ResourceNotFoundException":
            reason = (
                "there is no such table in this account and region; make it, set "
                "AWS_DEFAULT_REGION or name another in SYNTH_REGISTRY"
            )
        fault = RegistrySettingsError if is_about_settings(error) else RegistryError
        raise fault(f"dynamodb://{table}: {reason}") from error
