"""The generator in a model's reply, and the mistakes the model admits to."""

import functools
import itertools
import re
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from synth_pipeline.authoring.author import REPLY_FILE
from synth_pipeline.authoring.model.replies.fences import FencedBlock, find_blocks, outside_blocks
from synth_pipeline.domain.errors import ReplyError

MAX_CODE_LENGTH = 120_000  # compiling an f-string takes time quadratic in its length
MAX_REPORTED_ERRORS = 20
MAX_ERROR_LENGTH = 500
_PYTHON = frozenset({"python", "py", "python3", "py3", "ipython"})
_UNTAGGED = ""
_ERROR_TAG = re.compile(r"<errors?>(.*?)(?:</errors?>|(?=<errors?>)|\Z)", re.IGNORECASE | re.DOTALL)
_NO_ERROR = re.compile(
    r"(there (is|are) )?(none|no (errors?|mistakes?)( found)?|n/a|-)?[.!]?", re.I
)
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")
_IMPORT_LINE = re.compile(r"^(?:import|from)[ \t]+\w", re.MULTILINE)
_ENTRY_LINE = re.compile(r"^(?:def main\b|if __name__\b)", re.MULTILINE)
_LAST_STATEMENT = re.compile(r"^[^\s#)\]}].*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class CodeReply:
    """The program that counts in a reply, and the errors the reply reports of itself."""

    code: str
    reported_errors: tuple[str, ...] = ()


def parse_code(reply: str) -> CodeReply:
    """Return the last complete program of a reply and its `<error>` entries.

    Raises ReplyError where the reply holds no Python program that is complete.
    """
    blocks = find_blocks(reply, _is_whole)
    code = _choose(blocks)
    if code is None and not blocks and _is_program(reply) and _compiles(reply):
        code = reply
    if code is None:
        raise ReplyError(_why_no_code(reply, blocks))
    if len(code) > MAX_CODE_LENGTH:
        raise ReplyError(
            f"the program has {len(code):,} characters; expected at most {MAX_CODE_LENGTH:,}"
        )
    return CodeReply(code.rstrip() + "\n", _errors_in(outside_blocks(reply, blocks)))


def parse_errors(reply: str) -> tuple[str, ...]:
    """Return the `<error>` entries of a reply, code or not."""
    return _errors_in(outside_blocks(reply, find_blocks(reply, _is_whole)))


def join_parts(parts: Sequence[str]) -> str:
    """Join a reply that the token limit cut into parts.

    A continuation that opens its block anew or repeats the last words is trimmed, one that
    starts the whole program again stands alone, and a line feed lost at a seam is put back
    where only that makes the code parse.
    """
    trimmed: list[str] = []
    for part in parts:
        so_far = "".join(trimmed)
        if trimmed and _restarts(so_far, part):
            trimmed = []
        trimmed.append(_trim(so_far, part) if trimmed else part)
    direct = "".join(trimmed)
    for seams in itertools.product(("", "\n"), repeat=min(len(trimmed) - 1, 4)):
        joined = "".join(a + b for a, b in itertools.zip_longest(trimmed, seams, fillvalue=""))
        if (code := _choose(find_blocks(joined, _is_whole))) and _compiles(code):
            return joined
    return direct


def _restarts(so_far: str, part: str) -> bool:
    """True where a continuation is the whole answer again, from its first line of code on."""
    old, new = find_blocks(so_far, _is_whole), find_blocks(part, _is_whole)
    if not old or not new:
        return False
    beginning = new[0].text.lstrip()[:80]
    return len(beginning) >= 20 and old[-1].text.lstrip().startswith(beginning)


def _trim(so_far: str, part: str) -> str:
    blocks = find_blocks(so_far, _is_whole)
    if blocks and not blocks[-1].is_closed:
        reopened = re.match(r"(?:[^\n`~]*\n){0,3}[ \t]*(?:`{3,}|~{3,})\w+[ \t]*\n", part)
        part = part[reopened.end() :] if reopened else part
    last_line = so_far[so_far.rfind("\n") + 1 :]
    if len(last_line.strip()) > 3 and part.startswith(last_line):
        return part[len(last_line) :]
    for length in range(min(len(so_far), len(part), 2000), 19, -1):
        if part.startswith(so_far[-length:]):
            return part[length:]
    return part


def _choose(blocks: tuple[FencedBlock, ...]) -> str | None:
    """Return the last block that looks like a program, else the last that might be one."""
    candidates = [
        (block, _unindented(block.text))
        for block in blocks
        if block.language in _PYTHON or block.language == _UNTAGGED
    ]
    tiers: tuple[Callable[[FencedBlock, str], bool], ...] = (
        lambda block, text: _is_program(text) and (block.is_closed or _is_finished(text)),
        lambda block, text: block.is_closed and _compiles(text) and bool(_IMPORT_LINE.search(text)),
        lambda block, text: block.is_closed and block.language in _PYTHON and bool(text.strip()),
    )
    for is_fit in tiers:
        for block, text in reversed(candidates):
            if is_fit(block, text):
                return text
    return None


def _is_whole(language: str, text: str) -> bool:
    may_be_python = language in _PYTHON or language == _UNTAGGED
    return not may_be_python or _compiles(_unindented(text))


def _is_program(text: str) -> bool:
    """True for text with an import and an entry point, even where its syntax is broken."""
    return bool(_IMPORT_LINE.search(text) and _ENTRY_LINE.search(text))


def _is_finished(text: str) -> bool:
    """True where a block without a closing fence ends as a program does: with its guard."""
    statements = _LAST_STATEMENT.findall(text)
    return _compiles(text) and bool(statements) and statements[-1].startswith("if __name__")


def _unindented(text: str) -> str:
    if not _compiles(text) and _compiles(flush := textwrap.dedent(text)):
        return flush
    return text


@functools.lru_cache(maxsize=32)
def _compiles(text: str) -> bool:
    """True for valid Python; nothing is executed.

    Sessions run in threads, where `ast.parse` of CPython 3.11 fails at random with SystemError
    (python/cpython issue 106905); compiling builds no syntax tree of Python objects.
    """
    if len(text) > MAX_CODE_LENGTH:
        return False
    try:
        compile(text, REPLY_FILE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _errors_in(prose: str) -> tuple[str, ...]:
    entries: list[str] = []
    for content in _ERROR_TAG.findall(prose):
        lines = [line for line in content.splitlines() if line.strip()]
        is_bulleted = len(lines) > 1 and all(_BULLET.match(line) for line in lines)
        entries += [_BULLET.sub("", line, count=1) for line in lines] if is_bulleted else [content]
    trimmed = (" ".join(entry.split())[:MAX_ERROR_LENGTH] for entry in entries)
    return tuple(e for e in trimmed if not _NO_ERROR.fullmatch(e))[:MAX_REPORTED_ERRORS]


def _why_no_code(reply: str, blocks: tuple[FencedBlock, ...]) -> str:
    expected = "expected one complete program in a fenced ```python block"
    if not reply.strip():
        return f"the reply is empty; {expected}"
    if blocks and not blocks[-1].is_closed:
        return f"the reply ends inside its code block; {expected}"
    beginning = " ".join(reply.split())[:200]
    return f"the reply holds no Python code block; {expected}; it begins: {beginning!r}"
