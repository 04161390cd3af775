"""The changes of the backward pass that give the target's gradients, beside a forward pass that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from rnnproof.diagnosis.agreement import agrees, score
from rnnproof.diagnosis.beam import sifted
from rnnproof.diagnosis.budget import ALONE, BACKWARD, TOGETHER, WITH_A_NUMBER, Budget
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.fit import simplest
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.multiples import multiples
from rnnproof.diagnosis.observed import Observed
from rnnproof.diagnosis.vocabulary import of_backward, of_edges, of_forward
from rnnproof.errors import RnnproofError
from rnnproof.faults.constants import gains
from rnnproof.faults.fault import Fault
from rnnproof.faults.wider_sequence import clipped
from rnnproof.faults.wrapped import Conduct, as_they_are, right
from rnnproof.model.case import Array
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, signal
from rnnproof.reference.adjoint import Adjoint, Edge, adjoint
from rnnproof.reference.flatten import flatten
from rnnproof.reference.reach import reach, results

BEAM = 6  # how many partial explanations are followed
DEPTH = 3  # changes at the most


@dataclass(frozen=True, eq=False)
class Backward:
    """What was found: hypotheses that agree in everything; and the best of those that do not."""

    found: list[Hypothesis]
    best: Hypothesis


def backward(bases: list[Hypothesis], evidence: Evidence, budget: Budget) -> Backward:
    """Every hypothesis of as few changes of the adjoint as it takes whose gradients are the target's."""
    roots = [root for base in bases for root in (base, *unchanged(base), *as_read(base))]
    found = [root for root in roots if _agrees(root, evidence)]
    found = found or [h for h in _around(roots, evidence) if _agrees(h, evidence)]
    beam = roots
    for depth in range(DEPTH):
        if found or budget.spent:
            break
        beam, found = _expanded(evidence, beam, TOGETHER[depth], budget.part(0.5))
        if not found and depth == 0:
            found = [h for root in roots for h in _with_numbers(evidence, root, budget.part(0.5))]
            found = found or [h for root in roots for h in multiples(root, evidence) if _agrees(h, evidence)]
            found = found or [h for h in _of_another_pass(bases[0], budget.part(0.5)) if _agrees(h, evidence)]
            found = found or list(_with_numbers(evidence, beam[0], budget.part(0.5)))
    return Backward(found, beam[0])


def unchanged(base: Hypothesis) -> Iterator[Hypothesis]:
    """The specification's backward pass beside a changed forward pass: on values of its own, or on those stored."""
    if base.cell is None:
        return
    own, words = adjoint(base.specified), "the backward pass is still that of the specification"
    told = Fault("not changed with the forward pass", words, adjoint=own, at=base.at)
    yield replace(base, cell=_with_signals(base.cell, own.cell)).with_fault(told)
    if (stored := _stored(base.cell, own.cell)) is not None:
        taken, meant = stored
        text = f"{words}, on the stored {taken} in place of {meant}"
        kept = replace(flatten(base.cell), equations=(*flatten(base.cell).equations, Elementwise(meant, signal(taken))))
        yield replace(base, cell=kept).with_fault(replace(told, text=text))


def _stored(changed: Cell, specified: Cell) -> tuple[str, str] | None:
    """tanh(c) and tanh(c'): the one activation that a changed equation has in place of another, which it stores."""
    has, meant = (
        {e.target for e in cell.equations if isinstance(e, Elementwise) and e.target == str(e.expression)}
        for cell in (flatten(changed), specified)
    )
    return ((has - meant).pop(), (meant - has).pop()) if len(has - meant) == len(meant - has) == 1 else None


def as_read(base: Hypothesis) -> Iterator[Hypothesis]:
    """Beside parameters that are read in another arrangement, gradients that are given back in that arrangement."""
    for conduct in base.conducts:
        if conduct.give is not as_they_are:
            words = "the parameters' gradients are given back as they were read"
            again = Conduct("sequence", right, give=conduct.read)
            yield base.with_fault(Fault("not changed with the forward pass", words, conduct=again))


