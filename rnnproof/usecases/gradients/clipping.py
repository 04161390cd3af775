"""Gradients that are the derivative but for a bound: clipped entry by entry, after they were computed.

A clip in the function is part of it, and is judged in place: its derivative is zero where the bound stands. Only a
clip of the gradient itself explains a difference. Then the gradient is right where that line does nothing, and with
it every entry is that right one, or a bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.usecases.gradients.check import Plan, check, gradients
from rnnproof.usecases.gradients.compare import Found
from rnnproof.usecases.gradients.derivative import Derivative


def active(ring: Ring) -> tuple[str, ...]:
    """The lines of the clips whose bound was reached, in the order of their first execution."""
    return tuple(note.place for note in ring.notes if note.kind == "active clip")


def beside_the_loss(places: Sequence[str], plan: Plan, ring: Ring) -> tuple[str, ...]:
    """Those of the lines that do not enter the loss: left out, it is the very same number."""
    derivative = Derivative(plan.pair, plan.arguments, ring, plan.outputs, plan.tell)

    def loss(without: frozenset[str]) -> int:
        ring.unclipped = without
        return int(derivative.loss(plan.arguments.lifted(ring)).x.item())

    true = loss(frozenset())
    return tuple(place for place in places if (loss(frozenset({place})) - true) % derivative.modulus == 0)


def last_ones(places: Sequence[str]) -> Iterator[frozenset[str]]:
    """All of them, all but the first, and so on: a gradient is clipped after what it is computed from."""
    return (frozenset(places[n:]) for n in range(len(places)))


def unclipped(plan: Plan, places: frozenset[str], ring: Ring) -> tuple[Found, bool]:
    """The check where clips are left out; and whether each gradient returned is that one, or a bound, in each entry.

    What an update in place took is not looked at.
    """
    found = check(replace(plan, unclipped=places), ring)
    if found.differences:
        return found, True
    given = gradients(replace(plan, unclipped=frozenset()), ring).got
    pairs = [(given[path].dual.x, value.dual.x) for path, value in found.got.items() if path in given]
    apart = [x for one, other in pairs for x in one[np.not_equal((one - other) % ring.known, 0)]]
    return found, all(int(x) in ring.bounds for x in apart)
