"""Reads and conditional writes of one DynamoDB table, in plain Python values.

What the items mean is in `item`; what is done with them in `records` and `registry`.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from synth_pipeline.registries.clock import Clock
from synth_pipeline.registries.dynamodb.item import Item
from synth_pipeline.registries.dynamodb.table import QUEUE, QUEUE_INDEX, TableShape
from synth_pipeline.registries.dynamodb.update import EXISTS, MISSING, Condition, Expressions
from synth_pipeline.registries.dynamodb.values import from_dynamo, to_dynamo

SCAN_PAGES = 50  # of 1 MB each: the most that one look for other programs' items reads
# A page costs 128 read units. Beyond the first, each is paid for by a rest, so that a sensor that
# looks every 5 s reads a large table once a minute; a table of one page is read at every look.
REST_PER_PAGE = dt.timedelta(seconds=10)
MAX_REST = dt.timedelta(seconds=60)


class Rows:
    """The items of a table; errors are boto3's own."""

    def __init__(self, client: Any, table: str, shape: TableShape, now: Clock) -> None:
        self._client = client
        self._table = table
        self.shape = shape
        self._now = now
        self._scanned_to: Any = None
        self._rests_until: dt.datetime | None = None

    def of_user(self, user_id: str) -> Iterator[dict[str, Any]]:
        """All items of a user: a Query where the key allows it, else a filtered Scan."""
        wanted = Expressions()
        condition = wanted.condition({"user_id": user_id})
        if self.shape.is_by_user:
            call = {"KeyConditionExpression": condition}
            return self._read("query", wanted, ConsistentRead=True, **call)
        return self._read("scan", wanted, ConsistentRead=True, FilterExpression=condition)

    def all(self) -> Iterator[dict[str, Any]]:
        """Every item."""
        return self._read("scan", Expressions(), ConsistentRead=True)

    def active(self) -> Iterator[dict[str, Any]]:
        """Items with an `active` attribute; see `table` for how they are found."""
        wanted = Expressions()
        if self.shape.active_index:
            condition = wanted.condition({"active": self.shape.active_value})
            index = self.shape.active_index
            return self._read("query", wanted, IndexName=index, KeyConditionExpression=condition)
        return self._queue_and_strangers() if self.shape.has_queue_index else self._strangers({})

    def put(self, attributes: Mapping[str, Any], condition: Condition) -> bool:
        """Put an item, False where the condition does not hold."""
        item = {name: value for name, value in attributes.items() if value is not None}
        wanted = Expressions()
        text = wanted.condition(condition)
        return (
            self._succeeds("put_item", wanted, Item=to_dynamo(item), ConditionExpression=text)
            is not None
        )

    def update(self, item: Item, attributes: Mapping[str, object], condition: Condition) -> bool:
        """Set and remove (None) attributes of an item, False where the condition does not hold."""
        wanted = Expressions()
        free = {name: v for name, v in attributes.items() if name not in self.shape.key}
        return self._update(item, wanted, wanted.update(free), condition) is not None

    def set_within(
        self, item: Item, path: tuple[str, ...], value: object, condition: Condition
    ) -> bool:
        """Set or remove (None) one key of a map within an item."""
        wanted = Expressions()
        place = wanted.path(*path)
        text = f"REMOVE {place}" if value is None else f"SET {place} = {wanted.value(value)}"
        return self._update(item, wanted, text, condition) is not None

    def add_within(
        self,
        item: Item,
        name: str,
        amounts: Mapping[str, object],
        attributes: Mapping[str, object],
    ) -> bool:
        """Add to numbers in a map within an item, and set attributes of it."""
        wanted = Expressions()
        zero = wanted.value(0)  # of a count that an older item does not have
        places = [(wanted.path(name, key), wanted.value(n)) for key, n in amounts.items()]
        sums = (f"{place} = if_not_exists({place}, {zero}) + {n}" for place, n in places)
        text = f"{wanted.update(attributes)}, {', '.join(sums)}"
        return self._update(item, wanted, text, {name: EXISTS}) is not None

    def prove_writable(self) -> None:
        """Try a write whose condition cannot hold: it needs the rights and changes nothing."""
        nobody = dict.fromkeys(self.shape.key, ".write-check")
        self.update(nobody, {"updated_at": ""}, {self.shape.key[0]: EXISTS})

    def _update(self, item: Item, wanted: Expressions, text: str, condition: Condition) -> Any:
        return self._succeeds(
            "update_item",
            wanted,
            Key=to_dynamo(self.shape.key_of(item)),
            UpdateExpression=text,
            ConditionExpression=wanted.condition(condition),
        )

    def _queue_and_strangers(self) -> Iterator[dict[str, Any]]:
        # in this order an item that is adopted meanwhile is seen once at least
        yield from self._strangers({"active_since": MISSING})
        wanted = Expressions()
        condition = wanted.condition({"active_queue": QUEUE})
        yield from self._read(
            "query", wanted, IndexName=QUEUE_INDEX, KeyConditionExpression=condition
        )

    def _strangers(self, more: Condition) -> Iterator[dict[str, Any]]:
        """Scan on from where the last call stopped, so that a large table is seen in turns.

        Nothing is read and nothing found while a scan of many pages is rested from.
        """
        if self._rests_until and self._now() < self._rests_until:
            return
        wanted = Expressions()
        condition = wanted.condition({"active": EXISTS, **more})
        start = {"ExclusiveStartKey": self._scanned_to} if self._scanned_to else {}
        pages = self._pages("scan", wanted, FilterExpression=condition, **start)
        self._scanned_to = None
        for number, page in enumerate(pages, 1):
            self._rests_until = self._now() + min((number - 1) * REST_PER_PAGE, MAX_REST)
            yield from map(from_dynamo, page["Items"])
            if number == SCAN_PAGES:
                self._scanned_to = page.get("LastEvaluatedKey")
                return

    def _read(self, operation: str, wanted: Expressions, **call: Any) -> Iterator[dict[str, Any]]:
        for page in self._pages(operation, wanted, **call):
            yield from map(from_dynamo, page["Items"])

    def _pages(self, operation: str, wanted: Expressions, **call: Any) -> Iterator[Any]:
        paginator = self._client.get_paginator(operation)
        return iter(paginator.paginate(**self._call(wanted, call)))

    def _succeeds(self, operation: str, wanted: Expressions, **call: Any) -> Any:
        """Answer of a conditional write, None where its condition does not hold."""
        try:
            return getattr(self._client, operation)(**self._call(wanted, call))
        except self._client.exceptions.ConditionalCheckFailedException:
            return None

    def _call(self, wanted: Expressions, call: Mapping[str, Any]) -> dict[str, Any]:
        whole = {"TableName": self._table, **call}
        if wanted.names:
            whole["ExpressionAttributeNames"] = wanted.names
        if wanted.values:
            whole["ExpressionAttributeValues"] = to_dynamo(wanted.values)
        return whole
