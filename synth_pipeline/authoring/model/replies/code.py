"""The generator in a model's reply, and the mistakes the model admits to."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from synth_pipeline.authoring.model.replies.errors import errors_in
from synth_pipeline.authoring.model.replies.page.markdown import Page, read_page
from synth_pipeline.authoring.model.replies.program.choice import choose_program, may_be_program
from synth_pipeline.authoring.model.replies.program.merit import (
    MAX_CODE_LENGTH,
    compiles,
    flush,
    only_checks,
)
from synth_pipeline.domain.errors import ReplyError

_EXPECTED = "expected one complete program in a fenced ```python block"


@dataclass(frozen=True, slots=True)
class CodeReply:
    """The program that counts in a reply, and the errors the reply reports of itself."""

    code: str
    reported_errors: tuple[str, ...] = ()


def parse_code(reply: str) -> CodeReply:
    """Return the program that writes the dataset, the last of them, and the `<error>` entries.

    Raises ReplyError where the reply holds no Python program that is complete, or one longer
    than MAX_CODE_LENGTH.
    """
    page = _read(reply)
    code = choose_program(page)
    if code is None:
        raise ReplyError(_why_no_code(page))
    return CodeReply(code.strip("\n").rstrip() + "\n", errors_in(page.prose.replace(code, "")))


def parse_errors(reply: str) -> tuple[str, ...]:
    """Return the `<error>` entries of a reply, code or not."""
    page = _read(reply)
    code = choose_program(page)
    return errors_in(page.prose.replace(code, "") if code else page.prose)


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
        if (code := choose_program(_read(joined))) and compiles(code):
            return joined
    return direct


def _read(reply: str) -> Page:
    """Read a reply about a program, which a forgotten closing tag of reasoning does not hide.

    What is taken for a program is run and judged, so that a draft costs no more than no reply.
    """
    return read_page(reply, _is_whole, ignores_open_tags=True)


def _is_whole(language: str, text: str) -> bool:
    return not may_be_program(language) or compiles(flush(text))


def _restarts(so_far: str, part: str) -> bool:
    """True where a continuation is the whole answer again, from its first line of code on."""
    old, new = _read(so_far).blocks, _read(part).blocks
    if not old or not new:
        return False
    beginning = new[0].text.lstrip()[:80]
    return len(beginning) >= 20 and old[-1].text.lstrip().startswith(beginning)


def _trim(so_far: str, part: str) -> str:
    blocks = _read(so_far).blocks
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


def _why_no_code(page: Page) -> str:
    if not page.text.strip():
        return f"the reply is empty; {_EXPECTED}"
    code = [block for block in page.blocks if may_be_program(block.language)]
    longest = max((len(block.text) for block in code), default=0)
    if longest > MAX_CODE_LENGTH:
        return f"the program has {longest:,} characters; expected at most {MAX_CODE_LENGTH:,}"
    if page.blocks and not page.blocks[-1].is_closed:
        return f"the reply ends inside its code block; {_EXPECTED}"
    beginning = " ".join(page.text.split())[:200]
    if not any(block.text.strip() for block in code):
        return f"the reply holds no Python code block; {_EXPECTED}; it begins: {beginning!r}"
    if any(only_checks(block.text) for block in code):
        return f"the code in the reply reads or runs something and writes no dataset; {_EXPECTED}"
    return (
        "the code in the reply is no program: it lacks an import, or a main() that writes the "
        f"dataset; {_EXPECTED}; the reply begins: {beginning!r}"
    )
