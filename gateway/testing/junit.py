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


@dataclass(frozen=True, slots=True)
class Proved:
    """What a proof came to for a mapping or one of its calls: nothing is told where all is well."""

    suite: Suite
    name: str
    told: tuple[str, ...]


def junit(outcomes: Sequence[Outcome], proved: Sequence[Proved]) -> bytes:
    """Write a test suite for each file; times aren't told, since nothing is waited for."""
    root = ET.Element("testsuites")
    suites: dict[str, ET.Element] = {}
    for outcome in outcomes:
        case = _case(root, suites, outcome.suite, outcome.case.name.text)
        case.set("line", str(outcome.case.name.place.line))
        if outcome.mismatches:
            _fail(case, outcome.mismatches[0], [f"{outcome.where}:", *outcome.mismatches])
    for each in proved:
        case = _case(root, suites, each.suite, each.name)
        if each.told:
            _fail(case, each.told[0], each.told)
    for suite in [*suites.values(), root]:
        suite.set("tests", str(len(list(suite.iter("testcase")))))
        suite.set("failures", str(len(list(suite.iter("failure")))))
    ET.indent(root)
    data: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return data + b"\n"


def _case(root: ET.Element, suites: dict[str, ET.Element], suite: Suite, name: str) -> ET.Element:
    file = clean(suite.file)
    if file not in suites:
        suites[file] = ET.SubElement(root, "testsuite", name=file)
    mapping = clean(suite.plan.mapping)
    return ET.SubElement(suites[file], "testcase", name=clean(name), classname=mapping, file=file)


def _fail(case: ET.Element, message: str, lines: Sequence[str]) -> None:
    failure = ET.SubElement(case, "failure", message=clean(message))
    failure.text = "\n".join(map(clean, lines))
