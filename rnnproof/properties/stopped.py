"""What stopped an exact execution: its own limits, or what the target does in floats, too."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.errors import TargetError, Untraceable
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import not_finite, place_of
from rnnproof.properties.gradient import everything, radii_of
from rnnproof.properties.trial import Trial


def stopped(trial: Trial, pulled: bool, by: str) -> Verdict:
    """Not applicable, unless a result (or a gradient, where ``pulled``) is not finite in floats either.

    Errors: TargetError for what the target raises in floats too.
    """
    limit = Verdict(Outcome.NOT_APPLICABLE, f"it cannot be executed exactly: {by}")
    try:
        every = everything(trial.pulled(None) if pulled else trial.base)
    except Untraceable:
        return limit
    except TargetError as problem:
        if _of_the_ring(problem.__cause__):
            return limit
        raise
    lost = not_finite(every, radii_of(trial.bounds, every), place_of(trial.case))
    return limit if lost is None else replace(lost, message=f"{lost.message}\n  executed exactly, it stops: {by}")


def _of_the_ring(cause: BaseException | None) -> bool:
    """Whether the ring raised it: the target has kept numbers of it."""
    return cause is not None and type(cause).__module__.startswith("rnnproof.")
