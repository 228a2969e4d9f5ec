"""Names in fields, `name: …` on a line of their own, as YAML and prose write records."""

import itertools
import re
from collections.abc import Iterable, Sequence

from synth_pipeline.authoring.model.replies.listing.wording import (
    NAME_FIELDS,
    field_key,
    is_field,
    is_name_field,
)

_MAX_LINE_LENGTH = 500
_MARKED = re.compile(r"\s*(?:[-*+•]|\(?\d{1,4}[.):])\s")
_FIELD = re.compile(
    r"(?P<mark>\s*(?:[-*+•]\s+|\d{1,4}[.)]\s+)?[*_\"'`]*)(?P<key>[A-Za-z][\w \-/]{0,30}?)"
    r"[*_\"'`]*\s*[:=]\s*[*_]*\s*(?P<value>\S.*)"
)


def read_fields(text: str) -> list[str] | None:
    """Return the values of the field of names, in whatever order of fields.

    [] where all items of a list are fields and none holds names, None where it is no such list.
    """
    lines = [line.expandtabs(4)[:_MAX_LINE_LENGTH] for line in text.split("\n")]
    fields = [match for line in lines if (match := _FIELD.match(line)) and is_field(match["key"])]
    named = [field for field in fields if is_name_field(field["key"])]
    if not named:
        return [] if _are_all(fields, lines) else None
    margin = min(len(field["mark"]) for field in named)
    outer = [field for field in named if len(field["mark"]) <= margin + 1]
    keys = [field_key(field["key"]) for field in outer]
    key = max(set(keys), key=lambda key: (keys.count(key), -NAME_FIELDS.index(key)))
    values = list(itertools.compress((field["value"] for field in outer), map(key.__eq__, keys)))
    is_record = len(values) > 1 or len(fields) > 1
    return values if is_record and not _hang_below_items(lines, margin) else None


def _are_all(fields: Sequence[re.Match[str]], lines: Iterable[str]) -> bool:
    """True where more than one item is marked, and each of them is a field."""
    heads = sum(_MARKED.match(field["mark"]) is not None for field in fields)
    return 1 < heads == sum(_MARKED.match(line) is not None for line in lines)


def _hang_below_items(lines: Iterable[str], margin: int) -> bool:
    """True where items further left than `margin` are no fields: those are the names."""
    marked = (match for line in lines if (match := _MARKED.match(line)) and not _is_label(line))
    return any(match.end() < margin for match in marked)


def _is_label(line: str) -> bool:
    """True for a field, with or without a value on its line."""
    match = _FIELD.match(f"{line} …")
    return match is not None and is_field(match["key"])
