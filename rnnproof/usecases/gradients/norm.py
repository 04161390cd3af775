"""Gradients clipped by their norm: the threshold over the root of the sum of squares of their own entries.

In the ring that root is a number of its own, written down with what it is the root of. So a common factor c of
gradients is a clip by the norm n if the code took the root of the sum of their squares, and c n is a number that
somebody chose; with one added against a division by zero, c (n + e) is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction

import numpy as np

from rnnproof.domains.dual import fraction
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.usecases.gradients.compare import Found
from rnnproof.usecases.gradients.derivative import Derivative
from rnnproof.usecases.gradients.multiple import Factor, named
from rnnproof.usecases.gradients.rules import AGAINST_ZERO

Gradients = Mapping[str, RingArray]


def thresholds(found: Found, returned: Gradients, derivative: Derivative) -> tuple[str, ...]:
    """The thresholds by which the wrong gradients were clipped, together or each alone; () where one was not.

    ``returned``: all gradients, also those that are not asked for: they are in the norm, too.
    """
    factors = found.factors or {}
    if not derivative.ring.roots or not factors or factors.keys() != set(found.wrong):
        return ()
    first, *others = factors.values()
    if factors.keys() == found.got.keys() and all(factor.same(first) for factor in others):
        together = _threshold(first, returned.values(), derivative)
        if together is not None:
            return (together,)
    each = [_threshold(factor, [returned[path]], derivative) for path, factor in factors.items()]
    return tuple(dict.fromkeys(told for told in each if told is not None)) if None not in each else ()


def _threshold(factor: Factor, clipped: Iterable[RingArray], derivative: Derivative) -> str | None:
    """The threshold, as it is written; None where the factor is no clip by the norm, or no smaller than 1."""
    ring = derivative.ring
    if not 0 < factor.shadow < 1 or factor.residue % ring.p == 0:
        return None
    for root in _roots(factor, list(clipped), ring):
        for added in (Fraction(0), *AGAINST_ZERO):
            norm = root + int(fraction(ring, added).x.item())
            made = Factor(factor.residue * norm % factor.modulus, factor.modulus, float("nan"))
            if (found := named(made, ring, derivative.scalars)).fraction is not None and found.shadow > 0:
                return str(found)
    return None


def _roots(factor: Factor, clipped: list[RingArray], ring: Ring) -> Iterator[int]:
    """The roots that the code took of the sum of squares, or of the squares of the norm of each array."""
    inverse = pow(factor.residue, -2, factor.modulus)
    squares = [int(np.sum(value.dual.x * value.dual.x)) * inverse % factor.modulus for value in clipped]
    yield from _taken(sum(squares), factor.modulus, ring)
    norms = [next(_taken(square, factor.modulus, ring), None) for square in squares]
    if None not in norms:
        yield from _taken(sum(norm * norm for norm in norms if norm is not None), factor.modulus, ring)


def _taken(square: int, modulus: int, ring: Ring) -> Iterator[int]:
    return (int(root) for key, root in ring.roots.items() if (key - square) % modulus == 0)
