"""Checks of what is said of a state that is stored anew: what its derivation says, and what code gives back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import sympy

from rnnproof.domains.ball import precisely
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, signal
from rnnproof.model.network import Network
from rnnproof.symbolic.roles import elementwise
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.accounts import Account, demand, unknown, what
from rnnproof.usecases.derive.checks.drawn import CASES, POINTS, cases
from rnnproof.usecases.derive.checks.enclosed import equal, slope, value
from rnnproof.usecases.derive.checks.pinned import without_recurrence
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.steps import Env, envs
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject


def stored_anew(subject: Subject, statement: Statement) -> Account:
    """With no weight leading from a state, the derivative by it is zero; with weight 1 it is given back, where told."""
    network, cell, name = subject.network, subject.cell, what(subject, statement)
    _in_common(subject, statement, statement.formulas)
    for drawn in cases(network, steps=1):
        found = Point(without_recurrence(drawn, cell)).gradients[0]
        for formula in statement.formulas:
            for state in cell.state_names if isinstance(formula, sympy.Eq) else ():
                if isinstance(formula.lhs, sympy.Derivative):
                    demand(bool(np.all(found[f"d{state}"] == float(formula.rhs))), name, f"d{state} is another")
                else:
                    demand(_given_back(network, drawn, state, float(formula.rhs)), name, f"{formula}: it is not kept")
    who = witness_of(network).name
    return Account(who, f"the derivative by a state, which is 0 where no weight reads it, at {POINTS} random points")


def _given_back(network: Network, drawn: Case, state: str, rest: float) -> bool:
    """Whether units with the recurrent weight 1, and this for the rest of their sum, give back what they hold."""
    own = {key: np.full_like(each, rest if each.ndim == 1 else 0) for key, each in drawn.parameters.items()}
    recurrent = [w for e in network.cell.equations if isinstance(e, Affine) for w, s in e.terms if s == state]
    own |= {weight: np.eye(len(own[weight])) for weight in recurrent}
    held = {key: np.abs(each) for key, each in drawn.state.items()}
    with_rest = rest == 0 or any(each.ndim == 1 for each in own.values())
    final = Point(replace(drawn, parameters=own, state=held)).results[state]
    return with_rest and bool(np.array_equal(final, held[state]))


def of_overwriting(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """What a unit stores by its own value, the derivative of that, and the coefficients of the powers of the state."""
    first, hypothesis, derivative, *others = (step.formula for step in statement.steps)
    if first not in statement.formulas:
        raise unknown(statement.steps[0])
    for case in cases(subject.part, steps=1, rows=1):
        with precisely():
            for env in envs(subject, case):
                told = _by_own_value(subject.cell, hypothesis, derivative, env)
                demand(told, what(subject, statement), f"{hypothesis} or {derivative} does not hold")
    coefficients = [each for each in others if isinstance(each, sympy.Eq) and each not in statement.formulas]
    right = {each.lhs for each in coefficients} == set(_powers(statement)) and all(e.rhs == 0 for e in coefficients)
    demand(right, what(subject, statement), f"{coefficients}: the coefficients are others")
    _in_common(subject, statement, others)
    return f"evaluation in balls at {CASES} random points, and by solving each equation by itself"


def _powers(statement: Statement) -> tuple[sympy.Expr, ...]:
    """What stands before each power of the state in u f' - 1."""
    _, hypothesis, derivative, *_ = (step.formula for step in statement.steps)
    whole = sympy.expand(derivative.lhs - derivative.rhs)
    return tuple(sympy.collect(whole, hypothesis.rhs, evaluate=False).values())


def _in_common(subject: Subject, statement: Statement, formulas: Sequence[sympy.Basic]) -> None:
    """Where a set of weights is given, that it is of those which make every coefficient zero."""
    powers = _powers(statement)
    for formula in (each for each in formulas if isinstance(each, sympy.Contains)):
        u, values = formula.args
        right = {u} >= set().union(*(each.free_symbols for each in powers)) and values == _common(powers, u)
        demand(right, what(subject, statement), f"{formula}: the roots in common are others")


def _common(powers: Sequence[sympy.Expr], u: sympy.Symbol) -> sympy.Set:
    """What makes each of the polynomials in u zero."""
    roots = [sympy.FiniteSet(*sympy.roots(each, u)) for each in powers if each.has(u)]
    return sympy.EmptySet if any(each.is_number for each in powers) else sympy.Intersection(*roots)


def _by_own_value(cell: Cell, hypothesis: sympy.Eq, derivative: sympy.Eq, env: Env) -> bool:
    """f(u h + a), u the unit's own weight and a the rest, is what is stored; its derivative by h is u f'."""
    state, rest = hypothesis.rhs, signal("a")
    if not state.is_Symbol:
        return False
    (u,) = hypothesis.lhs.free_symbols - {state, rest}
    weight = u.name.partition("[")[0]
    (z,) = (e.target for e in cell.equations if isinstance(e, Affine) and (weight, state.name) in e.terms)
    stored = dict(cell.states)[state.name]
    diagonal = np.diagonal(env[weight])[:, np.newaxis]
    at = {**env, u.name: diagonal, rest.name: env[z] - diagonal * env[state.name]}
    once = derivative.lhs.xreplace({u: sympy.Integer(1)})
    by_z = sympy.Derivative(sympy.Function(stored)(signal(z)), signal(z))
    slopes = sympy.Eq(by_z, once.xreplace({state: signal(stored)}), evaluate=False)
    return (
        derivative.rhs == 1
        and equal(value(hypothesis.lhs, at), env[stored])
        and slope(slopes, {stored: elementwise(cell)[stored]}, {**env, z: abs(env[z])})  # of a relu, where it is not 0
        and equal(value(derivative.lhs, at), diagonal * value(once, env))
    )
