"""Foreign text on the pages of the UI: shown, never rendered."""

import pytest

from synth_pipeline.defs.metadata import fenced, plain


@pytest.mark.parametrize(
    ("source", "fence"),
    [
        ("print(1)", "```"),
        ('"""\n```\n![](http://e/p.png)\n"""', "````"),
        ("x = '`````'", "``````"),
    ],
)
def test_code_cannot_leave_its_fence(source: str, fence: str) -> None:
    assert fenced(source) == f"{fence}python\n{source}\n{fence}"
    assert fence not in source


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("chamber_pressure_pa", "chamber_pressure_pa"),
        ("mm/s", "mm/s"),
        ("°C", "°C"),
        ("![x](http://e/p.png)", r"\!\[x\]\(http\://e/p.png\)"),
        ("a | b", r"a \| b"),
        ("<img src=x>", r"\<img src\=x\>"),
    ],
)
def test_names_and_units_are_no_markdown(text: str, shown: str) -> None:
    assert plain(text) == shown
