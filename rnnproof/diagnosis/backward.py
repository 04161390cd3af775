"""The changes of the backward pass that give the target's gradients, beside a forward pass that is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rnnproof.diagnosis.agreement import agrees, score
from rnnproof.diagnosis.bases import as_read, of_another_pass, of_every_reading, unchanged
from rnnproof.diagnosis.beam import sifted
from rnnproof.diagnosis.budget import ALONE, BACKWARD, TOGETHER, WITH_A_NUMBER, Budget
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.fit import simplest
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.multiples import multiples
from rnnproof.diagnosis.observed import Observed
from rnnproof.diagnosis.vocabulary import of_backward, of_edges
from rnnproof.errors import RnnproofError
from rnnproof.faults.bank import placed
from rnnproof.faults.constants import gains
from rnnproof.faults.every_reading import everywhere
from rnnproof.faults.fault import Fault
from rnnproof.faults.wider_sequence import clipped
from rnnproof.model.case import Array
from rnnproof.reference.adjoint import Adjoint, Edge
from rnnproof.reference.reach import reach, results
from rnnproof.reference.wiring import places

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
    found = found or [h for h in _everywhere(bases[0], budget.part(0.5)) if _agrees(h, evidence)]
    nodes = [one for root in roots for one in of_every_reading(root)]
    beam = nodes
    for depth in range(DEPTH):
        if found or budget.spent:
            break
        beam, found = _expanded(evidence, beam, TOGETHER[depth], budget.part(0.5))
        if not found and depth == 0:
            found = [h for node in nodes for h in _with_numbers(evidence, node, budget.part(0.5))]
            found = found or [h for node in nodes for h in multiples(node, evidence) if _agrees(h, evidence)]
            found = found or [h for h in of_another_pass(bases[0], budget.part(0.5)) if _agrees(h, evidence)]
            found = found or list(_with_numbers(evidence, beam[0], budget.part(0.5)))
    return Backward(found, beam[0])


def _around(roots: list[Hypothesis], evidence: Evidence) -> Iterator[Hypothesis]:
    """Wrong rules around the backward pass."""
    every = (*of_backward(evidence.network), *(one for bound in _bounds(evidence) for one in clipped(bound)))
    return (root.with_fault(fault) for root in roots for fault in every)


def _bounds(evidence: Evidence) -> set[float]:
    """The largest of all gradients, and of the parameters' alone, where it is a number of few digits."""
    every = [(name, np.max(np.abs(v))) for one in evidence.small for name, v in one.gradients.items() if v.size]
    mine = [size for name, size in every if name[1:].split("@")[0] in evidence.network.parameters]
    largest = {float(max(sizes)) for sizes in ([size for _, size in every], mine) if sizes}
    return {bound for bound in largest if bound and np.isfinite(bound) and 1000 * bound == round(1000 * bound)}


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
    every = (node.with_fault(_placed(fault, node)) for node in beam for fault in _useful(node, evidence))
    children = budget.while_left(every, BACKWARD, how)
    best, found = sifted(children, BEAM, lambda h: score(_errors(shown, h)), lambda h: _agrees(h, evidence))
    return best or beam, found


def _everywhere(base: Hypothesis, budget: Budget) -> Iterator[Hypothesis]:
    """One change of the backward pass in every layer and direction."""
    network = base.network
    if base.cell is None and base.pulled is None and (network.layers > 1 or len(network.readings) > 1):
        nodes = of_every_reading(base)
        every = [_placed(fault, node) for node in nodes for fault in of_edges(node.adjoint)]
        yield from map(base.with_fault, budget.while_left(everywhere(network, every, base.adjoint), BACKWARD, ALONE))


def _placed(fault: Fault, node: Hypothesis) -> Fault:
    """The change at the node's reading."""
    return placed(fault, node.network, node.at, dict(places(node.network))[node.at])


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
