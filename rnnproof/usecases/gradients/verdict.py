"""From what exact executions found to a verdict, by the table of evidence; what stops them is a verdict too."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.domains.ring import Ring
from rnnproof.errors import OutOfBudget, TargetError, Unsupported, Untraceable
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.usecases.gradients import words
from rnnproof.usecases.gradients.check import Plan
from rnnproof.usecases.gradients.compare import Differing, Found
from rnnproof.usecases.gradients.difference import different
from rnnproof.usecases.gradients.executed import Judged, bits_of, executed, looked_at
from rnnproof.usecases.gradients.multiple import Factor
from rnnproof.usecases.gradients.rehearsal import not_finite, ways
from rnnproof.usecases.gradients.update import Update, one_rate

IN_FLOATS = "a run in plain floats"


def verdict(plan: Plan) -> Verdict:
    """What the check says: what the code raises in floats is an error, what cannot be executed exactly not applicable.

    Errors: UsageError where it is not clear whose gradient is whose.
    """
    plan.tell(IN_FLOATS)
    try:
        found_ways, changed = ways(plan)
        found = _judged([replace(plan, after=after) for after in found_ways])
    except Untraceable as problem:
        lost = not_finite(plan)
        if lost is not None:
            told = f"{lost}\n  executed exactly, it stops: {problem}"
            return Verdict(Outcome.FAILED, told, "overflow")
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


def _judged(plans: list[Plan]) -> Verdict:
    """The verdict on the first way to call the gradient in which it is right, else on the first that could be."""
    first: tuple[Plan, Judged] | None = None
    stopped: Exception | None = None
    for plan in plans:
        try:
            found, ring = executed(plan if first is None else _briefly(first[1], plan))
        except Differing:
            continue
        except (Untraceable, TargetError) as problem:
            stopped = stopped or problem
            continue
        if not found.differences and looked_at(found):
            return _equal_verdict(found, plan, ring)
        first = first or (plan, (found, ring))
    if first is None:
        assert stopped is not None
        raise stopped
    plan, (found, ring) = first
    plan = replace(plan, bits=bits_of(ring))
    return different(found, plan, ring) if found.differences else _equal_verdict(found, plan, ring)


def _briefly(first: Judged, plan: Plan) -> Plan:
    """Another way than the first, which is of interest if it is right; with as many bits as that needed."""
    found, ring = first
    return replace(plan, bits=bits_of(ring), brief=bool(found.differences))


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
    if not looked_at(found):
        return Verdict(Outcome.UNDECIDED, f"{plan.pair.names[1]} gave no gradient to compare")
    return Verdict(Outcome.PASSED, words.passed(found, plan, ring), bound="exact")


def _of_update(update: Update) -> Verdict | None:
    """What is not right about an update in place, or not clear."""
    factors = [found.factor for found in update.factors.values()]
    rates = list(update.factors.values())
    if update.unknown:
        told = (
            f"{words.listed(update.unknown)}: changed in place, by no multiple of the derivative: a wrong gradient, or "
            "another rule than descent (with decay or velocity), Adagrad and RMSprop, whose velocities and memories "
            "must be among the arguments. Let the gradient be returned"
        )
        return Verdict(Outcome.UNDECIDED, told)
    if not factors and not update.got:
        told = f"{words.listed((*update.unmoved, *update.memories))} changed, but the loss does not depend on it"
        return Verdict(Outcome.UNDECIDED, told)
    uphill = [path for path, found in update.factors.items() if not found.factor.shadow > 0]
    if uphill:
        return Verdict(
            Outcome.FAILED, f"the update goes up the loss, not down: {words.listed(uphill)}", "scale", "exact"
        )
    wrong = _rule_of_nobody(update)
    if wrong is not None:
        return wrong
    if rates and not one_rate(rates) and not _chosen_apart(factors):
        told = (
            f"the update takes the derivatives by {words.listed(update.factors)} by different factors: a gradient is a "
            "multiple of what it should be"
        )
        return Verdict(Outcome.FAILED, told, "scale", "exact")
    if any(factor.fraction is None for factor in factors):
        told = "right but for a factor that is no simple fraction, nor one of arguments: a rate, or a clip by the norm?"
        return Verdict(Outcome.SUSPICIOUS, told, "clip", "exact")
    return None


def _rule_of_nobody(update: Update) -> Verdict | None:
    """An argument that is made larger, or the memory of squares of another gradient than that subtracted."""
    for path, found in update.factors.items():
        if found.decay is not None and not found.decay.shadow > 0:
            told = f"{path} is changed by the derivative and {found.besides}, so that it grows: a penalty that is in "
            return Verdict(Outcome.FAILED, f"{told}the loss is missing in its gradient", "value", "exact")
        if found.gain != 1:
            told = f"d{path} is {found.gain} times what it should be, as the memory of its squares has grown"
            return Verdict(Outcome.FAILED, told, "scale", "exact")
    return None


def _chosen_apart(factors: list[Factor]) -> bool:
    """Whether factors are one, or arguments of their own."""
    own = {factor.argument for factor in factors if factor.argument and factor.fraction == 1}
    return all(factor.same(factors[0]) or (factor.argument in own and len(own) > 1) for factor in factors)
