"""Tables and items of other programs: adopted as far as their key allows."""

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from synth_pipeline.domain.errors import RegistryError
from synth_pipeline.domain.outcome import RequestStatus
from synth_pipeline.registries.dynamodb.registry import (
    DynamoRegistry,
)
from synth_pipeline_tests.support.registries import (
    FOREIGN_ITEM,
    FOREIGN_KEYS,
    NOON,
    N,
    S,
    SteppingClock,
    asked,
    foreign_table,
    items,
    put,
    settled_by,
)
from synth_pipeline_tests.support.servers import Server

pytestmark = pytest.mark.server


@pytest.mark.parametrize("key", FOREIGN_KEYS.values(), ids=FOREIGN_KEYS)
def test_an_item_of_four_attributes_is_carried_to_its_end(
    open_table: Callable[..., DynamoRegistry], aws: Server, key: dict[str, str]
) -> None:
    table = foreign_table(aws, key)
    own_id = {"request_id": {"S": "their-id"}} if "request_id" in key else {}
    put(aws, table, **own_id)
    registry = open_table(table, lambda: NOON)
    registry.check()

    record = settled_by(registry)

    assert record.request == dataclasses.replace(asked(), rolls=True)
    assert (record.status, record.attempt) == (RequestStatus.DONE, 1)
    (item,) = items(aws, table)
    assert item["status"] == {"S": "done"}
    assert item["machines"] == {"M": {"etcher": {"S": "done"}}}
    assert (item["year"], item["seed"]) == ({"N": "2025"}, {"N": "0"})
    assert {"active", "active_since", "active_queue"}.isdisjoint(item)
    assert list(registry.pending()) == []


@pytest.mark.parametrize("key", FOREIGN_KEYS.values(), ids=FOREIGN_KEYS)
def test_our_own_requests_fit_in_any_such_table(
    open_table: Callable[..., DynamoRegistry], aws: Server, key: dict[str, str]
) -> None:
    registry = open_table(foreign_table(aws, key))
    registry.submit(asked())

    assert settled_by(registry).status is RequestStatus.DONE
    assert registry.submit(asked()).attempt == 2
    assert settled_by(registry).status is RequestStatus.DONE


@pytest.mark.parametrize(
    "active", [{"BOOL": True}, {"S": "true"}, {"S": "True"}, {"N": "1"}], ids=str
)
def test_active_may_be_written_in_any_way(
    open_table: Callable[..., DynamoRegistry],
    aws: Server,
    table: str,
    active: dict[str, Any],
) -> None:
    put(aws, table, active=active)

    assert [record.request.number for record in open_table(table).pending()] == [3]


@pytest.mark.parametrize("active", [{"BOOL": False}, {"S": "false"}, {"N": "0"}, None], ids=str)
def test_what_is_not_active_is_left_alone(
    open_table: Callable[..., DynamoRegistry],
    aws: Server,
    table: str,
    active: dict[str, Any] | None,
) -> None:
    put(aws, table, active=active)
    before = items(aws, table)

    assert list(open_table(table).pending()) == []
    assert items(aws, table) == before


@pytest.mark.parametrize(("kind", "value"), [(S, {"S": "true"}), (N, {"N": "1"})])
def test_an_index_on_active_is_used_and_kept_usable(
    open_table: Callable[..., DynamoRegistry],
    aws: Server,
    kind: str,
    value: dict[str, str],
) -> None:
    table = foreign_table(aws, FOREIGN_KEYS["user and industry"], index=kind)
    put(aws, table, active=value)
    registry = open_table(table)
    registry.submit(asked("food"))

    assert {record.request.industry for record in registry.pending()} == {
        "semiconductor",
        "food",
    }


