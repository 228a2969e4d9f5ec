"""What a model thinks aloud between tags such as `<think>`: a rule for the Markdown reader."""

import re
from collections.abc import Iterable

from markdown_it.rules_block import StateBlock

_NAMES = (
    "think|thinking|thoughts?|reason|reasoning|reflection|scratchpad|analysis|planning|brainstorm"
    "|brainstorming|inner_?monologue|chain_?of_?thought|antThinking"
)
_TAG = re.compile(  # `<think>`, `<seed:think>`, `<|think|>`, `[THINK]`
    r"(?<!`)(?:<\|?|\N{WHITE LEFT-POINTING TRIANGLE}|\[(?=/?(?-i:THINK)\]))(?P<slash>/?)"
    rf"(?:\w+:)?(?P<name>{_NAMES})\b[^<>\n]{{0,200}}?[>\]\N{{WHITE RIGHT-POINTING TRIANGLE}}]",
    re.IGNORECASE,
)
_CHANNEL, _ANSWER = "<|channel|>", "<|channel|>final<|message|>"
LANGUAGES = frozenset({"think", "thinking", "thought", "thoughts", "reasoning", "scratchpad"})


class ReasoningRule:
    """Passes over what stands between reasoning tags, and notes where it is.

    As a rule of the reader it never sees tags inside code blocks, and what looks like a fence
    inside tags is no fence. A tag that is never closed covers the rest of the text, or nothing
    where `ignores_open_tags`.
    """

    def __init__(self, *, ignores_open_tags: bool) -> None:
        self.thoughts: list[tuple[int, int]] = []
        self._ignores_open_tags = ignores_open_tags
        self._never_closed: set[tuple[str, int]] = set()  # to look again takes quadratic time

    def __call__(self, state: StateBlock, start: int, end: int, silent: bool) -> bool:
        """Consume the thoughts that begin on a line; the rest of the last line is left."""
        line, limit = start, state.eMarks[end - 1]
        while thought := self._find(state, line, limit):
            if silent:
                return True
            self.thoughts.append(thought)
            while state.eMarks[line] < thought[1]:
                line += 1
            _begin_line_at(state, line, thought[1])
        if line == start:
            return False
        state.line = line
        return True

    def _find(self, state: StateBlock, line: int, limit: int) -> tuple[int, int] | None:
        """Return where the first thought that begins on the line starts and ends."""
        for tag in _TAG.finditer(state.src, state.bMarks[line], state.eMarks[line]):
            if tag["slash"]:
                continue
            closing = self._closing(state.src, tag, limit)
            if closing is not None:
                return tag.start(), closing
            if not self._ignores_open_tags:
                return tag.start(), limit
        return None

    def _closing(self, text: str, opening: re.Match[str], limit: int) -> int | None:
        """Return where the tag that closes `opening` ends: where nesting does, else the last."""
        name, depth, last = opening["name"].lower(), 0, None
        if (name, limit) in self._never_closed:
            return None
        for tag in _TAG.finditer(text, opening.start(), limit):
            if tag["name"].lower() != name:
                continue
            depth += -1 if tag["slash"] else 1
            last = tag.end() if tag["slash"] else last
            if depth == 0:
                return last
        if last is None:
            self._never_closed.add((name, limit))
        return last


def without(text: str, thoughts: Iterable[tuple[int, int]]) -> str:
    """Return the text less its thoughts; lines keep their numbers."""
    kept, position = [], 0
    for start, stop in thoughts:
        kept += [text[position:start], "\n" * text.count("\n", start, stop)]
        position = stop
    return "".join([*kept, text[position:]])


def answer_channel(text: str) -> str:
    """Return what a model says that marks each of its channels, of any other model everything."""
    return text.rpartition(_ANSWER)[2] if _ANSWER in text or _CHANNEL not in text else ""


def end_of_unopened(prose: str) -> int:
    """Return where thoughts end whose opening tag is missing, as some templates leave it out."""
    closings = [tag.end() for tag in _TAG.finditer(prose) if tag["slash"]]
    return closings[-1] if closings else 0


def _begin_line_at(state: StateBlock, line: int, position: int) -> None:
    tail = state.src[position : state.eMarks[line]]
    state.bMarks[line] = position
    state.tShift[line] = state.sCount[line] = len(tail) - len(tail.lstrip(" \t"))
