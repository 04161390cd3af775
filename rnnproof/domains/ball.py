"""Rigorous enclosures in Arb's balls (python-flint): an elementwise expression at exact numbers, to any precision.

Reference: F. Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE Transactions on
Computers 66 (2017) 1281-1292.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import reduce
from operator import add, mul
from typing import Any

import sympy
from flint import arb, ctx, fmpq

from rnnproof.domains.algebra import as_exact
from rnnproof.errors import Unsupported
from rnnproof.model.activation import Activation

Ball = Any  # flint.arb, of which the type checker knows nothing
BITS = 160


def precisely(bits: int = BITS) -> Any:
    """A context in which balls are computed with so many bits."""
    return ctx.workprec(bits)


def as_ball(value: Any) -> Ball:
    """The ball around a rational number, or a float, which is one."""
    number = as_exact(value)
    return arb(fmpq(int(number.p), int(number.q)))


def ball(expression: sympy.Expr, known: Mapping[str, Ball]) -> Ball:
    """A ball that holds the expression's value for any values of its symbols in their balls.

    Errors: Unsupported for what no equation is made of.
    """
    if expression.is_Symbol:
        return known[expression.name]
    if expression.is_Rational:
        return as_ball(expression)
    if expression.is_Add or expression.is_Mul:
        return reduce(add if expression.is_Add else mul, (ball(part, known) for part in expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        return ball(expression.base, known) ** int(expression.exp)
    if isinstance(expression, Activation) and type(expression).__name__ in APPLIED:
        return APPLIED[type(expression).__name__](ball(expression.args[0], known))
    raise Unsupported(f"no ball of {expression}")


def _step(z: Ball) -> Ball:
    """1 above 0 and 0 from there down; both, where the ball does not tell."""
    return arb(1) if z > 0 else arb(0) if z <= 0 else arb(0.5, 0.5)


APPLIED: Mapping[str, Callable[[Ball], Ball]] = {
    "sigmoid": lambda z: 1 / (1 + (-z).exp()),
    "tanh": lambda z: z.tanh(),
    "relu": lambda z: z.max(arb(0)),
    "step": _step,
    "exp": lambda z: z.exp(),
    "reciprocal": lambda z: 1 / z,
}


def ends(value: Ball, digits: int) -> tuple[sympy.Rational, sympy.Rational]:
    """Two decimal numbers of so many digits after the point, the ball between them.

    Errors: Unsupported for a ball that is not finite.
    """
    if not value.is_finite():
        raise Unsupported(f"no ends of {value}")
    scale = 10**digits
    middle, radius = (_exactly(part) for part in (value.mid(), value.rad()))
    return sympy.floor((middle - radius) * scale) / scale, sympy.ceiling((middle + radius) * scale) / scale


def between(value: Ball, digits: int = 20) -> tuple[str, str]:
    """Two decimal numbers of so many significant digits, the ball between them.

    Errors: Unsupported for a ball that is not finite.
    """
    if not value.is_finite():
        raise Unsupported(f"no ends of {value}")
    middle, radius = _fraction(value.mid()), _fraction(value.rad())
    places = digits - 1 - _leading(abs(middle) + radius)
    scale = Fraction(10) ** places
    lower, upper = math.floor((middle - radius) * scale), math.ceil((middle + radius) * scale)
    return _decimal(lower, places, lower == upper), _decimal(upper, places, lower == upper)


def _leading(size: Fraction) -> int:
    """The n for which 10^n <= size < 10^(n+1); 0 for 0."""
    if not size:
        return 0
    n = math.floor((size.numerator.bit_length() - size.denominator.bit_length() - 1) * math.log10(2))
    while size >= Fraction(10) ** (n + 1):
        n += 1
    return n


def _fraction(value: Ball) -> Fraction:
    """The number that a ball without a radius is."""
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _decimal(number: int, places: int, exactly: bool) -> str:
    """number / 10^places; zeros at the end say how well it is known, where it is not known exactly."""
    with localcontext(prec=100):
        found = Decimal(number).scaleb(-places)
        if exactly and -20 < found.adjusted() < 20:
            return f"{found.normalize():f}"
        return str(found).lower()


def _exactly(value: Ball) -> sympy.Rational:
    """The number that a ball without a radius is."""
    number = _fraction(value)
    return sympy.Rational(number.numerator, number.denominator)


def float_ends(value: Ball) -> tuple[float, float]:
    """Two floats, as near as there are, with the ball between them; infinite ones where it is not finite."""
    if not value.is_finite():
        return -math.inf, math.inf
    middle, radius = _fraction(value.mid()), _fraction(value.rad())
    return -_float_above(radius - middle), _float_above(middle + radius)


def _float_above(number: Fraction) -> float:
    """The smallest float that is no smaller."""
    try:
        nearest = float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.nextafter(math.inf, 0)
    return nearest if nearest >= number else math.nextafter(nearest, math.inf)
