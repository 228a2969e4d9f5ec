"""Replies that the token limit cut into parts, joined to what they would have been."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.authoring.model.replies.code import join_parts, parse_code

PROGRAM = '''\
"""A generator."""

import os


def main() -> None:
    """Write a year."""
    print(os.environ["SYNTH_YEAR"])


if __name__ == "__main__":
    main()
'''
REPLY = f"```python\n{PROGRAM}```\n"


@settings(deadline=None)  # cores are shared and noisy
@given(st.integers(1, len(REPLY) - 1))
def test_a_reply_cut_anywhere_is_joined_to_what_it_was(cut: int) -> None:
    assert parse_code(join_parts([REPLY[:cut], REPLY[cut:]])).code == PROGRAM


@settings(deadline=None)  # cores are shared and noisy
@given(st.integers(30, len(PROGRAM) - 1), st.sampled_from(["", "Here is the rest:\n"]))
def test_a_continuation_that_opens_its_block_again_is_joined(cut: int, words: str) -> None:
    cut += REPLY.index("\n") + 1

    joined = join_parts([REPLY[:cut], f"{words}```python\n{REPLY[cut:]}"])

    assert parse_code(joined).code == PROGRAM


@pytest.mark.parametrize("overlap", [20, 40, 80])
def test_a_continuation_that_repeats_the_last_words_is_trimmed(overlap: int) -> None:
    joined = join_parts([REPLY[:120], REPLY[120 - overlap :]])

    assert parse_code(joined).code == PROGRAM


def test_a_line_feed_lost_at_the_seam_is_put_back() -> None:
    cut = REPLY.index("    print")

    joined = join_parts([REPLY[: cut - 1], REPLY[cut:]])

    assert parse_code(joined).code == PROGRAM


def test_a_continuation_that_starts_the_program_again_stands_alone() -> None:
    joined = join_parts([REPLY[:150], f"I start over:\n{REPLY}"])

    assert joined == f"I start over:\n{REPLY}"


@settings(deadline=None)  # cores are shared and noisy
@given(st.lists(st.text(st.sampled_from("`~\n ai(<>"), max_size=40), min_size=1, max_size=4))
def test_any_parts_can_be_joined(parts: list[str]) -> None:
    assert isinstance(join_parts(parts), str)
