"""What a difference in the ring means, by the table of evidence; a clip or a literal that explains it is named."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.domains.ring import Ring
from rnnproof.errors import OutOfBudget, TargetError, Untraceable
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.exactly import kind, readings, risky
from rnnproof.usecases.gradients import clipping, words
from rnnproof.usecases.gradients.check import Plan
from rnnproof.usecases.gradients.compare import Differing, Found, apart
from rnnproof.usecases.gradients.executed import executed, looked_at, run_exactly


def different(found: Found, plan: Plan, ring: Ring) -> Verdict:
    """A difference in the ring, by the table of evidence; a clip or a tiny literal that explains it is named."""
    message = words.failed(found, plan, ring)
    notes = {note.kind for note in ring.notes}
    if not plan.unclipped and "active clip" in notes and (judged := _without_clips(plan, ring, message)):
        if judged.outcome is not Outcome.FAILED:
            return judged
        message += f"\n  {judged.message}"
    if "sqrt" in notes and found.thresholds:
        first = f"equal but for a clip by the norm, to {words.listed(found.thresholds)}"
        return Verdict(Outcome.SUSPICIOUS, f"{first}\n{message}", "clip", "exact")
    tried = readings(ring) if "literal" in notes else {}
    reading = next((reading for reading in tried if _equal(plan, reading)), None)
    equal = f"equal where {tried[reading]}" if reading is not None else ""
    if not risky(ring) or apart(found):
        first, _, rest = message.partition("\n")
        told = f"{first}; {equal}" if equal else first
        return Verdict(Outcome.FAILED, f"{told}\n{rest}".rstrip(), _kind(found, ring), "exact")
    if reading is None:
        return _elsewhere(found, plan, ring, message)
    which = words.listed(f"d{path}" for path in found.wrong)
    outcome = Outcome.SUSPICIOUS if reading == "tiny as zero" else Outcome.UNDECIDED
    return Verdict(
        outcome, f"{equal}, not where they are read as the simplest fractions: {which}\n{message}", "literal", "exact"
    )


def _without_clips(plan: Plan, ring: Ring, message: str) -> Verdict | None:
    """The verdict where clips that are no part of the loss are left out; None where there is none of them.

    Right there, and clipped last of all, the gradient is only clipped. A failure tells what they do not explain.
    """
    try:
        own, _ = run_exactly(plan, lambda other: clipping.beside_the_loss(clipping.active(ring), plan, other))
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
    (found, last), ring = run_exactly(plan, lambda ring: clipping.unclipped(plan, places, ring))
    if found.differences:
        judged = different(found, replace(plan, unclipped=places), ring)
        told = f"it differs also where the clip at {where}, which is active, is left out"
        lines = (
            [told]
            if judged.outcome is Outcome.FAILED
            else [judged.message, f"  (where the clip at {where} is left out)"]
        )
        return replace(judged, message="\n".join(lines))
    told = f"equal where the clip at {where} is left out"
    one_sided = [note.place for note in ring.notes if note.kind == "clip to one side of zero" and note.place in places]
    if one_sided:
        told = f"the clip at {words.listed(one_sided)} leaves zero no room on both sides: a gradient's sign is lost"
        return Verdict(Outcome.FAILED, told, "clip", "exact")
    if last:
        return Verdict(Outcome.SUSPICIOUS, f"{told}: the gradient is clipped there\n{message}", "clip", "exact")
    return Verdict(Outcome.FAILED, f"{told}, but what it clips is not the finished gradient", "clip", "exact")


def _kind(found: Found, ring: Ring) -> str:
    """scale, where every wrong gradient is a multiple; else as the entries say."""
    told = kind(found.differences, ring)
    scaled = set(found.wrong) <= set(found.factors or {})
    return "value" if told == "scale" and not scaled else told


def _equal(plan: Plan, reading: str) -> bool:
    try:
        found, _ = executed(replace(plan, brief=True), reading)
    except (Differing, Untraceable, TargetError, OutOfBudget):
        return False
    unknown = found.update is not None and found.update.unknown
    return not found.differences and not unknown and (found.idle or looked_at(found))


def _elsewhere(differing: Found, plan: Plan, ring: Ring, message: str) -> Verdict:
    """A difference that the floats do not show, where log, sqrt or a literal took part: do floats near by?"""
    which = words.listed(f"d{path}" for path in differing.wrong)
    first = [f"{which}: a difference in the exact run, but none in floats", *words.on_the_way(ring)]
    undecided = Verdict(Outcome.UNDECIDED, f"{'; '.join(first)}\n{message}", "literal", "exact")
    try:
        found, other = executed(replace(plan, arguments=plan.arguments.elsewhere()))
    except (Untraceable, TargetError, OutOfBudget):
        return undecided
    clipped = found.thresholds or any(note.kind == "active clip" for note in other.notes)
    if not found.differences or not apart(found) or (not plan.unclipped and clipped):
        return undecided
    told = f"{words.failed(found, plan, other)}\n  at arguments near those given, which hide it"
    return Verdict(Outcome.FAILED, told, _kind(found, other), "exact")
