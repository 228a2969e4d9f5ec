"""DynamoDB's typed values as plain Python ones, and back."""

from collections.abc import Mapping
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer


def to_dynamo(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Plain Python values as DynamoDB writes them; fractions must come as Decimal."""
    serializer = TypeSerializer()
    return {name: serializer.serialize(value) for name, value in attributes.items()}


def from_dynamo(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """DynamoDB's values as plain Python ones; numbers come as Decimal."""
    deserializer = TypeDeserializer()
    return {name: deserializer.deserialize(value) for name, value in attributes.items()}
