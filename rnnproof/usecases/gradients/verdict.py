"""From what exact executions found to a verdict, by the table of evidence; what stops them is a verdict too."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from rnnproof.domains.execution import Budget, execute
from rnnproof.domains.place import between
from rnnproof.domains.ring import Ring
from rnnproof.errors import OutOfBudget, TargetError, Unsupported, Untraceable
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.exactly import kind, risky
from rnnproof.usecases.gradients import clipping, words
from rnnproof.usecases.gradients.check import Plan, check
from rnnproof.usecases.gradients.compare import Found, apart
from rnnproof.usecases.gradients.multiple import Factor
from rnnproof.usecases.gradients.rehearsal import ways
from rnnproof.usecases.gradients.update import Update

FRAME = re.compile(r'File "(?P<file>.*)", line (?P<line>\d+), in (?P<name>.*)')
IN_FLOATS = "a run in plain floats"
T = TypeVar("T")
Judged = tuple[Found, Ring]


def verdict(plan: Plan) -> Verdict:
    """What the check says: what the code raises in floats is an error, what cannot be executed exactly not applicable.

    Errors: UsageError where it is not clear whose gradient is whose.
    """
    plan.tell(IN_FLOATS)
    try:
        found_ways, changed = ways(plan)
        found = _judged([replace(plan, after=after) for after in found_ways])
    except Untraceable as problem:
        return Verdict(Outcome.NOT_APPLICABLE, f"it cannot be executed exactly: {problem}")
    except OutOfBudget as problem:
        return Verdict(Outcome.UNDECIDED, str(problem), "precision")
    except Unsupported as problem:
        return Verdict(Outcome.REFUSED, str(problem))
    except TargetError as problem:
        return Verdict(Outcome.ERROR, "\n".join(filter(None, [str(problem), problem.details])))
    if not changed:
        return found
    note = f"{plan.pair.names[0]} changes its arguments: {words.listed(changed)}; each call was given fresh ones"
    return replace(found, message=f"{found.message}\n{note}")


def _executed(plan: Plan, reading: str = "simplest") -> Judged:
    """One exact execution.

    Errors: Untraceable also for what is raised in it that the floats did not raise; TargetError; OutOfBudget.
    """
    return _execute(plan, lambda ring: check(plan, ring), reading)


def _execute(plan: Plan, run: Callable[[Ring], T], reading: str = "simplest") -> tuple[T, Ring]:
    seed = zlib.crc32(str(plan.seed).encode())
    try:
        return execute(run, seed, reading, Budget(seconds=plan.seconds))
    except (TargetError, Unsupported) as problem:
        if problem.__cause__ is None:  # a gradient of another shape: ours to say
            raise
        raise Untraceable(f"{problem}{_where(problem.details)}") from problem


def _where(traceback: str) -> str:
    """The line that raised, as ``  (rnn.py:12, in loss)``."""
    frames = [found for line in traceback.splitlines() if (found := FRAME.fullmatch(line.strip()))]
    theirs = [frame for frame in frames if not between(frame["file"])]
    return f"  ({Path(theirs[-1]['file']).name}:{theirs[-1]['line']}, in {theirs[-1]['name']})" if theirs else ""


def _judged(plans: list[Plan]) -> Verdict:
    """The verdict on the first way to call the gradient in which it is right, else on the first that could be."""
    first: tuple[Plan, Judged] | None = None
    stopped: Exception | None = None
    for plan in plans:
        try:
            found, ring = _executed(plan)
        except (Untraceable, TargetError) as problem:
            stopped = stopped or problem
            continue
        if not found.differences and _told(found):
            return _equal_verdict(found, plan, ring)
        first = first or (plan, (found, ring))
    if first is None:
        assert stopped is not None
        raise stopped
    plan, (found, ring) = first
    return _different(found, plan, ring) if found.differences else _equal_verdict(found, plan, ring)


def _told(found: Found) -> bool:
    """Whether anything was compared."""
    return not found.idle and bool(found.got or (found.update and found.update.factors))


def _equal_verdict(found: Found, plan: Plan, ring: Ring) -> Verdict:
    """Nothing differs: passed, but for an update that says too little or too much."""
    if found.idle:
        told = f"the loss does not depend on {words.listed(found.got)}: nothing to compare"
        return Verdict(Outcome.UNDECIDED, told)
    if found.update is not None:
        wrong = _of_update(found.update)
        if wrong is not None:
            more = words.passed(found, plan, ring).splitlines()[1:] if wrong.bound is not None else []
            return replace(wrong, message="\n".join([wrong.message, *(f"  {line}" for line in more)]))
    if not _told(found):
        return Verdict(Outcome.UNDECIDED, f"{plan.pair.names[1]} gave no gradient to compare")
    return Verdict(Outcome.PASSED, words.passed(found, plan, ring), bound="exact")


def _of_update(update: Update) -> Verdict | None:
    """What is not right about an update in place, or not clear."""
    factors = [found.factor for found in update.factors.values()]
    if update.unknown:
        told = (
            f"{words.listed(update.unknown)}: changed in place, by no common multiple of the derivative: a wrong "
            "gradient, or no plain descent or Adagrad. Let the gradient be returned"
        )
        return Verdict(Outcome.UNDECIDED, told)
    if not factors and not update.got:
        told = f"{words.listed((*update.unmoved, *update.memories))} changed, but the loss does not depend on it"
        return Verdict(Outcome.UNDECIDED, told)
    if any(not factor.shadow > 0 for factor in factors):
        return Verdict(Outcome.FAILED, "the update goes up the loss, not down", "scale", "exact")
    if not _chosen_apart(factors):
        return Verdict(Outcome.FAILED, "the update takes the derivatives by different factors", "scale", "exact")
    if any(factor.fraction is None for factor in factors):
        told = "the factor of the update is no simple fraction, and none of an argument: clipped by the norm?"
        return Verdict(Outcome.SUSPICIOUS, told, "clip", "exact")
    return None


def _chosen_apart(factors: list[Factor]) -> bool:
    """Whether factors are one, or arguments of their own."""
    own = {factor.argument for factor in factors if factor.argument and factor.fraction == 1}
    return all(factor.same(factors[0]) or (factor.argument in own and len(own) > 1) for factor in factors)


def _different(found: Found, plan: Plan, ring: Ring) -> Verdict:
    """A difference in the ring, by the table of evidence; a clip or a tiny literal that explains it is named."""
    message = words.failed(found, plan, ring)
    notes = {note.kind for note in ring.notes}
    if not plan.unclipped and "active clip" in notes and (judged := _without_clips(plan, ring, message)):
        if judged.outcome is not Outcome.FAILED:
            return judged
        message += f"\n  {judged.message}"
    if "sqrt" in notes and found.one_factor is not None:
        first = f"every gradient is the same multiple of the derivative, {found.one_factor}: clipped by their norm?"
        return Verdict(Outcome.SUSPICIOUS, f"{first}\n{message}", "clip", "exact")
    tiny = "literal" in notes and _explains(plan, "tiny as zero")
    if not risky(ring) or apart(found):
        remark = "\n  equal where tiny literals are read as zero" if tiny else ""
        return Verdict(Outcome.FAILED, message + remark, _kind(found, ring), "exact")
    if tiny:
        return Verdict(Outcome.SUSPICIOUS, f"equal where tiny literals are read as zero\n{message}", "literal", "exact")
    return _elsewhere(plan, ring, message)


def _without_clips(plan: Plan, ring: Ring, message: str) -> Verdict | None:
    """The verdict where clips that are no part of the loss are left out; None where there is none of them.

    Right there, and clipped last of all, the gradient is only clipped. A failure tells what they do not explain.
    """
    try:
        own, _ = _execute(plan, lambda other: clipping.beside_the_loss(clipping.active(ring), plan, other))
        found = [_where_clipped(plan, places, message) for places in clipping.last_ones(own)]
    except (Untraceable, TargetError) as problem:
        told = (
            f"it differs where the clip at {words.listed(clipping.active(ring))} is active, and without it: {problem}"
        )
        return Verdict(Outcome.UNDECIDED, f"{told}\n{message}", "clip", "exact")
    return next((judged for judged in found if judged.outcome is not Outcome.FAILED), found[0] if found else None)


def _where_clipped(plan: Plan, places: frozenset[str], message: str) -> Verdict:
    """The verdict where the clips at these lines are left out."""
    where = words.listed(sorted(places))
    (found, last), ring = _execute(plan, lambda ring: clipping.unclipped(plan, places, ring))
    if found.differences:
        judged = _different(found, replace(plan, unclipped=places), ring)
        told = f"it differs also where the clip at {where}, which is active, is left out"
        lines = (
            [told]
            if judged.outcome is Outcome.FAILED
            else [judged.message, f"  (where the clip at {where} is left out)"]
        )
        return replace(judged, message="\n".join(lines))
    told = f"equal where the clip at {where} is left out"
    if last:
        return Verdict(Outcome.SUSPICIOUS, f"{told}: the gradient is clipped there\n{message}", "clip", "exact")
    return Verdict(Outcome.FAILED, f"{told}, but what it clips is not the finished gradient", "clip", "exact")


def _kind(found: Found, ring: Ring) -> str:
    """scale, where every wrong gradient is a multiple; else as the entries say."""
    told = kind(found.differences, ring)
    scaled = set(found.wrong) <= set(found.factors or {})
    return "value" if told == "scale" and not scaled else told


def _explains(plan: Plan, reading: str = "simplest") -> bool:
    """Whether nothing differs in another way of reading the code."""
    try:
        found, _ = _executed(plan, reading)
    except (Untraceable, TargetError, OutOfBudget):
        return False
    return not found.differences and _told(found)


def _elsewhere(plan: Plan, ring: Ring, message: str) -> Verdict:
    """A difference that the floats do not show, where log, sqrt or a literal took part: do floats near by?"""
    lines = [f"it differs exactly, but not in floats; on the way: {'; '.join(risky(ring))}", message]
    undecided = Verdict(Outcome.UNDECIDED, "\n".join(lines), "literal", "exact")
    try:
        found, other = _executed(replace(plan, arguments=plan.arguments.elsewhere()))
    except (Untraceable, TargetError, OutOfBudget):
        return undecided
    clipped = found.one_factor is not None or any(note.kind == "active clip" for note in other.notes)
    if not found.differences or not apart(found) or (not plan.unclipped and clipped):
        return undecided
    told = f"{words.failed(found, plan, other)}\n  at arguments near those given, which hide it"
    return Verdict(Outcome.FAILED, told, _kind(found, other), "exact")
