"""Checks of what gates do: what a cell returns with its gates at 0 or 1 in floats, against the formulas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import sympy

from rnnproof.catalogue import network as named
from rnnproof.domains.ball import as_ball, precisely
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine
from rnnproof.symbolic.elman_reduction import ELMAN, EQUATION, elman_name
from rnnproof.symbolic.roles import elementwise, expanded, gates
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.accounts import Account, demand, measured, what
from rnnproof.usecases.derive.checks.drawn import POINTS, cases
from rnnproof.usecases.derive.checks.enclosed import DIGITS, FAR, bare, column, equal, holds, right_of, value
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.one_step import of_one_step
from rnnproof.usecases.derive.checks.pinned import pinned
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.steps import Env, all_hold, result_of, steps_of
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

APART = 2.0**6  # how much larger than else a state is, so that it is told from what else is in a bound


def effects(subject: Subject, statement: Statement) -> Account:
    """Each formula with its gates put at 0 or 1: both sides, and what is returned with them there, where it is."""
    of_one_step(subject, statement, [Step("a gate's end", f) for f in statement.formulas if not _over_time(f)])
    parts = [part for formula in statement.formulas for part in _effect(subject, formula)]
    parts += [part for formula in statement.formulas for part in _kept(subject, statement, formula)]
    if not parts:
        return Account("evaluation in balls", f"both sides of each formula, equal to {DIGITS} digits at random points")
    who = f"evaluation in balls, both sides of each formula, and {witness_of(subject.part).name}"
    return measured(what(subject, statement), who, "what it computes with its gates put at their ends", parts)


def _over_time(formula: sympy.Basic) -> bool:
    """Whether it is of all steps, c(T) = c_0."""
    return isinstance(bare(formula).lhs, sympy.core.function.AppliedUndef)


def _effect(subject: Subject, formula: sympy.Eq) -> list[Measured]:
    cell = subject.cell
    if not isinstance(bare(formula).lhs, sympy.Subs):
        return []
    targets = [e for e in elementwise(cell) if result_of(cell, e) and expanded(cell, e) == formula.lhs.expr]
    values = dict(zip((gate.name for gate in formula.lhs.variables), formula.lhs.point, strict=True))
    return [part for target in targets[:1] for part in at_their_ends(subject, target, values, formula.rhs)]


def _kept(subject: Subject, statement: Statement, formula: sympy.Basic) -> list[Measured]:
    """s(T) = s_0, the gates where the formula of one step that it follows from puts them, against the last state."""
    if not _over_time(formula):
        return []
    of_a_step = [each.lhs for each in statement.formulas if not _over_time(each)]
    put = of_a_step[[each for each in statement.formulas if _over_time(each)].index(formula)]
    values = {gate.name: int(end) for gate, end in zip(put.variables, put.point, strict=True)}
    claimed, found = bare(formula), []
    state = type(claimed.lhs).__name__
    for case in cases(subject.part):
        there = pinned(_within(case, state, formula), subject.cell, values)
        if there is not None:
            with precisely():
                rows = [value(claimed.rhs, {f"{state}_0": column(row)})[:, 0] for row in there.state[state]]
                point = Point(there)
                worst = ratio(point.results[state], np.stack(rows), point.result_balls[state])
            found.append(Measured({state: worst}, case.sizes.B))
    return found


def _within(case: Case, state: str, formula: sympy.Basic) -> Case:
    """The case with an initial state that is small enough for the formula's condition, where it has one."""
    begun = case.state[state]
    while isinstance(formula, sympy.Implies) and not holds(formula.args[0], {f"{state}_0": column(begun.ravel())}):
        begun = begun / 2
    return replace(case, state={**case.state, state: begun})


def at_their_ends(subject: Subject, target: str, values: Mapping[str, Any], result: sympy.Expr) -> list[Measured]:
    """What is returned for a signal with gates at their ends, against the formula; nothing, where that cannot be."""
    found = []
    for case in cases(subject.part, steps=1):
        there = pinned(case, subject.cell, {name: int(end) for name, end in values.items() if end in (0, 1)})
        if there is None or len(values) > sum(end in (0, 1) for end in values.values()):
            return []
        found.append(_returned(subject, Point(there), target, result))
    return found


def _returned(subject: Subject, point: Point, target: str, result: sympy.Expr) -> Measured:
    name, case = result_of(subject.cell, target), point.case
    assert name is not None
    with precisely():
        exact = [_column(value(result, steps[0][1]), case.sizes.H) for _, steps in steps_of(subject, case)]
        got, ball = point.results[name], point.result_balls[name]
        return Measured({target: ratio(got, np.ravel(exact), ball)}, case.sizes.B)


