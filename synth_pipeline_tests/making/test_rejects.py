"""Replies that were not accepted, kept for a person."""

from pathlib import Path

import pytest

from synth_pipeline.authoring.author import Draft
from synth_pipeline.domain.partition import PartitionKey
from synth_pipeline.domain.usage import Usage
from synth_pipeline.making.rejects import Rejects

KEY = PartitionKey("ada", "etcher")


def draft(code: str | None, raw_reply: str = "") -> Draft:
    return Draft(code=code, raw_reply=raw_reply, usage=Usage(), prompt_sha256="")


def test_a_refused_reply_is_kept_with_the_reasons(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path, KEY)

    rejects.keep(2, draft("print(1)", "Here:\n```python\nprint(1)\n```"), ["too short", "no rows"])

    assert (tmp_path / "rejected" / "ada" / "etcher" / "attempt-2.txt").read_text() == (
        "What was found:\ntoo short\nno rows\n\nThe reply was:\nHere:\n```python\nprint(1)\n```\n"
    )


def test_an_accepted_draft_leaves_nothing(tmp_path: Path) -> None:
    Rejects(tmp_path, KEY).keep(1, draft("print(1)"), [])

    assert list(tmp_path.iterdir()) == []


def test_without_a_raw_reply_the_code_is_kept(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path, KEY)

    rejects.keep(1, draft("print(1)"), ["no"])

    assert (rejects.folder / "attempt-1.txt").read_text().endswith("The reply was:\nprint(1)\n")


@pytest.mark.parametrize("text", ["half a pair \ud800", "nul \x00", "°C 温度 🏭"])
def test_replies_of_any_characters_can_be_kept(tmp_path: Path, text: str) -> None:
    rejects = Rejects(tmp_path, KEY)

    rejects.keep(1, draft(None, text), [text])

    content = (rejects.folder / "attempt-1.txt").read_text(encoding="utf-8")
    assert content.count(text.encode("utf-8", "backslashreplace").decode()) == 2


def test_only_the_replies_of_the_last_writing_are_kept(tmp_path: Path) -> None:
    rejects = Rejects(tmp_path, KEY)
    for attempt in (1, 2, 3):
        rejects.keep(attempt, draft("print(1)"), ["no"])

    rejects.keep(1, draft("print(2)"), ["no"])

    assert [path.name for path in rejects.folder.iterdir()] == ["attempt-1.txt"]
