"""JUnit files: well-formed XML with the right counts, whatever a message holds."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from synth_pipeline.cli.junit import write_junit
from synth_pipeline.domain.check import RecordedVerdict
from synth_pipeline.domain.errors import InputError
from synth_pipeline.domain.partition import PartitionKey

ETCHER, DRYER = "ada/etcher", "bob/dryer"


def verdict(machine: str, year: int, check: str, blocking: bool, message: str) -> RecordedVerdict:
    return RecordedVerdict(PartitionKey.parse(machine), year, check, blocking, message)


ROWS = [
    verdict(ETCHER, 2024, "schema", True, ""),
    verdict(ETCHER, 2024, "minute_cadence", True, "1 gap, the first at row 100"),
    verdict(ETCHER, 2024, "signal_realism", False, "signals never change: a_w"),
    verdict(DRYER, 2023, "schema", True, ""),
]


def written(rows: list[RecordedVerdict], path: Path) -> ElementTree.Element:
    write_junit(rows, path)
    return ElementTree.parse(path).getroot()


def test_there_is_a_suite_a_machine_and_a_case_a_check(tmp_path: Path) -> None:
    root = written(ROWS, tmp_path / "checks.xml")

    assert root.tag == "testsuites"
    assert root.attrib == {"name": "synth check", "tests": "4", "failures": "1", "errors": "0"}
    assert [(s.get("name"), s.get("tests"), s.get("failures")) for s in root] == [
        (ETCHER, "3", "1"),
        (DRYER, "1", "0"),
    ]
    assert [case.get("name") for case in root[0]] == [
        "schema 2024",
        "minute_cadence 2024",
        "signal_realism 2024",
    ]


def test_a_failed_check_carries_its_message(tmp_path: Path) -> None:
    root = written(ROWS, tmp_path / "checks.xml")

    [failure] = root.iter("failure")
    assert failure.get("message") == failure.text == "1 gap, the first at row 100"


def test_a_warning_is_no_failure(tmp_path: Path) -> None:
    root = written(ROWS, tmp_path / "checks.xml")

    [output] = root.iter("system-out")
    assert output.text == "warning: signals never change: a_w"


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("<a> & \"b\" ]]> 'c'", "<a> & \"b\" ]]> 'c'"),
        ("bell \x07, nul \x00, escape \x1b", "bell \ufffd, nul \ufffd, escape \ufffd"),
        ("half a pair \ud800", "half a pair \ufffd"),
        ("not a character \uffff", "not a character \ufffd"),
        ("°C, 温度 and 🏭", "°C, 温度 and 🏭"),
    ],
)
@pytest.mark.parametrize("blocking", [True, False])
def test_any_message_is_well_formed(
    tmp_path: Path, message: str, shown: str, blocking: bool
) -> None:
    row = verdict(ETCHER, 2024, "schema", blocking, message)

    root = written([row], tmp_path / "checks.xml")

    texts = [element.text or "" for element in root.iter() if element.tag != "testsuites"]
    assert any(shown in text for text in texts)


def test_no_rows_are_an_empty_report(tmp_path: Path) -> None:
    root = written([], tmp_path / "checks.xml")

    assert (root.get("tests"), len(root)) == ("0", 0)


def test_folders_above_the_file_are_made(tmp_path: Path) -> None:
    assert written(ROWS, tmp_path / "a" / "b" / "checks.xml").get("tests") == "4"


def test_a_file_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="cannot be written"):
        write_junit(ROWS, tmp_path / "file" / "checks.xml")
