"""A reply as Markdown: its fenced blocks and the prose around them; callers judge what is good."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from synth_pipeline.authoring.model.replies.page import reasoning
from synth_pipeline.authoring.model.replies.page.patient_fence import (
    PatientFence,
    is_closed,
    language_of,
    last_line,
    lines_of,
)

_MAX_WRAPPERS = 3
_MARKDOWN = frozenset({"markdown", "md"})
_CONTAINED_FENCE = re.compile(r"^[^\n]{0,20}(?:[-*+>]|\d[.)])[ \t]*(?:```|~~~)", re.MULTILINE)
_GLUED = re.compile(  # the first line of a block that stands beside its fence
    r"^([ \t]*(?:`{3,}|~{3,})(?:python3?|py)?)[ \t]*"
    r"(?=(?:import|from)[ \t]+\w|\"\"\"\w|#!|\d{1,2}[.)][ \t]|[-*][ \t])",
    re.IGNORECASE | re.MULTILINE,
)
_BEGINNINGS = (
    "```",
    "~~~",
    "<",
    "[",
    "\N{WHITE LEFT-POINTING TRIANGLE}",
)  # without any of them there is nothing to find


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language in lower case, its text, the lines it spans, fences too."""

    language: str
    text: str
    is_closed: bool
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Page:
    """A reply without what the model thought aloud; lines keep their numbers."""

    text: str
    blocks: tuple[Block, ...]

    @property
    def prose(self) -> str:
        """The text around the blocks, whose lines are blank here."""
        spans = (range(block.first_line, block.last_line + 1) for block in self.blocks)
        return blank(self.text, {line for span in spans for line in span})


def read_page(
    reply: str,
    is_whole: Callable[[str, str], bool] = lambda _language, _text: True,
    *,
    ignores_open_tags: bool = False,
) -> Page:
    """Read a reply of any length, in time linear in it.

    `is_whole(language, text)` says whether a block may end where a closing fence is. A reply
    that stands as a whole in a block of Markdown is read as if it did not.
    """
    text = reply.replace("\ufeff", "").replace("\0", "\ufffd")
    text = reasoning.answer_channel(text.replace("\r\n", "\n").replace("\r", "\n"))
    text = _GLUED.sub(r"\1\n", text)
    page = _read(text, is_whole, ignores_open_tags)
    wrapping = [block for block in page.blocks if block.language in _MARKDOWN]
    if not wrapping:
        return page
    wrappers = {line for block in wrapping[:_MAX_WRAPPERS] for line in _wrapper(block)}
    return _read(blank(page.text, wrappers), is_whole, ignores_open_tags)


def blank(text: str, numbers: Collection[int]) -> str:
    """Return the text with nothing on the lines of these numbers."""
    return "\n".join("" if n in numbers else line for n, line in enumerate(text.split("\n")))


def _read(text: str, is_whole: Callable[[str, str], bool], ignores_open_tags: bool) -> Page:
    if not any(beginning in text for beginning in _BEGINNINGS):
        return Page(text, ())
    thinking = reasoning.ReasoningRule(ignores_open_tags=ignores_open_tags)
    reader = _reader(thinking, PatientFence(is_whole))
    if _CONTAINED_FENCE.search(text):  # lists and quotations take most of the time
        reader.enable(["blockquote", "list"])
    tokens = reader.parse(f"{text}\n")
    blocks = tuple(_block(token) for token in tokens if token.type == "fence")
    said = tuple(block for block in blocks if block.language not in reasoning.LANGUAGES)
    page = Page(reasoning.without(text, thinking.thoughts), said)
    return _without_unopened(page)


def _reader(thinking: reasoning.ReasoningRule, fences: PatientFence) -> MarkdownIt:
    """Return a reader of blocks alone: what stands inside a line takes time and is not asked."""
    reader = MarkdownIt("zero").enable("fence")
    reader.core.ruler.enableOnly(["block"])
    rules = reader.block.ruler
    rules.before("fence", "reasoning", thinking, {"alt": ["blockquote", "list"]})
    rules.at("fence", fences, {"alt": ["blockquote", "list"]})
    rules.at("paragraph", _pass_line)
    return reader


def _pass_line(state: StateBlock, start: int, _end: int, _silent: bool) -> bool:
    """Read prose line by line: a paragraph would swallow fences that are indented deep."""
    state.line = start + 1
    return True


def _block(token: Token) -> Block:
    text = token.content.removesuffix("\n")
    first_line, _ = lines_of(token)
    return Block(language_of(token), text, is_closed(token), first_line, last_line(token))


def _wrapper(block: Block) -> tuple[int, ...]:
    """Return the fences of a block of Markdown; one inside it may have ended it too early."""
    inner = _read(block.text, lambda _language, _text: True, False).blocks
    ends_early = bool(inner) and not inner[-1].is_closed
    return (block.first_line,) if ends_early else (block.first_line, block.last_line)


def _without_unopened(page: Page) -> Page:
    """Drop all up to a closing reasoning tag that was never opened, if anything follows it."""
    prose = page.prose
    end = reasoning.end_of_unopened(prose)
    line = prose.count("\n", 0, end)
    if not end:
        return page
    tail = prose[end:].partition("\n")[0]
    lines = page.text.split("\n")
    text = "\n".join([*[""] * line, tail, *lines[line + 1 :]])
    blocks = tuple(block for block in page.blocks if block.first_line > line)
    return Page(text, blocks) if text.strip() else page
