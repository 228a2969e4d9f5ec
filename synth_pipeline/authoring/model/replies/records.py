"""Names in structured text: JSON, tables, CSV, records of fields, elements.

Each reader returns the names, [] where the text has its form but no field that holds names, and
None where it has another form, so that keys and heads of columns are never taken for names.
"""

import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence

from synth_pipeline.authoring.model.replies.wording import (
    LIST_FIELDS,
    NAME_FIELDS,
    field_key,
    is_field,
    is_name_field,
)

_MAX_VALUES = 2000
_MAX_FAILURES = 10  # each takes time linear in the text
_MAX_DEPTH = 6
_OPENING = re.compile(
    r"^[ \t]*(?!\d|[-*+•] )(?:[\w \"'.-]{0,60}[:=][ \t]*)?([\[{])(?!\d{1,4}\])", re.MULTILINE
)
_QUOTED = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'")
_FLOW = re.compile(r"\[([^\[\]{}\"':`]*)\]\s*$")
_ELEMENT = re.compile(
    r"<(li|machine|name|item|equipment)\b[^<>\n]{0,200}>([^<>]{1,500})</\1>", re.I
)
_MARKED = re.compile(r"\s*(?:[-*+•]|\(?\d{1,4}[.):])\s")
_FIELD = re.compile(
    r"(?P<mark>\s*(?:[-*+•]\s+|\d{1,4}[.)]\s+)?[*_\"'`]*)(?P<key>[A-Za-z][\w \-/]{0,30}?)"
    r"[*_\"'`]*\s*[:=]\s*[*_]*\s*(?P<value>\S.*)"
)


def read_json(text: str) -> list[str] | None:
    """Read JSON values, one or one a line, also with loose commas and quotation marks."""
    values: list[object] = []
    position, failures = 0, 0
    for opening in _OPENING.finditer(text):
        if opening.start(1) < position:
            continue
        value, end = _decode(text, opening.start(1))
        if end:
            values.append(value)
            position = end
        failures += not end
        if failures > _MAX_FAILURES or len(values) > _MAX_VALUES:
            break
    found = [names for value in values if (names := _names_in(value)) is not None]
    if found:
        return list(itertools.chain(*found))
    return [] if values or re.match(r"\s*[\[{](?!\d+\])", text) else None


def read_elements(text: str) -> list[str] | None:
    """Read what stands in elements such as `<li>`."""
    found = _ELEMENT.finditer(text)
    return [match[2] for match in itertools.islice(found, _MAX_VALUES)] or None


def read_table(text: str) -> list[str] | None:
    """Read the column of names of Markdown tables, and of those drawn with plus signs."""
    names: list[str] = []
    is_table = False
    for rows, has_head in _tables(text.split("\n")):
        is_table = True
        head = rows[0] if has_head else [""] * len(rows[0])
        body = rows[1:] if has_head else rows
        column = _name_column(head, body)
        names += [row[column] for row in body if column is not None and len(row) > column]
    return names if is_table else None


def read_csv(text: str) -> list[str] | None:
    """Read the column of names of lines that follow a line of field names."""
    lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines[:50]):
        for delimiter in ",;\t":
            head = [cell.strip(" \"'*`") for cell in line.split(delimiter)]
            if len(head) > 1 and _is_head(head) and len(lines) > number + 1:
                return _csv_column(lines[number + 1 :], head, delimiter)
    return None


def read_fields(text: str) -> list[str] | None:
    """Read `name: …` of records, as YAML and prose write them, in whatever order of fields."""
    lines = [line.expandtabs(4)[:500] for line in text.split("\n")]
    fields = [match for line in lines if (match := _FIELD.match(line)) and is_field(match["key"])]
    named = [field for field in fields if is_name_field(field["key"])]
    if not named:
        heads = [field for field in fields if _MARKED.match(field["mark"])]
        return [] if len(heads) > 1 and len(heads) == sum(map(_is_marked, lines)) else None
    margin = min(len(field["mark"]) for field in named)
    keys = [field_key(f["key"]) for f in named if len(f["mark"]) <= margin + 1]
    key = max(keys, key=lambda key: (keys.count(key), -NAME_FIELDS.index(key)))
    values = [
        f["value"] for f in named if field_key(f["key"]) == key and len(f["mark"]) <= margin + 1
    ]
    is_record = len(values) > 1 or len(fields) > 1
    return values if is_record and not _hang_below_items(lines, margin) else None


def _hang_below_items(lines: Iterable[str], margin: int) -> bool:
    """True where items further left than `margin` are no fields: those are the names."""
    marked = (match for line in lines if (match := _MARKED.match(line)) and not _is_label(line))
    return any(match.end() < margin for match in marked)


def _is_marked(line: str) -> bool:
    return _MARKED.match(line) is not None


