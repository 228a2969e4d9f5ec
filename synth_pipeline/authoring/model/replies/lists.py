"""The lists in a reply: what their items are, line by line; what names they hold is not asked."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synth_pipeline.authoring.model.replies.markdown import Page
from synth_pipeline.authoring.model.replies.records import (
    read_csv,
    read_elements,
    read_fields,
    read_json,
    read_table,
)
from synth_pipeline.authoring.model.replies.wording import is_field, is_refusal, word_set

_COMMANDS = word_set("bash sh shell zsh console powershell cmd diff patch dockerfile")
_MAX_BLOCKS = 200
_KEYCAP = re.compile("\ufe0f?\u20e3")
_DASHES = "-\N{EN DASH}\N{EM DASH}"
_QUOTE = r"(?P<indent>\s*)(?:>\s*)?"
_NUMBERED = re.compile(
    rf"{_QUOTE}(?:#{{1,6}}\s*)?(?:\*\*|__)?(?:(?:machine|equipment|item|no\.?|nr\.?)\s+)?"
    rf"(?:[(\[]?(?:\d{{1,4}}|[a-z](?=\)))\s*\\?(?:[.):\]]+(?!\d)|[{_DASHES}](?=\s))|[#№]\d{{1,4}}\b[.):]?)"
    r"(?:\*\*|__)?\s*(?P<rest>\S.*)",
    re.IGNORECASE,
)
_BULLETED = re.compile(
    rf"{_QUOTE}(?:[{_DASHES}*+·»]\s+|[•-➿\U0001f300-\U0001faff]\ufe0f?\s*)"
    r"(?:\[[ xX]?\]\s*)?(?P<rest>\S.*)"
)
_HEADING = re.compile(r"\s*(?:#{1,6}\s+\D|(?:\*\*|__)[^*_\n]{1,100}(?:\*\*|__):?\s*$)")
_CATEGORY = re.compile(
    r"\b(?:equipment|machines|machinery|systems|tools|units|processing|handling|production|line"
    r"|devices|stage|area)$",
    re.IGNORECASE,
)
_ASKS = re.compile(r"\A[^\n]*\?\s*\n")  # answers to choose from follow
_CORRECTED = re.compile(
    r"^[^\w\n]*(?:(?:here is|this is) )?(?:the |my |a )?"
    r"(?:final|corrected|revised|updated|complete)"
    r"(?: and \w+)? (?:list|answer|version|machines)\b[^\n]*\n",
    re.IGNORECASE | re.MULTILINE,
)
_CODE = re.compile(r"[{}=;<>`\\@]|\[\s*\]|\(\)|https?:|^\$|^(?:import|from|def|class|print)\b")


@dataclass(frozen=True, slots=True)
class Listing:
    """Items in order.

    It is certainly a list unless nothing but lines or commas tells so, and it is in the form that
    was asked for where items are marked inside a fence.
    """

    items: tuple[str, ...]
    is_certain: bool
    is_as_asked: bool


@dataclass(frozen=True, slots=True)
class _Item:
    indent: int
    text: str
    is_numbered: bool


def find_listings(page: Page) -> tuple[Listing, ...]:
    """Return the fenced lists, else the one in the prose, unless that refuses to give one."""
    texts = [block.text for block in page.blocks if block.language not in _COMMANDS]
    found = [listing for text in texts[:_MAX_BLOCKS] if (listing := _read(text, is_fenced=True))]
    if found:
        return tuple(listing for listing in found if listing.is_certain) or tuple(found)
    prose = page.prose
    listing = None if is_refusal(prose) else _read(prose, is_fenced=False)
    return (listing,) if listing else ()


def _read(text: str, *, is_fenced: bool) -> Listing | None:
    """Return the list of a text in the first form that it has, None where that gives nothing."""
    text = _one_a_line(_KEYCAP.sub(". ", text))
    if not is_fenced and _ASKS.search(text):
        return None
    if not is_fenced and (corrected := _CORRECTED.search(text)):
        later = _read(text[corrected.end() :], is_fenced=False)
        if later is not None and later.is_certain:
            return later
    for read in (read_json, read_elements, read_table, read_csv, read_fields, _read_marked):
        if (items := read(text)) is not None:
            is_as_asked = is_fenced and read is _read_marked
            return Listing(tuple(items), True, is_as_asked) if items else None
    items = _read_lines(text, is_fenced=is_fenced)
    return Listing(tuple(items), False, False) if items else None


def _one_a_line(text: str) -> str:
    """Set items that stand on one line, `1. A 2. B 3. C`, on lines of their own."""
    items = re.split(r"(?:^|(?<=[\w),;]))\s*\b(\d{1,3})[.)]\s+(?=\D)", text.strip())
    numbers = items[1::2]
    is_counted = numbers == [str(number + 1) for number in range(len(numbers))]
    if "\n" in text.strip() or len(numbers) < 3 or not is_counted:
        return text
    return "\n".join(
        f"{n}. {item.strip(' ,;')}" for n, item in zip(*[iter(items[1:])] * 2, strict=True)
    )


def _read_marked(text: str) -> list[str] | None:
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
    outer = list(itertools.compress(items, is_outer))
    if _are_categories(items, is_outer) or (not is_numbered and _explain(lines, outer)):
        return []
    return [item.text for item in outer]


def _item(line: str) -> _Item | None:
    if match := _NUMBERED.match(line):
        return _Item(len(match["indent"]), match["rest"], is_numbered=True)
    if match := _BULLETED.match(line):
        return _Item(len(match["indent"]), match["rest"], is_numbered=False)
    return None


def _are_categories(items: Sequence[_Item], is_outer: Sequence[bool]) -> bool:
    """True where each item seems to be the heading of a list of names; nobody knows for sure."""
    outer = list(itertools.compress(items, is_outer))
    inner = list(itertools.compress(items, (not each for each in is_outer)))
    followed = sum(a and not b for a, b in itertools.pairwise(is_outer))
    if followed < len(outer):
        return False
    are_headings = all(item.text.rstrip(" *_").endswith(":") for item in outer) or all(
        " " not in name or _CATEGORY.search(name)
        for name in (item.text.strip(" *_:") for item in outer)
    )
    return are_headings and _are_titles(item.text for item in inner)


def _explain(lines: Iterable[str], outer: Sequence[_Item]) -> bool:
    """True for bullets below several headings that do not look like names: the headings may be."""
    headings = sum(_HEADING.match(line) is not None for line in lines)
    return headings > 1 and not _are_titles(item.text for item in outer)


def _are_titles(texts: Iterable[str]) -> bool:
    """True where all words but short ones begin in upper case, before any explanation."""
    heads = [re.split(r"\s+[-\N{EN DASH}\N{EM DASH}]\s+|[:(]", text)[0] for text in texts]
    words = [word.strip("*_`\"'.,") for head in heads for word in head.split()]
    return all(word[0].isupper() or word[0].isdigit() for word in words if len(word) > 3)


def _read_lines(text: str, *, is_fenced: bool) -> list[str]:
    """Read one name a line, or names between commas; what a caller must look at again."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    lines = [line for line in lines if not line.startswith("#") and not line.endswith(":")]
    is_open = all(line.endswith((",", ";")) for line in lines[:-1]) and len(lines) > 1
    if is_open or (len(lines) == 1 and lines[0].count(",") + lines[0].count(";") > 0):
        return _between_commas(" ".join(lines), least=2 if is_fenced else 3)
    if any(_CODE.search(line) or len(line) > 200 or _has_field(line) for line in lines):
        return []
    return [] if len(lines) < 2 and not is_fenced else lines


def _between_commas(line: str, least: int) -> list[str]:
    if _CODE.search(line):
        return []
    line = re.sub(r"^[^:,]{0,100}:\s+", "", line).rstrip(" .,;")
    items = [re.sub(r"^and\s+", "", item.strip()) for item in re.split(r"[,;]", line)]
    items += items.pop().split(" and ") if len(items) > 1 else []
    return [item for item in items if item] if len(items) >= least else []


def _has_field(line: str) -> bool:
    key, colon, _ = line.partition(":")
    return bool(colon) and is_field(key)
