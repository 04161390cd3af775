"""Checks of what can depend on what: which entries of d y_t / d x_s a backward pass finds to be zero."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import sympy

from rnnproof.model.case import Case, Cotangents
from rnnproof.reference.implementation import Reference
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.accounts import Account, demand, what
from rnnproof.usecases.derive.checks.drawn import CASES, cases
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

SHORT = 2  # the length of a row that ends before the last step


def pattern(subject: Subject, statement: Statement) -> Account:
    """Every derivative at random points: zero where the formula says so, and somewhere not zero where it does not."""
    return _looked_at(subject, statement, None)


def pattern_with_lengths(subject: Subject, statement: Statement) -> Account:
    """The same of rows that end."""
    return _looked_at(subject, statement, SHORT)


def _looked_at(subject: Subject, statement: Statement, length: int | None) -> Account:
    moved = moving(subject, length)
    steps, shown, name = len(moved), _shown(statement), what(subject, statement)
    allowed = np.ones_like(moved)
    for t, s in np.ndindex(steps, steps):
        allowed[t, s] = not _vanishes(statement.formulas, {"t": t + 1, "s": s + 1, "n": length or steps})
        right = allowed[t, s] if moved[t, s] else not allowed[t, s] or (t + 1, s + 1) not in shown
        demand(right, name, f"d y_{t + 1} / d x_{s + 1} is {'not ' if moved[t, s] else ''}zero at random points")
    for printed in statement.formulas:
        if isinstance(printed, sympy.MatrixBase):
            demand(_has(printed, allowed), name, f"{printed}: its entries are others")
    rows = f", in rows of length {length}" if length else ""
    what_is = f"the derivative of every output by every input over {steps} steps{rows}"
    words = f"{what_is}, at {CASES} random points; zero where it is said, and not where that is shown"
    return Account(witness_of(subject.network).name, words)


@cache
def moving(subject: Subject, length: int | None) -> Any:
    """Whether output t moves with input s at one of the random points. Shapes: (T,T)."""
    drawn = list(cases(subject.network, rows=1))
    return np.array([[_moves(subject, case, t, length) for t in range(case.sizes.T)] for case in drawn]).any(axis=0)


def _vanishes(formulas: Iterable[sympy.Basic], at: dict[str, int]) -> bool:
    """Whether one of the formulas says that the derivative is zero there."""
    for formula in formulas:
        if isinstance(formula, sympy.Implies):
            where = formula.args[0]
            if where.subs({symbol: at[symbol.name] for symbol in where.free_symbols}) == sympy.true:
                return True
    return False


def _shown(statement: Statement) -> set[tuple[int, int]]:
    """The (t, s) of which the derivation shows that the derivative is not zero."""
    bounds = [part for step in statement.steps if isinstance(step.formula, sympy.Tuple) for part in step.formula.args]
    found = {d for part in bounds for d in part.atoms(sympy.Derivative)}
    return {(int(str(d.expr.func)[2:]), int(str(d.variables[0])[2:])) for d in found}


def _has(printed: sympy.MatrixBase, allowed: Any) -> bool:
    """Whether entry (t, s) is d y_t / d x_s where that is not said to be zero, and else 0."""
    return all(
        _is_derivative(printed[t, s], t + 1, s + 1) if allowed[t, s] else printed[t, s] == 0
        for t, s in np.ndindex(*printed.shape)
    )


def _is_derivative(entry: sympy.Expr, t: int, s: int) -> bool:
    return isinstance(entry, sympy.Derivative) and (str(entry.expr.func), [str(x) for x in entry.variables]) == (
        f"y_{t}",
        [f"x_{s}"],
    )


def _moves(subject: Subject, case: Case, t: int, length: int | None) -> Any:
    """Whether output t moves with each input, by a cotangent on that output alone. Shapes: (T,)."""
    only = np.zeros_like(case.cotangents.outputs)
    only[t] = case.cotangents.outputs[t]
    state = {name: np.zeros_like(d) for name, d in case.cotangents.state.items()}
    asked = replace(case, cotangents=Cotangents(only, state), lengths=None if length is None else np.array([length]))
    target = witness_of(subject.network).target
    if target is None:
        built = Reference().build(asked.network, asked.parameters, "float64")
        found = built.run(asked.x, asked.state, asked.lengths, asked.cotangents).gradients
        assert found is not None
        d_x = np.asarray(found.x)
    else:
        d_x = target.grad(asked.parameters, asked.x, asked.state, {"outputs": only, "state": state}, asked.lengths)["x"]
    return np.abs(d_x).max(axis=(1, 2)) != 0
