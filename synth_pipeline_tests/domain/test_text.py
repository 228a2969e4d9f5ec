"""Foreign text made fit to be shown."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synth_pipeline.domain.text import clipped, quotable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Plasma etcher, 20 °C 温度", "Plasma etcher, 20 °C 温度"),
        ("\x1b[2J\x9b31mred", " [2J 31mred"),
        ("one\nTwo\r\x7f", "one Two  "),
        ("\u202eevil\u200b\ufeff", " evil  "),
        ("half a pair \ud800", "half a pair  "),
    ],
)
def test_what_acts_on_a_terminal_becomes_a_space(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_the_length_stays_and_a_second_pass_changes_nothing(text: str) -> None:
    shown = visible(text)

    assert len(shown) == len(text)
    assert visible(shown) == shown


@settings(deadline=None)  # cores are shared and noisy
@given(st.text(), st.integers(10, 120))
def test_foreign_text_becomes_one_line_that_cannot_end_its_quotation(text: str, limit: int) -> None:
    line = quotable(text, limit)

    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert not set('"`<>') & set(line)
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\n  b\tc", "a b c"),
        ("\x1b[2Jx", "[2Jx"),
        ("abcdef ghi", "abcdef…"),
        ("abcdefgh", "abcdefgh"),
    ],
)
def test_a_long_text_is_cut_to_one_line(text: str, shown: str) -> None:
    assert clipped(text, 8) == shown
