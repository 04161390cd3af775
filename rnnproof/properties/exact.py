"""Laws in Z/p^k: no rounding, so no tolerance; equal or not, however small the difference would be in floats."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from rnnproof.domains.execution import Budget, execute
from rnnproof.domains.place import raised_at
from rnnproof.domains.ring import Ring
from rnnproof.errors import OutOfBudget, TargetError, Untraceable
from rnnproof.model.case import Case
from rnnproof.model.implementation import Implementation
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.exactly import (
    Compared,
    Unequal,
    count,
    describe,
    kind,
    largest_of,
    readings,
    risky,
    roots_of,
    shadows_differ,
    unequal,
)
from rnnproof.properties.followed import follows
from rnnproof.properties.forward import LAST, results
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.lifted import lift
from rnnproof.properties.own import by_entry, not_its_own, remark
from rnnproof.properties.stopped import stopped
from rnnproof.properties.trial import Trial
from rnnproof.reference.exact import ExactReference

BUDGET = Budget(seconds=20)
REFERENCE = ExactReference("reference")


def forward(trial: Trial) -> Verdict:
    """Outputs and states equal the network's at every step, in Z/p^k, at the case's own sizes."""
    return _judged(trial, _forward)


def gradient(trial: Trial) -> Verdict:
    """The gradient equals the derivative of the target's own forward pass, and the network's adjoint, in Z/p^k."""
    return _judged(trial, _gradient)


@dataclass(frozen=True, eq=False)
class Found:
    """What one exact execution found: differences (none: equal), how many entries, and what to add to a message."""

    differences: list[Unequal]
    total: int
    largest: float = 0.0
    remark: str = ""
    missing: str = ""
    refused: bool = False


Check = Callable[[Trial, Implementation, Ring], Found]


def _judged(trial: Trial, check: Check) -> Verdict:
    """The verdict of a check, by the evidence table; what cannot be executed exactly is not applicable."""
    implementation = trial.implementation.in_ring
    if implementation is None:
        return Verdict(Outcome.NOT_APPLICABLE, "compiled code is not executed exactly")
    trial = trial.asked  # what the target raises in floats is an error, not a limit of exact execution
    seed = zlib.crc32(trial.case.x.tobytes())
    try:
        found, ring = execute(lambda ring: check(trial, implementation, ring), seed, budget=BUDGET)
        if found.missing:
            return Verdict(Outcome.REFUSED if found.refused else Outcome.NOT_APPLICABLE, found.missing)
        if not found.differences:
            return Verdict(Outcome.PASSED, roots_of(ring), bound="exact")
        if not risky(ring) or shadows_differ(found.differences, found.largest):
            message = describe(found.differences, found.total, _place(trial.case), ring) + found.remark
            return Verdict(Outcome.FAILED, message, kind(found.differences, ring), "exact")
        return _explained(trial, check, implementation, seed, ring)
    except OutOfBudget as problem:
        return Verdict(Outcome.UNDECIDED, str(problem), "precision")
    except (Untraceable, TargetError) as problem:
        where = f"  ({raised_at(problem.__cause__)})" if problem.__cause__ is not None else ""
        return stopped(trial, check is _gradient, f"{problem}{where}")


def _place(case: Case) -> str:
    return f"{case.network.name}, {case.sizes}, in Z/p^k"


def _explained(trial: Trial, check: Check, implementation: Implementation, seed: int, ring: Ring) -> Verdict:
    """A difference in the ring alone, on a path with numbers that can be read in several ways."""
    for reading, words in readings(ring).items():
        found, _ = execute(lambda ring: check(trial, implementation, ring), seed, reading, BUDGET)
        if not found.differences:
            message = f"equal where {words}, not where they are read as the simplest fractions"
            outcome = Outcome.SUSPICIOUS if reading == "tiny as zero" else Outcome.UNDECIDED
            return Verdict(outcome, f"{message}  [{_place(trial.case)}]", "literal", "exact")
    message = f"it differs exactly, but not in floats; on the way: {'; '.join(risky(ring))}"
    return Verdict(Outcome.UNDECIDED, message, "literal", "exact")


def _forward(trial: Trial, implementation: Implementation, ring: Ring) -> Found:
    lifted = lift(trial.case, ring)
    trace, true = (lifted.run(lifted.build(each)) for each in (implementation, REFERENCE))
    follows(results(trace), results(trial.base), ring)
    return _found(_forwards(trace, true), ring)


def _forwards(got: Trace, true: Trace) -> Compared:
    """Every result of a run beside the reference's."""
    expected, states = results(true), true.states or {}
    if true.outputs is not None:
        expected[LAST] = true.outputs[-1]
    compared = {name: (value, expected[name]) for name, value in results(got).items()}
    shown = (got.states or {}).items() if states else ()  # of rows of several lengths there are none
    visible = {f"{name} of every step": (value, states[name]) for name, value in shown}
    return compared | visible


def _found(compared: Compared, ring: Ring) -> Found:
    return Found(unequal(compared, ring), count(compared), largest_of(compared))


def _gradient(trial: Trial, implementation: Implementation, ring: Ring) -> Found:
    lifted = lift(trial.case, ring)
    trace, true = (lifted.run(lifted.build(each), pulled=True) for each in (implementation, REFERENCE))
    got = gradients_of(trace)
    if not got:
        return Found([], 0, missing=trace.refused or "the target returns no gradient", refused=bool(trace.refused))
    follows(results(trace) | got, results(trial.pulled(None)) | gradients_of(trial.pulled(None)), ring)
    expected = gradients_of(true)
    beside = _found({name: (value, expected[name.split("@")[0]]) for name, value in got.items()}, ring)
    same = not unequal(_forwards(trace, true), ring)
    wrong = [] if beside.differences and same else not_its_own(trial, implementation, ring, got)
    said = remark(trial.case.network.name, same, bool(beside.differences), wrong)
    if wrong and not beside.differences:  # of the first alone, an entry at a time
        first = by_entry(trial, implementation, ring, wrong[0], got)
        beside = replace(beside, differences=first, total=got[wrong[0]].size)
    return replace(beside, remark=said)
