"""Check results as JUnit XML, for CI systems."""

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from synth_pipeline.domain.check import RecordedVerdict
from synth_pipeline.domain.errors import InputError

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(verdicts: Sequence[RecordedVerdict], path: Path) -> None:
    """One suite per machine, one case per check and year; warnings are not failures."""
    root = ElementTree.Element("testsuites", name="synth check")
    suites: dict[str, ElementTree.Element] = {}
    for verdict in verdicts:
        name = str(verdict.key)
        if name not in suites:
            suites[name] = ElementTree.SubElement(root, "testsuite", name=name)
        _add_case(suites[name], verdict)
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


def _add_case(suite: ElementTree.Element, verdict: RecordedVerdict) -> None:
    name = f"{verdict.check} {verdict.year}"
    case = ElementTree.SubElement(suite, "testcase", classname=str(verdict.key), name=name)
    if verdict.passed:
        return
    message = _NOT_XML.sub("\ufffd", verdict.message)
    if verdict.is_blocking:
        ElementTree.SubElement(case, "failure", message=message).text = message
    else:
        ElementTree.SubElement(case, "system-out").text = f"warning: {message}"