def _is_label(line: str) -> bool:
    """True for a field, with or without a value on its line."""
    match = _FIELD.match(f"{line} …")
    return match is not None and is_field(match["key"])


def _decode(text: str, start: int) -> tuple[object, int]:
    """Return the value that begins at `start` and where it ends; (None, 0) where it is none."""
    try:
        return json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        pass
    inner = text[start:].strip().rstrip(";")
    strings = [a or b for a, b in _QUOTED.findall(inner)]
    if inner[0] == "[" and strings and not _QUOTED.sub("", inner[1:-1]).strip(" \t\n,"):
        return strings, len(text)
    line = text[start:].partition("\n")[0]
    if (flow := _FLOW.match(line)) and "," in flow[1]:
        return [item for item in flow[1].split(",") if item.strip()], start + len(line)
    try:
        return json.loads(re.sub(r",(\s*[\]}])", r"\1", inner)), len(text)
    except (ValueError, RecursionError):
        return None, 0


def _names_in(value: object, depth: int = 0) -> list[str] | None:
    """Return the names in a JSON value: of strings, of records, of a list in a record."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return _names_in_record({str(key): item for key, item in value.items()}, depth)
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, str) for item in value):
        return [str(item) for item in value]
    found = [_names_in(item, depth + 1) for item in value if isinstance(item, dict | list)]
    return list(itertools.chain(*(names or [] for names in found))) if found else None


def _names_in_record(record: dict[str, object], depth: int) -> list[str] | None:
    keys = {field_key(key): item for key, item in record.items()}
    listed = [item for key, item in keys.items() if key in LIST_FIELDS and _is_nested(item)]
    for item in [*listed, *(keys[field] for field in NAME_FIELDS if field in keys)]:
        if isinstance(item, str) and item.strip():
            return [item]
        if _is_nested(item) and (names := _names_in(item, depth + 1)):
            return names
    if record and all(key.isdigit() and isinstance(item, str) for key, item in record.items()):
        return [str(item) for item in record.values()]
    groups = [item for key, item in record.items() if _is_nested(item) and not is_field(key)]
    found = [names for item in groups if (names := _names_in(item, depth + 1))]
    return list(itertools.chain(*found)) or None


def _is_nested(item: object) -> bool:
    return isinstance(item, list | dict)


def _tables(lines: Sequence[str]) -> Iterator[tuple[list[list[str]], bool]]:
    """Yield the rows of each table, and whether the first of them is its head."""
    for has_bars, group in itertools.groupby(lines, key=_has_bars):
        part = list(group)
        rows = [_cells(line) for line in part if not _is_border(line)]
        if not has_bars or len(rows) < 2:
            continue
        kinds = [_is_border(line) for line in part]
        is_underlined = kinds[kinds.index(False) + 1]
        is_even = len({len(row) for row in rows}) == 1 and not _MARKED.match(part[0])
        if is_underlined or is_even:
            yield rows, is_underlined or all(is_field(cell) for cell in rows[0])


def _has_bars(line: str) -> bool:
    return "|" in line or _is_border(line)


def _is_border(line: str) -> bool:
    marks = set(line.strip())
    return marks <= set("|+-=: ") and bool(marks & set("|+")) and bool(marks & set("-="))


def _cells(line: str) -> list[str]:
    line = line.strip()
    inner = line[line.startswith("|") : len(line) - (len(line) > 1 and line.endswith("|"))]
    return [cell.strip().strip("*_`").strip() for cell in re.split(r"(?<!\\)\|", inner)]


def _name_column(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """Return the column whose head says that it holds names, else the first that may."""
    keys = [field_key(cell) for cell in head]
    for field in NAME_FIELDS:
        if field in keys:
            return keys.index(field)
    for number, cell in enumerate(head):
        words = {field_key(word) for word in re.split(r"[\s/]+", cell)}
        if words & set(NAME_FIELDS) and not any(
            is_field(word) and not is_name_field(word) for word in words
        ):
            return number
    for number, key in enumerate(keys):
        cells = [row[number] for row in rows if len(row) > number]
        if not is_field(key) and _are_words(cells):
            return number
    return None


def _are_words(cells: Iterable[str]) -> bool:
    return all(re.search(r"[^\W\d]{2}", cell) for cell in cells)


def _is_head(cells: Sequence[str]) -> bool:
    """True for field names one of which is that of a machine's name."""
    are_short = all(re.fullmatch(r"[\w #/()-]{1,40}", cell) for cell in cells)
    if not are_short or not any(is_name_field(cell) for cell in cells):
        return False
    return all(is_field(cell) or "_" in cell or cell.islower() for cell in cells)


def _csv_column(lines: Sequence[str], head: Sequence[str], delimiter: str) -> list[str]:
    column = _name_column(head, ())
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    return [row[column] for row in rows if column is not None and len(row) > max(column, 1)]
