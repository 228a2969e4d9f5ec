"""A request record as the attributes of a DynamoDB item, and back; no calls are made here."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from synth_pipeline.domain.outcome import Outcome, RequestRecord, RequestStatus
from synth_pipeline.domain.request import Request
from synth_pipeline.domain.usage import Usage
from synth_pipeline.registries.dynamodb.table import QUEUE
from synth_pipeline.registries.transitions import ACTIVE

Item = Mapping[str, Any]
ACTIVE_ATTRIBUTES = ("active", "active_since", "active_queue")
MERGED = "merged"  # status of another program's item that repeats a request we already have
MAX_OUTCOME_LENGTH = 1000  # an item may have 400 kB, and a request 100 machines
MAX_ERROR_LENGTH = 20_000
_STATUSES = frozenset(RequestStatus)


def is_active(item: Item) -> bool:
    """True for `active` as true, "true" or 1, however the other program wrote it."""
    value = item.get("active")
    if isinstance(value, str):
        return value.strip().casefold() in {"true", "1"}
    return isinstance(value, bool | Decimal | int) and value == 1


def is_adopted(item: Item) -> bool:
    """True for an item we wrote or completed."""
    return (
        item.get("status") in _STATUSES
        and isinstance(item.get("created_at"), str)
        and isinstance(item.get("attempt"), Decimal)
    )


def request_of(item: Item, today: dt.date) -> Request:
    """The request an item states; raises InputError for a malformed one."""
    request = Request.create(
        industry=item.get("requested_industry", item.get("industry")),
        number=item.get("number"),
        user_id=item.get("user_id"),
        year=item.get("year"),
        seed=item.get("seed"),
        today=today,
    )
    return dataclasses.replace(request, rolls=request.rolls or item.get("rolls") is True)


def record_of(item: Item, request: Request) -> RequestRecord:
    """The record of an adopted item."""
    machines = item.get("machines")
    machines = machines if isinstance(machines, Mapping) else {}
    return RequestRecord(
        request,
        RequestStatus(item["status"]),
        machines={slug: Outcome.parse(str(o)) for slug, o in machines.items()},
        error=_text(item, "error"),
        refresh_cron=_text(item, "refresh_cron"),
        attempt=int(item["attempt"]),
        usage=_usage(item.get("usage")),
        created_at=item["created_at"],
        updated_at=_text(item, "updated_at") or "",
    )


def new_record(
    request: Request, now: str, item: Item = MappingProxyType({}), cron: str | None = None
) -> RequestRecord:
    """A pending record of a request that is new, or that another program's item states."""
    return RequestRecord(
        request,
        RequestStatus.PENDING,
        refresh_cron=cron or _text(item, "refresh_cron"),
        created_at=now,
        updated_at=now,
    )


def attributes_of(record: RequestRecord) -> dict[str, Any]:
    """All attributes of an item but the active ones; None stands for one that is left out."""
    asked, usage = record.request, record.usage
    return {
        "user_id": asked.user_id,
        "request_id": record.request_id,
        "industry": asked.industry,
        "number": asked.number,
        "year": asked.year,
        "seed": asked.seed,
        "rolls": asked.rolls,
        "status": str(record.status),
        "machines": {slug: str(o)[:MAX_OUTCOME_LENGTH] for slug, o in record.machines.items()},
        "error": record.error[:MAX_ERROR_LENGTH] if record.error else None,
        "refresh_cron": record.refresh_cron,
        "attempt": record.attempt,
        "usage": amounts_of(usage),
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }


def active_attributes(record: RequestRecord, active: bool | str | int) -> dict[str, Any]:
    """What makes an item active, each None for a request that is settled."""
    if record.status not in ACTIVE:
        return dict.fromkeys(ACTIVE_ATTRIBUTES)
    return {"active": active, "active_since": record.updated_at, "active_queue": QUEUE}


def _text(item: Item, name: str) -> str | None:
    value = item.get(name)
    return value if isinstance(value, str) and value else None


def amounts_of(usage: Usage) -> dict[str, Any]:
    """Usage as DynamoDB's numbers, which are whole or Decimal."""
    return dataclasses.asdict(usage) | {"latency_s": Decimal(str(usage.latency_s))}


def _usage(value: object) -> Usage:
    if not isinstance(value, Mapping):
        return Usage()
    names = (field.name for field in dataclasses.fields(Usage))
    amounts = {name: int(value.get(name, 0)) for name in names if name != "latency_s"}
    return Usage(**amounts, latency_s=float(value.get("latency_s", 0)))
