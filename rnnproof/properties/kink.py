"""A gradient of which nothing can be told because a relu is at its kink."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnproof.domains.bounded import Bounded, evaluate
from rnnproof.model.activation import Activation, relu
from rnnproof.model.equation import Elementwise
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.bounds import Bounds
from rnnproof.reference.rounding import BoundedTape

AT_A_KINK = "a relu is given 0, to within its error bound: its derivative may be 0 or 1"
ACCEPTED = "of a relu that is given 0, any derivative in [0, 1] is accepted; the true values are those with 1/2"


def told_of_kinks(verdict: Verdict, bounds: Bounds) -> Verdict:
    """The verdict on a gradient; one that is not passed says so where a relu is at its kink."""
    if verdict.outcome not in (Outcome.UNDECIDED, Outcome.FAILED) or not at_a_kink(bounds):
        return verdict
    if verdict.outcome is Outcome.FAILED:
        return replace(verdict, message=f"{verdict.message}\n  {ACCEPTED}")
    return replace(verdict, kind="kink", message=f"{verdict.message};\n  {AT_A_KINK}")


@np.errstate(all="ignore")
def at_a_kink(bounds: Bounds) -> bool:
    """Whether the ball of what a relu is given holds 0, somewhere in the run."""
    given = (ball for tape in bounds.tape.tapes for ball in _given_to_relu(tape))
    return any(bool(np.any(np.abs(ball.value) <= ball.radius)) for ball in given)


def _given_to_relu(tape: BoundedTape) -> Iterator[Bounded]:
    elementwise = [each.expression for each in tape.cell.equations if isinstance(each, Elementwise)]
    arguments = [call.args[0] for each in elementwise for call in each.atoms(Activation) if isinstance(call, relu)]
    for t in range(tape.shape[0] if arguments else 0):
        yield from (evaluate(argument, tape.at(t), tape.form) for argument in arguments)
