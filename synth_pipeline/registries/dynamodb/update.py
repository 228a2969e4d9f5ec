"""Builds the expressions of a DynamoDB write: every name is aliased, for many are reserved."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

# what an attribute, or by a tuple of names a place within a map, must be
Condition = Mapping[Any, object]


class Presence(Enum):
    """A demand on whether an attribute is there."""

    EXISTS = "exists"
    MISSING = "missing"


EXISTS, MISSING = Presence.EXISTS, Presence.MISSING


@dataclass(frozen=True, slots=True)
class OneOf:
    """A demand that an attribute has one of some values."""

    values: tuple[object, ...]


class Expressions:
    """Collects the names and values of one request's expressions, in plain Python values."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        self.values: dict[str, Any] = {}

    def path(self, *parts: str) -> str:
        """The aliased path of an attribute, or of a key within a map."""
        return ".".join(self._name(part) for part in parts)

    def value(self, value: object) -> str:
        """The placeholder of a value."""
        placeholder = f":v{len(self.values)}"
        self.values[placeholder] = value
        return placeholder

    def update(self, attributes: Mapping[str, object]) -> str:
        """SET every attribute, and REMOVE those that are None."""
        sets = [
            f"{self.path(name)} = {self.value(value)}"
            for name, value in attributes.items()
            if value is not None
        ]
        removes = [self.path(name) for name, value in attributes.items() if value is None]
        clauses = [f"SET {', '.join(sets)}"] if sets else []
        clauses += [f"REMOVE {', '.join(removes)}"] if removes else []
        return " ".join(clauses)

    def condition(self, wanted: Condition) -> str:
        """All of: an attribute EXISTS, is MISSING, is OneOf some values, or equals a value."""
        return " AND ".join(self._demand(name, value) for name, value in wanted.items())

    def _demand(self, name: str | tuple[str, ...], value: object) -> str:
        path = self.path(name) if isinstance(name, str) else self.path(*name)
        if value is EXISTS:
            return f"attribute_exists({path})"
        if value is MISSING:
            return f"attribute_not_exists({path})"
        if isinstance(value, OneOf):
            return f"{path} IN ({', '.join(self.value(each) for each in value.values)})"
        return f"{path} = {self.value(value)}"

    def _name(self, name: str) -> str:
        for alias, known in self.names.items():
            if known == name:
                return alias
        alias = f"#n{len(self.names)}"
        self.names[alias] = name
        return alias
