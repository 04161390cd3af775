"""Checks of derivations about one step: each formula of a step of the derivation, in balls, at random points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import as_ball, precisely
from rnnproof.errors import Unsupported
from rnnproof.model.activation import exp, reciprocal
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Softmax, signal
from rnnproof.symbolic.roles import elementwise
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.accounts import demand, unknown, what
from rnnproof.usecases.derive.checks.drawn import CASES, cases
from rnnproof.usecases.derive.checks.enclosed import bare, equal, holds, near, slope, value
from rnnproof.usecases.derive.checks.points import pulled
from rnnproof.usecases.derive.checks.steps import BITS, Env, along, envs
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

Forms = Mapping[str, sympy.Expr]
HALVES = (sympy.Rational(1, 4), sympy.Rational(3, 4))  # how a bias is split into two that are added


def of_one_step(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """Each formula, with the signals of random steps for its names."""
    forms = _forms(subject.cell, statement)
    left = list(steps)  # of which no random run has met the condition yet
    for case in cases(subject.part, rows=1):
        with precisely(BITS):
            for env in envs(subject, case):
                there = [step for step in steps if _applies(step.formula, env)]
                for step in there:
                    _demand(subject, statement, step, true_at(step.formula, subject.cell, forms, env))
                left = [step for step in left if step not in there]
    if left:
        raise unknown(left[0])
    return f"evaluation in balls in {CASES} random runs"


def _applies(formula: sympy.Basic, env: Env) -> bool:
    """Whether the condition of a formula that has one is met there, for every unit."""
    return not isinstance(formula, sympy.Implies) or holds(formula.args[0], env)


def _demand(subject: Subject, statement: Statement, step: Step, truth: bool) -> None:
    demand(truth, what(subject, statement), f"{step.reason}: {step.formula} does not hold")


def _forms(cell: Cell, statement: Statement) -> Forms:
    """What each elementwise signal is; what the derivation writes for it, where it does, which is checked too."""
    every = (bare(step.formula) for step in statement.steps)
    written = {formula.lhs.name: formula.rhs for formula in every if _defines(formula, cell)}
    return {**elementwise(cell), **written}


def _defines(formula: sympy.Basic, cell: Cell) -> bool:
    return isinstance(formula, sympy.Eq) and formula.lhs.is_Symbol and formula.lhs.name in elementwise(cell)


def true_at(formula: sympy.Basic, cell: Cell, forms: Forms, env: Env) -> bool:
    """Whether a relation holds there: a derivative as the mean value theorem allows.

    Errors: Unsupported for what is no relation.
    """
    if isinstance(formula, sympy.Implies):
        return true_at(formula.args[1], cell, forms, env)
    if isinstance(formula, (sympy.And, sympy.Tuple)):
        return all(true_at(part, cell, forms, env) for part in formula.args)
    if not isinstance(formula, sympy.core.relational.Relational):
        raise Unsupported(f"no truth of {formula}")
    if not isinstance(formula, sympy.Eq):
        return holds(formula, env)
    if isinstance(formula.lhs, sympy.Derivative):
        name = str(formula.lhs.expr.func)
        return slope(formula, {name: forms[name]}, env)
    if isinstance(formula.lhs, (sympy.Subs, sympy.Limit)) and not _of_the_cell(formula.lhs.args[0], cell, env):
        return False
    same = near if isinstance(formula.lhs, sympy.Limit) else equal
    return same(value(formula.lhs, env), value(formula.rhs, env))


def _of_the_cell(expression: sympy.Expr, cell: Cell, env: Env) -> bool:
    """Whether it is the value of one of the cell's signals."""
    here = value(expression, env)
    return any(np.shape(env[name]) == np.shape(here) and equal(here, env[name]) for name in elementwise(cell))


