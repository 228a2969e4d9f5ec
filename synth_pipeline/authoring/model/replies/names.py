"""The machine names in a model's reply to the list prompt."""

import re
from collections.abc import Iterable

from synth_pipeline.authoring.model.replies.fences import find_blocks, split_lines
from synth_pipeline.domain.errors import InputError, ReplyError
from synth_pipeline.domain.machine import MAX_MACHINE_NAME_LENGTH
from synth_pipeline.domain.names import slugify
from synth_pipeline.domain.text import visible

_MAX_ITEMS = 2000
_MAX_ITEM_LENGTH = 500  # what follows the name explains it
_DASHES = "-\N{EN DASH}\N{EM DASH}"
_NUMBERED = re.compile(
    r"\s*(?:>\s*)?(?:\*\*|__)?\(?\d{1,4}\s*[.):\]](?!\d)(?:\*\*|__)?\s*(?P<rest>\S.*)"
)
_BULLETED = re.compile(rf"(?P<indent>\s*)(?:>\s*)?[{_DASHES}*•+]\s+(?P<rest>\S.*)")
_BOLD = re.compile(r"(\*\*|__)(?P<name>.+?)\1")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_EXPLANATION = re.compile(rf"\s+[{_DASHES}]+\s+|\s*\N{{EM DASH}}\s*|:\s+|\s+=>?\s+|\s*\|\s*")
_PATH_TRICK = re.compile(r"\.\.|^[/\\~]|^[A-Za-z]:[/\\]|\\")


def parse_machine_names(reply: str, limit: int, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Return at most `limit` clean, different names that are not among `known`, in order.

    Raises ReplyError where the reply holds no list at all; a list with nothing new gives ().
    """
    items = _items(reply)
    if not items:
        beginning = " ".join(reply.split())[:200]
        raise ReplyError(
            "the reply holds no list of machines; expected a numbered list of names in a fenced "
            f"block; it begins: {beginning!r}"
        )
    seen = {key for name in known if (key := spelling_key(name))}
    names: list[str] = []
    for item in items[:_MAX_ITEMS]:
        name = clean_name(item)
        key = spelling_key(name)
        if key and key not in seen:
            seen.add(key)
            names.append(name)
    return tuple(names[:limit])


def clean_name(item: str) -> str:
    """Return the machine's name in one list item, or '' where there is none to keep."""
    text = " ".join(visible(item[:_MAX_ITEM_LENGTH]).split())
    if bold := _BOLD.match(text):
        text = bold["name"]
    text = _LINK.sub(r"\1", text)
    text = _EXPLANATION.split(text, maxsplit=1)[0]
    text = " ".join(re.sub(r"[*_`\"“”<>{}\[\]$#]+", " ", text).split()).strip(" '.,;:" + _DASHES)
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


def _items(reply: str) -> list[str]:
    """Return the list items of the longest fenced list, else those of the whole reply."""
    blocks = [split_lines(block.text) for block in find_blocks(reply)]
    lists = [_listed(lines) or [line for line in lines if line.strip()] for lines in blocks]
    longest = max(lists, key=len, default=[])
    return longest or _listed(split_lines(reply))


def _listed(lines: list[str]) -> list[str]:
    """Return the numbered items, else the outermost bullets; what hangs below them explains."""
    numbered = [match["rest"] for line in lines if (match := _NUMBERED.match(line))]
    if numbered:
        return numbered
    bullets = [match for line in lines if (match := _BULLETED.match(line))]
    margin = min((len(match["indent"]) for match in bullets), default=0)
    return [match["rest"] for match in bullets if len(match["indent"]) == margin]


def _shorten(name: str) -> str:
    if len(name) <= MAX_MACHINE_NAME_LENGTH:
        return name
    cut = name[:MAX_MACHINE_NAME_LENGTH]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut).rstrip(" ,;:-(")
