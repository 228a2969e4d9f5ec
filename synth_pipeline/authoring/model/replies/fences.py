"""Fenced blocks of a Markdown reply; what a block is good for is decided by the callers."""

import re
from collections.abc import Callable
from dataclasses import dataclass

# A reply may be a megabyte of anything. Work is bounded by its last fences, by the closings tried
# for each, and by the characters handed to `is_whole`, which may parse them.
_MAX_FENCES = 200
_MAX_CLOSINGS_TRIED = 12
_MAX_CHARACTERS_TRIED = 400_000


@dataclass(frozen=True, slots=True)
class FencedBlock:
    """One block: its language in lower case, its text, and the lines it spans, fences included."""

    language: str
    text: str
    is_closed: bool
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class _Fence:
    line: int
    indent: int
    mark: str
    info: str

    def closes(self, opening: "_Fence") -> bool:
        return (
            not self.info
            and self.mark[0] == opening.mark[0]
            and len(self.mark) >= len(opening.mark)
        )


def split_lines(text: str) -> list[str]:
    """Split at line feeds only: form feeds and the like may stand inside code."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def find_blocks(
    text: str, is_whole: Callable[[str, str], bool] = lambda _language, _text: True
) -> tuple[FencedBlock, ...]:
    """Return the fenced blocks in order; the last one may be open.

    A block ends at the first closing fence that makes `is_whole(language, text)` true, so that
    a fence inside a docstring does not cut a program short. Where none does, it ends at the
    next fence of any kind.
    """
    lines = split_lines(text)
    found = (_read_fence(number, line) for number, line in enumerate(lines))
    fences = [fence for fence in found if fence][-_MAX_FENCES:]
    blocks: list[FencedBlock] = []
    position, budget = 0, _Budget(is_whole)
    while position < len(fences):
        block, position = _read_block(lines, fences, position, budget.is_whole)
        blocks.append(block)
    return tuple(blocks)


def outside_blocks(text: str, blocks: tuple[FencedBlock, ...]) -> str:
    """Return the reply's text without its fenced blocks."""
    inside = {line for block in blocks for line in range(block.first_line, block.last_line + 1)}
    return "\n".join(line for n, line in enumerate(split_lines(text)) if n not in inside)


@dataclass(slots=True)
class _Budget:
    """Asks `claim` until it was given too much to look at; then nothing is whole."""

    claim: Callable[[str, str], bool]
    left: int = _MAX_CHARACTERS_TRIED

    def is_whole(self, language: str, text: str) -> bool:
        self.left -= len(text)
        return self.left >= 0 and self.claim(language, text)


def _read_fence(number: int, line: str) -> _Fence | None:
    """Return the fence that a line is, in time linear in its length."""
    flush = line.lstrip(" \t")
    if not flush.startswith(("```", "~~~")):
        return None
    info = flush.lstrip(flush[0])
    if "`" in info:
        return None
    return _Fence(number, len(line) - len(flush), flush[: len(flush) - len(info)], info.strip())


def _read_block(
    lines: list[str],
    fences: list[_Fence],
    position: int,
    is_whole: Callable[[str, str], bool],
) -> tuple[FencedBlock, int]:
    """Return the block that opens at `fences[position]`, and where to go on."""
    opening, later = fences[position], fences[position + 1 :]
    language = _language(opening.info)
    closings = [fence for fence in later if fence.closes(opening)]
    for closing in closings[:_MAX_CLOSINGS_TRIED]:
        body = _body(lines, opening, closing.line)
        if is_whole(language, body):
            block = FencedBlock(language, body, True, opening.line, closing.line)
            return block, fences.index(closing, position) + 1
    following = next((f for f in later if f.closes(opening) or f.info), None)
    if following is None:
        body = _body(lines, opening, len(lines))
        return FencedBlock(language, body, False, opening.line, len(lines) - 1), len(fences)
    is_closed = following.closes(opening)
    last_line = following.line if is_closed else following.line - 1
    body = _body(lines, opening, following.line)
    block = FencedBlock(language, body, is_closed, opening.line, last_line)
    return block, fences.index(following, position) + (1 if is_closed else 0)


def _language(info: str) -> str:
    match = re.match(r"\{?\.?([\w+#-]+)", info)
    return match[1].lower() if match else ""


def _body(lines: list[str], opening: _Fence, end: int) -> str:
    """Return the lines between the fences, less the indentation of the opening one."""
    body = lines[opening.line + 1 : end]
    margin = re.compile(rf"[ \t]{{0,{opening.indent}}}")
    return "\n".join(margin.sub("", line, count=1) for line in body)
