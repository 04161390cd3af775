"""Several reports as text: a line for each target and dtype, then what is wrong, then the last line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rnnproof.model.event import Refusal
from rnnproof.model.report import Matrix, Report
from rnnproof.report.failure import blocks
from rnnproof.report.text import certainty
from rnnproof.report.words import EXACT, counted, cut, dtypes_of, folded, joined, justified, kinds_of, many, named

NAME = 36
DTYPE = 8


def rows(report: Report) -> list[str]:
    """A target's lines: its name, and in each dtype how many laws passed."""
    lines, name = [], f"{named(report):<{NAME}}"
    if len(name) > NAME:
        lines, name = cut(named(report)), " " * NAME
    for dtype in kinds_of(report.findings):
        told = counted([finding for finding in report.findings if (finding.dtype or EXACT) == dtype])
        parts = [f"{part}," for part in told.split(", ")]
        shown = joined([*parts[:-1], parts[-1][:-1]], " " * (NAME + DTYPE + 2), " ")
        lines += [f"{name} {dtype:<{DTYPE}} {shown[0].lstrip()}", *shown[1:]]
        name = " " * NAME
    return lines if report.findings else [f"{name.rstrip()}: nothing was looked at"]


def unfit(target: str, reason: str) -> list[str]:
    """A target that could not be verified at all."""
    first, *further = reason.splitlines()
    return [*folded(f"{target} cannot be verified: {first}"), *further]


def wrong(report: Report, suffix: str = "") -> Iterator[str]:
    """What is wrong with a target, law by law."""
    several = len(dtypes_of(report.findings)) > 1
    found = list(blocks(report.findings, several, suffix))
    if found:
        yield from ["", *cut(named(report)), *found]


def refusals(planted: Sequence[Refusal]) -> list[str]:
    """That each law refused the fault planted for it, and one full message."""
    if not planted:
        return []
    refused = [one for one in planted if one.refused]
    laws = f"{many(len(planted), 'law')}, {many(len(refused), 'planted fault')} refused"
    lines = ["", f"{laws}{'' if len(refused) == len(planted) else ', the others NOT REFUSED:'}"]
    for one in planted:
        if not one.refused:
            lines += folded(f"{one.property}: {one.fault}", "  ")
    return [*lines, *_example(refused)]


def _example(refused: Sequence[Refusal]) -> list[str]:
    """The message of the first fault whose message is a full one."""
    for one in refused:
        if len(one.message.splitlines()) > 1:
            lines = ["", *folded(f"One of them, in our LSTM: {one.fault}", "")]
            lines.append(f"{one.property} refuses it:")
            for line in one.message.splitlines():
                lines += folded(line, "  ")
            return lines
    return []


def sure(reports: Sequence[Report]) -> list[str]:
    """How sure, over all targets, in each dtype."""
    findings = [finding for report in reports for finding in report.findings]
    lines: list[str] = []
    for dtype in kinds_of(findings):
        told = certainty([finding for finding in findings if (finding.dtype or EXACT) == dtype])
        lines += [told[0], f"{dtype}", *told[1:]] if told else []
    return lines


def closing(matrix: Matrix, elapsed_s: float, interrupted: bool) -> str:
    """The last line."""
    findings = [finding for report in matrix.reports for finding in report.findings]
    word = "INTERRUPTED" if interrupted else {0: "PASSED", 1: "FAILED", 2: "UNDECIDED"}[matrix.exit_code]
    number, _, rest = counted(findings).partition(" ")
    told = f"{many(int(number), 'law')} {rest}" if rest else "nothing was looked at"
    return justified(f"{word}  {many(len(matrix.reports), 'target')}: {told}", f"{elapsed_s:.1f} s")
