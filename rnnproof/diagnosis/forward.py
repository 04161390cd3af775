"""The changes of the forward pass that give the target's results: one, one with a number in it, then several."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from rnnproof.diagnosis.agreement import Score, agrees, near, score, within
from rnnproof.diagnosis.budget import Budget
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.fit import fitted, read
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.vocabulary import of_changed, of_forward
from rnnproof.faults.constants import constants

BEAM = 8  # how many partial explanations are followed
DEPTH = 3  # changes at the most
Scored = tuple[Score, int, Hypothesis]


def forward(evidence: Evidence, budget: Budget) -> list[Hypothesis]:
    """Every hypothesis of as few changes as it takes whose results are the target's; none where none is found."""
    plain = Hypothesis(evidence.network)
    if agrees(plain, evidence.small, False):
        return [plain] if within(plain, evidence.small, False) else []
    beam, found = _expanded(evidence, [plain], budget.part(0.5))
    found = found or list(_with_numbers(evidence, plain, budget.part(0.5)))
    for _ in range(DEPTH - 1):
        if found or budget.spent:
            break
        beam, found = _expanded(evidence, beam, budget)
    return found


def _expanded(evidence: Evidence, beam: list[Hypothesis], budget: Budget) -> tuple[list[Hypothesis], list[Hypothesis]]:
    """The best of all hypotheses of one change more, and those that agree."""
    scored: list[Scored] = []
    found: list[Hypothesis] = []
    for node in beam:
        for child in budget.while_left(_children(node)):
            points = _score(evidence, child)
            scored.append((points, -len(scored), child))
            if not points[1] and agrees(child, evidence.small, False):
                found.append(child)
    return [child for _, _, child in heapq.nlargest(BEAM, scored)], found


def _score(evidence: Evidence, hypothesis: Hypothesis) -> Score:
    """On a case of every parameter, and on the probes of one gate each."""
    errors = evidence.small[1].errors(hypothesis, False)
    first = score(errors)
    if not first[1]:
        return first
    every = [score(probe.errors(hypothesis, False)) for probe in evidence.probes.values()]
    return first[0] + sum(n for n, _ in every), first[1] + sum(off for _, off in every)


def _children(node: Hypothesis) -> Iterator[Hypothesis]:
    """One change more of the changed reading's cell, or of any if none is changed; or of what is done around a run."""
    if node.cell is None:
        yield from map(node.with_fault, of_forward(node.network))
        return
    yield from map(node.with_fault, of_changed(node.network, node.at, node.cell))
    yield from (node.with_fault(fault) for fault in of_forward(node.network) if fault.place == "sequence")


def _with_numbers(evidence: Evidence, base: Hypothesis, budget: Budget) -> Iterator[Hypothesis]:
    """The changes with a number in them, where one fits; of each the simplest number that does."""
    if len(evidence.network.readings) > 1:
        return
    shown = [one for one in evidence.small if not near(base, [one], False)][:2]
    for family in budget.while_left(constants(evidence.network.readings[0].cell)) if shown else ():
        k = fitted(family, base, shown, False)
        every = () if k is None else (base.with_fault(fault) for fault in read(family, k))
        yield from _first(h for h in every if agrees(h, evidence.small, False))


def _first(hypotheses: Iterator[Hypothesis]) -> Iterator[Hypothesis]:
    found = next(hypotheses, None)
    if found is not None:
        yield found
