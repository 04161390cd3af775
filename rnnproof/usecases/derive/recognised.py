"""Functions that the model writes with relu, found in a formula and named: a hard sigmoid is shown as one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import sympy

from rnnproof.model.activation import Activation, clipped, hard_sigmoid


class hardsigmoid(sympy.Function):  # type: ignore[misc]
    """hard_sigmoid(z, slope) of model.activation by its name."""


class clip(sympy.Function):  # type: ignore[misc]
    """clipped(z, k) of model.activation by its name."""


KNOWN: tuple[tuple[Callable[..., sympy.Expr], type[sympy.Function]], ...] = (
    (hard_sigmoid, hardsigmoid),
    (clipped, clip),
)


def recognised(formula: sympy.Basic) -> sympy.Basic:
    """The formula with hard sigmoids and clips by their names, wherever they stand."""
    if not formula.args or not formula.has(Activation):
        return formula
    if formula.is_Add and (named := _named(formula)) is not None:
        return named
    args = [recognised(part) for part in formula.args]
    return formula if args == list(formula.args) else _rebuilt(formula, args)


def _rebuilt(formula: sympy.Basic, args: list[sympy.Basic]) -> sympy.Basic:
    if isinstance(formula, (sympy.Add, sympy.Mul, sympy.core.relational.Relational)):
        return formula.func(*args, evaluate=False)
    return formula.func(*args)


def _named(formula: sympy.Expr) -> sympy.Expr | None:
    """The call whose definition in the model is this sum; None where there is none."""
    if len(formula.free_symbols) != 1:
        return None
    (z,) = formula.free_symbols
    numbers = sorted({abs(number) for number in formula.atoms(sympy.Rational) if number != 0}, key=str)
    inner = [(z, z), *((clipped(z, k), clip(z, k)) for k in numbers)]
    for (define, named), (value, shown), number in product(KNOWN, inner, numbers):
        if define(value, number) == formula:
            return named(shown, number)
    return None
