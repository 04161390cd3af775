"""Checks of what is said of one step: what gates do, what stays bounded, the Jacobian, the direct path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import as_ball, precisely
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.symbolic.roles import elementwise, expanded, memories
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.accounts import Account, demand, measured
from rnnproof.usecases.derive.checks import Point
from rnnproof.usecases.derive.drawn import POINTS, cases
from rnnproof.usecases.derive.enclosed import column, holds, run, value
from rnnproof.usecases.derive.measure import Measured, ratio
from rnnproof.usecases.derive.pinned import pinned, without_recurrence
from rnnproof.usecases.derive.subject import Subject
from rnnproof.usecases.derive.witness import witness_of

Env = Mapping[str, Any]
BITS = 1024  # a sigmoid of a large number is less than 1 in many digits only
LARGE = 8.0  # as many times as large as else are the numbers for which what stays bounded is looked at


def steps_of(subject: Subject, case: Case) -> Iterator[tuple[int, list[tuple[int, dict[str, Any]]]]]:
    """Each row with its steps in balls."""
    backward = subject.network.direction == "backward"
    for row in range(case.sizes.B):
        yield row, list(run(subject.cell, case, row, backward))


def result_of(cell: Cell, target: str) -> str | None:
    """The name under which whoever runs the cell returns a signal; None for one that is not returned."""
    if target == cell.output:
        return "outputs"
    return next((state for state, stored in cell.states if stored == target), None)


def effects(subject: Subject, statement: Statement) -> Account:
    """Each formula with its gates put at 0 or 1, against what is returned with them there."""
    parts = [part for formula in statement.formulas for part in _effect(subject, formula)]
    who = witness_of(subject.part).name
    if not parts:
        return _both_sides(subject, statement)
    return measured(_what(subject, statement), who, "the gates at their ends in floats", parts)


def _what(subject: Subject, statement: Statement) -> str:
    return f"{subject.network.name}, {statement.name}"


def _effect(subject: Subject, formula: sympy.Eq) -> list[Measured]:
    cell = subject.cell
    if not isinstance(formula.lhs, sympy.Subs):
        return []
    targets = [e for e in elementwise(cell) if result_of(cell, e) and expanded(cell, e) == formula.lhs.expr]
    values = dict(zip((gate.name for gate in formula.lhs.variables), formula.lhs.point, strict=True))
    return [part for target in targets[:1] for part in at_their_ends(subject, target, values, formula.rhs)]


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


def _both_sides(subject: Subject, statement: Statement) -> Account:
    """The two sides of each formula in balls, the gates put at their ends in them."""
    for case in cases(subject.part, steps=1):
        with precisely():
            for _, steps in steps_of(subject, case):
                for formula in statement.formulas:
                    if isinstance(formula.lhs, sympy.Subs):
                        _overlap(subject, statement, formula, steps[0][1])
    return Account("Arb's balls", f"both sides of each formula, {POINTS} random points, equal to {DIGITS} digits")


DIGITS = 40


def _overlap(subject: Subject, statement: Statement, formula: sympy.Eq, env: Env) -> None:
    at = {s.name: as_ball(end) for s, end in zip(formula.lhs.variables, formula.lhs.point, strict=True)}
    left, right = value(formula.lhs.expr, {**env, **at}), value(formula.rhs, env)
    apart = np.ravel(np.asarray(left - right, dtype=object))
    demand(all(abs(d) < 10.0**-DIGITS for d in apart), _what(subject, statement), f"{formula} does not hold")


def bounds(subject: Subject, statement: Statement) -> Account:
    """Each inequality: strictly for the real numbers, in balls; and in floats, for what is returned."""
    what, seen = _what(subject, statement), 0
    for case in _sized(subject):
        with precisely(BITS):
            for env in _envs(subject, case):
                seen += _all_hold(statement.formulas, env, what, strictly=True)
            for env in _returned_envs(subject, case):
                seen += _all_hold(statement.formulas, env, what, strictly=False)
    demand(seen > 0, what, "nothing could be looked at")
    who = witness_of(subject.part).name
    return Account(f"{who}, and the real numbers in Arb's balls", f"{POINTS} random points, small and large")


def _sized(subject: Subject) -> Iterator[Case]:
    for k, case in enumerate(cases(subject.part)):
        scale = LARGE if k % 2 else 1.0
        yield replace(case, parameters={name: scale * array for name, array in case.parameters.items()})


def _all_hold(formulas: Iterable[sympy.Basic], env: Env, what: str, strictly: bool) -> int:
    """How many of the relations could be looked at there."""
    looked = 0
    for formula in formulas:
        if isinstance(formula, sympy.core.relational.Relational) and not isinstance(formula, sympy.Eq):
            try:
                truth = holds(formula, env, strictly)
            except Unsupported:  # a name that is not returned
                continue
            demand(truth, what, f"{formula} does not hold at a random point")
            looked += 1
    return looked


def _envs(subject: Subject, case: Case) -> Iterator[dict[str, Any]]:
    """Every step of every row: its signals, the number of steps so far, where the states began and are."""
    for row, steps in steps_of(subject, case):
        begun = {f"{name}_0": column(case.state[name][row]) for name in subject.cell.state_names}
        for count, (_, env) in enumerate(steps, 1):
            now = {f"{state}_T": env[stored] for state, stored in subject.cell.states}
            yield {**env, **begun, **now, "T": as_ball(count)}


def _returned_envs(subject: Subject, case: Case) -> Iterator[dict[str, Any]]:
    """The same of what is returned after all steps, as floats."""
    cell, found = subject.cell, Point(case).results
    last = 0 if subject.network.direction == "backward" else -1
    for row in range(case.sizes.B):
        env = {f"{name}_0": column(case.state[name][row]) for name in cell.state_names}
        env |= {f"{name}_T": column(found[name][row]) for name in cell.state_names}
        yield {**env, cell.output: column(found["outputs"][last, row]), "T": as_ball(case.sizes.T)}


def elman_step(subject: Subject, statement: Statement) -> Account:
    """The step with its gates at their constants against the activation of a sum; and how far it is else."""
    what = _what(subject, statement)
    put = next(part for step in statement.steps for part in step.formula.atoms(sympy.Subs))
    values = {gate.name: end for gate, end in zip(put.variables, put.point, strict=True)}
    equal, *others = statement.formulas
    names = {s.name: other.rhs for other in others if isinstance(other, sympy.Eq) for s in [other.lhs]}
    parts = []
    for case in cases(subject.part, steps=1):
        with precisely():
            for _, steps in steps_of(subject, case):
                env = steps[0][1]
                for name, formula in names.items():
                    env[name] = value(formula, env)
                _all_hold(statement.formulas, env, what, strictly=True)
        there = pinned(case, subject.cell, {name: int(end) for name, end in values.items()})
        if there is not None:
            parts.append(_step_at_ends(subject, Point(there), equal, names))
    who = witness_of(subject.part).name
    if not parts:
        return Account("Arb's balls", f"how far it is from an Elman step, {POINTS} random points")
    return measured(what, who, "the gates at their ends in floats", parts)


def _step_at_ends(subject: Subject, point: Point, equal: sympy.Eq, names: Mapping[str, sympy.Basic]) -> Measured:
    target = str(equal.lhs.name)
    returned, case = result_of(subject.cell, target), point.case
    assert returned is not None
    with precisely():
        exact = []
        for _, steps in steps_of(subject, case):
            env = dict(steps[0][1])
            for name, formula in names.items():
                env[name] = value(formula, env)
            exact.append(_column(value(equal.rhs, env), case.sizes.H))
        return Measured(
            {target: ratio(point.results[returned], np.ravel(exact), point.result_balls[returned])}, case.sizes.B
        )


def jacobian(subject: Subject, statement: Statement) -> Account:
    """Each J, its paths put in, against the rows that unit cotangents pull back through one step."""
    parts = [_jacobian(subject, statement, case) for case in cases(subject.part, steps=1, rows=1)]
    who = witness_of(subject.part)
    named = f"{who.name}" + " and autograd" * (who.target is not None)
    return measured(_what(subject, statement), named, "one unit cotangent after the other", parts)


def _jacobian(subject: Subject, statement: Statement, case: Case) -> Measured:
    cell, ratios = subject.cell, {}
    with precisely():
        env = dict(next(steps_of(subject, case))[1][0][1])
        for formula in statement.formulas:
            env[formula.lhs.name] = value(formula.rhs, env)
    for kept, stored in cell.states:
        units = case.state[kept].shape[-1]
        point = Point(_unit_cotangents(case, kept, units))
        for state in cell.state_names:
            exact = np.broadcast_to(
                np.asarray(env.get(f"J_{stored}_{state}", as_ball(0)), dtype=object),
                (units, case.state[state].shape[-1]),
            )
            with precisely():
                ball = point.gradient_balls[f"d{state}"]
                ratios[f"{stored} by {state}"] = max(ratio(got[f"d{state}"], exact, ball) for got in point.gradients)
    return Measured(ratios, 1)


def _unit_cotangents(case: Case, kept: str, units: int) -> Case:
    """One row for each unit of what is stored, its cotangent 1 and all others 0."""

    def rows(array: Array, axis: int) -> Array:
        return np.repeat(array, units, axis)

    state = {name: np.zeros_like(rows(value, 0)) for name, value in case.state.items()}
    state[kept] = np.eye(units)
    return replace(
        case,
        sizes=replace(case.sizes, B=units),
        x=rows(case.x, 1),
        state={name: rows(value, 0) for name, value in case.state.items()},
        cotangents=Cotangents(np.zeros_like(rows(case.cotangents.outputs, 1)), state),
    )


def direct(subject: Subject, statement: Statement) -> Account:
    """The product over all steps against the gradient by the initial state where no weight sees a state."""
    cell = subject.cell
    formulas = [formula for formula in statement.formulas if formula.has(sympy.Product)]
    parts = []
    for memory, formula in zip(memories(cell), formulas, strict=True):
        for case in cases(subject.part):
            alone = Cotangents(
                np.zeros_like(case.cotangents.outputs),
                {name: d if name == memory.state.name else 0 * d for name, d in case.cotangents.state.items()},
            )
            point = Point(replace(without_recurrence(case, cell), cotangents=alone))
            parts.append(_direct(subject, point, memory.state.name, formula.rhs))
    who = witness_of(subject.part)
    return measured(_what(subject, statement), who.name, "no weight leading from a state", parts)


def _direct(subject: Subject, point: Point, state: str, product: sympy.Basic) -> Measured:
    case, exact = point.case, []
    with precisely():
        for row, steps in steps_of(subject, case):
            every = [env for _, env in steps]
            names = {call: type(call).__name__ for call in product.atoms(sympy.core.function.AppliedUndef)}
            env: dict[str, Any] = {f"{name}()": partial(_at_step, every, name) for name in names.values()}
            env["T"] = case.sizes.T
            exact.append((value(product, env) * column(case.cotangents.state[state][row]))[:, 0])
        name = f"d{state}"
        worst = max(ratio(got[name], np.ravel(exact), point.gradient_balls[name]) for got in point.gradients)
    return Measured({name: worst}, case.sizes.B)


def _at_step(every: list[dict[str, Any]], name: str, t: int) -> Any:
    """A signal of step t."""
    return every[t - 1][name]
