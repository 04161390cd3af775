"""A calibration as text: errors in units of their bounds, what would have shown, and every false alarm."""

from __future__ import annotations

from collections.abc import Sequence

from rnnproof.domains.likely import FAILURE
from rnnproof.model.verdict import Outcome
from rnnproof.report.words import WORDS, folded, justified, many
from rnnproof.usecases.calibrate import Judged, Plan, Tally
from rnnproof.usecases.calibrate.judged import TUBE

COLUMNS = (("median", 9), ("90 %", 9), ("99 %", 9), ("worst", 9), ("shows from", 12), ("undecided", 11))
NAME = 21
LABELS = {TUBE: "long runs, the tube"}


def header(plan: Plan, versions: Sequence[str]) -> list[str]:
    """What is looked at."""
    counts = ", ".join(f"{count} in {dtype}" for dtype, count in plan.cases.items())
    return [
        *folded(f"calibration · right implementations, cases: {counts} · {' · '.join(versions)} · seed {plan.seed}")
    ]


def table(tally: Tally) -> list[str]:
    """For each law in each format, the quantiles of error / bound, the largest of a case."""
    lines: list[str] = []
    for dtype, cases in tally.cases.items():
        wide = len(tally.two_tiers.get(dtype, ()))
        lines += ["", f"{dtype}, {many(len(cases), 'case')}, {wide} of them with two tiers; the largest error / bound:"]
        lines.append(" " * NAME + "".join(f"{column:>{width}}" for column, width in COLUMNS))
        lines += [_row(tally, kind) for kind in tally.outcomes if kind[0] == dtype]
    return lines


def _row(tally: Tally, kind: tuple[str, str]) -> str:
    fine = tally.sensitivity(kind)
    numbers = [*(f"{q:.2g}" for q in tally.quantiles(kind)), "" if fine is None else f"{fine:.1g}"]
    numbers.append(str(tally.outcomes[kind][Outcome.UNDECIDED]))
    return f"  {LABELS.get(kind[1], kind[1].replace('.', ' ')):<{NAME - 2}}" + "".join(
        f"{number:>{width}}" for number, (_, width) in zip(numbers, COLUMNS, strict=True)
    )


def alarm(one: Judged, seed: int) -> list[str]:
    """A false alarm: which case, what was said of it, and how to see it again."""
    bound = f", {one.verdict.bound} bound" if one.verdict.bound else ""
    told = [f"{one.law} {WORDS[one.verdict.outcome]} in {one.dtype}{bound}, though it is right: {one.words}"]
    told += [f"  {line}" for line in one.verdict.message.splitlines()]
    told.append(f"  again: rnnproof calibrate --seed {seed} --case {one.dtype}:{one.number}")
    return ["", *(part for line in told for part in folded(line))]


def closing(tally: Tally, plan: Plan, seconds: float, interrupted: bool) -> list[str]:
    """The last lines: whether there was a false alarm."""
    told = [
        f"shows from: the median relative fault that would show. suspicious by two tiers: {_suspicious(tally)}, and "
        f"{tally.expected:.1g} to be expected at the most (a probability of {FAILURE:g} a case)"
    ]
    count = len({(one.dtype, one.number) for one in tally.false_alarms})
    word = f"FAILED  {many(count, 'false alarm')}" if count else "PASSED  no false alarm"
    last = justified(f"{word} in {many(tally.total, 'case')} of right code", f"{seconds:.1f} s")
    early = [f"INTERRUPTED after {tally.total} of {plan.total} cases"] if interrupted else []
    return ["", *folded(told[0]), "", *early, last]


def _suspicious(tally: Tally) -> int:
    return len({(one.dtype, one.number) for one in tally.alarms if one.verdict.bound == "probabilistic"})