def test_an_item_is_completed_in_place_and_once(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    put(aws, table, note={"S": "theirs"}, refresh_cron={"S": "0 2 * * 1"})
    registries = [open_table(table, SteppingClock()) for _ in range(4)]

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda registry: list(registry.pending()), registries))

    assert found == [found[0]] * 4
    (item,) = items(aws, table)
    assert item["note"] == {"S": "theirs"}
    assert item["request_id"] == {"S": asked().request_id}
    assert found[0][0].refresh_cron == "0 2 * * 1"


def test_an_item_is_seen_before_it_is_adopted(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    put(aws, table, year={"N": "2025"})
    registry = open_table(table)

    assert [record.status for record in registry.list("ada")] == ["pending"]
    assert registry.submit(asked()).attempt == 1
    assert registry.claim(asked().request_id)
    assert len(items(aws, table)) == 1


def test_active_set_again_on_a_settled_item_asks_once_more(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    registry = open_table(table)
    put(aws, table)
    request_id = settled_by(registry).request_id
    aws.client("dynamodb").update_item(
        TableName=table,
        Key={name: FOREIGN_ITEM[name] for name in ("user_id", "industry")},
        UpdateExpression="SET active = :t",
        ExpressionAttributeValues={":t": {"BOOL": True}},
    )

    (record,) = registry.pending()

    assert (record.request_id, record.attempt) == (request_id, 2)


def test_an_item_put_over_a_settled_one_asks_anew(
    open_table: Callable[..., DynamoRegistry], aws: Server, table: str
) -> None:
    registry = open_table(table)
    put(aws, table)
    settled_by(registry)

    put(aws, table, number={"N": "5"})

    (record,) = registry.pending()
    assert (record.request.number, record.attempt, record.machines) == (5, 1, {})


def test_items_that_ask_for_the_same_are_one_request(
    open_table: Callable[..., DynamoRegistry], aws: Server
) -> None:
    table = foreign_table(aws, FOREIGN_KEYS["request"])
    for name in ("a", "b"):
        put(aws, table, request_id={"S": name})
    registry = open_table(table)

    assert len(registry.pending()) == 1
    assert len(registry.pending()) == 1

    statuses = sorted(item["status"]["S"] for item in items(aws, table))
    assert statuses == ["merged", "pending"]


def test_malformed_items_are_failed_and_stop_no_other(
    open_table: Callable[..., DynamoRegistry], aws: Server
) -> None:
    table = foreign_table(aws, FOREIGN_KEYS["request"])
    put(aws, table, request_id={"S": "bad-number"}, number={"S": "ten"})
    put(aws, table, request_id={"S": "no-user"}, user_id=None)
    put(aws, table, request_id={"S": "bad-user"}, user_id={"S": "../etc"})
    put(aws, table, request_id={"S": "list"}, industry={"L": [{"S": "x"}]}, number=None)
    put(aws, table, request_id={"S": "good"})
    registry = open_table(table)

    assert [record.request.number for record in registry.pending()] == [3]
    assert len(registry.list()) == 1

    found = {item["request_id"]["S"]: item for item in items(aws, table)}
    failed = {name: i for name, i in found.items() if i["status"]["S"] == "failed"}
    assert set(failed) == {"bad-number", "no-user", "bad-user", "list"}
    assert all("active" not in item for item in failed.values())
    assert failed["bad-number"]["error"] == {
        "S": "malformed request: number 'ten': expected a whole number from 1 to 100"
    }
    assert "user id None" in failed["no-user"]["error"]["S"]
    assert "industry ['x']" in failed["list"]["error"]["S"]


def test_a_table_of_one_item_a_user_refuses_a_second_active_request(
    open_table: Callable[..., DynamoRegistry], aws: Server
) -> None:
    registry = open_table(foreign_table(aws, FOREIGN_KEYS["user"]))
    registry.submit(asked())

    with pytest.raises(RegistryError, match="user ada: has an active request") as error:
        registry.submit(asked("food"))
    assert "use a table with the key user_id and industry" in str(error.value)

    settled_by(registry)
    assert registry.submit(asked("food")).status is RequestStatus.PENDING
    assert [record.request.industry for record in registry.list()] == ["food"]
