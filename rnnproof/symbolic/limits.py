"""The limit of an expression as one of its symbols grows without bound, upwards or downwards."""

from __future__ import annotations

from functools import cache

import sympy

from rnnproof.model.activation import Activation, definition, relu

PLACE = sympy.Dummy("u", real=True)


def limit(expression: sympy.Expr, symbol: sympy.Symbol, end: sympy.Expr) -> sympy.Expr:
    """lim of the expression as the symbol goes to ``end``, oo or -oo, every other symbol being held.

    Activations without the symbol stay as they are: sigmoid(clipped(z)) goes to sigmoid(k).
    """
    return _limit(expression.xreplace({symbol: PLACE}), end)


@cache
def _limit(expression: sympy.Expr, end: sympy.Expr) -> sympy.Expr:
    """The limit in PLACE: of two gates with one activation it is found once."""
    smooth = _eventually(expression, PLACE, end)
    written = smooth.replace(lambda part: isinstance(part, Activation) and part.has(PLACE), definition)
    return sympy.limit(written, PLACE, end)


def _eventually(expression: sympy.Expr, symbol: sympy.Symbol, end: sympy.Expr) -> sympy.Expr:
    """What the expression is once the symbol is near enough to its end: each relu its argument, or 0."""
    if not expression.has(relu):
        return expression
    inner = [_eventually(part, symbol, end) for part in expression.args]
    if isinstance(expression, relu) and expression.has(symbol):
        return inner[0] if limit(inner[0], symbol, end) > 0 else sympy.Integer(0)
    return expression.func(*inner)
