"""Registries under test: their clock, their tables and what is asked of them."""

import datetime as dt
import uuid
from typing import Any

from synth_pipeline.aws.client import CallOptions, make_client
from synth_pipeline.domain.outcome import PENDING, RequestRecord
from synth_pipeline.domain.request import Request
from synth_pipeline.registries.dynamodb.registry import DynamoRegistry
from synth_pipeline.registries.registry import RequestRegistry
from synth_pipeline_tests.support.servers import Server

NOON = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


class SteppingClock:
    """Moves on by a second a look."""

    def __init__(self, time: dt.datetime = NOON) -> None:
        self.time = time

    def __call__(self) -> dt.datetime:
        self.time += dt.timedelta(seconds=1)
        return self.time


def asked(industry: str = "semiconductor", number: int = 3, user_id: str = "ada") -> Request:
    return Request.create(industry=industry, number=number, user_id=user_id, year=2025)


def running(registry: RequestRegistry, *slugs: str, request: Request | None = None) -> str:
    """Submit, claim and list machines; returns the id."""
    request_id = registry.submit(request or asked()).request_id
    assert registry.claim(request_id)
    registry.record_machines(request_id, dict.fromkeys(slugs, PENDING))
    return request_id


def impatient_client(attempts: int) -> Any:
    """A DynamoDB client that tries so often: the waits between attempts are botocore's own."""
    return make_client("dynamodb", CallOptions(attempts=attempts))


S, N = "S", "N"
FOREIGN_KEYS = {
    "user": {"user_id": S},
    "user and industry": {"user_id": S, "industry": S},
    "user and request": {"user_id": S, "request_id": S},
    "request": {"request_id": S},
}
FOREIGN_ITEM = {
    "industry": {"S": "semiconductor"},
    "number": {"N": "3"},
    "user_id": {"S": "ada"},
    "active": {"BOOL": True},
}


def foreign_table(server: Server, key: dict[str, str], index: str | None = None) -> str:
    """A table as another program might make it, perhaps with an index on `active`."""
    name = f"foreign-{uuid.uuid4().hex[:12]}"
    types = key | ({"active": index} if index else {})
    schema = [
        {"AttributeName": name, "KeyType": kind}
        for name, kind in zip(key, ("HASH", "RANGE"), strict=False)
    ]
    indexes = {
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-active",
                "KeySchema": [{"AttributeName": "active", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ]
    }
    server.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": kind} for name, kind in types.items()
        ],
        KeySchema=schema,
        **(indexes if index else {}),
    )
    return name


def put(server: Server, table: str, **changes: Any) -> None:
    item = {name: value for name, value in {**FOREIGN_ITEM, **changes}.items() if value}
    server.client("dynamodb").put_item(TableName=table, Item=item)


def items(server: Server, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client("dynamodb").scan(TableName=table)["Items"]
    return found


def settled_by(registry: DynamoRegistry) -> RequestRecord:
    """Carry the one pending request to its end."""
    (record,) = registry.pending()
    assert registry.claim(record.request_id)
    registry.record_machines(record.request_id, {"etcher": PENDING})
    registry.report_machine(record.request.user_id, "etcher", None)
    return registry.get(record.request_id)
