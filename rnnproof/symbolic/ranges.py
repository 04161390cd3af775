"""Between which numbers an expression lies, over the reals: from the ranges of what it uses, part by part.

What is found holds, and is not always the narrowest: a symbol that appears twice counts as two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce

import sympy

from rnnproof.errors import ModelError
from rnnproof.model.activation import Activation, definition, reciprocal, relu, step
from rnnproof.symbolic.limits import limit

Ends = tuple[sympy.Expr, bool]


@dataclass(frozen=True)
class Range:
    """low <= . <= high; an end is ``attained`` if the value may be reached, else the inequality is strict."""

    low: sympy.Expr
    high: sympy.Expr
    low_attained: bool = False
    high_attained: bool = False

    @property
    def ends(self) -> tuple[Ends, Ends]:
        """(low, attained), (high, attained)."""
        return (self.low, self.low_attained), (self.high, self.high_attained)

    @property
    def magnitude(self) -> Range:
        """Of the absolute value."""
        if self.low >= 0:
            return self
        if self.high <= 0:
            return negated(self)
        reached = {attained for end, attained in ((-self.low, self.low_attained), self.ends[1]) if end == self.size}
        return Range(sympy.Integer(0), self.size, True, True in reached)

    @property
    def size(self) -> sympy.Expr:
        """The largest magnitude, oo where there is none."""
        return sympy.Max(abs(self.low), abs(self.high))


EVERYTHING = Range(-sympy.oo, sympy.oo)


def range_of(expression: sympy.Expr, known: Mapping[str, Range]) -> Range:
    """The range of an expression; a symbol that is not ``known`` may be any real number."""
    if expression.is_Symbol:
        return known.get(expression.name, EVERYTHING)
    if expression.is_number and not expression.has(Activation):
        return Range(expression, expression, True, True)
    if _piecewise_linear(expression):
        return _hull(expression, known)
    parts = [range_of(part, known) for part in expression.args if not (expression.is_Pow and part.is_Integer)]
    if expression.is_Add:
        return reduce(_sum, parts)
    if expression.is_Mul:
        return reduce(_times, parts)
    if expression.is_Pow:
        return _power(parts[0], int(expression.exp))
    return _applied(expression, parts[0])


def within(expression: sympy.Expr, inside: Range) -> tuple[sympy.Basic, sympy.Basic]:
    """low < expression and expression < high, each with <= where that end is attained."""
    low = comparison(inside.low, expression, not inside.low_attained)
    return low, comparison(expression, inside.high, not inside.high_attained)


def comparison(small: sympy.Expr, large: sympy.Expr, strict: bool) -> sympy.Basic:
    """small < large, or small <= large."""
    return (sympy.Lt if strict else sympy.Le)(small, large, evaluate=False)


def negated(inner: Range) -> Range:
    """Of -u."""
    return Range(-inner.high, -inner.low, inner.high_attained, inner.low_attained)


def _sum(a: Range, b: Range) -> Range:
    return Range(a.low + b.low, a.high + b.high, a.low_attained and b.low_attained, a.high_attained and b.high_attained)


def _times(a: Range, b: Range) -> Range:
    return _between([_end_product(one, other) for one in a.ends for other in b.ends])


def _end_product(one: Ends, other: Ends) -> Ends:
    """A product of two ends; 0 times anything is 0, and is reached wherever the 0 is."""
    if one[0] == 0 or other[0] == 0:
        return sympy.Integer(0), (one[0] == 0 and one[1]) or (other[0] == 0 and other[1])
    return one[0] * other[0], one[1] and other[1]


def _between(ends: list[Ends]) -> Range:
    low, high = sympy.Min(*(end for end, _ in ends)), sympy.Max(*(end for end, _ in ends))
    return Range(low, high, (low, True) in ends, (high, True) in ends)


def _power(base: Range, exponent: int) -> Range:
    if exponent % 2 == 0:
        base = base.magnitude
    return Range(base.low**exponent, base.high**exponent, base.low_attained, base.high_attained)


def _applied(call: Activation, inner: Range) -> Range:
    """Of an activation: its values at the ends of its argument's range, as it rises or falls all the way between."""
    if isinstance(call, step):
        return Range(sympy.Integer(0), sympy.Integer(1), True, True)
    if isinstance(call, reciprocal) and inner.low < 0 < inner.high:
        return EVERYTHING
    _monotone(call.func)
    ends = [(_at(call, end, inner), attained) for end, attained in inner.ends]
    if isinstance(call, relu) and inner.low < 0 < inner.high:
        ends[0] = (ends[0][0], True)
    return _between(ends)


@cache
def _monotone(function: type[Activation]) -> None:
    """Errors: ModelError for an activation whose slope is not shown to keep its sign."""
    place = sympy.Dummy("u", real=True, nonzero=True)
    slope = sympy.simplify(definition(function(place)).diff(place).rewrite(sympy.exp))
    if not (slope.is_nonnegative or slope.is_nonpositive):
        raise ModelError(f"{function.__name__}: its slope {slope} is not known to keep its sign")


def _at(call: Activation, end: sympy.Expr, inner: Range) -> sympy.Expr:
    """The activation at an end of its argument's range; its limit where that is infinite, or a pole."""
    if isinstance(call, reciprocal) and end == 0:
        return sympy.oo if inner.low == 0 else -sympy.oo
    return _limit_of(call.func, end) if end in (sympy.oo, -sympy.oo) else definition(call.func(end))


@cache
def _limit_of(function: type[Activation], end: sympy.Expr) -> sympy.Expr:
    place = sympy.Dummy("u", real=True)
    return limit(function(place), place, end)


def _piecewise_linear(expression: sympy.Expr) -> bool:
    """A sum of one symbol and relus that are linear in it."""
    calls = expression.atoms(Activation)
    if not (expression.is_Add and len(expression.free_symbols) == 1 and calls):
        return False
    (symbol,) = expression.free_symbols
    straight = expression.xreplace({call: sympy.Integer(0) for call in calls})
    linear = [straight, *(call.args[0] for call in calls)]
    return all(isinstance(call, relu) for call in calls) and all(
        part.is_polynomial(symbol) and sympy.degree(part, symbol) <= 1 for part in linear
    )


def _hull(expression: sympy.Expr, known: Mapping[str, Range]) -> Range:
    """Between two kinks it is straight: its extremes are at the kinks and at the ends of its symbol's range."""
    (symbol,) = expression.free_symbols
    inner = known.get(symbol.name, EVERYTHING)
    kinks = [kink for call in expression.atoms(relu) for kink in sympy.solve(call.args[0], symbol)]
    inside = [kink for kink in kinks if inner.low < kink < inner.high]
    ends = [(_value(expression.xreplace({symbol: kink})), True) for kink in inside]
    for end, attained in inner.ends:
        infinite = end in (sympy.oo, -sympy.oo)
        value = limit(expression, symbol, end) if infinite else _value(expression.xreplace({symbol: end}))
        ends.append((value, attained))
    return _between(ends)


def _value(number: sympy.Expr) -> sympy.Expr:
    return number.replace(lambda part: isinstance(part, Activation), definition)
