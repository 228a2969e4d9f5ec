"""Long replies of anything are read in time linear in their length."""

import contextlib

import pytest

from synth_pipeline.authoring.model.replies.code import join_parts, parse_code, parse_errors
from synth_pipeline.authoring.model.replies.names import parse_machine_names
from synth_pipeline.domain.errors import ReplyError

LENGTH = 250_000
REPEATED = [
    "```\n",
    "```md\n",
    "- ```\n",
    "```python\nx=(\n",
    "```python\nx='''\n```\n",
    "```python\nimport a\ndef main(): pass\n```\n",
    "import a\nif __name__:\n    (\n",
    "<error>no ",
    "<think>\n",
    "</think>",
    "<answer>",
    "<ul>",
    "I can't ",
    "Final list:\n1. a\n",
    "1. saw\n",
    "1. a 2. b ",
    "**a**\n",
    "# a\n",
    "name: x\n",
    "| a | b |\n|---|---|\n",
    "[abc\n",
    '["a",\n',
    '{"a":',
    "a, ",
    "\n",
    "\N{COMBINING ACUTE ACCENT}",
]
WHOLE = [
    "```" + " " * LENGTH + "`",
    "1. a" + " " * LENGTH + "b",
    "1. " + "[" * LENGTH,
    "```python\nimport a\ndef main(): " + "(" * LENGTH + "\n```",
    "```python\nimport a\ndef main(): return f'" + "{a}" * (LENGTH // 3) + "'\n```",
]


@pytest.mark.parametrize(
    "reply",
    [piece * (LENGTH // len(piece)) for piece in REPEATED] + WHOLE,
    ids=lambda reply: repr(reply[:30]),
)
def test_a_long_reply_of_anything_is_read(reply: str) -> None:
    """Takes hours, and so the suite's time limit, where a step is quadratic."""
    names: list[str] = []
    with contextlib.suppress(ReplyError):
        parse_code(reply)
    with contextlib.suppress(ReplyError):
        names = list(parse_machine_names(reply, 14))

    errors = parse_errors(reply)
    joined = join_parts([reply[: LENGTH // 2], reply[LENGTH // 2 :]])

    assert len(names) <= 14
    assert all(error.strip() for error in errors)
    assert len(joined) <= len(reply) + 1
