"""Programs in text without fences: from the first line of code to the end of the entry point.

Or as texts of JSON.
"""

import bisect
import contextlib
import html
import itertools
import json
import re
from collections.abc import Iterator

from synth_pipeline.authoring.model.replies.program.merit import Merit, compiles, merit

# Trying a stretch compiles it: work is bounded by tries and by the characters handed over.
_MAX_TRIES = 400
_MAX_ENDS_TRIED = 3
_MAX_CHARACTERS_TRIED = 2_000_000
_START = re.compile(r"import[ \t]+\w|from[ \t]+[\w.]+[ \t]+import\b|[rR]?\"\"\"|[rR]?'''|#")
_GUARD = re.compile(r"if __name__\b")
_CALL = re.compile(r"(?:(?:raise )?[\w.]+\()?main\(.{0,200}\)\s*$")
_SET_OFF_IMPORT = re.compile(r"^(> ?[ \t]*|[ \t]+)(?:import|from)[ \t]+\w", re.MULTILINE)
_TAGS = re.compile(
    r"</?(?:pre|code|answer|program|python|script|output|response|file|p|div|br|summary|details)"
    r"\b[^<>\n]{0,200}>|`{3,}[ \t]*$|<!\[CDATA\[|\]\]>",
    re.IGNORECASE | re.MULTILINE,
)
_GLUED_TAGS = re.compile(  # what a program begins beside
    r"^((?:[ \t]*(?:<[^<>\n]{1,200}>|<!\[CDATA\[))+)(?=(?:import|from)[ \t]+\w|\"\"\"|#!)",
    re.MULTILINE,
)
_JSON = re.compile(r"^(?:[\w ]{1,60}:)?[ \t]*([\[{\"])", re.MULTILINE)
_MAX_VALUES = 50
_HTML_CODE = re.compile(r"(?:^|>)[ \t]*<(?:pre|code)\b", re.IGNORECASE | re.MULTILINE)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#x?\d{1,4});")  # `a &lt; b` is valid Python


def find_programs(text: str) -> tuple[str, ...]:
    """Return the longest stretches of lines that are whole programs with an entry point.

    What is read is the text as it is, else what is left of it without the quotation marks or
    the indentation of its imports, else what HTML means by it.
    """
    for form in _forms(text):
        if found := tuple(stretch for stretch in _stretches(form) if merit(stretch) > Merit.NONE):
            return found
    return ()


def find_in_json(text: str) -> tuple[str, ...]:
    """Return the programs among the texts of the JSON values that begin lines."""
    decoder = json.JSONDecoder(strict=False)  # line feeds may stand in texts as they are
    values: list[object] = []
    position = 0
    for opening in itertools.islice(_JSON.finditer(text), _MAX_VALUES):
        if opening.start(1) >= position:
            with contextlib.suppress(ValueError, RecursionError):
                value, position = decoder.raw_decode(text, opening.start(1))
                values.append(value)
    for value in values:  # grows while it is walked
        if isinstance(value, dict | list):
            values += value.values() if isinstance(value, dict) else value
    return tuple(value for value in values if isinstance(value, str) and merit(value) > Merit.NONE)


def _forms(text: str) -> Iterator[str]:
    text = _GLUED_TAGS.sub(r"\1\n", text)
    if _HTML_CODE.search(text) and _ENTITY.search(text):
        yield html.unescape(_TAGS.sub("\n", text))
    yield text
    if set_off := _SET_OFF_IMPORT.search(text):
        lines = text.split("\n")
        yield "\n".join("" if line == ">" else line.removeprefix(set_off[1]) for line in lines)
    yield _TAGS.sub("\n", text)


def _stretches(text: str) -> Iterator[str]:
    lines = text.split("\n")
    ends = list(_ends(lines))
    position = tries = characters = 0
    for start in (n for n, line in enumerate(lines) if _START.match(line)):
        if start < position:
            continue
        following = bisect.bisect_right(ends, start)
        for end in ends[following : following + _MAX_ENDS_TRIED]:
            stretch = "\n".join(lines[start:end])
            tries, characters = tries + 1, characters + len(stretch)
            if compiles(stretch):
                yield stretch
                position = end
                break
        if tries > _MAX_TRIES or characters > _MAX_CHARACTERS_TRIED:
            return


def _ends(lines: list[str]) -> Iterator[int]:
    """Yield the numbers of the lines after which an entry point ends."""
    for number, line in enumerate(lines):
        if _GUARD.match(line):
            end = number + 1
            while end < len(lines) and (not lines[end].strip() or lines[end][0] in " \t)"):
                end += 1
            while not lines[end - 1].strip():
                end -= 1
            yield end
        elif _CALL.match(line):
            yield number + 1
