"""Of the changes of a backward pass, those without which it is another one: a later change may undo an earlier one."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.vocabulary import of_edges
from rnnproof.faults.bank import placed
from rnnproof.faults.fault import Fault
from rnnproof.reference.wiring import places


def needed(hypothesis: Hypothesis) -> Hypothesis:
    """The same hypothesis by as few of its changes as give it."""
    for n, fault in enumerate(hypothesis.faults[:-1]):
        rest = (*hypothesis.faults[:n], *hypothesis.faults[n + 1 :])
        if fault.adjoint is not None and (shorter := _made(hypothesis, rest)) is not None:
            return needed(shorter)
    return hypothesis


def _made(hypothesis: Hypothesis, faults: tuple[Fault, ...]) -> Hypothesis | None:
    """The hypothesis made of these changes alone, each by its name; None where that is another one."""
    made = Hypothesis(hypothesis.network)
    for fault in faults:
        again = fault if fault.adjoint is None else _named(made, fault)
        if again is None:
            return None
        made = made.with_fault(again)
    same = (made.changed, made.conducts) == (hypothesis.changed, hypothesis.conducts)
    return made if same else None


def _named(made: Hypothesis, fault: Fault) -> Fault | None:
    """The change of that name, of the adjoint as it is so far."""
    reading = dict(places(made.network))[made.at]
    every = (placed(one, made.network, made.at, reading) for one in of_edges(made.adjoint))
    found = (one for one in every if (one.operator, one.text) == (fault.operator, fault.text))
    one = next(found, None)
    return None if one is None else replace(one, at=fault.at)
