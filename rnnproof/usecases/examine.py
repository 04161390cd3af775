"""One law on one target: cases drawn until enough of them count, the first failure shrunk, a finding made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from statistics import median

from rnnproof.domains.formats import Format
from rnnproof.errors import ModelError, RnnproofError, TargetError, Unsupported
from rnnproof.faults.fault import Fault, plant
from rnnproof.model.case import Case
from rnnproof.model.document import case_as_json
from rnnproof.model.network import Network
from rnnproof.model.verdict import Finding, Outcome, Verdict, worst
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.laws import Law
from rnnproof.properties.trial import Trial
from rnnproof.strategies.cases import Draw, draws
from rnnproof.strategies.regimes import OWN
from rnnproof.strategies.search import smallest
from rnnproof.usecases.bench import CHUNK, Bench, bounds_of, late_draws, stream, suits
from rnnproof.usecases.minimise import minimise
from rnnproof.usecases.unsteady import UNSTEADY, as_unsteady, seen_once, told_if_unsteady

IDLE = frozenset({Outcome.REFUSED, Outcome.NOT_APPLICABLE})
NO_CASE = "no case could be drawn"
HIDDEN = 100  # cases that show nothing, beside six for each that does: then there will not be many more
TOLD_BY_SEVERAL = ("scale", "truncated", "precision")  # kinds of failure that a single wrong entry cannot show
RATIO = "  the ratio is "
OF_FEW = ("scale", "ignored")  # kinds that a case of few entries can take on by being small
HOPELESS = 8  # what a target does not return or refuses in eight cases, it will not in the ninth


def examine_law(law: Law, bench: Bench, count: int) -> Finding:
    """The finding of a law that applies, on ``count`` cases, or as many as can be drawn, or up to the first failure."""
    verdicts: list[Verdict] = []
    idle: list[Verdict] = []  # of cases that count neither way
    hidden = 0  # cases in which no fault of the law's own would be found
    for draw in stream(law, bench):
        trial = bench.trial(draw)
        verdict = told_if_unsteady(law, trial, judge(law, trial))
        if verdict.outcome is Outcome.FAILED and law.elsewhere is not None:
            verdict = law.elsewhere(trial, verdict, bench.failures)
            if verdict.outcome is not Outcome.FAILED:
                return _finding(law, format_of(law, bench), [], [verdict])
        if verdict.outcome is Outcome.FAILED:
            return _failed(law, bench, draw, [*verdicts, verdict], idle)
        if verdict.outcome in IDLE:
            idle.append(verdict)
            if not verdicts and len(idle) >= HOPELESS:
                break
            continue
        if verdict.outcome in (Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.UNDECIDED) and not shows(law, bench, draw):
            hidden += 1
            if hidden >= HIDDEN + 6 * len(verdicts):
                break
            continue
        verdicts.append(verdict)
        if len(verdicts) >= min(count, law.most or count) or verdict.outcome is Outcome.ERROR:
            break
    found = _finding(law, format_of(law, bench), verdicts, idle)
    return replace(found, message=_none_drawn(bench, hidden)) if found.message == NO_CASE else found


def _none_drawn(bench: Bench, hidden: int) -> str:
    """Why no case could be drawn, as far as the target's own sizes, or the format, tell."""
    if hidden and not bench.fixed:
        return f"none of {hidden} cases can show the law's own fault: it is smaller than the bounds of {bench.dtype}"
    sizes = ", ".join(f"{letter}={' or '.join(map(str, allowed))}" for letter, allowed in bench.fixed.items())
    return NO_CASE if not sizes else f"{NO_CASE}: no case of the only sizes that it can have, {sizes}, can show this"


def format_of(law: Law, bench: Bench) -> str | None:
    """The float format of a finding; an exact law has none."""
    return None if law.most is not None else bench.dtype


