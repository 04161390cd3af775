"""A report as text: what was looked at, a word for each law, how sure that is, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from rnnproof.model.report import INFERRED, Report
from rnnproof.model.verdict import BAD, DECIDED, Finding, Outcome
from rnnproof.report.failure import blocks
from rnnproof.report.words import (
    COUNTED,
    WIDTH,
    WORDS,
    arithmetics,
    counted,
    cut,
    dtypes_of,
    folded,
    joined,
    justified,
    many,
    name_of,
    named,
)

SHORT_NAME = 40
LABEL = 11
CLOSING = " " * 8  # what the last line goes on with


def text(report: Report) -> str:
    """The whole report."""
    lines = [
        *header(report, dtypes_of(report.findings)),
        *table(report.findings, several=len(dtypes_of(report.findings)) > 1),
        *summary(report),
    ]
    return "\n".join(lines)


def noted(report: Report) -> list[str]:
    """A report of one case, whose findings say something also where they passed: below the table, what that is."""
    lines = [*header(report, ()), ""]
    for finding in report.findings:
        lines.append(f"  {finding.property.partition('.')[0]:<{LABEL}}{_short(finding)} {WORDS[finding.outcome]}")
        if finding.outcome is Outcome.PASSED:
            lines += ["", *(part for line in finding.message.splitlines() for part in folded(line, "  "))]
    once = (
        replace(each, cases=0, message="" if each.outcome is Outcome.PASSED else each.message)
        for each in report.findings
    )
    return [*lines, *summary(replace(report, findings=tuple(once)))]


def header(report: Report, dtypes: Sequence[str]) -> list[str]:
    """Which target as which network, in which dtypes, by which libraries."""
    told = [named(report), *([", ".join(dtypes)] if dtypes else [])]
    if report.dialect is not None:
        told.append(f"dialect {report.dialect if len(report.dialect) <= SHORT_NAME else _in_short(report.dialect)}")
    told += [*_versions(report.versions), f"seed {report.seed}"]
    first, *further = [f"{part} ·" for part in told[:-1]] + told[-1:]
    *before, last = cut(first)
    return [*before, *joined([last, *further], "", " ")]


def _in_short(dialect: str) -> str:
    return "inferred, as infer prints it" if dialect.startswith(INFERRED) else "of its own"


def _versions(versions: Mapping[str, str]) -> list[str]:
    return [f"{name} {version}" for name, version in versions.items()]


def table(findings: Iterable[Finding], several: bool) -> Iterator[str]:
    """A line for each group of laws, in each dtype: each line as soon as its findings are there."""
    kept: list[Finding] = []
    for dtype, found in groupby(findings, lambda finding: finding.dtype):
        if several:
            yield from certainty(kept)
            kept = []
        if several or not kept:
            yield ""
        if several and dtype:
            yield dtype
        for group, members in groupby(found, lambda finding: finding.property.partition(".")[0]):
            shown = []
            for finding in members:
                kept.append(finding)
                shown.append(f"{_short(finding)} {WORDS[finding.outcome]}")
            lines = joined(shown, " " * (LABEL + 2))
            yield f"  {group:<{LABEL}}" + lines[0].lstrip()
            yield from lines[1:]
    yield from certainty(kept)


def _short(finding: Finding) -> str:
    """inputs unchanged."""
    return finding.property.partition(".")[2].replace("_", " ")


def certainty(findings: Sequence[Finding]) -> list[str]:
    """How sure: the cases, the largest error in units of its bound, a fault that would have shown."""
    sound = [f for f in findings if f.outcome in DECIDED and f.outcome is not Outcome.FAILED]
    good, exact = ([f for f in sound if (f.dtype is None) is without] for without in (False, True))
    if not sound:
        return []
    told = [_cases(good, "law")] if good else []
    ratios = [(f.worst_ratio, f.property) for f in good if f.worst_ratio is not None]
    if ratios:
        ratio, law = max(ratios, key=itemgetter(0))
        told.append(f"errors up to {ratio:.2g} of their bound ({law})")
    fine = [(f.sensitivity, f.property) for f in good if f.sensitivity is not None]
    if fine:
        (finest, _), (bluntest, law) = min(fine), max(fine, key=itemgetter(0))
        faults = " to ".join(dict.fromkeys(f"{fault:.1g}" for fault in (finest, bluntest)))
        told.append(f"a relative fault of {faults} would show (bluntest: {law})")
    if exact:
        told.append(f"{_cases(exact, 'exact law')}, without tolerance")
    *before, last = told
    return ["", *joined([f"{part};" for part in before] + [last], "  ", " ")]


def _cases(findings: Sequence[Finding], law: str) -> str:
    """50 cases a law; 6 cases an exact law."""
    low, high = (f(finding.cases for finding in findings) for f in (min, max))
    each = f"{'an' if law[0] in 'aeiou' else 'a'} {law}"
    return f"{many(high, 'case')} {each}" if low == high else f"{low} to {high} cases {each}"


def summary(report: Report, asked: int | None = None, suffix: str = "") -> list[str]:
    """Below the table: reasons, what is wrong, and the last line.

    ``asked``: of how many laws, where it was interrupted; ``suffix`` ends the command that replays.
    """
    several = len(dtypes_of(report.findings)) > 1
    lines = [*reasons(report.findings, several), *blocks(report.findings, several, suffix)]
    return [*lines, "", *closing(report, asked)]


def reasons(findings: Sequence[Finding], several: bool) -> list[str]:
    """Why laws are not applicable, refused or undecided, and what was noted of others: a line for each reason."""
    found: dict[tuple[Outcome, str], list[Finding]] = {}
    for finding in findings:
        noted = finding.outcome is Outcome.PASSED and finding.message
        if noted or finding.outcome in (Outcome.NOT_APPLICABLE, Outcome.REFUSED, Outcome.UNDECIDED):
            found.setdefault((finding.outcome, _reason(finding)), []).append(finding)
    lines: list[str] = []
    for (outcome, reason), members in found.items():
        names = dict.fromkeys(name_of(member, several and _partial(member, members, findings)) for member in members)
        if len(members) == len(findings) > 1:
            names = {"every law": None}
        word = "passed, noted" if outcome is Outcome.PASSED else COUNTED[outcome]
        lines += folded(f"{', '.join(names)} {word}: {reason}")
    return ["", *lines] if lines else []


def _reason(finding: Finding) -> str:
    """The first line of a message, without the place of the one case in which it was seen."""
    first = finding.message.splitlines()[0] if finding.message else "no reason was given"
    return first.partition(" [")[0].strip()


def _partial(finding: Finding, members: Sequence[Finding], findings: Sequence[Finding]) -> bool:
    """Does the reason hold in some dtypes only?"""
    everywhere = sum(other.property == finding.property for other in findings)
    return sum(member.property == finding.property for member in members) < everywhere


def closing(report: Report, asked: int | None = None) -> list[str]:
    """The last line: the verdict, how many, how long."""
    took = f"{report.elapsed_s:.1f} s"
    line = f"{verdict(report, asked)}  {_count(report.findings, asked)}"
    *before, last = folded(line, further=CLOSING)
    if len(last) + len(took) >= WIDTH - 1:  # no room for both: the last part goes to a line of its own
        begun, comma, part = last.rpartition(", ")
        before, last = ([*before, begun + ","], CLOSING + part) if comma else ([*before, last], CLOSING.rstrip())
    return [*before, justified(last, took)]


def verdict(report: Report, asked: int | None = None) -> str:
    """PASSED, FAILED, or what happened instead."""
    outcomes = {finding.outcome for finding in report.findings}
    if asked is not None:
        return "INTERRUPTED"
    if Outcome.FAILED in outcomes:
        return "FAILED"
    return "ERROR" if outcomes & BAD else "PASSED" if report.ok else "UNDECIDED"


def _count(findings: Sequence[Finding], asked: int | None) -> str:
    """4 of 19 laws failed, 15 passed, 3 not applicable. What does not apply is not one of the 19."""
    if asked is not None:
        told = f": {counted(findings)}" if findings else ""
        return f"after {len(findings)} of {many(asked, 'law')}{told}"
    aside = (Outcome.NOT_APPLICABLE, Outcome.REFUSED)
    applied = [finding for finding in findings if finding.outcome not in aside]
    if not applied:
        return f"nothing was decided: {counted(findings) or 'no law was looked at'}"
    first, *rest = counted(applied).split(", ")
    number, word = first.split(" ", 1)
    several = len(dtypes_of(findings)) > 1
    what = f"laws in {arithmetics(applied)}" if several else f"law{'s' * (len(applied) != 1)}"
    share = f"all {number} {what}" if not rest and len(applied) > 1 else f"{number} of {len(applied)} {what}"
    return ", ".join(filter(None, [f"{share} {word}", *rest, counted([f for f in findings if f.outcome in aside])]))
