"""Stored rows as values: a row of a later version, with keys that are not known here, is read."""

import dataclasses
from collections.abc import Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")


def known_fields(kind: type[Value], row: Mapping[str, Any]) -> Value:
    """Make a dataclass of those keys that it has; raise TypeError where one is missing."""
    fields = dataclasses.fields(kind)  # type: ignore[arg-type]
    return kind(**{field.name: row[field.name] for field in fields if field.name in row})
