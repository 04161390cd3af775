"""Numbers of SymPy and mpmath: the value of an expression exactly, or to a given number of digits."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cache, reduce
from itertools import product
from operator import add, mul
from typing import Any

import mpmath
import sympy

from rnnproof.model.activation import Activation, definition
from rnnproof.model.equation import signal

GUARD = 10  # decimal digits carried beyond those asked for


def entries(name: str, shape: tuple[int, ...]) -> tuple[str, ...]:
    """The names of an array's entries in C order: entries("W", (1, 2)) = ("W[0,0]", "W[0,1]")."""
    return tuple(f"{name}[{','.join(map(str, index))}]" for index in product(*map(range, shape)))


def as_exact(value: Any) -> sympy.Expr:
    """A SymPy number equal to the value: a float is the fraction that it is."""
    if isinstance(value, sympy.Expr):
        return value
    ratio = Fraction(value) if isinstance(value, (int, Fraction)) else Fraction(*value.as_integer_ratio())
    return sympy.Rational(ratio.numerator, ratio.denominator)


def as_decimal(value: Any) -> Any:
    """The value as an mpmath number, rounded at mpmath's present precision."""
    return decimal(as_exact(value), {})


def exact(expression: sympy.Expr, known: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """The expression at exact numbers, activations resolved: sigmoid(log(3)) = 3/4."""
    values = {symbol: known[symbol.name] for symbol in expression.free_symbols}
    number = expression.xreplace(values)
    return sympy.expand(number.replace(lambda part: isinstance(part, Activation), _resolve))


def _resolve(call: Activation) -> sympy.Expr:
    (z,) = call.args
    return sympy.together(definition(call.func(sympy.expand(z))).rewrite(sympy.exp))


def decimal(expression: sympy.Expr, known: Mapping[str, Any]) -> Any:
    """The expression at mpmath numbers, every operation rounded at mpmath's present precision."""
    if expression.is_Symbol:
        return known[expression.name]
    if expression.is_Add or expression.is_Mul:
        return reduce(add if expression.is_Add else mul, (decimal(part, known) for part in expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        return decimal(expression.base, known) ** int(expression.exp)
    if isinstance(expression, Activation):
        return mpmath.mpf(_function(expression.func)(decimal(expression.args[0], known)))
    if expression.is_Rational:
        return mpmath.mpf(int(expression.p)) / int(expression.q)
    return _by_sympy(expression, known)


@cache
def _function(kind: type[Activation]) -> Any:
    """The activation as a function of mpmath numbers, made from its definition."""
    z = signal("z")
    return sympy.lambdify(z, definition(kind(z)), "mpmath")


def _by_sympy(expression: sympy.Expr, known: Mapping[str, Any]) -> Any:
    """Any other function, evaluated by SymPy at mpmath's present precision."""
    digits = mpmath.mp.dps
    values = {symbol: sympy.Float(known[symbol.name], digits) for symbol in expression.free_symbols}
    return mpmath.mpf(sympy.N(expression.xreplace(values), digits))
