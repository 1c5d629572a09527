"""Results as JUnit XML, which continuous integration shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from gateway.config.frame import clean
from gateway.testing.case_spec import CaseSpec
from gateway.testing.files import Suite


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a case came to; it passed where nothing differs."""

    suite: Suite
    case: CaseSpec
    mismatches: tuple[str, ...]

    @property
    def where(self) -> str:
        place = self.case.name.place
        return f"{place.file}:{place.line}:{place.column}"


def junit(outcomes: Sequence[Outcome]) -> bytes:
    """Write a test suite for each file; times aren't told, since nothing is waited for."""
    root = ET.Element("testsuites")
    suites: dict[str, ET.Element] = {}
    for outcome in outcomes:
        file = outcome.suite.file
        if file not in suites:
            suites[file] = ET.SubElement(root, "testsuite", name=clean(file))
        case = ET.SubElement(
            suites[file],
            "testcase",
            name=clean(outcome.case.name.text),
            classname=clean(outcome.suite.plan.mapping),
            file=clean(file),
            line=str(outcome.case.name.place.line),
        )
        if outcome.mismatches:
            lines = [clean(line) for line in outcome.mismatches]
            failure = ET.SubElement(case, "failure", message=lines[0])
            failure.text = "\n".join([f"{outcome.where}:", *lines])
    for suite in [*suites.values(), root]:
        suite.set("tests", str(len(list(suite.iter("testcase")))))
        suite.set("failures", str(len(list(suite.iter("failure")))))
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"
