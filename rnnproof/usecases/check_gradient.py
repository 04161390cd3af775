"""Is this the gradient of that function? Both run on numbers of Z/p^k, and compared with no tolerance at all."""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from rnnproof.adapters.foreign import calling
from rnnproof.adapters.resolve import name_of
from rnnproof.domains.execution import Budget, execute
from rnnproof.domains.ring import Ring
from rnnproof.errors import OutOfBudget, TargetError, Unsupported, Untraceable, UsageError
from rnnproof.model.report import Report
from rnnproof.model.verdict import Finding, Outcome, Verdict
from rnnproof.properties.exactly import kind, risky, shadows_differ
from rnnproof.usecases.gradients import words
from rnnproof.usecases.gradients.arguments import read
from rnnproof.usecases.gradients.check import Found, Plan, check
from rnnproof.usecases.gradients.derivative import Tell
from rnnproof.usecases.gradients.rehearsal import ways
from rnnproof.usecases.gradients.scene import Call, Watch, pair, parameters_of

PROPERTY = "exact.gradient"
SECONDS = 60.0
IN_FLOATS = "a run in plain floats"


@dataclass(frozen=True)
class Options:
    """What is said beside the arguments; see ``rnnproof.exact.check_gradient``."""

    wrt: tuple[str, ...] | None = None
    returns: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    seed: int = 0
    timeout: float = SECONDS


Judged = tuple[Found, Ring]


def check_gradient(
    function: Call,
    gradient: Call,
    arguments: Mapping[str, Any] | Sequence[Any],
    options: Options = Options(),
    names: tuple[str, str] | None = None,
    tell: Tell = lambda what: None,
    watch: Watch = nullcontext,
) -> Report:
    """The report, with one finding, exact.gradient.

    Errors: UsageError for arguments, names or returned values with which the question cannot be asked.
    """
    begun = time.monotonic()
    called = names or (name_of(function), name_of(gradient))
    given = named_arguments(function, arguments, called[0])
    both = pair(function, gradient, called, watch, positional=not isinstance(arguments, Mapping))
    read_as = read(given, both.positional, options.wrt)
    plan = Plan(both, read_as, options.returns, options.outputs, options.wrt, tell)
    verdict = _verdict(plan, options)
    finding = Finding(
        PROPERTY, None, verdict.outcome, verdict.message, verdict.kind, 1,
        int(verdict.outcome in (Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.FAILED)), bound=verdict.bound,
    )  # fmt: skip
    took = round(time.monotonic() - begun, 3)
    return Report(target_of(called), "", (finding,), None, {"numpy": version("numpy")}, options.seed, took)


def arguments_from(found: object, name: str) -> Any:
    """The arguments that an object of a file is, or that it returns if it is a function.

    Errors: UsageError for what it raises.
    """
    if not callable(found):
        return found
    try:
        with calling(name):
            return found()
    except (TargetError, Unsupported) as problem:
        raise UsageError(str(problem), problem.details) from problem


def target_of(names: tuple[str, str]) -> str:
    """A function and its gradient in a report."""
    return names[0] if names[0] == names[1] else " and ".join(names)


def named_arguments(function: Call, arguments: Mapping[str, Any] | Sequence[Any], name: str) -> dict[str, Any]:
    """The arguments by name; those of a tuple under the names of the function's parameters.

    Errors: UsageError for anything else, and for more than the function takes.
    """
    if isinstance(arguments, Mapping):
        if not all(isinstance(key, str) for key in arguments):
            raise UsageError("arguments: the keys must be names")
        return dict(arguments)
    if not isinstance(arguments, list | tuple):
        raise UsageError(f"arguments is {type(arguments).__name__}; expected a dict by name, or a tuple")
    parameters = parameters_of(function)
    known = [p.name for p in parameters] if parameters is not None else [f"argument_{n}" for n in range(len(arguments))]
    if len(known) < len(arguments):
        raise UsageError(f"{len(arguments)} arguments are given, but {name} takes {', '.join(known) or 'none'}")
    return dict(zip(known, arguments, strict=False))


def _verdict(plan: Plan, options: Options) -> Verdict:
    try:
        plan.tell(IN_FLOATS)
        found_ways, changed = ways(plan)
        verdict = _judged([replace(plan, after=after) for after in found_ways], options)
    except Untraceable as problem:
        return Verdict(Outcome.NOT_APPLICABLE, f"it cannot be executed exactly: {problem}")
    except OutOfBudget as problem:
        return Verdict(Outcome.UNDECIDED, str(problem), "precision")
    except Unsupported as problem:
        return Verdict(Outcome.REFUSED, str(problem))
    except TargetError as problem:
        return Verdict(Outcome.ERROR, "\n".join(filter(None, [str(problem), problem.details])))
    if changed:
        note = f"{plan.pair.names[0]} changes its arguments: {words.listed(changed)}; each call was given fresh ones"
        verdict = replace(verdict, message=f"{verdict.message}\n{note}")
    return verdict


