"""Foreign text made fit to be shown: models, scripts and services write what they like."""

import unicodedata

READABLE_LENGTH = 400  # of a sentence in a table or a list
_STRUCTURAL = str.maketrans({'"': "'", "`": "'", "<": " ", ">": " "})
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Replace control, format and private characters by spaces.

    They could end a line, move a terminal's cursor, rename its window or turn its text around.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in _HIDDEN_CATEGORIES else c for c in text)


def clipped(text: str, limit: int = READABLE_LENGTH) -> str:
    """Return foreign text as one visible line of at most so many characters."""
    line = " ".join(visible(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def quotable(text: str, limit: int) -> str:
    """Return foreign text as one harmless line for a place between quotation marks.

    Line breaks, control characters, quotation marks, backticks and angle brackets could end
    the quotation, open a code block or imitate a tag; they become spaces and apostrophes.
    """
    return clipped(visible(text).translate(_STRUCTURAL), limit)
