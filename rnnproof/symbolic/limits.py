"""The limit of an expression as one of its symbols grows without bound, upwards or downwards."""

from __future__ import annotations

import sympy

from rnnproof.model.activation import Activation, definition, relu


def limit(expression: sympy.Expr, symbol: sympy.Symbol, end: sympy.Expr) -> sympy.Expr:
    """lim of the expression as the symbol goes to ``end``, oo or -oo, every other symbol being held.

    Activations without the symbol stay as they are: sigmoid(clipped(z)) goes to sigmoid(k).
    """
    smooth = _eventually(expression, symbol, end)
    written = smooth.replace(lambda part: isinstance(part, Activation) and part.has(symbol), definition)
    return sympy.limit(written, symbol, end)


def _eventually(expression: sympy.Expr, symbol: sympy.Symbol, end: sympy.Expr) -> sympy.Expr:
    """What the expression is once the symbol is near enough to its end: each relu its argument, or 0."""
    if not expression.has(relu):
        return expression
    inner = [_eventually(part, symbol, end) for part in expression.args]
    if isinstance(expression, relu) and expression.has(symbol):
        return inner[0] if limit(inner[0], symbol, end) > 0 else sympy.Integer(0)
    return expression.func(*inner)