def judge(law: Law, trial: Trial) -> Verdict:
    """The law's verdict on one trial; what the target raises becomes a verdict too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return law.judge(trial)
    except Unsupported as problem:
        return Verdict(Outcome.REFUSED, str(problem))
    except (TargetError, ModelError) as problem:
        return Verdict(Outcome.ERROR, "\n".join(filter(None, [str(problem), f"  {trial.case}", problem.details])))


@lru_cache(maxsize=65536)
def _known_to_show(law: Law, network: Network, draw: Draw, form: Format, shortest: int) -> bool:
    return _shows(law, bounds_of(network, draw, form, shortest))


def _shows(law: Law, bounds: Bounds) -> bool:
    planted = law.planted(bounds.case.network)
    return not planted or any(refuses(law, bounds, fault) for fault in planted)


def shows(law: Law, bench: Bench, draw: Draw) -> bool:
    """Whether a fault of the law's own would be found in this case; a case that hides it does not count.

    Large runs are always the same, and hide none: that takes too long to be looked at again each time.
    """
    if draw in late_draws(law, bench):
        return True
    if draw.regime == OWN:
        return _shows(law, bench.trial(draw).bounds)
    return _known_to_show(law, bench.target.network, draw, bench.form, bench.shortest)


def refuses(law: Law, bounds: Bounds, fault: Fault) -> bool:
    """Whether the law finds a planted fault in this case."""
    return judge(law, Trial(bounds.case, plant(fault), bounds)).outcome is Outcome.FAILED


def _finding(law: Law, dtype: str | None, verdicts: list[Verdict], idle: list[Verdict]) -> Finding:
    outcome = worst([*verdicts, *idle])
    shown = next((v for v in (*verdicts, *idle) if v.outcome is outcome), Verdict(outcome, NO_CASE))
    ratios = [v.ratio for v in verdicts if v.ratio is not None]
    fine = [v.sensitivity for v in verdicts if v.sensitivity is not None]
    decided = sum(v.outcome in (Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.FAILED) for v in verdicts)
    message, kind = (_noted(verdicts, idle), None) if outcome is Outcome.PASSED else (shown.message, shown.kind)
    if outcome is Outcome.UNDECIDED and verdicts:
        message = f"in {sum(v.outcome is outcome for v in verdicts)} of {len(verdicts)} cases {message}"
    return Finding(
        property=law.id,
        dtype=dtype,
        outcome=outcome,
        message=message,
        kind=kind,
        cases=len(verdicts),
        decided=decided,
        worst_ratio=max(ratios, default=None),
        sensitivity=median(fine) if fine else None,
        bound=shown.bound,
    )


def _noted(verdicts: list[Verdict], idle: list[Verdict]) -> str:
    """What is said of a law that passed: something seen on the way, and cases that did not count."""
    notes = list(dict.fromkeys(v.message for v in verdicts if v.message and v.outcome is Outcome.PASSED))[:1]
    if idle:
        reason = idle[0].message.splitlines()[0]
        notes.append(f"{len(idle)} further cases do not count: {reason}")
    return "; ".join(notes)


def _failed(law: Law, bench: Bench, draw: Draw, verdicts: list[Verdict], idle: list[Verdict]) -> Finding:
    """The finding of a failure, its case made as small as it stays a failure."""
    before = _known_counterexample(law, bench, verdicts[-1].kind)
    case = shrink(law, bench, draw, verdicts[-1].kind) if before is None else bench.failures[before]
    trial = Trial(case, bench.target.implementation, Bounds(case, bench.form).about_truth)
    final = _judged_again(law, trial)
    if final is None or final.outcome is not Outcome.FAILED:
        case, final, before = bench.trial(draw).case, seen_once(verdicts[-1]), None
    else:
        final = replace(final, message="\n".join([final.message, *_notes(law, trial, verdicts[-1], bench, draw)]))
        final = as_unsteady(final) if verdicts[-1].kind == UNSTEADY else _as_first_seen(final, verdicts[-1])
    bench.failures.setdefault(law.id, case)
    counterexample = {
        "target": bench.target.name,
        "network": bench.target.network.name,
        "dialect": bench.target.dialect,
        "property": law.id,
        "dtype": format_of(law, bench),
        "seed": bench.seed,
        "case": case_as_json(case),
        **({} if final.refuted is None else {"refuted": final.refuted}),
    }
    finding = _finding(law, format_of(law, bench), [*verdicts[:-1], final], idle)
    return replace(finding, counterexample=counterexample, same_case_as=before)


def _judged_again(law: Law, trial: Trial) -> Verdict | None:
    """The verdict about a case in which the law failed before; None where the target raises this time."""
    try:
        return judge(law, trial)
    except RnnproofError:
        return None


def _as_first_seen(small: Verdict, first: Verdict) -> Verdict:
    """A failure without the kind that it has only since its case was made small: one wrong entry has one ratio."""
    if small.kind not in OF_FEW or first.kind != "value":
        return small
    lines = (line for line in small.message.splitlines() if not line.startswith(RATIO))
    return replace(small, kind="value", message="\n".join(lines))


def _notes(law: Law, trial: Trial, first: Verdict, bench: Bench, draw: Draw) -> Iterator[str]:
    """What the law adds to a failure; a factor as it was on the larger case, in which more of it can be told."""
    factors = [line.strip() for line in first.message.splitlines() if line.startswith(RATIO)]
    if first.kind == "scale" and factors and bench.trial(draw).case.sizes != trial.case.sizes:
        yield f"  as first seen, with {bench.trial(draw).case.sizes}, {factors[0]}"
    try:
        yield from () if law.notes is None else (law.notes(trial),)
    except RnnproofError as problem:  # what it did before, it does not do again
        yield f"  run once more, {str(problem).splitlines()[0]}"


def _known_counterexample(law: Law, bench: Bench, kind: str | None) -> str | None:
    """The first earlier law on whose counterexample this one fails too."""
    for name, case in bench.failures.items():
        if case.regime in bench.regimes(law) and law.applies(case) and _fails(law, bench, case, kind):
            return name
    return None


def shrink(law: Law, bench: Bench, draw: Draw, kind: str | None = None) -> Case:
    """The smallest failing case found: Hypothesis shrinks the draw, then entries are simplified.

    What a single entry cannot show (TOLD_BY_SEVERAL) is kept as the kind of the failure; and as simple numbers are
    those of any format, a failure does not become one of precision.
    """
    strategy = draws(bench.regimes(law), bench.dtype, bench.fixed)

    def fails(candidate: Draw) -> bool:
        bounds = bench.bounds(candidate)
        return suits(law, bounds) and _fails(law, bench, bounds.case, kind)

    found = smallest(strategy, fails, CHUNK, bench.seed) or draw
    least = min(found, draw, key=_size)
    case = bench.bounds(least).case
    # The numbers of an exact law are unknowns, whatever the floats are; a large run is none to be followed by hand.
    if law.most is not None or least in late_draws(law, bench):
        return case
    return minimise(case, lambda smaller: _fails(law, bench, smaller, kind))


def _size(draw: Draw) -> int:
    return draw.T * draw.B * draw.I * draw.H


def _fails(law: Law, bench: Bench, case: Case, kind: str | None) -> bool:
    trial = Trial(case, bench.target.implementation, Bounds(case, bench.form))
    try:
        verdict = judge(law, trial)
        same = verdict.kind == kind or (kind not in TOLD_BY_SEVERAL and verdict.kind != "precision")
        return verdict.outcome is Outcome.FAILED and same
    except RnnproofError:
        return False
