"""Our own items in our own table: what they hold and what reading them costs."""

import datetime as dt
from collections.abc import Callable

import pytest

from synth_pipeline.registries.dynamodb.registry import DynamoRegistry
from synth_pipeline_tests.support.registries import (
    NOON,
    SteppingClock,
    asked,
    items,
    put,
    settled_by,
)
from synth_pipeline_tests.support.servers import Server

pytestmark = pytest.mark.server


def test_an_item_of_ours_is_plain_and_has_what_the_index_needs(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    open_table(table, lambda: NOON).submit(asked())

    (item,) = items(aws, table)
    assert item["industry"] == {"S": "semiconductor"}
    assert item["number"] == {"N": "3"}
    assert item["active"] == {"BOOL": True}
    assert item["active_since"] == {"S": "2026-03-01T12:00:00.000000+00:00"}
    index = aws.client("dynamodb").query(
        TableName=table,
        IndexName="active-requests",
        KeyConditionExpression="active_queue = :q",
        ExpressionAttributeValues={":q": {"S": "active"}},
    )
    assert index["Items"] == [item]


def test_settled_requests_leave_the_index(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    registry = open_table(table)
    registry.submit(asked())
    settled_by(registry)

    index = aws.client("dynamodb").scan(TableName=table, IndexName="active-requests")

    assert index["Items"] == []


def test_more_than_a_page_of_items_is_read(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    client = aws.client("dynamodb")
    for number in range(3):
        client.put_item(
            TableName=table,
            Item={
                "user_id": {"S": f"user{number}"},
                "industry": {"S": "x"},
                "ballast": {"S": "b" * 390_000},
                "active": {"BOOL": True},
                "number": {"N": "1"},
            },
        )
    registry = open_table(table)

    assert len(registry.pending()) == 3
    assert len(registry.list()) == 3


def test_a_table_of_one_page_is_looked_through_every_time(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    registry = open_table(table, lambda: NOON)
    assert list(registry.pending()) == []

    put(aws, table)

    assert len(registry.pending()) == 1


def test_a_large_table_is_rested_from_between_two_looks(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    clock = SteppingClock()
    registry = open_table(table, clock)
    for number in range(4):
        put(aws, table, user_id={"S": f"user{number}"}, active=None, text={"S": "b" * 390_000})
    assert list(registry.pending()) == []

    put(aws, table)
    registry.submit(asked("food"))
    during = [record.request.industry for record in registry.pending()]
    clock.time += dt.timedelta(seconds=60)
    after = [record.request.industry for record in registry.pending()]

    assert during == ["food"]
    assert sorted(after) == ["food", "semiconductor"]