def _executed(plan: Plan, options: Options, reading: str = "simplest") -> Judged:
    """One exact execution.

    Errors: Untraceable also for what is raised in it that the floats did not raise.
    """
    seed = zlib.crc32(str(options.seed).encode())
    try:
        return execute(lambda ring: check(plan, ring), seed, reading, Budget(seconds=options.timeout))
    except (TargetError, Unsupported) as problem:
        if problem.__cause__ is None:
            raise
        told = problem.details.strip().splitlines()
        where = next((line.strip() for line in reversed(told) if line.lstrip().startswith("File ")), "")
        raise Untraceable(f"{problem}  ({where})" if where else str(problem)) from problem


def _judged(plans: list[Plan], options: Options) -> Verdict:
    """The verdict on the first way to call the gradient in which it is right, else on the first of all."""
    first: tuple[Plan, Judged] | None = None
    for plan in plans:
        try:
            found, ring = _executed(plan, options)
        except (Untraceable, TargetError):
            if first is None and plan is plans[-1]:
                raise
            continue
        first = first or (plan, (found, ring))
        if not found.differences and _told(found):
            return _without_differences(found, plan, ring)
    assert first is not None
    plan, (found, ring) = first
    if not found.differences:
        return _without_differences(found, plan, ring)
    return _different(found, plan, ring, options)


def _told(found: Found) -> bool:
    return not found.idle and bool(found.got or (found.update and found.update.factors))


def _without_differences(found: Found, plan: Plan, ring: Ring) -> Verdict:
    """Equal; or an update that says too little."""
    update = found.update
    if found.idle:
        told = words.listed(found.got)
        return Verdict(Outcome.UNDECIDED, f"the loss does not depend on {told}: nothing to compare")
    if update is not None:
        if update.unknown:
            told = words.listed(update.unknown)
            return Verdict(Outcome.UNDECIDED, f"{told}: changed in place by no common multiple of the derivative; a "
                           "wrong gradient, or an update other than descent and Adagrad: return the gradient instead")
        found_factors = [factor for factor, _ in update.factors.values()]
        if any(not factor.shadow > 0 for factor in found_factors):
            message = "\n".join(["the update goes up the loss, not down", *words.passed(found, plan, ring).splitlines()[1:]])
            return Verdict(Outcome.FAILED, message, "scale", "exact")
        if any(not factor.same(found_factors[0]) for factor in found_factors):
            message = "the update takes the derivatives by different factors\n" + words.passed(found, plan, ring)
            return Verdict(Outcome.FAILED, message, "scale", "exact")
        if not found.got and not update.factors:
            return Verdict(Outcome.UNDECIDED, f"{words.listed(update.unmoved)} changed, but the loss depends on none")
    if not _told(found):
        return Verdict(Outcome.UNDECIDED, "no gradient was found to compare")
    return Verdict(Outcome.PASSED, words.passed(found, plan, ring), bound="exact")


def _different(found: Found, plan: Plan, ring: Ring, options: Options) -> Verdict:
    """A difference in the ring, by the evidence table."""
    message = words.failed(found, plan, ring)
    notes = {note.kind for note in ring.notes}
    if "active clip" in notes and _equal(replace(plan, clips=False), options):
        lines = [f"equal where {listed_clips(ring)} is left out: the gradient is clipped at these arguments", message]
        return Verdict(Outcome.SUSPICIOUS, "\n".join(lines), "clip", "exact")
    tiny = "literal" in notes and _equal(plan, options, "tiny as zero")
    if not risky(ring) or shadows_differ(found.differences):
        remark = "\n  equal where tiny literals are read as zero" if tiny else ""
        return Verdict(Outcome.FAILED, message + remark, kind(found.differences, ring), "exact")
    if tiny:
        return Verdict(Outcome.SUSPICIOUS, f"equal where tiny literals are read as zero\n{message}", "literal", "exact")
    return _elsewhere(plan, ring, options, message)


def listed_clips(ring: Ring) -> str:
    """The lines of the clips that were active."""
    return words.listed(f"the clip at {note.place}" for note in ring.notes if note.kind == "active clip")


def _equal(plan: Plan, options: Options, reading: str = "simplest") -> bool:
    """Whether another way of reading the code explains a difference."""
    try:
        found, _ = _executed(plan, options, reading)
    except (Untraceable, TargetError, OutOfBudget):
        return False
    return not found.differences and _told(found)


def _elsewhere(plan: Plan, ring: Ring, options: Options, message: str) -> Verdict:
    """A difference of which the floats show nothing: here; or at numbers near by either."""
    try:
        found, other = _executed(replace(plan, arguments=plan.arguments.elsewhere()), options)
    except (Untraceable, TargetError, OutOfBudget):
        found, other = None, ring
    if found is not None and found.differences and shadows_differ(found.differences):
        told = words.failed(found, plan, other)
        return Verdict(Outcome.FAILED, f"{told}\n  at arguments near those given, which hide it", kind(found.differences, other), "exact")
    lines = [f"it differs exactly, but not in floats; on the way: {'; '.join(risky(ring))}", message]
    return Verdict(Outcome.UNDECIDED, "\n".join(lines), "literal", "exact")


