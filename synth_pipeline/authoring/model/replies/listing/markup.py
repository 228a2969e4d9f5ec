"""HTML and XML in a reply, written as the Markdown or the fields that they mean."""

import html
import re

from synth_pipeline.authoring.model.replies.listing.wording import is_field

_TAG = re.compile(r"<(?P<slash>/?)(?P<name>[A-Za-z][\w:-]{0,30})\b[^<>\n]{0,300}>")
_ITEMS = frozenset({"li", "dt", "item", "entry"})
_LISTS = frozenset({"ol", "ul"})
_OPENING = {
    "br": "\n",
    "p": "",
    "dd": "\n    ",
    "h1": "\n# ",
    "h2": "\n## ",
    "h3": "\n### ",
    "h4": "\n#### ",
}
_ENDING_LINES = frozenset({"p", "dd", "div", "h1", "h2", "h3", "h4", *_LISTS, *_ITEMS})
_BOLD = frozenset({"b", "strong"})


def as_markdown(text: str) -> str:
    """Return the text with elements of lists, tables and fields in Markdown, entities resolved."""
    return html.unescape(_TAG.sub(_Writer(), text))


class _Writer:
    """Writes one tag after the other; knows how deep lists are nested and what a table has."""

    def __init__(self) -> None:
        self._depth = 0
        self._heads = 0

    def __call__(self, tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        if name in _LISTS:
            self._depth = max(0, self._depth + (-1 if tag["slash"] else 1))
        if name in _BOLD:
            return "**"
        if name in {"table", "tr", "th", "td"}:
            return self._in_table(name, is_end=bool(tag["slash"]))
        if tag["slash"]:
            return "\n" if name in _ENDING_LINES or is_field(name) else tag[0]
        if name in _ITEMS:
            return f"\n{'    ' * min(self._depth - 1, 9)}- "
        return _OPENING.get(name, f"\n{name}: " if is_field(name) else tag[0])

    def _in_table(self, name: str, *, is_end: bool) -> str:
        if name == "table":
            return "\n\n"
        if name != "tr":
            self._heads += is_end and name == "th"
            return " | " if is_end else ""
        if not is_end:
            return "\n| "
        border, self._heads = f"\n|{'---|' * self._heads}" if self._heads else "", 0
        return border
