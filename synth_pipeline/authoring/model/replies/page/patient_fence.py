"""The Markdown reader's rule for fences, asked again where its first answer cuts code short."""

import re
from collections.abc import Callable, Sequence

from markdown_it.rules_block import StateBlock, fence
from markdown_it.token import Token

# A reply may be a megabyte of anything. Work is bounded by the closing fences tried for each
# opening one, and by the characters read again and handed to `is_whole`, which may compile them.
_MAX_CLOSINGS_TRIED = 12
_MAX_CHARACTERS_TRIED = 2_000_000


class PatientFence:
    """A block ends at the first closing fence that makes `is_whole(language, text)` true.

    So a fence inside a docstring does not cut a program short. Where none does, the block ends
    as CommonMark says, or already where the next one opens. Fences may be indented as deep as
    they like, and what stands between them may be indented less.
    """

    def __init__(self, is_whole: Callable[[str, str], bool]) -> None:
        self._is_whole = is_whole
        self._characters_left = _MAX_CHARACTERS_TRIED

    def __call__(self, state: StateBlock, start: int, end: int, silent: bool) -> bool:
        """Push the token of the block that opens on a line."""
        if silent:
            return fence(state, start, end, True)
        indent, state.blkIndent = state.blkIndent, 0
        try:
            if is_fence := fence(state, start, end, False):
                _keep_layout(state, start)
                self._settle(state, start, end)
        finally:
            state.blkIndent = indent
        return is_fence

    def _settle(self, state: StateBlock, start: int, end: int) -> None:
        passed: list[int] = []
        while is_closed(token := state.tokens[-1]) and len(passed) < _MAX_CLOSINGS_TRIED:
            self._characters_left -= len(token.content)
            if self._characters_left < 0 or self._is_whole_yet(token):
                return
            passed.append(last_line(token))
            _read_again(state, start, end, passed)
        self._characters_left -= len(token.content)
        if self._characters_left >= 0:
            if passed and not is_closed(token) and self._is_whole_yet(token):
                return
            after = passed[0] + 1 if passed else end
            _read_again(state, start, _next_opening(state, start, after), [])
        elif passed:
            _read_again(state, start, end, [])

    def _is_whole_yet(self, token: Token) -> bool:
        return self._is_whole(language_of(token), token.content)


def language_of(token: Token) -> str:
    """Return the first word after the opening fence, in lower case: `python`, `main.py`, ''."""
    match = re.match(r"\{?\s*\.?([\w+#.-]+)", token.info.strip()[:100])
    return match[1].lower() if match else ""


def last_line(token: Token) -> int:
    """Return the number of the last line of a block, its closing fence if it has one."""
    return lines_of(token)[1] - 1


def lines_of(token: Token) -> tuple[int, int]:
    """Return the numbers of a block's first line and of the one after its last."""
    first, after = token.map or (0, 0)
    return first, after


def is_closed(token: Token) -> bool:
    """True where the block's last line is a closing fence and not part of its text."""
    first, after = lines_of(token)
    return token.content.count("\n") == after - first - 2


def _read_again(state: StateBlock, start: int, end: int, passed: Sequence[int]) -> None:
    """Replace the last token by what the rule reads where closing fences are passed over."""
    shifts = [(line, state.tShift[line]) for line in passed]
    for line in passed:  # a blank line, to the rule
        state.tShift[line] = state.eMarks[line] - state.bMarks[line]
    state.tokens.pop()
    fence(state, start, end, False)
    for line, shift in shifts:
        state.tShift[line] = shift
    _keep_layout(state, start)


def _keep_layout(state: StateBlock, start: int) -> None:
    """Take from the text the indentation of its fence where all of its lines share it."""
    token = state.tokens[-1]
    after = last_line(token) + (0 if is_closed(token) else 1)
    indent = state.sCount[start]
    lines = range(start + 1, after)
    is_shared = all(state.isEmpty(line) or state.sCount[line] >= indent for line in lines)
    token.content = state.getLines(start + 1, after, indent if is_shared else 0, True)


def _next_opening(state: StateBlock, start: int, limit: int) -> int:
    """Return the first line before `limit` that opens another block for certain, else `limit`."""
    for line in range(start + 1, limit):
        if fence(state, line, limit, True):
            text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
            if text.strip("`~ \t"):
                return line
    return limit
