"""What the terminal gets: never a control character of somebody else's text."""

import json
from collections.abc import Callable

import pytest

from synth_pipeline.cli import console
from synth_pipeline.domain.progress import Progress

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m \u202eevil [red]not markup[/red] [link=http://e]x[/link]"
SHOWN = "[red]not markup[/red] [link=http://e]x[/link]"


def as_text() -> None:
    console.out.print(HOSTILE, markup=False)


def as_table() -> None:
    console.print_table(HOSTILE, ["Column"], [[HOSTILE]])


def as_progress() -> None:
    with console.ProgressView() as view:
        view(Progress("saw", "failed", HOSTILE))


@pytest.mark.parametrize("show", [as_text, as_table, as_progress])
def test_foreign_text_reaches_the_terminal_as_text_only(
    show: Callable[[], None], capsys: pytest.CaptureFixture[str]
) -> None:
    show()

    ended = capsys.readouterr()
    shown = ended.out + ended.err
    assert SHOWN in shown
    assert all(character.isprintable() or character == "\n" for character in shown)


def test_json_keeps_every_character_and_sends_none_that_acts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console.print_json({"reason": f"{HOSTILE}\n°C"})

    shown = capsys.readouterr().out
    assert json.loads(shown) == {"reason": f"{HOSTILE}\n°C"}
    assert "°C" in shown
    assert all(character.isprintable() or character == "\n" for character in shown)
