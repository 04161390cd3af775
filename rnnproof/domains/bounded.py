"""A value with a rigorous radius: every accepted way of computing it in a format stays inside.

The ball around ``value`` (float64) contains the true value and the value that any accepted float
implementation returns, whatever its order of summation and however it writes the equation. Radii are
computed in float64 and inflated, so that they are not rounded below their true value.

Reference: for sums and inner products, C.-P. Jeannerod and S. M. Rump, Improved error bounds for inner products
in floating-point arithmetic, SIAM J. Matrix Anal. Appl. 34 (2013) 338-344: n u |x|^T |y|, in any order, for any n;
for running error analysis, N. J. Higham, Accuracy and Stability of Numerical Algorithms (2002), section 3.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from rnnproof.domains.floating import FUNCTIONS
from rnnproof.model.activation import Activation
from rnnproof.model.case import Array

U64 = 2.0**-53
# How far a library's sigmoid, tanh, exp or division may be off, in units roundoff: absolute for sigmoid and
# tanh. 4 covers 1/(1+exp(-z)), (1+tanh(z/2))/2 and the piecewise form with each library function off by 1 ulp.
LIBRARY_UNITS = 4.0


@dataclass(frozen=True)
class Format:
    """A float format: unit roundoff u, smallest subnormal number, largest finite number."""

    name: str
    roundoff: float
    subnormal: float

    @property
    def unit(self) -> float:
        """u of the format, plus that of float64, in which the centre of every ball is computed."""
        return self.roundoff + U64


FORMATS = {"float64": Format("float64", U64, 2.0**-1074), "float32": Format("float32", 2.0**-24, 2.0**-149)}


@dataclass(frozen=True, eq=False)
class Bounded:
    """An array of balls. Shapes: value and radius alike."""

    value: Array
    radius: Array

    @property
    def magnitude(self) -> Array:
        """The largest absolute value in each ball."""
        return np.asarray(np.abs(self.value) + self.radius)

    def __getitem__(self, index: int | slice) -> Bounded:
        return Bounded(self.value[index], self.radius[index])


def exact(value: Array) -> Bounded:
    """Numbers that are exact in every format under discussion."""
    return Bounded(value, np.zeros_like(value))


def inflate(radius: Array, operations: int) -> Array:
    """A bound that float64 computed in this many operations on numbers >= 0, made an upper bound."""
    return np.asarray(radius * (1 + (operations + 16) * 4 * U64))


def evaluate(expression: sympy.Expr, env: Mapping[str, Bounded], form: Format) -> Bounded:
    """An elementwise expression: a polynomial of signals and of activations of such polynomials."""
    if isinstance(expression, Activation):
        (argument,) = expression.args
        return apply(type(expression).__name__, evaluate(argument, env, form), form)
    outer, calls = _outer(expression)
    return polynomial(outer, {**env, **{name: evaluate(call, env, form) for name, call in calls}}, form)


@cache
def _outer(expression: sympy.Expr) -> tuple[sympy.Expr, tuple[tuple[str, Activation], ...]]:
    """The expression with its outermost activations as symbols of their own, and what these stand for."""
    inside = {call for outer in expression.atoms(Activation) for arg in outer.args for call in arg.atoms(Activation)}
    calls = sorted(expression.atoms(Activation) - inside, key=str)
    named = {call: sympy.Symbol(str(call), real=True) for call in calls}
    return expression.xreplace(named), tuple((symbol.name, call) for call, symbol in named.items())


@cache
def monomials(expression: sympy.Expr) -> tuple[tuple[float, tuple[tuple[str, int], ...]], ...]:
    """The expanded polynomial as (coefficient, ((name, power), ...))."""
    names = sorted(expression.free_symbols, key=str)
    terms = sympy.Poly(expression, *names).terms() if names else [((), expression)]
    return tuple(
        (float(c), tuple((s.name, int(p)) for s, p in zip(names, powers, strict=True) if p)) for powers, c in terms
    )


def polynomial(expression: sympy.Expr, env: Mapping[str, Bounded], form: Format) -> Bounded:
    """A polynomial of balls, with the rounding of every accepted way of writing it.

    Factored or expanded, a polynomial of m monomials of degree at most d is computed with a rounding error of at
    most (m + d + 1) u times the sum of its monomials' absolute values: so (1-z)n + zh and n + z(h-n) are both inside.
    """
    terms = monomials(expression)
    if expression.is_Symbol:
        return env[expression.name]  # a copy rounds nothing
    operations = len(terms) + max(sum(power for _, power in factors) for _, factors in terms) + 1
    value: Array = np.zeros(())
    radius: Array = np.zeros(())
    size: Array = np.zeros(())
    for coefficient, factors in terms:
        product, spread, magnitude = _monomial(coefficient, factors, env)
        value, radius, size = value + product, radius + spread, size + magnitude
    radius = radius + operations * (form.unit * size + form.subnormal)
    return Bounded(value, inflate(radius, 4 * operations))


def _monomial(
    coefficient: float, factors: tuple[tuple[str, int], ...], env: Mapping[str, Bounded]
) -> tuple[Array, Array, Array]:
    """Value, propagated radius (mean value theorem, largest derivative over the ball), largest absolute value."""
    product: Array = np.asarray(coefficient)
    magnitude: Array = np.asarray(abs(coefficient))
    spread: Array = np.zeros(())
    for name, power in factors:
        ball = env[name]
        for _ in range(power):
            spread = spread * ball.magnitude + magnitude * ball.radius
            product, magnitude = product * ball.value, magnitude * ball.magnitude
    return product, spread, magnitude


def apply(function: str, ball: Bounded, form: Format) -> Bounded:
    """An activation of a ball: its rounding, and the radius times the largest derivative over the ball."""
    value = FUNCTIONS[function](ball.value)
    low, high = ball.value - ball.radius, ball.value + ball.radius
    slope, rounding = _BEHAVIOUR[function](low, high)
    radius = slope * ball.radius + LIBRARY_UNITS * form.unit * rounding + form.subnormal * (rounding > 0)
    radius = np.where(np.isnan(radius), np.inf, radius)
    if function == "step":
        radius = np.where((low <= 0) & (high >= 0), 1.0, 0.0)
    return Bounded(value, inflate(radius, 8))


def _nearest_zero(low: Array, high: Array) -> Array:
    return np.asarray(np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high))))


def _sigmoid(low: Array, high: Array) -> tuple[Array, Array]:
    # sigmoid' = (1 - tanh(z/2)^2) / 4 = 1 / (4 cosh(z/2)^2) is largest where |z| is smallest; the form below
    # does not cancel, and 1e-300 stands in for the exp that underflows.
    decay = np.exp(-_nearest_zero(low, high))
    return np.asarray(decay / (1 + decay) ** 2 * (1 + 16 * U64) + 1e-300), np.ones_like(low)


def _tanh(low: Array, high: Array) -> tuple[Array, Array]:
    decay = np.exp(-2 * _nearest_zero(low, high))
    return np.asarray(4 * decay / (1 + decay) ** 2 * (1 + 16 * U64) + 1e-300), np.ones_like(low)


def _relu(low: Array, high: Array) -> tuple[Array, Array]:
    return np.asarray((high > 0) * 1.0), np.zeros_like(low)


def _step(low: Array, high: Array) -> tuple[Array, Array]:
    return np.zeros_like(low), np.zeros_like(low)


def _exp(low: Array, high: Array) -> tuple[Array, Array]:
    with np.errstate(over="ignore"):
        top = np.exp(high) * (1 + 16 * U64)
    return top, top


def _reciprocal(low: Array, high: Array) -> tuple[Array, Array]:
    with np.errstate(divide="ignore"):
        top = 1 / _nearest_zero(low, high) * (1 + 16 * U64)
    return top * top, top


_BEHAVIOUR = {
    "sigmoid": _sigmoid,
    "tanh": _tanh,
    "relu": _relu,
    "step": _step,
    "exp": _exp,
    "reciprocal": _reciprocal,
}
