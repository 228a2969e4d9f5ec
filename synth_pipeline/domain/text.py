"""Foreign text made fit to be shown: models, scripts and services write what they like."""

import unicodedata

_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Replace control, format and private characters by spaces.

    They could end a line, move a terminal's cursor, rename its window or turn its text around.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if unicodedata.category(c) in _HIDDEN_CATEGORIES else c for c in text)
