"""The lists in a reply: where they stand and what their items are; what they name is not asked."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from synth_pipeline.authoring.model.replies.listing.fields import read_fields
from synth_pipeline.authoring.model.replies.listing.items import (
    read_headings,
    read_lines,
    read_marked,
)
from synth_pipeline.authoring.model.replies.listing.markup import as_markdown
from synth_pipeline.authoring.model.replies.listing.records import read_json
from synth_pipeline.authoring.model.replies.listing.tables import read_csv, read_table
from synth_pipeline.authoring.model.replies.listing.wording import word_set
from synth_pipeline.authoring.model.replies.page.markdown import Page

_COMMANDS = word_set("bash sh shell zsh console powershell cmd diff patch dockerfile")
_MAX_BLOCKS = 200
_MAX_FINALS = 3
_KEYCAP = re.compile("\ufe0f?\u20e3")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064]")
_COUNT = re.compile(r"(?:^|(?<=[\s,;:]))\(?(\d{1,3})[.)]\s+(?=[^\W\d]|\*\*)")
_BARE_COUNT = re.compile(r"^([ \t]*(?:#{1,6}[ \t]+)?(\d{1,3}))[ \t]+(?=[^\W\d])", re.MULTILINE)
_LETTER = re.compile(r"^([ \t]*)([A-Za-z])\.[ \t]", re.MULTILINE)
_CITED = re.compile(r"\S ?\[\d{1,2}\][ \t]*$", re.MULTILINE)
_SOURCE = re.compile(r"^\[\d{1,2}\][:\s].*$", re.MULTILINE)
_PAGE = re.compile(r"\s*<(?:!doctype|html)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:#{1,6}\s|(?:\*\*|__)[^*_]+(?:\*\*|__):?\s*$|(?![-*+\d(\s]).*[:?][*_]*\s*$)"
)
_BEFORE = r"^\W*(?:(?:here (?:is|are)|this is|the|my|an?|some|first|initial|rough|quick|other) )*"
_LAST = "(?:final|corrected|revised|updated|cleaned|complete|instead)"
_FINAL = re.compile(
    rf"{_BEFORE}{_LAST}(?: and {_LAST})?"
    r"(?:(?: machine| name)? (?:list|answer|version|machines|names|selection|result)"
    r"(?: of [^:]{1,60})?)?\W*",
    re.IGNORECASE,
)
_DRAFT = re.compile(
    rf"{_BEFORE}(?:drafts?|brainstorm\w*|candidates?|alternatives?|thoughts?|attempt|ideas|excluded"
    r"|rejected|removed|duplicates|existing|known|previous|already \w+)"
    r"(?: (?:list|machines|names|ideas|version))?(?: (?:I|that) .*)?\W*$"
    r"|\balready (?:exist|named|listed|known|there)|\bexist already",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    rf"{_BEFORE}(?:notes?|remarks?|assumptions?|sources?|references?|questions?|plan|approach"
    r"|reasoning|thinking|analysis|considerations|criteria|reasons?|steps|explanations?)\W*$|\?[*_]*\s*$"
    r"|\b(?:considered|because|(?:these|following|several) (?:steps|reasons)|(?:will|can) do"
    r"|i will|of the following)\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Listing:
    """Items in order, none where nobody knows which of a text are the items.

    It is certainly a list unless nothing but headings, lines or commas tells so, and it is in the
    form that was asked for where items are marked inside a fence.
    """

    items: tuple[str, ...]
    is_certain: bool
    is_as_asked: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of a reply below the line that says what it is."""

    label: str
    text: str


def find_listings(page: Page) -> Iterator[tuple[Listing, ...]]:
    """Yield the fenced lists and, where none is certain, the one in the prose.

    A list that is called final replaces the ones before it; drafts and notes count as little as
    questions with answers to choose from.
    """
    if _PAGE.match(page.text):
        return
    lines = page.text.split("\n")
    blocks = [block for block in page.blocks if block.language not in _COMMANDS][:_MAX_BLOCKS]
    fenced = [_Part(_label(lines[: block.first_line]), block.text) for block in blocks]
    found = [each for part in _meant(fenced) if (each := _read(part.text, is_fenced=True))]
    certain = tuple(each for each in found if each.is_certain)
    yield certain or tuple(found)
    if certain:
        return
    prose = "\n".join(part.text for part in _meant(_parts(page.prose)))
    if listing := _read(prose, is_fenced=False):
        yield (listing,)


