"""A report as JUnit XML: one test case for each finding."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from rnnproof.model.report import Matrix, Report
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.report.words import named

# What XML 1.0 cannot say at all; a target may have printed it into a message.
UNSAYABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENTS = {
    Outcome.FAILED: "failure",
    Outcome.ERROR: "error",
    Outcome.UNDECIDED: "skipped",
    Outcome.NOT_APPLICABLE: "skipped",
    Outcome.REFUSED: "skipped",
}
TALLIES = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def as_junit(result: Report | Matrix) -> str:
    """The XML text: failed is a failure, error an error, what was not decided is skipped; suspicious passes."""
    reports = result.reports if isinstance(result, Matrix) else (result,)
    root = ElementTree.Element("testsuites", name="rnnproof")
    root.extend(_suite(report) for report in reports)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode")


def _suite(report: Report) -> ElementTree.Element:
    kinds = [ELEMENTS.get(finding.outcome) for finding in report.findings]
    told = {key: str(kinds.count(kind)) for key, kind in TALLIES.items()}
    name = said(named(report))
    about = {"name": name, "tests": str(len(kinds)), **told, "time": f"{report.elapsed_s:.3f}"}
    suite = ElementTree.Element("testsuite", about)
    suite.extend(_case(finding, report) for finding in report.findings)
    return suite


def _case(finding: Finding, report: Report) -> ElementTree.Element:
    dtype = f" {finding.dtype}" if finding.dtype else ""
    case = ElementTree.Element("testcase", classname=said(report.target), name=f"{finding.property}{dtype}")
    kind = ELEMENTS.get(finding.outcome)
    if kind is not None:
        first = said(finding.message.partition("\n")[0] or finding.outcome.value)
        ElementTree.SubElement(case, kind, message=first, type=finding.outcome.value).text = _body(finding)
    elif finding.message:
        ElementTree.SubElement(case, "system-out").text = f"{finding.outcome.value}: {_body(finding)}"
    return case


def _body(finding: Finding) -> str:
    again = f"\nagain: rnnproof replay {finding.replay}" if finding.replay else ""
    return said(finding.message) + again


def said(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return UNSAYABLE.sub("\ufffd", text)
