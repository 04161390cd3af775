"""Functions that the model writes with relu, found in a formula and named: a hard sigmoid is shown as one."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import sympy

from rnnproof.model.activation import Activation, clipped, hard_sigmoid, relu


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
        return _clip_of_a_sum(formula)
    (z,) = formula.free_symbols
    numbers = sorted({abs(number) for number in formula.atoms(sympy.Rational) if number != 0}, key=str)
    inner = [(z, z), *((clipped(z, k), clip(z, k)) for k in numbers)]
    for (define, named), (value, shown), number in product(KNOWN, inner, numbers):
        if define(value, number) == formula:
            return named(shown, number)
    return _clip_of_a_sum(formula)


def _clip_of_a_sum(formula: sympy.Expr) -> sympy.Expr | None:
    """The clip of what stands beside the relus, if it is one."""
    beside = sympy.Add(*(term for term in formula.args if not term.has(relu)))
    limits = {abs(number) for part in formula.atoms(relu) for number in part.args[0].atoms(sympy.Rational)}
    found = (clip(beside, number) for number in limits if _relus(clipped(beside, number)) == _relus(formula))
    return next(found, None)


def _relus(formula: sympy.Expr) -> sympy.Expr:
    """The formula multiplied out, what a relu is taken of too."""
    return sympy.expand(
        formula.replace(lambda part: isinstance(part, relu), lambda part: relu(sympy.expand(*part.args)))
    )
