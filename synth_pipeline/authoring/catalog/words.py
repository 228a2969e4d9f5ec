"""Writes texts, numbers and calls as Python source."""

import textwrap
from collections.abc import Mapping, Sequence

_WIDTH = 92


def docstring(summary: str, *paragraphs: str) -> str:
    """Return a docstring literal that holds these texts, whatever characters they have."""
    first, *rest = [text for text in map(_prose, (summary, *paragraphs)) if text]
    if not rest:
        return f'"""{first}"""'
    body = "\n\n".join(textwrap.fill(text, _WIDTH - 4) for text in rest)
    return f'"""{first}\n\n{body}\n"""'


def number(value: float) -> str:
    """Write a number as a person would: 850, 0.004, 1e-07."""
    return repr(int(value)) if float(value).is_integer() else repr(value)


def arguments(words: Sequence[str]) -> str:
    """Write words as the arguments of a call."""
    return ", ".join(f'"{word}"' for word in words)


def mapping(values: Mapping[str, float]) -> str:
    """Write numbers under names as a dict."""
    return "{" + ", ".join(f'"{name}": {number(value)}' for name, value in values.items()) + "}"


def quoted(text: str) -> str:
    """Write any text as a string literal, in double quotes where it needs no escape."""
    plain = text.isascii() and text.isprintable() and not set(text) & set('\\"')
    return f'"{text}"' if plain else ascii(text)


def call(function: str, parts: Sequence[str]) -> str:
    """Write a call on one line where it fits a method, else one argument a line."""
    line = f"{function}({', '.join(parts)})"
    if len(line) <= _WIDTH - 8:
        return line
    return f"{function}(\n{lines(parts)})"


def lines(parts: Sequence[str]) -> str:
    """Write the arguments of a call one a line, each with its comma."""
    return "".join(f"{textwrap.indent(part, '    ')},\n" for part in parts)


def _prose(text: str) -> str:
    """Keep what cannot end or escape a docstring, on one line."""
    kept = "".join(c if c.isprintable() and c not in '\\"' else " " for c in text)
    words = " ".join(kept.split())
    return words if not words or words.endswith((".", "!", "?")) else f"{words}."
