"""Whether anything can overflow where values lie in given balls."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, outermost
from rnnproof.domains.formats import Format
from rnnproof.domains.polynomial import degree, majorant
from rnnproof.model.activation import Activation


@cache
def _reach(expression: sympy.Expr) -> tuple[tuple[float, int], ...]:
    """(sum of the coefficients' absolute values, degree) of each polynomial in an elementwise expression."""
    if isinstance(expression, Activation):
        return _reach(expression.args[0])
    outer, calls = outermost(expression)
    weight = sum(coefficient for coefficient, _ in majorant(outer))
    return (weight, degree(outer)), *(pair for _, call in calls for pair in _reach(call))


def largest(balls: Iterable[Bounded]) -> float:
    """The largest absolute value in any of the balls, but for the entries of which nothing is known.

    Whatever is computed from those is unknown as well, entry by entry; only the others can still be judged.
    """
    magnitudes = [ball.magnitude for ball in balls]
    if not magnitudes:
        return 0.0
    every = np.concatenate(magnitudes, axis=None)
    top = float(every.max(initial=0.0))
    return top if np.isfinite(top) else float(every[np.isfinite(every)].max(initial=0.0))


def within_range(expressions: Iterable[sympy.Expr], top: float, terms: int, form: Format) -> bool:
    """Whether values up to ``top`` cannot overflow in the expressions, nor in sums of so many products of two."""
    reached = [terms * _power(1 + top, 2)]
    reached += [weight * _power(1 + top, n) for expression in expressions for weight, n in _reach(expression)]
    return all(value < form.largest / 4 for value in reached)


def _power(base: float, exponent: int) -> float:
    return float(np.float64(base) ** exponent)
