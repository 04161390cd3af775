"""The changes of the forward pass that give the target's results: one, one with a number in it, then several."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rnnproof.diagnosis.agreement import Score, agrees, near, score, within
from rnnproof.diagnosis.beam import sifted
from rnnproof.diagnosis.budget import FORWARD, TOGETHER, WITH_A_NUMBER, Budget
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.fit import simplest
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.vocabulary import of_changed, of_forward
from rnnproof.faults.constants import constants
from rnnproof.faults.fault import Fault
from rnnproof.reference.wiring import places

BEAM = 8  # how many partial explanations are followed
DEPTH = 3  # changes at the most


def forward(evidence: Evidence, budget: Budget) -> list[Hypothesis]:
    """Every hypothesis of as few changes as it takes whose results are the target's; none where none is found."""
    plain = Hypothesis(evidence.network)
    if agrees(plain, evidence.small, False):
        return [plain] if within(plain, evidence.small, False) else []
    several = len(evidence.network.readings) > 1
    beam, found = _expanded(evidence, [plain], budget.part(0.9 if several else 0.5))
    found = found or list(_with_numbers(evidence, plain, budget.part(0.5)))
    for _ in range(DEPTH - 1):
        if found or budget.spent:
            break
        beam, found = _expanded(evidence, beam, budget)
    return found


def _expanded(evidence: Evidence, beam: list[Hypothesis], budget: Budget) -> tuple[list[Hypothesis], list[Hypothesis]]:
    """The best of all hypotheses of one change more, and those that agree."""
    first = _suspected(evidence)
    every = (child for node in beam for child in sorted(_children(node), key=lambda h: first(h.faults[-1])))
    children = budget.while_left(every, FORWARD, TOGETHER[len(beam[0].faults)])
    return sifted(children, BEAM, lambda h: _score(evidence, h), lambda h: agrees(h, evidence.small, False))


def _suspected(evidence: Evidence) -> Callable[[Fault], int]:
    """Of several readings, which to change first: the earliest one whose final state is wrong, then what is around."""
    every = dict(places(evidence.network))
    if len(every) == 1:
        return lambda fault: 0
    plain, observed = Hypothesis(evidence.network), evidence.small[1]
    off = {name for name, _ in observed.results - observed.within(plain, False)}
    wrong = [at for at, reading in every.items() if off & {f"final {name}" for name in reading.cell.state_names}]
    first = {at for at in wrong if at[0] == min(level for level, _ in wrong)}
    return lambda fault: 1 if fault.place == "sequence" else 0 if fault.at in first else 2


def _score(evidence: Evidence, hypothesis: Hypothesis) -> Score:
    """On a case of every parameter, and on the probes of one gate each; of many gates, the case has to do."""
    errors = evidence.small[1].errors(hypothesis, False)
    first = score(errors)
    if not first[1] or len(evidence.network.readings) > 1:
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
    families = constants(evidence.network.readings[0].cell) if shown else ()
    for family in budget.while_left(families, FORWARD, WITH_A_NUMBER):
        yield from simplest(family, base, shown, False, lambda h: agrees(h, evidence.small, False))
