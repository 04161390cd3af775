"""Whether a hypothesis is what the target computes: in the ring where its code can be traced, else within bounds."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

import numpy as np

from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.observed import Observed, named
from rnnproof.domains.execution import Budget, execute
from rnnproof.domains.ring import Ring
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Array
from rnnproof.model.implementation import Implementation
from rnnproof.model.trace import Trace
from rnnproof.properties.exactly import risky, unequal
from rnnproof.properties.lifted import lift
from rnnproof.properties.precision import are_of, below
from rnnproof.reference.exact import ExactReference

BUDGET = Budget(seconds=1)  # of one comparison in the ring; bounds decide what takes longer
Score = tuple[int, float]


def score(errors: Array) -> Score:
    """How many arrays a hypothesis has right or nearly so; then how near it is in the others. More is better."""
    off = errors[errors > 1]
    return len(errors) - len(off), -float(np.log(np.minimum(off, 1e300)).sum())


def near(hypothesis: Hypothesis, observed: Iterable[Observed], pulled: bool) -> bool:
    """Whether every array is nearer to what a hypothesis says than not: then it is worth the bounds."""
    return all(np.all(one.errors(hypothesis, pulled) <= 1) for one in observed)


def within(hypothesis: Hypothesis, observed: Iterable[Observed], pulled: bool) -> bool:
    """Whether every array that was returned lies within the bounds of the hypothesis, in every case."""
    for one in observed:
        expected = one.results | (one.pulled_back if pulled else frozenset())
        if one.within(hypothesis, pulled) != expected:
            return False
    return True


def exactly(hypothesis: Hypothesis, observed: Observed, pulled: bool) -> bool | None:
    """Whether they are equal in Z/p^k, every number an unknown; None where the target is not executed so."""
    target = observed.trial.implementation.in_ring
    said = hypothesis.around(ExactReference("hypothesis", hypothesis.changed)).in_ring
    if target is None or said is None:
        return None

    def compared(ring: Ring) -> bool:
        traces = (_lifted(each, observed, ring, pulled) for each in (target, said))
        got, expected = map(named, traces)
        return not unequal({name: (value, expected[name.split("@")[0]]) for name, value in got.items()}, ring)

    try:
        equal, ring = execute(compared, zlib.crc32(observed.case.x.tobytes()), budget=BUDGET)
    except RnnproofError:
        return None
    return True if equal else None if risky(ring) else False


def _lifted(implementation: Implementation, observed: Observed, ring: Ring, pulled: bool) -> Trace:
    lifted = lift(observed.case, ring)
    return lifted.run(lifted.build(implementation), pulled)


def agrees(hypothesis: Hypothesis, observed: tuple[Observed, ...], pulled: bool) -> bool:
    """Whether every array of every case agrees: nearly, then in the ring, or, where that tells nothing, in bounds."""
    return near(hypothesis, observed, pulled) and confirmed(hypothesis, observed, pulled)


def confirmed(hypothesis: Hypothesis, observed: tuple[Observed, ...], pulled: bool) -> bool:
    """The same, but for what is nearly so: where numbers grow without end, rounding alone takes them far apart.

    What is equal in the ring must not be rounded to a shorter format on the way: in Z/p^k nothing rounds.
    """
    for one in observed:
        told = exactly(hypothesis, one, pulled)
        if told is False:
            return False
        if told is None:  # nor does it tell of the others, as a rule, and each may take as long
            return within(hypothesis, observed, pulled)
    return not any(_shortened(hypothesis, one, pulled) for one in observed)


def _shortened(hypothesis: Hypothesis, observed: Observed, pulled: bool) -> bool:
    """Whether an array leaves its bounds, and all its entries are numbers of a shorter format."""
    expected = observed.results | (observed.pulled_back if pulled else frozenset())
    every = {**observed.forward, **observed.gradients}
    off = (
        every[name][k] if name in observed.gradients else every[name]
        for name, k in expected - observed.within(hypothesis, pulled)
    )
    shorter = tuple(below(observed.bounds.form))
    return any(value.any() and are_of(form, value).all() for value in off for form in shorter)
