"""A value with a rigorous radius: every accepted way of computing it in a format stays inside.

The ball around ``value`` (float64) contains the true value and the value that any accepted float
implementation returns, whatever its order of summation and however it writes the equation. Radii are
computed in float64 and inflated, so that they are not rounded below their true value. A radius that is
infinite says that nothing is known.

Reference: for sums and inner products, C.-P. Jeannerod and S. M. Rump, Improved error bounds for inner products
in floating-point arithmetic, SIAM J. Matrix Anal. Appl. 34 (2013) 338-344: n u |x|^T |y|, in any order, for any n;
for running error analysis, N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.floating import FUNCTIONS, sigmoid_by_exp
from rnnproof.domains.formats import LIBRARY_UNITS, U64, Format, gamma
from rnnproof.domains.polynomial import Polynomial, compiled
from rnnproof.model.activation import Activation
from rnnproof.model.case import Array


@dataclass(frozen=True, eq=False)
class Bounded:
    """An array of balls. Shapes: value and radius alike.

    ``true``: where the centre is not computed, Arb's balls of the true values, whose middles it is.
    """

    value: Array
    radius: Array
    true: Any = None

    @property
    def magnitude(self) -> Array:
        """The largest absolute value in each ball; computed once (functools.cached_property takes longer)."""
        kept: Array | None = self.__dict__.get("_magnitude")
        if kept is None:
            kept = self.__dict__["_magnitude"] = np.abs(self.value) + self.radius
        return kept

    def __getitem__(self, index: Any) -> Bounded:
        return Bounded(self.value[index], self.radius[index], None if self.true is None else self.true[index])

    def reshaped(self, shape: tuple[int, ...]) -> Bounded:
        """The entries in another shape."""
        true = None if self.true is None else self.true.reshape(shape)
        return Bounded(self.value.reshape(shape), self.radius.reshape(shape), true)

    def columns(self, where: slice) -> Bounded:
        """The entries of these columns, along the last axis."""
        return Bounded(self.value[..., where], self.radius[..., where])


def exact(value: Array) -> Bounded:
    """Numbers that are exact in every format under discussion."""
    return Bounded(value, np.zeros_like(value))


def unknown(ball: Bounded) -> Bounded:
    """A ball of the same shape of which nothing is known."""
    return Bounded(np.zeros_like(ball.value), np.full_like(ball.value, np.inf))


def where_finite(ball: Bounded) -> Bounded:
    """The ball, unknown in the entries that are not finite numbers: a centre of NaN says nothing."""
    known = np.isfinite(ball.magnitude)
    return ball if known.all() else Bounded(np.where(known, ball.value, 0), np.where(known, ball.radius, np.inf))


def recentred(ball: Bounded, true: Bounded) -> Bounded:
    """The ball, its centre moved to a true value that is known to within its own radius."""
    return where_finite(Bounded(true.value, inflate(ball.radius + true.radius, 2)))


def grow(operations: int) -> float:
    """What makes an upper bound of a bound that float64 computed in so many operations on numbers >= 0."""
    return 1 + (operations + 16) * 4 * U64


def inflate(radius: Array, operations: int) -> Array:
    """A bound that float64 computed in this many operations on numbers >= 0, made an upper bound."""
    return np.asarray(radius * grow(operations))


def stacked(balls: list[Bounded], axis: int = 0) -> Bounded:
    """A list of balls as one, along a new axis."""
    return Bounded(np.stack([b.value for b in balls], axis), np.stack([b.radius for b in balls], axis))


def rows(balls: list[Bounded]) -> Bounded:
    """The rows of the batch at every step, (...,T B,.)."""
    return Bounded(np.concatenate([b.value for b in balls], -2), np.concatenate([b.radius for b in balls], -2))


def evaluate(expression: sympy.Expr, env: Mapping[str, Bounded], form: Format) -> Bounded:
    """An elementwise expression: a polynomial of signals and of activations of such polynomials.

    Errors: Unsupported for an expression of another kind.
    """
    if isinstance(expression, Activation):
        (argument,) = expression.args
        return apply(type(expression).__name__, evaluate(argument, env, form), form)
    outer, calls = outermost(expression)
    for name, call in calls:
        env = {**env, name: evaluate(call, env, form)}
    return env[outer.name] if outer.is_Symbol else polynomial(compiled(outer), env, form)


@cache
def outermost(expression: sympy.Expr) -> tuple[sympy.Expr, tuple[tuple[str, Activation], ...]]:
    """The expression with its outermost activations as symbols of their own, and what these stand for."""
    inside = {call for outer in expression.atoms(Activation) for arg in outer.args for call in arg.atoms(Activation)}
    calls = sorted(expression.atoms(Activation) - inside, key=str)
    named = {call: sympy.Symbol(str(call), real=True) for call in calls}
    return expression.xreplace(named), tuple((symbol.name, call) for call, symbol in named.items())


def polynomial(code: Polynomial, env: Mapping[str, Bounded], form: Format) -> Bounded:
    """A polynomial of balls, with the rounding of every accepted way of writing it."""
    balls = [env[name] for name in code.names]
    value, radius = code.function(
        *[ball.value for ball in balls],
        *[ball.radius for ball in balls],
        *[ball.magnitude for ball in balls],
        U64,
        gamma(code.operations, form),
        form.lost,
        grow(code.depth),
    )
    return Bounded(value, radius)


def apply(function: str, ball: Bounded, form: Format) -> Bounded:
    """An activation of a ball: its rounding, and the radius times the largest slope over the ball.

    What is unknown stays unknown, through a sigmoid too: right code may have NaN there.
    """
    radius = inflate(_SPREAD[function](ball, form), 8)
    known = np.isfinite(ball.magnitude)
    radius = radius if known.all() else np.where(known, radius, np.inf)
    return Bounded(np.asarray(_value(function, form)(ball.value)), radius)


def _value(function: str, form: Format) -> Callable[[Array], Array]:
    """What gives the centre: it has to be known as well as is claimed."""
    if function == "step":
        return _half_step
    return sigmoid_by_exp if function == "sigmoid" and form.relative_tails else FUNCTIONS[function]


def _units(form: Format) -> float:
    return LIBRARY_UNITS * form.unit


def _nearest_zero(ball: Bounded) -> Array:
    """The smallest |z| in the ball, or a little less."""
    return np.asarray(np.maximum(np.abs(ball.value) - ball.radius, 0) * (1 - 4 * U64))


def _known_as(spread: Array, value: Array, form: Format) -> Array:
    """What is spread, and rounded: by so many units, or so many of the value where the tails are claimed."""
    if not form.relative_tails:
        return np.asarray(spread + (_units(form) + form.lost))
    return np.asarray(spread + (np.abs(value) * (1 + 16 * U64) + spread) * _units(form) + form.normal)


def _sigmoid(ball: Bounded, form: Format) -> Array:
    # sigmoid' = e / (1 + e)^2 with e = exp(-|z|) is largest where |z| is smallest; this form does not cancel, and
    # 2^-1000 stands in for an exp that underflows. All values lie in [0, 1].
    e = np.exp(-_nearest_zero(ball))
    return _known_as(np.fmin((e / (1 + e) ** 2 + 2.0**-1000) * ball.radius, 1.0), sigmoid_by_exp(ball.value), form)


def _tanh(ball: Bounded, form: Format) -> Array:
    # tanh' = 4 e / (1 + e)^2 with e = exp(-2 |z|). All values lie in [-1, 1].
    e = np.exp(-2 * _nearest_zero(ball))
    return _known_as(np.fmin((4 * e / (1 + e) ** 2 + 2.0**-1000) * ball.radius, 2.0), np.tanh(ball.value), form)


def _relu(ball: Bounded, form: Format) -> Array:
    return np.where(ball.value + ball.radius < 0, 0.0, ball.radius)


def _step(ball: Bounded, form: Format) -> Array:
    # At the kink any value from 0 to 1 is accepted, 1/2 being the centre there; near it 0 and 1 are, whichever is true.
    return np.where(np.abs(ball.value) > ball.radius, 0.0, np.where(ball.value == 0, 0.5, 1.0))


def _half_step(z: Array) -> Array:
    return np.heaviside(z, 0.5)


def _exp(ball: Bounded, form: Format) -> Array:
    # An upper end below 710 is off by 710 units at the most, or exp is infinite.
    with np.errstate(over="ignore", invalid="ignore"):
        top = np.exp(ball.value + ball.radius) * (1 + 2048 * U64)
        return np.asarray(top * ball.radius + top * _units(form) + form.lost)


def _reciprocal(ball: Bounded, form: Format) -> Array:
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        top = (1 + 16 * U64) / _nearest_zero(ball)
        # In this order a radius of 0 stays 0 where top^2 overflows; of a ball that holds 0 nothing is known.
        spread = top * (top * ball.radius) + top * _units(form) + form.lost
        return np.where(np.isnan(spread), np.inf, spread)


_SPREAD: Mapping[str, Callable[[Bounded, Format], Array]] = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "step": _step,
    "exp": _exp,
    "reciprocal": _reciprocal,
}