def _column(number: Any, rows: int) -> Any:
    return np.broadcast_to(np.asarray(number, dtype=object), (rows, 1))[:, 0]


def elman_step(subject: Subject, statement: Statement) -> Account:
    """The step with its gates at their constants against the activation of a sum; and how far it is else."""
    name = what(subject, statement)
    put = next(part for each in statement.steps for part in each.formula.atoms(sympy.Subs))
    values = {gate.name: end for gate, end in zip(put.variables, put.point, strict=True)}
    step, *others = statement.formulas
    elman = next(e for e in named(_elman(statement)).cell.equations if isinstance(e, Affine))
    names = {s.name: other.rhs for other in others if isinstance(other, sympy.Eq) for s in [other.lhs]}
    _far_from_it(subject, statement, names, values)
    parts = []
    for case in cases(subject.part, steps=1):
        with precisely():
            for _, steps in steps_of(subject, case):
                env = _with(names, steps[0][1])
                all_hold(statement.formulas, env, name, strictly=True)
                theirs = _of_an_elman_step(subject.cell, env)
                same = equal(right_of(elman, theirs), theirs[elman.target])
                demand(same, name, "its sum is another than an Elman step's")
        there = pinned(case, subject.cell, {gate: int(end) for gate, end in values.items()})
        if there is not None:
            parts.append(_step_at_ends(subject, Point(there), step, names))
    who = witness_of(subject.part).name
    if not parts:
        return Account("evaluation in balls", f"how far it is from an Elman step, at {POINTS} random points")
    return measured(name, who, "what it computes with its gates put at their ends", parts)


def _with(names: Mapping[str, sympy.Basic], env: Env) -> dict[str, Any]:
    """With what the formulas define."""
    found = dict(env)
    for defined, formula in names.items():
        found[defined] = value(formula, found)
    return found


def _far_from_it(
    subject: Subject, statement: Statement, names: Mapping[str, sympy.Basic], values: Mapping[str, Any]
) -> None:
    """Each gate in turn away from its constant and the others at theirs: its own term alone has to be enough."""
    with precisely():
        for k, case in enumerate(cases(subject.part, steps=1)):
            large = {state: array * (APART if k % 2 else 1) for state, array in case.state.items()}
            for _, steps in steps_of(subject, replace(case, state=large)):
                for there in _each_away(subject.cell, steps[0][1], values):
                    all_hold(statement.formulas, _with(names, there), what(subject, statement), strictly=True)


def _each_away(cell: Cell, env: Env, values: Mapping[str, Any]) -> Iterator[Env]:
    """One gate's pre-activation as it is, and small beside the states, those of the others far out."""
    ends = {
        gate.z.name: as_ball(FAR if values[gate.name] == 1 else -FAR) for gate in gates(cell) if gate.name in values
    }
    for away, size in product(ends, (1, APART**-2)):
        there = {**env, **{z: env[z] * 0 + end for z, end in ends.items()}, away: env[away] * as_ball(size)}
        for equation in cell.equations:
            if equation.target not in ends:
                there[equation.target] = right_of(equation, there)
        yield there


def _of_an_elman_step(cell: Cell, env: Env) -> Env:
    """What the Elman network's names stand for: its input and state are the cell's."""
    state = next(name for name, stored in cell.states if stored == cell.output)
    called = {name: elman_name(cell, name) for name in (EQUATION.target, *ELMAN.parameters)}
    own = {name: env[other] for name, other in called.items() if other in env}
    return {**env, **own, ELMAN.input: env[cell.input], ELMAN.state_names[0]: env[state]}


def _elman(statement: Statement) -> str:
    """The Elman network that the formulas give coefficients for."""
    given = {formula.lhs.name for formula in statement.formulas if isinstance(formula, sympy.Eq)}
    return "elman" if any(name.startswith("b_") for name in given) else "elman:bias=false"


def _step_at_ends(subject: Subject, point: Point, step: sympy.Eq, names: Mapping[str, sympy.Basic]) -> Measured:
    target = str(step.lhs.name)
    returned, case = result_of(subject.cell, target), point.case
    assert returned is not None
    with precisely():
        exact = []
        for _, steps in steps_of(subject, case):
            env = dict(steps[0][1])
            for name, formula in names.items():
                env[name] = value(formula, env)
            exact.append(_column(value(step.rhs, env), case.sizes.H))
        return Measured(
            {target: ratio(point.results[returned], np.ravel(exact), point.result_balls[returned])}, case.sizes.B
        )
