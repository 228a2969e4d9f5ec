"""An AWS Lambda function that files requests: JSON in, an active item in DynamoDB out.

It needs boto3, which Lambda brings along, and a few modules of this package; never Dagster and
never pyarrow. `SYNTH_REGISTRY=dynamodb://table` names the table. `deploy/intake_zip.py` packs it.
"""

import base64
import binascii
import json
import logging
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from synth_pipeline.domain.errors import InputError, SettingsError
from synth_pipeline.domain.request import DEFAULT_NUMBER, Request
from synth_pipeline.registries.dynamodb.registry import DynamoRegistry
from synth_pipeline.settings import DynamoLocation, parse_registry

_FIELDS = frozenset({"industry", "number", "user_id", "year", "seed"})
_IGNORED = frozenset({"active"})  # what a row would have; every request starts active
_LOG = logging.getLogger(__name__)

Answer = dict[str, Any]


def handler(event: object, context: object) -> Answer:
    """Answer one invocation: direct, through API Gateway (v1 or v2) or a function URL."""
    try:
        record = _registry(os.environ.get("SYNTH_REGISTRY", "")).submit(_request(event))
    except InputError as error:
        return _answer(400, {"error": str(error)})
    except Exception:  # noqa: BLE001 - whatever fails, the caller learns nothing of the inside
        reference = getattr(context, "aws_request_id", None)
        _LOG.exception("request could not be filed")
        message = "the request could not be filed; try again later"
        return _answer(500, {"error": message, "reference": reference})
    asked = record.request
    return _answer(
        200,
        {
            "request_id": record.request_id,
            "status": str(record.status),
            "industry": asked.industry,
            "number": asked.number,
            "user_id": asked.user_id,
            "year": asked.year,
            "seed": asked.seed,
        },
    )


def _request(event: object) -> Request:
    fields = _payload(event)
    unknown = sorted(set(fields) - _FIELDS - _IGNORED)
    if unknown:
        expected = ", ".join(sorted(_FIELDS))
        raise InputError(f"unknown fields {', '.join(unknown)[:200]}: expected {expected}")
    return Request.create(
        industry=fields.get("industry"),
        number=fields.get("number", DEFAULT_NUMBER),
        user_id=fields.get("user_id"),
        year=fields.get("year"),
        seed=fields.get("seed"),
    )


def _payload(event: object) -> Mapping[str, object]:
    """The request's fields: the event itself, or the JSON object in the body of an HTTP event."""
    fields = event
    if isinstance(event, Mapping) and ("requestContext" in event or "body" in event):
        fields = _body(event.get("body"), is_base64=event.get("isBase64Encoded") is True)
    if not isinstance(fields, Mapping):
        raise InputError("the request is no JSON object: expected industry, number and user_id")
    return fields


def _body(body: object, *, is_base64: bool) -> object:
    try:
        text = base64.b64decode(str(body), validate=True) if is_base64 else str(body or "null")
        return json.loads(text)
    except (ValueError, binascii.Error, RecursionError):
        raise InputError("the body is no JSON") from None


@cache
def _registry(setting: str) -> DynamoRegistry:
    """The registry, kept with its client while Lambda keeps the process."""
    place = parse_registry(setting, Path.cwd())
    if not isinstance(place, DynamoLocation):
        raise SettingsError(f"SYNTH_REGISTRY {setting!r}: expected dynamodb://table")
    return DynamoRegistry(place.table)


def _answer(status: int, body: Mapping[str, object]) -> Answer:
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