def _with_signals(changed: Cell, specified: Cell) -> Cell:
    """The changed cell, and what else the specification's backward pass reads; nothing in the cell uses it."""
    flat = flatten(changed)
    known = {flat.input, *flat.state_names, *flat.vectors, *(equation.target for equation in flat.equations)}
    more = [e for e in specified.equations if e.target not in known and {*e.uses} <= known]
    return replace(flat, equations=(*flat.equations, *more))


def _of_another_pass(base: Hypothesis, budget: Budget) -> Iterator[Hypothesis]:
    """The backward pass of another forward pass, beside this one."""
    for fault in budget.while_left(of_forward(base.network), BACKWARD, ALONE):
        if fault.cell is not None and fault.at == base.at and fault.operator in ANOTHER:
            words = f"the backward pass is that of another forward pass, in which {fault.text}"
            kept = replace(base, cell=_with_signals(base.computed, flatten(fault.cell)))
            yield kept.with_fault(Fault("another backward pass", words, adjoint=adjoint(fault.cell), at=base.at))


# Of which changes of the forward pass a backward pass may have been written for.
ANOTHER = ("gate order", "activation replaced", "activation missing", "complement", "bias moved")


def _around(roots: list[Hypothesis], evidence: Evidence) -> Iterator[Hypothesis]:
    """Wrong rules around the backward pass."""
    bounds = {float(np.max(np.abs(value))) for one in evidence.small for value in one.gradients.values() if value.size}
    largest = max(bounds, default=0.0)
    told = clipped(largest) if np.isfinite(largest) and 1000 * largest == round(1000 * largest) else ()
    every = (*of_backward(evidence.network), *told)
    return (root.with_fault(fault) for root in roots for fault in every)


def _agrees(hypothesis: Hypothesis, evidence: Evidence) -> bool:
    try:
        return agrees(hypothesis, evidence.small, True)
    except (KeyError, RnnproofError):  # an edge of the specification reads what the changed forward pass has not
        return False


def _expanded(
    evidence: Evidence, beam: list[Hypothesis], how: str, budget: Budget
) -> tuple[list[Hypothesis], list[Hypothesis]]:
    """The best of all hypotheses of one change more, and those that agree."""
    shown = _showing(beam[0], evidence)
    every = (node.with_fault(replace(fault, at=node.at)) for node in beam for fault in _useful(node, evidence))
    children = budget.while_left(every, BACKWARD, how)
    best, found = sifted(children, BEAM, lambda h: score(_errors(shown, h)), lambda h: _agrees(h, evidence))
    return best or beam, found


def _useful(node: Hypothesis, evidence: Evidence) -> Iterator[Fault]:
    """The edits through which something that is wrong can change."""
    observed = _showing(node, evidence)
    off = zip(observed.every_item, _errors(observed, node), strict=True)
    wrong = {name.split("@")[0] for (name, _), error in off if error > 1}
    own = node.adjoint
    reached = reach(own)
    for fault in of_edges(own):
        assert fault.adjoint is not None
        if any(results(edge, reached) & wrong for edge in _touched(own, fault.adjoint)):
            yield fault


def _touched(own: Adjoint, edited: Adjoint) -> Iterator[Edge]:
    """The edges that are changed, and those that there are more."""
    yield from (edge for edge, other in zip(own.edges, edited.edges, strict=False) if other is not edge)
    yield from edited.edges[len(own.edges) :]


def _showing(node: Hypothesis, evidence: Evidence) -> Observed:
    """The smallest case in which something is wrong: a cut after two steps does not show in two."""
    return next((one for one in evidence.small if not np.all(_errors(one, node) <= 1)), evidence.small[0])


def _errors(observed: Observed, node: Hypothesis) -> Array:
    try:
        return observed.errors(node)
    except (KeyError, RnnproofError):  # an edge reads what a changed forward pass has not
        return np.full(len(observed.every_item), np.inf)


def _with_numbers(evidence: Evidence, base: Hypothesis, budget: Budget) -> Iterator[Hypothesis]:
    """The edges with a number as their gain, where one fits; of each the simplest number that does."""
    for family in budget.while_left(gains(base.adjoint), BACKWARD, WITH_A_NUMBER):
        yield from simplest(family, base, (_showing(base, evidence),), True, lambda h: _agrees(h, evidence))
