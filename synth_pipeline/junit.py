"""Check results as JUnit XML, for CI systems."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from synth_pipeline.domain.errors import InputError
from synth_pipeline.overview import CheckRow

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(rows: Sequence[CheckRow], path: Path) -> None:
    """One suite per machine, one case per check and year; warnings are not failures."""
    root = ElementTree.Element("testsuites", name="synth check")
    suites: dict[str, ElementTree.Element] = {}
    for row in rows:
        if row.partition not in suites:
            suites[row.partition] = ElementTree.SubElement(root, "testsuite", name=row.partition)
        _add_case(suites[row.partition], row)
    for suite in [*suites.values(), root]:
        suite.set("tests", str(len(list(suite.iter("testcase")))))
        suite.set("failures", str(len(list(suite.iter("failure")))))
        suite.set("errors", "0")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
    except OSError as error:
        raise InputError(
            f"junit file {path}: cannot be written ({error.strerror or error})"
        ) from error


def _add_case(suite: ElementTree.Element, row: CheckRow) -> None:
    name = f"{row.check} {row.year}"
    case = ElementTree.SubElement(suite, "testcase", classname=row.partition, name=name)
    if row.passed:
        return
    message = _NOT_XML.sub("\ufffd", row.message)
    if row.blocking:
        ElementTree.SubElement(case, "failure", message=message).text = message
    else:
        ElementTree.SubElement(case, "system-out").text = f"warning: {message}"
