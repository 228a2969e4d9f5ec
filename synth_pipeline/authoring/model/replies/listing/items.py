"""Items that are marked by numbers, bullets, headings, or nothing but line ends and commas.

Each reader returns the items, [] where the text has its form but nobody knows which of it are
the names, and None where it has another form.
"""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_pipeline.authoring.model.replies.listing.wording import (
    are_no_machines,
    are_titles,
    is_field,
    is_name,
    is_name_field,
    is_placeholder,
)

_DASHES = "-\N{EN DASH}\N{EM DASH}"
_QUOTE = r"(?P<indent>\s*)(?:>\s*)?"
_NUMBERED = re.compile(
    rf"{_QUOTE}(?:#{{1,6}}\s*)?(?:\*\*|__)?(?:(?:machine|equipment|item)\s+|n[or]\.?\s*)?"
    rf"(?:[(\[]?(?:\d{{1,4}}(?:st|nd|rd|th)?|[a-z](?=\))|[IVX]{{1,5}}(?=[.)]\s))\s*\\?"
    rf"(?:[.):\]\N{{IDEOGRAPHIC COMMA}}]+(?!\d)|[{_DASHES}](?=\s))|#\d{{1,4}}\b[.):]?)"
    r"(?:\*\*|__)?\s*(?P<rest>\S.*)",
    re.IGNORECASE,
)
_BULLETED = re.compile(
    rf"{_QUOTE}(?:[{_DASHES}*+·»]\s+|\\item\s+|[•-➿\U0001f300-\U0001faff]\ufe0f?\s*)"
    r"(?:\[[ xX]?\]\s*)?(?P<rest>\S.*)"
)
_SUBORDINATE = re.compile(r"\s*\d{1,3}(?:\.\d{1,3})+[.)]?\s+(?P<rest>\S.*)")
_HEADING = re.compile(r"\s{0,3}(?P<mark>#{1,6}|\*\*|__)\s*(?P<text>[^\s#*_].*)")
_CATEGORY = re.compile(
    r"\b(?:equipment|machines|machinery|systems|tools|units|processing|handling|production|line"
    r"|devices|stage|area)$",
    re.IGNORECASE,
)
_COLUMNS = re.compile(r"\S(?: {3,}|\t+)\S")
_CODE = re.compile(r"[{}=;<>`\\@|]|\[\s*\]|\(\)|https?:|^\$|^(?:import|from|def|class|print)\b")
_EXPLANATION = re.compile(rf":\s|\s[{_DASHES}]\s")
_COMMA = re.compile(r"[,;](?![\d])")
_ENDS_OPEN = re.compile(r"[^,;]+[,;]")
_MAX_LINE_LENGTH = 200


@dataclass(frozen=True, slots=True)
class _Item:
    indent: int
    text: str
    is_numbered: bool


def read_marked(text: str) -> list[str] | None:
    """Read the outermost numbered items, else bullets; what hangs below them explains."""
    lines = text.split("\n")
    items = [item for line in lines if (item := _item(line.expandtabs(4)))]
    if not items:
        return None
    is_numbered = any(item.is_numbered for item in items)
    pool = [item for item in items if item.is_numbered == is_numbered]
    slack = 2 if is_numbered else 1  # numbers may be set flush right
    margin = min(item.indent for item in pool) + slack
    is_outer = [item.is_numbered == is_numbered and item.indent <= margin for item in items]
    outer = list(itertools.compress((item.text for item in items), is_outer))
    is_below_headings = len(_headings(lines)) > 1 and not are_titles(outer)
    if is_below_headings or _are_categories([item.text for item in items], is_outer):
        return []
    return outer


def read_headings(text: str) -> list[str] | None:
    """Read headings of one level, or words in bold that begin lines, where sentences follow."""
    lines = [line for line in text.split("\n") if line.strip()]
    headings = _headings(lines)
    names = [re.split(r"[*_]{2}", heading)[0].strip(" :") for heading in headings]
    if len(names) < 2 or any(is_placeholder(name) for name in names):
        return None
    others = [line for line in lines if not _HEADING.match(line)]
    if not all(map(is_name, names, names)) or not all(_is_detail(line) for line in others):
        return None
    return [] if any(_CATEGORY.search(name) for name in names) else names


