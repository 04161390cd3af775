"""Polynomials of balls, compiled to straight-line NumPy: the value, and a radius for every accepted way of writing it.

For a polynomial p, P is the sum of the absolute values of its monomials, those included that cancel when p is
multiplied out. Where each x lies in a ball c +- r, and m = |c| + r,

    |p(x) - p(c)| <= sum over v of r_v sup |dp/dv|
    sup |dp/dv|   <= (dP/dv)(m), exact where v stands in one monomial alone; where it stands in several, which
                     may cancel, |dp/dv(c)| + sum over w of r_w (d2P/dv dw)(m)

A computation of p in floats, as it is written or by any formula without further terms that cancel, rounds each
monomial at most once for each operation that the monomial passes through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import frexp, prod
from typing import Any

import sympy

from rnnproof.errors import Unsupported

Monomials = tuple[tuple[float, tuple[tuple[str, int], ...]], ...]
UNIT, GAMMA, TINY, GROW = sympy.symbols("unit gamma tiny grow", positive=True)


@dataclass(frozen=True)
class Polynomial:
    """The compiled form. ``function`` takes value, radius, magnitude of each name, then unit, gamma, tiny, grow.

    ``operations``: how many roundings an accepted formula applies to a monomial at the most.
    ``depth``: how many float64 operations the radius takes.
    """

    names: tuple[str, ...]
    operations: int
    depth: int
    function: Callable[..., tuple[Any, Any]]


@cache
def monomials(expression: sympy.Expr) -> Monomials:
    """The expanded polynomial as (coefficient, ((name, power), ...)).

    Errors: Unsupported for what is not a polynomial of its symbols.
    """
    names = sorted(expression.free_symbols, key=str)
    try:
        terms = sympy.Poly(expression, *names).terms() if names else [((), expression)]
    except sympy.PolynomialError as problem:
        raise Unsupported(f"{expression} is not a polynomial of {', '.join(map(str, names))}") from problem
    return tuple(
        (float(c), tuple((s.name, int(p)) for s, p in zip(names, powers, strict=True) if p)) for powers, c in terms
    )


@cache
def majorant(expression: sympy.Expr) -> Monomials:
    """P: the monomials with every sign a plus before anything is multiplied out, so that nothing cancels."""
    return monomials(_all_plus(expression))


def _all_plus(expression: sympy.Expr) -> sympy.Expr:
    if expression.is_number or expression.is_Symbol:
        return abs(expression) if expression.is_number else expression
    return expression.func(*(_all_plus(part) for part in expression.args))


def degree(expression: sympy.Expr) -> int:
    """The largest number of signals that any monomial multiplies."""
    return max(sum(power for _, power in factors) for _, factors in majorant(expression))


def operations(expression: sympy.Expr) -> int:
    """How many roundings an accepted formula applies to a monomial at the most: as written, or as any other.

    m monomials of degree d take m - 1 additions and d - 1 products; a coefficient that is no power of two takes a
    product more, and may itself be rounded; one operation more where a factored formula adds terms that cancel
    when it is expanded, as (1 - t)(1 + t) does.
    """
    terms = majorant(expression)
    scaled = any(not _power_of_two(coefficient) for coefficient, factors in terms if factors)
    return max(len(terms) - 1 + degree(expression) - 1 + 2 * scaled + (len(terms) > 1), _as_written(expression))


def _as_written(expression: sympy.Expr) -> int:
    """The roundings on the longest way through the formula, its constants' own included."""
    if expression.is_number:
        return 0 if _power_of_two(float(expression)) else 1
    if expression.is_Symbol:
        return 0
    if expression.is_Pow:
        return int(expression.exp) * (_as_written(expression.base) + 1) - 1
    parts = [_as_written(part) for part in expression.args]
    if expression.is_Add:
        return max(parts) + len(parts) - 1
    exact = [part for part in expression.args if part.is_number and _power_of_two(float(part))]
    return sum(parts) + len(parts) - 1 - len(exact)


def _power_of_two(number: float) -> bool:
    return number == 0 or abs(frexp(number)[0]) == 0.5


@cache
def compiled(expression: sympy.Expr) -> Polynomial:
    """The polynomial's value and radius as one function of arrays."""
    names = tuple(sorted(symbol.name for symbol in expression.free_symbols))
    value = {name: sympy.Symbol(f"c{n}", real=True) for n, name in enumerate(names)}
    radius = {name: sympy.Symbol(f"r{n}", nonnegative=True) for n, name in enumerate(names)}
    size = {name: sympy.Symbol(f"m{n}", nonnegative=True) for n, name in enumerate(names)}
    spread = sum((radius[name] * _slope(expression, name, value, radius, size) for name in names), sympy.Integer(0))
    spread += GAMMA * _plain(majorant(expression), size)
    total = GROW * (spread + TINY * int(sympy.count_ops(spread)) * _later_factors(expression, size))
    arguments = [*value.values(), *radius.values(), *size.values(), UNIT, GAMMA, TINY, GROW]
    function = sympy.lambdify(arguments, [_plain(monomials(expression), value), total], modules="numpy", cse=True)
    return Polynomial(names, operations(expression), int(sympy.count_ops(total)), function)


def _plain(terms: Monomials, symbols: dict[str, sympy.Symbol]) -> sympy.Expr:
    """The sum of the monomials, expanded, in other symbols."""
    return sympy.Add(*(_number(c) * prod(symbols[name] ** power for name, power in factors) for c, factors in terms))


def _number(coefficient: float) -> sympy.Expr:
    """A coefficient, an integer where it is one, so that 1 and -1 vanish from a product."""
    return sympy.Integer(int(coefficient)) if coefficient == int(coefficient) else sympy.Float(coefficient, 17)


def _slope(
    expression: sympy.Expr,
    name: str,
    value: dict[str, sympy.Symbol],
    radius: dict[str, sympy.Symbol],
    size: dict[str, sympy.Symbol],
) -> sympy.Expr:
    """A bound of |dp/d name| over the balls."""
    slope = _derivative(expression, name)
    largest = _plain(majorant(slope), size)
    if len(monomials(slope)) == 1:
        return largest
    bends = (radius[other] * _plain(majorant(_derivative(slope, other)), size) for other in value)
    return abs(_plain(monomials(slope), value)) + operations(slope) * UNIT * largest + sympy.Add(*bends)


def _derivative(expression: sympy.Expr, name: str) -> sympy.Expr:
    return sympy.expand(sympy.diff(expression, sympy.Symbol(name, real=True)))


def _later_factors(expression: sympy.Expr, size: dict[str, sympy.Symbol]) -> sympy.Expr:
    """By what the error of an underflow, in a product or in a factor that is a sum, may be multiplied afterwards."""
    terms = majorant(expression)
    long = [factors for _, factors in terms if sum(power for _, power in factors) > 1]
    largest = max([1.0, *(coefficient for coefficient, _ in terms)])
    return _number(largest) * (1 + sympy.Add(*(prod((1 + size[name]) ** n for name, n in factors) for factors in long)))