def of_the_path(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The products of the first steps, D(1), D(2), ..., against gradients where no weight leads from a state."""
    cell, of_each_state, others = subject.cell, {stored: state for state, stored in subject.cell.states}, []
    state = ""
    for step in statement.steps:
        formula = bare(step.formula)
        state = of_each_state[formula.lhs.name] if _defines(formula, cell) else state
        if step in steps and isinstance(formula.lhs, sympy.core.function.AppliedUndef):
            (count,) = formula.lhs.args
            if not count.is_Integer:
                raise unknown(step)
            for case in cases(subject.part, steps=int(count), rows=1):
                worst = along(subject, case, state, step.formula).worst
                _demand(subject, statement, step, worst <= 1)
        elif step in steps:
            others.append(step)
    told = of_one_step(subject, statement, others)
    return f"{witness_of(subject.part).name} and {told}"


def of_the_chain(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """Each derivative, made from those before it, against the formulas that are checked; each local one by itself."""
    cell = subject.cell
    for case in cases(subject.part, steps=1, rows=1):
        with precisely():
            for _, env in pulled(subject.part, cell, statement.formulas, case, 0):
                _through(subject, statement, steps, {**env, **dict(_of_a_row(cell, env))})
    return f"evaluation in balls in {CASES} random runs"


def _through(subject: Subject, statement: Statement, steps: Sequence[Step], known: dict[str, Any]) -> None:
    forms = {**elementwise(subject.cell), **_softmax_forms(subject.cell)}
    for step in (each for each in statement.steps if each in steps):
        left = step.formula.lhs
        if isinstance(left, (sympy.Symbol, sympy.MatrixSymbol)) and left.name not in known:
            known[left.name] = value(step.formula.rhs, known)
        elif isinstance(left, sympy.Derivative):
            inside = [str(left.expr.func), *(s.name for s in step.formula.rhs.free_symbols if s.name in _pair(left))]
            _demand(subject, statement, step, slope(step.formula, {name: forms[name] for name in inside}, known))
        else:
            _demand(subject, statement, step, equal(value(left, known), value(step.formula.rhs, known)))


def _pair(derivative: sympy.Derivative) -> set[str]:
    """The two entries y_j and y_k of a softmax, of which both move."""
    target = str(derivative.expr.func).removesuffix("_j").removesuffix("_k")
    return {f"{target}_{letter}" for letter in "jk"}


def _softmaxes(cell: Cell) -> Iterator[Softmax]:
    return (equation for equation in cell.equations if isinstance(equation, Softmax))


def _softmax_forms(cell: Cell) -> dict[str, sympy.Expr]:
    """y_j = exp(z_j) / (exp(z_j) + exp(z_k) + the rest), and y_k."""
    found = {}
    for equation in _softmaxes(cell):
        j, k, rest = (signal(f"{equation.source}_{index}") for index in ("j", "k", "rest"))
        for letter, z in zip("jk", (j, k), strict=True):
            found[f"{equation.target}_{letter}"] = exp(z) * reciprocal(exp(j) + exp(k) + rest)
    return found


def _of_a_row(cell: Cell, env: Env) -> Iterator[tuple[str, Any]]:
    """The first two entries of what a softmax reads; what all others add to its sum is positive."""
    for equation in _softmaxes(cell):
        for row, letter in enumerate("jk"):
            yield f"{equation.source}_{letter}", env[equation.source][row, 0]
        yield f"{equation.source}_rest", as_ball(1)


def of_biases(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """What is paired with each pre-activation, its bias split in two; and the local derivatives."""
    cell, gradients = subject.cell, subject.gradients
    assert gradients is not None
    for case in cases(subject.part, steps=1, rows=1):
        with precisely():
            ((_, env),) = pulled(subject.part, cell, gradients.formulas, case, 0)
            biases = [e.bias for e in cell.equations if isinstance(e, Affine) and e.bias]
            split = {f"{bias}_{k}": env[bias] * as_ball(part) for bias in biases for k, part in enumerate(HALVES, 1)}
            for step in steps:
                truth = true_at(step.formula, cell, elementwise(cell), {**env, **split})
                _demand(subject, statement, step, truth)
    return f"evaluation in balls at {CASES} random points"
