"""The map of the code names what is there, and leaves no room out."""

import re

import pytest

from synth_pipeline_tests.support.places import ROOT

PACKAGE = ROOT / "synth_pipeline"
MAP = (ROOT / "docs" / "map.md").read_text(encoding="utf-8")
TREE = MAP.partition("```\n")[2].partition("```")[0]
PLACES = sorted(
    {name for name in re.findall(r"`([\w./]+)`", MAP) if "/" in name or name.endswith(".py")}
)
ROOMS = sorted(
    path.name
    for path in PACKAGE.iterdir()
    if (path.is_dir() or path.suffix == ".py") and not path.name.startswith("__")
)


@pytest.mark.parametrize("place", PLACES)
def test_every_place_that_the_map_names_exists(place: str) -> None:
    found = [base / place for base in (ROOT, PACKAGE) if (base / place).exists()]

    assert found, place


def test_every_room_of_the_package_is_drawn() -> None:
    drawn = {word.rstrip("/") for word in TREE.split()}

    assert [room for room in ROOMS if room.rstrip("/") not in drawn] == []


def test_every_file_that_is_drawn_exists() -> None:
    there = {path.name for path in [*PACKAGE.rglob("*.py"), *(ROOT / "deploy").glob("*.py")]}

    assert set(re.findall(r"\w+\.py", TREE)) - there == set()
