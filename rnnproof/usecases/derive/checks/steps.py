"""Checks of what is said of one step: what gates do, what stays bounded, the Jacobian, the direct path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import as_ball, precisely
from rnnproof.errors import Unsupported, VerificationFailed
from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.symbolic.roles import memories_where_uncut
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.accounts import Account, demand, measured, what
from rnnproof.usecases.derive.checks.drawn import POINTS, cases
from rnnproof.usecases.derive.checks.enclosed import bare, column, equal, holds, run, value, whole
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.pinned import without_recurrence
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

Env = Mapping[str, Any]
BITS = 1024  # a sigmoid of a large number is less than 1 in many digits only
MORE = 64 * BITS
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


def bounds(subject: Subject, statement: Statement) -> Account:
    """Each inequality: strictly for the real numbers, in balls; and in floats, for what is returned."""
    name, real, returned = what(subject, statement), 0, 0
    for case in _sized(subject):
        real += _of_real_numbers(subject, statement, case)
        with precisely(BITS):
            there = _returned_envs(subject, case)
            returned += sum(all_hold(statement.formulas, env, name, strictly=False) for env in there)
    demand(real > 0, name, "nothing could be looked at")
    who = f"{witness_of(subject.part).name}, and " if returned else ""
    return Account(f"{who}evaluation in balls", f"each inequality, at {POINTS} random points, small and large")


def _of_real_numbers(subject: Subject, statement: Statement, case: Case) -> int:
    """How many relations hold strictly; with MORE bits, where BITS do not tell a number from an end of its range."""

    def looked(bits: int) -> int:
        with precisely(bits):
            told = what(subject, statement)
            return sum(all_hold(statement.formulas, env, told, strictly=True) for env in envs(subject, case))

    try:
        return looked(BITS)
    except VerificationFailed:
        return looked(MORE)


def _sized(subject: Subject) -> Iterator[Case]:
    for k, case in enumerate(cases(subject.part)):
        scale = LARGE if k % 2 else 1.0
        yield replace(case, parameters={name: scale * array for name, array in case.parameters.items()})


def all_hold(formulas: Iterable[sympy.Basic], env: Env, name: str, strictly: bool) -> int:
    """How many of the relations could be looked at there."""
    looked = 0
    for formula in formulas:
        if isinstance(formula, sympy.core.relational.Relational) and not isinstance(formula, sympy.Eq):
            try:
                truth = holds(formula, env, strictly)
            except Unsupported:  # a name that is not returned
                continue
            demand(truth, name, f"{formula} does not hold at a random point")
            looked += 1
    return looked


def envs(subject: Subject, case: Case) -> Iterator[dict[str, Any]]:
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


def jacobian(subject: Subject, statement: Statement) -> Account:
    """Each J, its paths put in, against the rows that unit cotangents pull back through one step."""
    parts = [_jacobian(subject, statement, case) for case in cases(subject.part, steps=1, rows=1)]
    who = witness_of(subject.part)
    named = f"{who.name}" + " and autograd" * (who.target is not None)
    return measured(what(subject, statement), named, "each stored entry by each entry of a state", parts)


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
    formulas = [each for each in statement.formulas if isinstance(bare(each).lhs, sympy.core.function.AppliedUndef)]
    held = [formula for formula in statement.formulas if isinstance(bare(formula).lhs, sympy.Product)]
    parts = []
    for memory, formula in zip(memories_where_uncut(cell), formulas, strict=True):
        for case in cases(subject.part):
            parts.append(along(subject, case, memory.state.name, formula))
            _held(subject, statement, held, case)
    who = witness_of(subject.part)
    return measured(
        what(subject, statement), who.name, "the derivative carried back where no weight reads a state", parts
    )


def along(subject: Subject, drawn: Case, state: str, formula: sympy.Basic) -> Measured:
    """D(T) = a product of signals of each step against the gradient by the initial state.

    No weight leads from a state; where the formula has a condition, all numbers are small enough for it.
    """
    zero = {name: d if name == state else 0 * d for name, d in drawn.cotangents.state.items()}
    alone = Cotangents(np.zeros_like(drawn.cotangents.outputs), zero)
    case, exact = replace(without_recurrence(drawn, subject.cell), cotangents=alone), []
    with precisely():
        while not all(_where(formula, env) for env in _over_time(subject, case)):
            smaller = {name: array / 2 for name, array in case.parameters.items()}
            case = replace(case, parameters=smaller, state={name: array / 2 for name, array in case.state.items()})
        point, product = Point(case), bare(formula).rhs
        for row, env in enumerate(_over_time(subject, case)):
            exact.append((value(product, env) * column(case.cotangents.state[state][row]))[:, 0])
        name = f"d{state}"
        worst = max(ratio(got[name], np.ravel(exact), point.gradient_balls[name]) for got in point.gradients)
    return Measured({name: worst}, case.sizes.B)


def _over_time(subject: Subject, case: Case) -> Iterator[dict[str, Any]]:
    """Of each row every signal as a function of the step, and the number of steps."""
    for _, steps in steps_of(subject, case):
        every = [env for _, env in steps]
        yield {f"{name}()": partial(_at_step, every, name) for name in every[0]} | {"T": case.sizes.T}


def _where(formula: sympy.Basic, env: Env) -> bool:
    """Whether the condition of a formula, where it has one, is met at every step."""
    if not isinstance(formula, sympy.Implies):
        return True
    parts = formula.args[0].args if isinstance(formula.args[0], sympy.And) else (formula.args[0],)
    return all(holds(part, {**env, "t": t}) for part in parts for t in range(1, env["T"] + 1))


def _held(subject: Subject, statement: Statement, formulas: list[sympy.Eq], case: Case) -> None:
    """A product over all steps of what is held at one value, and the power of it, in balls."""
    with precisely():
        for _, steps in steps_of(subject, case):
            env = {**steps[0][1], "T": case.sizes.T}
            all_hold(statement.formulas, env, what(subject, statement), strictly=True)
            for formula in formulas:
                same = equal(value(formula.lhs, env), value(formula.rhs, env))
                demand(same, what(subject, statement), f"{formula} does not hold")


def _at_step(every: list[dict[str, Any]], name: str, t: Any) -> Any:
    """A signal of step t."""
    return every[whole(t) - 1][name]
