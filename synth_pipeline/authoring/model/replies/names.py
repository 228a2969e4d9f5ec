"""The machine names in a model's reply to the list prompt."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from synth_pipeline.authoring.model.replies.listing.lists import Listing, find_listings
from synth_pipeline.authoring.model.replies.listing.refusals import is_refusal
from synth_pipeline.authoring.model.replies.listing.wording import (
    are_no_machines,
    is_name,
    is_placeholder,
    is_sentence,
)
from synth_pipeline.authoring.model.replies.page.markdown import Page, read_page
from synth_pipeline.domain.errors import InputError, ReplyError
from synth_pipeline.domain.machine import MAX_MACHINE_NAME_LENGTH
from synth_pipeline.domain.names import slugify
from synth_pipeline.domain.text import visible

_MAX_LENGTH = 200_000  # of a reply; no list is longer
_MAX_ITEMS = 2000
_MAX_ITEM_LENGTH = 500  # what follows the name explains it
_DASHES = "-\N{EN DASH}\N{EM DASH}"
_BOLD = re.compile(r"(\*\*|__)(?P<name>.+?)\1")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,100}>")
_EXPLANATION = re.compile(
    rf"\s+[{_DASHES}]+\s+|\s*\N{{EM DASH}}\s*|[:;]\s+|\s*\|\s*"
    r"|\s+#\s|\s*\[\d+\]$|\s+(?:=>?|->|\N{RIGHTWARDS ARROW})\s+"
    r"|,\s+(?:which|that|used|for|to|an?|the|it)\s|\s+\((?=(?:[^\s()]+\s+){3})"
)
_ORDINAL = re.compile(r"\(?\d{1,3}[.):]\s+")
_ANSWER_END = re.compile(r"</(answer|final_?answer|final|output|result|response)>", re.IGNORECASE)
_PATH_TRICK = re.compile(r"\.\.|^[/\\~]|^[A-Za-z]:[/\\]|\\")


def parse_machine_names(reply: str, limit: int, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return at most `limit` clean, different names that are not among `known`, in order.

    Raises ReplyError where the reply refuses, whatever it lists, and where it holds no list of
    names, or one that can be read in more than one way; a list with nothing new gives ().
    """
    page = read_page(reply[:_MAX_LENGTH])
    beginning = " ".join(page.text.split())[:200]
    if is_refusal(page.text):
        raise ReplyError(
            f"the reply holds no list of machines, it refuses; it begins: {beginning!r}"
        )
    names = _names_on(page)
    if not names:
        raise ReplyError(
            "the reply holds no list of machines; expected a numbered list of names in a fenced "
            f"block; it begins: {beginning!r}"
        )
    return _new(names, known)[:limit]


def clean_name(item: str) -> str:
    """Return the machine's name in one list item, or '' where there is none to keep."""
    name = _cleaned(item)
    while name and (again := _cleaned(name)) != name:  # each round is shorter
        name = again
    return name


def _cleaned(item: str) -> str:
    text = " ".join(visible(_TAG.sub(" ", item[:_MAX_ITEM_LENGTH])).split())
    text = text[ordinal.end() :] if (ordinal := _ORDINAL.match(text)) else text
    if bold := _BOLD.match(text):
        text = bold["name"]
    text = _LINK.sub(r"\1", text)
    text = _EXPLANATION.split(text, maxsplit=1)[0]
    text = " ".join(re.sub(r"[*_`\"“”<>{}\[\]$#]+", " ", text).split())
    text = _without_symbols(text).strip(" '.,;:" + _DASHES)
    if _PATH_TRICK.search(text) or not spelling_key(text):
        return ""
    return _shorten(text)


def spelling_key(name: str) -> str:
    """Return what two spellings of one name share: no case, punctuation, spacing or plural s."""
    try:
        words = slugify(name).split("-")
    except InputError:
        return ""
    if not any(character.isalpha() for word in words for character in word):
        return ""
    return "".join(w[:-1] if len(w) > 3 and w[-1] == "s" and w[-2] != "s" else w for w in words)


def _names_on(page: Page) -> list[str]:
    """Return the names in what the reply calls its answer, else in all of it."""
    for end in list(_ANSWER_END.finditer(page.text))[-1:]:
        opening = f"<{end[1].lower()}>"
        start = page.text.lower().rfind(opening, 0, end.start())
        answer = page.text[start + len(opening) : end.start()]
        if start >= 0 and (names := _names_on(read_page(answer))):
            return names
    for listings in find_listings(page):
        if names := _merge([names for each in listings if (names := _names_of(each))]):
            return names
    return []


def _new(names: Iterable[str], known: Iterable[str]) -> tuple[str, ...]:
    seen = {key for name in known if (key := spelling_key(name))}
    new: list[str] = []
    for name in names:
        key = spelling_key(name)
        if key and key not in seen:
            seen.add(key)
            new.append(name)
    return tuple(new)


def _names_of(listing: Listing) -> list[str]:
    """Return the names of a list, '' for items without one; [] where it lists something else."""
    items = [(item, clean_name(item)) for item in listing.items[:_MAX_ITEMS]]
    items = [(item, name) for item, name in items if not is_placeholder(name)]
    if not listing.is_certain and not all(is_name(item, name) for item, name in items):
        return []
    is_strict = not listing.is_as_asked
    names = [n for item, n in items if not (n and is_sentence(item, n, is_strict=is_strict))]
    is_mostly_names = 2 * len(names) > len(listing.items[:_MAX_ITEMS])
    return names if is_mostly_names and not are_no_machines(names) else []


def _merge(lists: Sequence[Sequence[str]]) -> list[str]:
    """Join lists of one category each; one that repeats what came before it replaces that."""
    names: list[str] = []
    for each in lists:
        known = {spelling_key(name) for name in names}
        repeated = sum(spelling_key(name) in known for name in each)
        names = [*each] if 2 * repeated >= len(each) else [*names, *each]
    return names


def _without_symbols(text: str) -> str:
    """Return the text less pictures before and after it."""
    while text and (unicodedata.category(text[0]) == "So" or text[0] == "\ufe0f"):
        text = text[1:].lstrip()
    while text and (unicodedata.category(text[-1]) == "So" or text[-1] == "\ufe0f"):
        text = text[:-1].rstrip()
    return text


def _shorten(name: str) -> str:
    if len(name) <= MAX_MACHINE_NAME_LENGTH:
        return name
    cut = name[:MAX_MACHINE_NAME_LENGTH]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:-(")