def read_lines(text: str, *, is_fenced: bool) -> list[str] | None:
    """Read one name a line, or names between commas; what a caller must look at again."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    lines = [line for line in lines if not line.startswith("#") and not line.endswith(":")]
    lines = lines[1:] if lines and is_name_field(lines[0]) else lines
    listed = [line for line in lines if len(_COMMA.findall(line)) > 1]
    is_open = len(lines) > 1 and all(_ENDS_OPEN.fullmatch(line) for line in lines[:-1])
    if is_open or (len(lines) == 1 and _COMMA.search(lines[0])):
        return _between_commas(" ".join(lines), least=2 if is_fenced else 3)
    if len(listed) == 1 and all(_is_prose(line) for line in lines if line not in listed):
        return _between_commas(listed[0], least=3)
    lines = [line for line in lines if not _is_prose(line)]
    if any(_is_no_name(line) for line in lines) or (len(lines) < 2 and not is_fenced):
        return None
    return lines or None


def _item(line: str) -> _Item | None:
    if match := _SUBORDINATE.match(line):
        return _Item(match.start("rest"), match["rest"], is_numbered=False)
    if match := _NUMBERED.match(line):
        return _Item(len(match["indent"]), match["rest"], is_numbered=True)
    if match := _BULLETED.match(line):
        return _Item(len(match["indent"]), match["rest"], is_numbered=False)
    return None


def _headings(lines: Iterable[str]) -> list[str]:
    """Return the headings of the level that has the most, those without a number."""
    found = [match for line in lines if not _item(line) and (match := _HEADING.match(line))]
    marks = [match["mark"] for match in found]
    most = max(sorted(set(marks)), key=marks.count, default="")
    return [match["text"] for match in found if match["mark"] == most]


def _are_categories(items: Sequence[str], is_outer: Sequence[bool]) -> bool:
    """True where each item seems to be the heading of a list of names; nobody knows for sure."""
    outer = list(itertools.compress(items, is_outer))
    inner = list(itertools.compress(items, (not each for each in is_outer)))
    followed = sum(a and not b for a, b in itertools.pairwise(is_outer))
    if followed < len(outer):
        return False
    are_headings = all(item.rstrip(" *_").endswith(":") for item in outer) or all(
        " " not in name or _CATEGORY.search(name) for name in (item.strip(" *_:") for item in outer)
    )
    return are_headings and are_titles(inner) and not are_no_machines(inner)


def _is_detail(line: str) -> bool:
    """True for a line below a heading that explains it, a sentence or a field, or is a rule."""
    item = _item(line)
    text = item.text if item else line.strip()
    key = text.partition(":")[0].strip("*_ ")
    return (
        not text.strip("-*_ ")
        or text.endswith((".", ":", "!"))
        or len(text.split()) > 6
        or is_field(key)
    )


def _is_prose(line: str) -> bool:
    return line.endswith((".", "!", "?")) and len(line.split()) > 3


def _is_no_name(line: str) -> bool:
    name = _EXPLANATION.split(f"{line} ")[0]
    is_other = re.search(r"[,;].", name) or _COLUMNS.search(line) or _CODE.search(line)
    return bool(is_other) or len(line) > _MAX_LINE_LENGTH or is_field(name)


def _between_commas(line: str, least: int) -> list[str] | None:
    line = re.sub(r"^[^:,]{0,100}:\s+", "", line.replace("`", "")).rstrip(" .,;")
    items = [re.sub(r"^and\s+", "", item.strip()) for item in re.split(r"[,;]", line)]
    items += items.pop().split(" and ") if len(items) > 1 else []
    is_list = len(items) >= least and not _CODE.search(line.replace(";", ""))
    return [item for item in items if item] if is_list else None
