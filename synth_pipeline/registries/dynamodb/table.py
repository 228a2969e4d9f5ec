"""What the registry needs to know of a DynamoDB table, and the table we recommend.

The recommended key is (`user_id`, `industry`): both are among the four attributes that another
program puts (`industry`, `number`, `user_id`, `active`), so such a put needs nothing else. A
second request of the same user and industry lies under a decorated `industry`.

Finding the active ones: an index key must be a string, number or binary, so a boolean `active`
cannot be one, and an index on it as a string would make DynamoDB refuse a put with a boolean.
The index is therefore on two attributes of our own, `active_queue` and `active_since`. Only
active items that we wrote or adopted have them, so it is sparse: it holds what is open, not the
history. Items of other programs are not in it until adopted; they are found by a Scan filtered
on `attribute_exists(active)`, bounded in pages a call and rested from for up to a minute where
it read many. A table that has an index with `active`
itself as its hash key (string or number) is queried through that and never scanned.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from synth_pipeline.domain.errors import RegistrySettingsError

QUEUE_INDEX = "active-requests"
QUEUE = "active"
_ACTIVE_VALUES: Mapping[str, bool | str | int] = {"S": "true", "N": 1}
_KEY_NAMES = frozenset({"user_id", "request_id", "industry"})


@dataclass(frozen=True, slots=True)
class TableShape:
    """The key of a table, hash key first, and the indexes that find active items."""

    key: tuple[str, ...]
    has_queue_index: bool = False
    active_index: str | None = None
    active_value: bool | str | int = True

    @classmethod
    def parse(cls, description: Mapping[str, Any]) -> Self:
        """Read DescribeTable's answer; raise RegistrySettingsError for a key we cannot fill."""
        key = _names(description["KeySchema"])
        types = {
            a["AttributeName"]: a["AttributeType"] for a in description["AttributeDefinitions"]
        }
        if not set(key) <= _KEY_NAMES or key == ("industry",) or {types[n] for n in key} != {"S"}:
            found = ", ".join(f"{name} {types[name]}" for name in key)
            raise RegistrySettingsError(
                f"dynamodb://{description['TableName']}: its key ({found}) cannot be used; "
                "expected strings: user_id, request_id, or user_id with industry or request_id"
            )
        indexes = {
            index["IndexName"]: _names(index["KeySchema"])
            for index in description.get("GlobalSecondaryIndexes", ())
            if index["Projection"]["ProjectionType"] == "ALL"
        }
        on_active = [name for name, names in indexes.items() if names[0] == "active"]
        return cls(
            key,
            has_queue_index=indexes.get(QUEUE_INDEX) == ("active_queue", "active_since"),
            active_index=on_active[0] if on_active else None,
            active_value=_ACTIVE_VALUES.get(types.get("active", ""), True),
        )

    @property
    def is_by_user(self) -> bool:
        """True where one user's items can be queried."""
        return self.key[0] == "user_id"

    def key_of(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The key attributes of an item."""
        return {name: item[name] for name in self.key}


def recommended_table(name: str) -> dict[str, Any]:
    """The parameters of CreateTable: on-demand billing, our key and the sparse index."""
    strings = ("user_id", "industry", "active_queue", "active_since")
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": s, "AttributeType": "S"} for s in strings],
        "KeySchema": _schema("user_id", "industry"),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": QUEUE_INDEX,
                "KeySchema": _schema("active_queue", "active_since"),
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }


def _names(schema: list[dict[str, str]]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in sorted(schema, key=lambda part: part["KeyType"]))


def _schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]
