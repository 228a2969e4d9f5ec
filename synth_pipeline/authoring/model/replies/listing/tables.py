"""Names in tables: those of Markdown, which the Markdown reader finds, and CSV.

Each reader returns the names, [] where the text has its form but no column that certainly holds
names, and None where it has another form, so that heads of columns are never taken for names.
"""

import csv
import itertools
import re
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt

from synth_pipeline.authoring.model.replies.listing.wording import (
    NAME_FIELDS,
    field_key,
    is_field,
    is_name_field,
)

_MAX_LINES_ABOVE = 50
_BORDER = re.compile(r"^[ \t>]*[|+]?[ \t]*:?-{2,}[-:|+ \t]*$", re.MULTILINE)


def read_table(text: str) -> list[str] | None:
    """Read the column of names of each Markdown table."""
    if "|" not in text:
        return None
    tables = _tables(text)
    if not tables:
        bars = sum("|" in line for line in text.split("\n"))
        return [] if bars > 1 and _BORDER.search(text) else None
    names: list[str] = []
    for head, *rows in tables:
        column = name_column(head)
        names += [row[column] for row in rows if column is not None and len(row) > column]
    return names


def read_csv(text: str) -> list[str] | None:
    """Read the column of names of lines that follow a line of field names."""
    lines = [line for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines[:_MAX_LINES_ABOVE]):
        for delimiter in ",;\t":
            head = [cell.strip(" \"'*`") for cell in line.split(delimiter)]
            if _is_head(head) and len(lines) > number + 1:
                return _csv_column(lines[number + 1 :], head, delimiter)
    return None


def name_column(head: Sequence[str]) -> int | None:
    """Return which column holds names: it says so, or it is the only one that is no field."""
    keys = [field_key(cell) for cell in head]
    for field in NAME_FIELDS:
        if field in keys:
            return keys.index(field)
    for number, cell in enumerate(head):
        fields = [word for word in re.split(r"[\s/]+", cell) if is_field(word)]
        if fields and all(is_name_field(word) for word in fields):
            return number
    others = [number for number, cell in enumerate(head) if cell.strip("# ") and not is_field(cell)]
    return others[0] if len(others) == 1 else None


def _tables(text: str) -> list[list[list[str]]]:
    """Return the rows of each table, its head first."""
    reader = MarkdownIt("zero").enable(["table", "blockquote"])
    reader.core.ruler.enableOnly(["block"])
    tokens = reader.parse(text)
    lines = text.split("\n")
    tables: list[list[list[str]]] = []
    for token, following in itertools.pairwise(tokens):
        if token.type == "table_open":
            tables.append([])
        elif token.type == "tr_open":
            tables[-1].append([])
            has_bars = token.map is not None and "|" in lines[token.map[0]]
        elif token.type in {"th_open", "td_open"} and has_bars:
            tables[-1][-1].append(following.content.strip(" *_`"))
    return tables


def _is_head(cells: Sequence[str]) -> bool:
    """True for a line of field names; one that is none has to be written as if it were one."""
    are_short = all(re.fullmatch(r"[\w #/()-]{0,40}", cell) for cell in cells)
    if len(cells) < 2 or not are_short:
        return False
    if not any(is_name_field(cell) for cell in cells):
        return all(is_field(cell) for cell in cells)
    return all(is_field(cell) or "_" in cell or cell == cell.lower() for cell in cells)


def _csv_column(lines: Iterable[str], head: Sequence[str], delimiter: str) -> list[str]:
    column = name_column(head)
    try:
        rows = list(csv.reader(lines, delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return []
    return [row[column] for row in rows if column is not None and len(row) > max(column, 1)]
