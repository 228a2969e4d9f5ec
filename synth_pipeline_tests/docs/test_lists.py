"""The lists in the documents are those of the code."""

import re

import pytest

from synth_pipeline import signal_kit
from synth_pipeline.domain.evidence import Run
from synth_pipeline.readings.checks import CHECKS
from synth_pipeline.settings import _VARIABLES, Settings
from synth_pipeline_tests.support.places import ROOT


def rows_of(page: str, head: str) -> list[list[str]]:
    """The cells of the table that begins with `head`."""
    lines = (ROOT / page).read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(head))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in line.strip("|").split("|")])
    return rows


def test_the_checks_are_those_of_the_list() -> None:
    assert rows_of("docs/ci.md", "| check |") == [
        [f"`{check.name}`", "blocks" if check.is_blocking else "warns", check.description]
        for check in CHECKS
    ]


def test_the_table_of_evidence_has_every_run_and_every_check() -> None:
    runs = [row[0] for row in rows_of("docs/bedrock.md", "| run |")]
    assert runs == [f"`{run}`" for run in Run]

    checks = [row[0] for row in rows_of("docs/bedrock.md", "| check | green")]
    assert ", ".join(checks) == ", ".join(f"`{check.name}`" for check in CHECKS)


def test_the_kinds_of_anomalies_are_those_of_the_kit() -> None:
    assert rows_of("docs/using-the-data.md", "| kind |") == [
        [f"`{name}`", (shape.__doc__ or "").strip()] for name, shape in signal_kit.ANOMALIES.items()
    ]


def test_the_settings_of_the_readme_are_those_that_are_read() -> None:
    shown: set[str] = set()
    for variables, *_ in rows_of("README.md", "| variable |"):
        first, *others = re.findall(r"`(\w+)`", variables)
        stem = first.rsplit("_", 1)[0] if first.startswith("SYNTH_BEDROCK") else ""
        shown |= {first, *(stem + name if name.startswith("_") else name for name in others)}

    read = {variable for variable, _ in _VARIABLES.values()}
    assert shown == read | {"SYNTH_STORE", "SYNTH_REGISTRY", "DAGSTER_HOME"}


@pytest.mark.parametrize(
    ("variable", "field"),
    [
        ("SYNTH_AUTHOR", "author"),
        ("SYNTH_SANDBOX", "sandbox"),
        ("SYNTH_SCRIPT_TIMEOUT_S", "script_timeout_s"),
        ("SYNTH_REPAIR_ATTEMPTS", "repair_attempts"),
        ("SYNTH_BEDROCK_MODEL_ID", "bedrock_model_id"),
    ],
)
def test_a_default_of_the_readme_is_the_default(variable: str, field: str) -> None:
    (default,) = [
        row[1] for row in rows_of("README.md", "| variable |") if f"`{variable}`" in row[0]
    ]

    value = Settings.__dataclass_fields__[field].default

    assert default == (f"`{value:g}`" if isinstance(value, float) else f"`{value}`")


def numbers_of_the_readme() -> list[tuple[str, float]]:
    """Each variable whose default is a number, from rows that may name several."""
    found = []
    for variables, defaults, *_ in rows_of("README.md", "| variable |"):
        names, values = variables.split(" · "), defaults.split(" · ")
        stem = names[0].strip("`").rsplit("_", 1)[0]
        for name, value in zip(names, values, strict=len(values) > 1):
            if number := re.fullmatch(r"`(\d+)`", value):
                whole = name.strip("`")
                found.append((stem + whole if whole.startswith("_") else whole, float(number[1])))
    return found


@pytest.mark.parametrize(("variable", "default"), numbers_of_the_readme())
def test_a_number_of_the_readme_is_the_default(variable: str, default: float) -> None:
    (field,) = [field for field, (name, _) in _VARIABLES.items() if name == variable]

    assert Settings.__dataclass_fields__[field].default == default
