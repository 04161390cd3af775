"""Which of several descriptions of one behaviour is printed: the fewest changes, the plainest of them."""

from __future__ import annotations

from collections.abc import Iterable

from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.relatives import OPERATOR as NETWORK
from rnnproof.faults.fault import Fault
from rnnproof.reference.adjoint import adjoint

# The plainest first; those that are not here stand in the middle.
ORDER = (
    NETWORK,
    "not changed with the forward pass",
    "another backward pass",
    "gate order",
    "carry dropped",
    "bias missing",
    "term missing",
    "factor missing",
    "outer dropped",
    "total dropped",
    "product dropped",
    "scale dropped",
    "seed dropped",
    "result dropped",
    "activation replaced",
    "activation missing",
    "wrong state",
    "wrong weight",
    "wrong bias",
    "wrong signal",
    "wrong step",
)
LATE = (
    "sign",
    "derivative point",
    "derivative replaced",
    "overwritten",
    "truncated",
    "scale",
    "offset",
    "leak",
    "clip",
)


def plainest(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Those of the fewest changes, without repetitions, the plainest first."""
    every = in_order(hypotheses)
    return [h for h in every if len(h.faults) == len(every[0].faults)]


def in_order(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Without repetitions, those of fewer changes first, of as many the plainest."""
    every = {(h.cell, h.pulled, h.conducts, h.others): h for h in hypotheses}.values()
    return sorted(every, key=lambda h: (len(h.faults), _rank(h)))


def _rank(hypothesis: Hypothesis) -> tuple[int, int, int, str]:
    """A change of several lines at once, which is one line of code, before those of one."""
    words = [fault.text for fault in hypothesis.faults]
    return (-_lines(hypothesis), sum(map(_place, hypothesis.faults)), sum(map(len, words)), "; ".join(words))


def _place(fault: Fault) -> int:
    if fault.operator in ORDER:
        return ORDER.index(fault.operator)
    return len(ORDER) + (1 + LATE.index(fault.operator) if fault.operator in LATE else 0)


def _lines(hypothesis: Hypothesis) -> bool:
    """Whether a single change concerns several edges."""
    if hypothesis.pulled is None or len(hypothesis.faults) != 1:
        return False
    return sum(a != b for a, b in zip(adjoint(hypothesis.computed).edges, hypothesis.pulled.edges, strict=False)) > 1
