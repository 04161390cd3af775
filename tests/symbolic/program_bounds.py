"""How far any float evaluation of a straight-line program may lie from its true values, derived line by line.

For a line that is a polynomial of earlier names, let p be the same polynomial with every sign a plus, m the
magnitudes of what it uses, r their radii, u the unit roundoff and n its operations. In whatever order the
operations are done, and with products multiplied out or not, each term carries at most n factors (1 + d),
|d| <= u; so the error is at most p(m + r) (1 + u)^n - p(m). An underflow adds at most the smallest number,
carried on by the factors after it. An activation adds what its library may be off: LIBRARY units roundoff,
absolute (glibc and NumPy state less than 4 ulp for tanh and exp); its argument's radius shrinks by its slope.
For exp and a quotient they are relative, and exp may be taken of z less a number no larger than any in the
program, as a softmax is computed: two of those, rounded.

This is the tests' own bound, made apart from the reference's; ``radii`` is all that the tests know of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any

import mpmath
import sympy

from rnnproof.model.activation import Activation, exp, reciprocal, relu, sigmoid, step, tanh
from rnnproof.symbolic import Program

DIGITS = 60
LIBRARY = 4
VALUE = {
    tanh: mpmath.tanh,
    sigmoid: lambda z: 1 / (1 + mpmath.exp(-z)),
    relu: lambda z: max(z, mpmath.mpf(0)),
    exp: mpmath.exp,
    reciprocal: lambda z: 1 / z,
}
SLOPE = {tanh: 1, sigmoid: mpmath.mpf(1) / 4, relu: 1}


@dataclass(frozen=True)
class Format:
    """Unit roundoff and the smallest number of a float format."""

    roundoff: mpmath.mpf
    smallest: mpmath.mpf


FORMATS = {
    "float64": Format(mpmath.mpf(2) ** -53, mpmath.mpf(2) ** -1074),
    "float32": Format(mpmath.mpf(2) ** -24, mpmath.mpf(2) ** -149),
}


class KinkError(Exception):
    """A step function's argument is too near its jump to tell on which side a float lies."""


def radii(
    program: Program, values: Mapping[str, Any], dtype: str, given: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The radius of every name; ``values`` to 50 digits, ``given`` the radii of arguments that are not exact.

    Errors: KinkError where a relu's derivative cannot be told.
    """
    form = FORMATS[dtype]
    with mpmath.workdps(DIGITS):
        size = {name: abs(mpmath.mpf(value)) for name, value in values.items()}
        radius = {name: mpmath.mpf(0) for group in program.arguments.values() for name in group} | dict(given or {})
        for line in program.lines:
            radius[line.name] = _radius(line.expression, size, radius, form, values)
    return radius


def _radius(expression: sympy.Expr, size: Any, radius: Any, form: Format, values: Any) -> Any:
    """Of a polynomial of names and of activations, of polynomials again: inner activations are names of their own."""
    if isinstance(expression, Activation) and expression.func is not step:
        inner = _radius(expression.args[0], size, radius, form, values)
        if expression.func in SLOPE:
            own = 0 if expression.func is relu else LIBRARY * form.roundoff
            return SLOPE[expression.func] * inner + own
        return _relative(expression, inner, form, values, max(size.values()))
    inner = {call: sympy.Symbol(f"inner {n}") for n, call in enumerate(_outermost(expression))}
    truth = {symbol.name: true_value(call, values) for call, symbol in inner.items()}
    radii_of = {symbol.name: _radius(call, size, radius, form, values) for call, symbol in inner.items()}
    sizes = {**size, **{name: abs(value) for name, value in truth.items()}}
    return _polynomial(expression.xreplace(inner), sizes, {**radius, **radii_of}, form, {**values, **truth})


def _relative(call: sympy.Expr, inner: Any, form: Format, values: Any, largest: Any) -> Any:
    """Of exp, and of a reciprocal, whose argument is known to within a radius."""
    z = true_value(call.args[0], values)
    if call.func is exp:
        return mpmath.exp(z + inner) * (inner + form.roundoff * (LIBRARY + 2 * largest)) + form.smallest
    nearest = abs(z) - inner
    return (inner / nearest + form.roundoff) / nearest


def _outermost(expression: sympy.Expr) -> list[sympy.Expr]:
    if isinstance(expression, Activation):
        return [] if expression.func is step else [expression]
    return list(dict.fromkeys(call for part in expression.args for call in _outermost(part)))


def true_value(expression: sympy.Expr, values: Mapping[str, Any]) -> Any:
    """An expression's value to DIGITS digits."""
    if expression.is_Symbol:
        return mpmath.mpf(values[expression.name])
    if expression.is_Rational:
        return mpmath.mpf(int(expression.p)) / int(expression.q)
    arguments = [true_value(part, values) for part in expression.args]
    if isinstance(expression, Activation):
        return VALUE[expression.func](*arguments)
    operation = pow if expression.is_Pow else add if expression.is_Add else mul
    return reduce(operation, arguments)


def _polynomial(expression: sympy.Expr, size: Any, radius: Any, form: Format, values: Any) -> Any:
    for call in expression.atoms(step):
        (name,) = (symbol.name for symbol in call.free_symbols)
        if size[name] <= radius[name]:
            raise KinkError(name)
    wide = {name: size[name] + radius[name] for name in map(str, expression.free_symbols)}
    n = int(expression.count_ops(visual=False))
    spread = majorant(expression, wide, values) * (1 + form.roundoff) ** n - majorant(expression, size, values)
    carried = reduce(mul, (1 + wide[part.name] for part in sympy.preorder_traversal(expression) if part.is_Symbol), 1)
    return spread + n * form.smallest * carried


def majorant(expression: sympy.Expr, size: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    """The polynomial with every sign a plus and every name its magnitude."""
    if expression.is_Symbol:
        return size[expression.name]
    if expression.is_Add or expression.is_Mul:
        return reduce(add if expression.is_Add else mul, (majorant(p, size, values) for p in expression.args))
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return majorant(expression.base, size, values) ** int(expression.exp)
    if isinstance(expression, step):
        return mpmath.mpf(bool(values[expression.args[0].name] > 0))
    return abs(mpmath.mpf(int(expression.p)) / int(expression.q))