def _label(lines_above: Sequence[str]) -> str:
    """Return the last words above a block, the last of their sentences."""
    last = next((line for line in reversed(lines_above) if line.strip()), "")
    return re.split(r"[.!?]\s+", last.strip())[-1][-200:]


def _parts(prose: str) -> list[_Part]:
    """Divide prose at its headings and at lines that announce something."""
    parts = [_Part("", "")]
    texts: list[list[str]] = [[]]
    for line in prose.split("\n"):
        if _LABEL.match(line[:300]):
            parts.append(_Part(_label([line]), ""))
            texts.append([])
        texts[-1].append(line)
    return [_Part(part.label, "\n".join(text)) for part, text in zip(parts, texts, strict=True)]


def _meant(parts: Sequence[_Part]) -> list[_Part]:
    """Return the parts that may hold the answer."""
    kept = [part for part in parts if not _ASIDE.search(part.label)]
    others = [part for part in kept if not _DRAFT.search(part.label)]
    kept = others if len(others) < len(kept) and _hold_a_list(others) else kept
    finals = [number for number, part in enumerate(kept) if _FINAL.fullmatch(part.label)]
    for number in finals[: -_MAX_FINALS - 1 : -1]:
        if _hold_a_list(kept[number:]):
            return kept[number:]
    return kept


def _hold_a_list(parts: Sequence[_Part]) -> bool:
    listing = _read("\n".join(part.text for part in parts), is_fenced=False)
    return listing is not None and listing.is_certain and bool(listing.items)


def _read(text: str, *, is_fenced: bool) -> Listing | None:
    """Return the list of a text in the first form that it has, None where it has none."""
    text = _plain(text)
    for read in (read_json, read_table, read_csv, read_headings, read_fields, read_marked):
        if (items := read(text)) is not None:
            is_as_asked = is_fenced and read is read_marked
            is_certain = read is not read_headings
            return Listing(tuple(items), is_certain, is_as_asked)
    items = read_lines(text, is_fenced=is_fenced)
    return Listing(tuple(items), False, False) if items else None


def _plain(text: str) -> str:
    """Return the text in ordinary characters, markup as Markdown, one counted item a line."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub(" ", as_markdown(text)))
    lines = _KEYCAP.sub(". ", text).split("\n")
    text = "\n".join(_one_a_line(line) for line in lines)
    text = _SOURCE.sub("", text) if _CITED.search(text) else text
    letters = [ord(match[2].lower()) for match in _LETTER.finditer(text)]
    text = _LETTER.sub(r"\1\2) ", text) if _are_counted(letters) else text
    numbers = [int(match[2]) for match in _BARE_COUNT.finditer(text)]
    return _BARE_COUNT.sub(r"\1. ", text) if _are_counted(numbers) else text


def _one_a_line(line: str) -> str:
    """Set items that are counted on one line, `1. A 2. B 3. C`, on lines of their own."""
    if line.startswith("• "):
        return line.replace(" • ", "\n• ")
    starts = [match.start() for match in _COUNT.finditer(line)]
    numbers = [int(match[1]) for match in _COUNT.finditer(line)]
    follows_words = numbers == [1] and line[: starts[0]].rstrip().endswith(":")
    if not (follows_words or _are_counted(numbers)):
        return line
    pieces = (line[a:b] for a, b in itertools.pairwise([0, *starts, len(line)]))
    return "\n".join(piece.strip(" ,;") for piece in pieces)


def _are_counted(numbers: Sequence[int]) -> bool:
    return len(numbers) > 1 and all(b - a == 1 for a, b in itertools.pairwise(numbers))
