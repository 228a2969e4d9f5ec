"""Finds, places, changes and adopts the records of a DynamoDB table by conditional writes."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from synth_pipeline.domain.errors import InputError, NotFoundError, RegistryError
from synth_pipeline.domain.outcome import RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.registries.clock import Clock, timestamp
from synth_pipeline.registries.dynamodb.item import (
    ACTIVE_ATTRIBUTES,
    MERGED,
    Item,
    active_attributes,
    attributes_of,
    is_active,
    is_adopted,
    new_record,
    record_of,
    request_of,
)
from synth_pipeline.registries.dynamodb.rows import Rows
from synth_pipeline.registries.dynamodb.update import EXISTS, MISSING
from synth_pipeline.registries.transitions import (
    ACTIVE,
    asked_again,
    is_abandoned,
    released,
    reopened,
)

CONFLICT_ATTEMPTS = 20
_READ = ("status", "attempt", "machines", "updated_at")  # what a change of a record rests on
Found = tuple[Item, RequestRecord]


class Records:
    """Records and the items they lie in."""

    def __init__(self, rows: Rows, now: Clock) -> None:
        self.rows = rows
        self._now = now

    def find(self, request_id: str) -> Found | None:
        """A request's item, completed first where another program put it."""
        user_id = request_id.rpartition("-")[0]
        for _ in range(CONFLICT_ATTEMPTS if user_id else 0):
            items = [i for i in self.rows.of_user(user_id) if self._id_or_none(i) == request_id]
            found = next(self.adopted(items), None)
            strange = next(filter(is_active, items), None)
            if found is not None or strange is None:
                return found
            self._complete(strange)
        return None

    def find_known(self, request_id: str) -> Found:
        """A request's item; raises NotFoundError where there is none."""
        found = self.find(request_id)
        if found is None:
            raise NotFoundError(f"request {request_id!r}: not in the registry; see synth requests")
        return found

    def adopted(self, items: Iterable[Item]) -> Iterator[Found]:
        """The items that we wrote or completed, with their records."""
        for item in items:
            request = self._request_or_none(item)
            if request is not None and is_adopted(item):
                yield item, record_of(item, request)

    def listed(self, items: Iterable[Item]) -> list[RequestRecord]:
        """Records of the items, oldest first; those that wait to be adopted as pending."""
        everything = list(items)
        waiting = filter(lambda item: is_active(item) and not is_adopted(item), everything)
        requests = filter(None, map(self._request_or_none, waiting))
        found = {request.request_id: new_record(request, "") for request in requests}
        found |= {record.request_id: record for _, record in self.adopted(everything)}
        return in_order(found.values())

    def change(
        self, request_id: str, change: Callable[[RequestRecord], RequestRecord]
    ) -> RequestRecord:
        """Replace a record by `change(record)`, read anew when another write came between."""
        for _ in range(CONFLICT_ATTEMPTS):
            item, old = self.find_known(request_id)
            new = change(old)
            if new == old:
                return old
            new = dataclasses.replace(new, updated_at=timestamp(self._now))
            before = attributes_of(old)
            changed: dict[str, Any] = {
                name: value for name, value in attributes_of(new).items() if value != before[name]
            }
            if (new.status in ACTIVE) != (old.status in ACTIVE):
                changed |= active_attributes(new, self.rows.shape.active_value)
            read = {name: item.get(name, MISSING) for name in _READ}
            if self.rows.update(item, changed, {**read, "created_at": old.created_at}):
                return new
        raise RegistryError(
            f"request {request_id}: changed by others {CONFLICT_ATTEMPTS} times while it was "
            "updated; try again"
        )

    def submit(self, request: Request, cron: str | None) -> RequestRecord:
        """File a request or open it again; see RequestRegistry."""
        for _ in range(CONFLICT_ATTEMPTS):
            if self.find(request.request_id):
                return self.change(request.request_id, lambda old: asked_again(old, request, cron))
            record = new_record(request, timestamp(self._now), cron=cron)
            if self._put(record):
                return record
        raise RegistryError(f"request {request.request_id}: its place is taken; try again")

    def adopt(self, item: Item) -> RequestRecord | None:
        """The record of an active item; another program's is completed, or marked as failed."""
        try:
            request = self._request(item)
        except InputError as error:
            self._reject(item, str(error))
            return None
        with contextlib.suppress(NotFoundError):  # deleted since it was read
            if not is_adopted(item):
                return self._adopt_strange(item, request.request_id)
            if record_of(item, request).status in ACTIVE:
                return record_of(item, request)
            # `active` on a settled one was set by another program: it asks once more
            return self.change(request.request_id, reopened)
        return None

    def release(self, record: RequestRecord, end: str) -> RequestRecord:
        """Open a request again whose run died before `end`; any other stays as it is."""
        if is_abandoned(record, end):
            with contextlib.suppress(NotFoundError):  # deleted since it was read
                return self.change(record.request_id, lambda old: released(old, end))
        return record

    def _adopt_strange(self, item: Item, request_id: str) -> RequestRecord:
        """Complete the item, or merge it into another that is the same request."""
        found, record = self.find_known(request_id)
        if self.rows.shape.key_of(found) == self.rows.shape.key_of(item):
            return record
        record = self.change(request_id, reopened)
        merged = dict.fromkeys(ACTIVE_ATTRIBUTES) | {"status": MERGED, "merged_into": request_id}
        self.rows.update(item, merged, {"active": EXISTS, "attempt": MISSING})
        return record

    def _request_or_none(self, item: Item) -> Request | None:
        """The request an item states, None for a malformed one."""
        try:
            return self._request(item)
        except InputError:
            return None

    def _request(self, item: Item) -> Request:
        return request_of(item, self._now().date())

    def _id_or_none(self, item: Item) -> str | None:
        request = self._request_or_none(item)
        return None if request is None else request.request_id

    def _complete(self, item: Item) -> bool:
        record = new_record(self._request(item), timestamp(self._now), item)
        attributes = attributes_of(record) | active_attributes(record, item["active"])
        unchanged = {name: item.get(name, MISSING) for name in ("active", "created_at", "number")}
        return self.rows.update(item, attributes, unchanged)

    def _reject(self, item: Item, reason: str) -> None:
        failed = {
            **dict.fromkeys(ACTIVE_ATTRIBUTES),
            "status": str(RequestStatus.FAILED),
            "error": f"malformed request: {reason}",
            "updated_at": timestamp(self._now),
        }
        self.rows.update(item, failed, {"active": EXISTS})

    def _put(self, record: RequestRecord) -> bool:
        """Put a new item where its key is free, False where another writer was faster."""
        shape, asked = self.rows.shape, record.request
        attributes = attributes_of(record) | active_attributes(record, shape.active_value)
        key = shape.key_of(attributes)
        items = self.rows.of_user(asked.user_id)
        there = next((item for item in items if shape.key_of(item) == key), None)
        if there is None:
            return self.rows.put(attributes, {shape.key[0]: MISSING})
        if self._id_or_none(there) == record.request_id:
            return False
        if "industry" in shape.key:  # of another number, year or seed
            attributes["requested_industry"] = asked.industry
            attributes["industry"] = f"{asked.industry} [{record.request_id}]"
            return self.rows.put(attributes, {shape.key[0]: MISSING})
        if is_active(there):
            raise RegistryError(
                f"user {asked.user_id}: has an active request, and a table with the key "
                f"{' and '.join(shape.key)} holds one a user; wait until it is done or use a "
                "table with the key user_id and industry"
            )
        free = {name: there.get(name, MISSING) for name in ("active", "created_at")}
        return self.rows.put(attributes, free)


def in_order(records: Iterable[RequestRecord]) -> list[RequestRecord]:
    """Oldest first, by id where the clock did not move."""
    return sorted(records, key=lambda record: (record.created_at, record.request_id))
