"""Names in JSON: texts, records, or records that hold a list of either.

Keys such as `description` are never names. A value that can be read in two ways gives [], and
so does one that is cut off.
"""

import itertools
import json
import re
from collections.abc import Mapping, Sequence

from synth_pipeline.authoring.model.replies.listing.wording import (
    LIST_FIELDS,
    NAME_FIELDS,
    are_titles,
    field_key,
    is_field,
)

_MAX_VALUES = 2000
_MAX_FAILURES = 20  # each takes time linear in the text
_MAX_DEPTH = 6
_MAX_WORDS = 4  # of a name, where more explain one
_OPENING = re.compile(
    r"^[ \t`]*(?!\d|[-*+•] )(?:[\w \"'.-]{0,60}[:=][ \t`]*)?([\[{])(?!\d{1,4}\]|\[\w+\]\])",
    re.MULTILINE,
)
_TEXT = r"(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
_TEXTS = re.compile(rf"\[\s*{_TEXT}(?:\s*,\s*{_TEXT})*\s*,?\s*\]")
_BARE_TEXTS = re.compile(r"\[([^\[\]{}\"':`\n]*,[^\[\]{}\"':`\n]*)\][ \t`]*$", re.MULTILINE)
_LOOSE_COMMA = re.compile(r",(\s*[\]}])")
_LIKE_JSON = re.compile(r"[\[{]\s*(?:[\"'\[{]|$)", re.MULTILINE)
_DECODER = json.JSONDecoder(strict=False)
_GROUPS = ("machines", "machinery", "equipment", "machinelist", "equipmentlist")


def read_json(text: str) -> list[str] | None:
    """Read JSON values, one or one a line, also with loose commas and quotation marks."""
    names: list[str] = []
    position, count, failures = 0, 0, 0
    for opening in _OPENING.finditer(text):
        start = opening.start(1)
        if start < position:
            continue
        value, position = _decode(text, start)
        count += position > 0
        failures += not position
        if not position and _LIKE_JSON.match(text, start):
            return []  # it is cut off
        names += _names_in(value)
        if count > _MAX_VALUES or failures > _MAX_FAILURES:
            break
    return names if count else None


def _decode(text: str, start: int) -> tuple[object, int]:
    """Return the value that begins at `start` and where it ends; (None, 0) where it is none."""
    try:
        return _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        pass
    if texts := _TEXTS.match(text, start):
        return [item[1:-1] for item in re.findall(_TEXT, texts[0])], texts.end()
    if bare := _BARE_TEXTS.match(text, start):
        return [item for item in bare[1].split(",") if item.strip()], bare.end()
    if not _LIKE_JSON.match(text, start):
        return None, 0
    try:
        return _DECODER.raw_decode(_LOOSE_COMMA.sub(r"\1", text[start:]))[0], len(text)
    except (ValueError, RecursionError):
        return None, 0


def _names_in(value: object, depth: int = 0) -> list[str]:
    if depth > _MAX_DEPTH or not value:
        return []
    if isinstance(value, dict):
        return _names_in_record({str(key): item for key, item in value.items()}, depth)
    if not isinstance(value, list):
        return []
    if all(isinstance(item, str) for item in value):
        return [str(item) for item in value]
    if all(isinstance(item, dict) for item in value):
        return _names_in_records(value, depth)
    return []


def _names_in_records(records: Sequence[Mapping[str, object]], depth: int) -> list[str]:
    """Return what stands in the field of names; in records of one group each, their machines."""
    keyed = [{field_key(str(key)): item for key, item in each.items()} for each in records]
    if not any(isinstance(each.get(group), list) for each in keyed for group in _GROUPS):
        for field in NAME_FIELDS:
            if all(isinstance(each.get(field), str) for each in keyed):
                return [str(each[field]) for each in keyed]
    return list(itertools.chain(*(_names_in(dict(each), depth + 1) for each in records)))


def _names_in_record(record: Mapping[str, object], depth: int) -> list[str]:
    """Return the names below the key of a list, in groups, in one record, or in the keys."""
    keyed = {field_key(key): item for key, item in record.items()}
    nested = {key: item for key, item in keyed.items() if isinstance(item, list | dict)}
    lists = sorted(LIST_FIELDS & nested.keys(), key=[*_GROUPS, *sorted(LIST_FIELDS)].index)
    for key in lists:
        if names := _names_in(nested[key], depth + 1):
            return names
    groups = [item for key, item in nested.items() if not is_field(key)]
    if names := list(itertools.chain(*(_names_in(item, depth + 1) for item in groups))):
        return names
    texts = {key: str(item) for key, item in record.items() if isinstance(item, str)}
    if name := next((keyed[field] for field in NAME_FIELDS if keyed.get(field)), None):
        return [name] if isinstance(name, str) else []
    wrapped = (item for item in nested.values() if isinstance(item, dict))
    return next(filter(None, (_names_in(item, depth + 1) for item in wrapped)), []) or (
        _names_in_pairs(record, texts)
    )


def _names_in_pairs(record: Mapping[str, object], texts: Mapping[str, str]) -> list[str]:
    """Return the texts below counted keys, else keys that can only be names of what is below."""
    stems = {field_key(key).rstrip("0123456789") for key in record}
    if len(texts) == len(record) and stems <= {"", *NAME_FIELDS} and len(stems) == 1:
        return list(texts.values())
    if len(record) < 2 or any(is_field(key) for key in record) or not are_titles(record):
        return []
    are_records = all(
        isinstance(item, dict) and item and all(is_field(key) for key in item)
        for item in record.values()
    )
    long = sum(len(text.split()) > _MAX_WORDS for text in texts.values())
    are_explained = len(texts) == len(record) and 2 * long > len(record)
    return list(record) if are_records or are_explained else []
