"""What docs/models.md says of settings and limits is what the program does."""

import re

import pytest

from synth_pipeline.authoring.model.attempts import LONGEST_WISH_S
from synth_pipeline.authoring.model.client import ModelOptions
from synth_pipeline.authoring.model.partial_reply import MAX_REPLY_CHARACTERS
from synth_pipeline.settings import _VARIABLES, AUTHORS, Settings
from synth_pipeline_tests.support.places import ROOT

PAGE = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
OF_BEDROCK = (ROOT / "docs" / "bedrock.md").read_text(encoding="utf-8")
FIELD_OF = {variable: field for field, (variable, _) in _VARIABLES.items()}


def test_every_author_of_the_settings_has_a_row() -> None:
    assert tuple(re.findall(r"^\| `(catalog|bedrock|openai)` \|", PAGE, re.MULTILINE)) == AUTHORS


@pytest.mark.parametrize("variable", sorted(set(re.findall(r"SYNTH_[A-Z_]*[A-Z]", PAGE))))
def test_every_setting_that_is_named_is_read(variable: str) -> None:
    assert variable in FIELD_OF


@pytest.mark.parametrize(
    ("variable", "default"),
    re.findall(r"^\| `(SYNTH_\w+)` \| (\d+) \|", PAGE + OF_BEDROCK, re.MULTILINE),
)
def test_a_default_is_the_default(variable: str, default: str) -> None:
    assert Settings.__dataclass_fields__[FIELD_OF[variable]].default == float(default)


def test_attempts_pauses_and_bounds_are_those_of_the_code() -> None:
    options = ModelOptions("any", None, 256, 1.0)
    pauses = [options.backoff_s * 2**number for number in range(options.attempts - 1)]

    assert options.attempts == 5
    assert "Five attempts in all" in PAGE
    assert pauses == [1, 2, 4, 8]
    assert "at most 1, 2, 4 and 8 seconds" in PAGE
    assert f"up to {LONGEST_WISH_S:g}." in PAGE
    assert f"more than {MAX_REPLY_CHARACTERS:,} characters is refused" in PAGE
