"""Whether a memory of squares has grown by the square of the gradient that was subtracted.

What is subtracted says of the gradient only what is left of the rate: r times the gradient, for some r. Its square
in the memory says the rest: Adagrad adds it, RMSprop puts it in the place of a part of what was there.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np

from rnnproof.usecases.gradients.multiple import Factor, combination, multiple
from rnnproof.usecases.gradients.rules import Candidate
from rnnproof.usecases.gradients.subtracted import Changed

AVERAGED = "RMSprop"
WEIGHTS = (1, 2, 3)  # sums with random weights: one more than there are numbers to find


def gain(one: Candidate, factor: Factor, changed: Changed) -> tuple[Fraction, str] | None:
    """How many times the derivative the gradient is whose update is ``factor`` times the derivative; and the rule.

    1 without a memory, or where that holds the derivative's squares; None where its growth tells nothing.

    Errors: Untold.
    """
    rule = followed(one, factor.residue, factor.modulus, changed)
    if rule is not None:
        return Fraction(1), rule
    after, before, squares = _sums(one, factor.residue, factor.modulus, changed)
    rows = list(zip(after, before, squares, strict=True))
    found = combination(rows, changed.derivative.ring, factor.modulus, {})
    if found is None or found[0].fraction is None or found[1].fraction is None:
        return None
    kept, added = found[0].fraction, found[1].fraction
    if kept != 1 and added == 1:
        return None  # a decay alone is nobody's fault
    root = _root(added) if kept == 1 else _root(added / (1 - kept))
    return None if root is None else (root, one.rule if kept == 1 else AVERAGED)


def followed(one: Candidate, factor: int, modulus: int, changed: Changed) -> str | None:
    """The rule by which the memory holds the squares of the gradient that this is, with that factor; None if it does
    not.
    """
    if not one.memory:
        return one.rule
    ring = changed.derivative.ring
    if factor % ring.p == 0:
        return None
    sums = list(zip(*_sums(one, factor, modulus, changed), strict=True))
    if not any((after - before - square) % modulus for after, before, square in sums):
        return one.rule
    pairs = [((after - square) % modulus, (before - square) % modulus) for after, before, square in sums]
    kept = multiple(pairs, (0.0, 0.0), ring, modulus, changed.scalars)
    return AVERAGED if kept is not None and kept.fraction is not None else None


def _sums(one: Candidate, factor: int, modulus: int, changed: Changed) -> list[list[int]]:
    """The memory after, before, and the squares of the gradient, in sums with random weights."""
    ring = changed.derivative.ring
    before, after = (array.dual.x for array in changed.changes[one.memory])
    squares = one.value.dual.x * one.value.dual.x * pow(factor, -2, modulus)
    weights = [ring.random(f"weights {number}", squares.shape) for number in WEIGHTS]
    return [[int(np.sum(part * each)) % modulus for each in weights] for part in (after, before, squares)]


def _root(square: Fraction) -> Fraction | None:
    """The root of a fraction that is one."""
    parts = square.numerator, square.denominator
    roots = [isqrt(part) for part in parts if part > 0]
    exact = len(roots) == 2 and all(root * root == part for root, part in zip(roots, parts, strict=True))
    return Fraction(*roots) if exact else None
