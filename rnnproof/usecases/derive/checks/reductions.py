"""Checks of derivations about another network: powers of a weight, a loop through the output, layers, directions."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from rnnproof.domains.ball import precisely
from rnnproof.symbolic.roles import elementwise
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.accounts import demand, what
from rnnproof.usecases.derive.checks.drawn import CASES, cases
from rnnproof.usecases.derive.checks.enclosed import equal, run, value
from rnnproof.usecases.derive.checks.layers import at_every_step, of_the_layers
from rnnproof.usecases.derive.checks.parts import carried_back, counted
from rnnproof.usecases.derive.checks.runs import LENGTHS, matrices
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

WEIGHT = sympy.Rational(3, 7)  # a number whose powers are all different


def of_a_power(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The derivative of one step, carried back over one; the recurrence, with the power that solves it."""
    power = statement.formulas[0].rhs
    (T,) = (s for s in power.free_symbols if s.name == "T")
    (weight,) = power.free_symbols - {T}
    for step in steps:
        if isinstance(step.formula.lhs, sympy.Derivative):
            truth = carried_back(subject, step.formula, weight.name, 2).worst <= 1
        else:
            truth = all(_solves(step.formula, power, {T: count, weight: WEIGHT}) for count in LENGTHS)
        demand(truth, what(subject, statement), f"{step.reason}: {step.formula} does not hold")
    return f"{witness_of(subject.network).name}, the derivative carried back over one step, and by exact numbers"


def _solves(recurrence: sympy.Eq, power: sympy.Expr, numbers: dict[sympy.Symbol, sympy.Expr]) -> bool:
    """Whether the power is a solution there, in exact numbers."""
    (T,) = (s for s in numbers if s.name == "T")
    solved = recurrence.replace(
        lambda part: isinstance(part, sympy.core.function.AppliedUndef), lambda call: power.subs(T, call.args[0])
    )
    return bool(solved.subs(numbers) == sympy.true)


def of_a_loop(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """Each equation at the second step of a run, with the coefficients of the formulas for the other network's."""
    cell = subject.cell
    for case in cases(subject.network, steps=2, rows=1):
        with precisely():
            (_, before), (_, env) = run(cell, case, 0, subject.network.direction == "backward")
            earlier = {f"{name}_t-1": before[name] for name in elementwise(cell)}
            earlier |= {f"{state}_t-1": before[stored] for state, stored in cell.states}
            known = {**env, **earlier}
            given = {f.lhs.name: matrices(f.rhs, known, {}) for f in statement.formulas if f.lhs.is_Symbol}
            for step in steps:
                of = value if step.formula.lhs.is_commutative else lambda form, at: matrices(form, at, {})
                same = equal(of(step.formula.lhs, {**known, **given}), of(step.formula.rhs, {**known, **given}))
                demand(same, what(subject, statement), f"{step.reason}: {step.formula} does not hold")
    return f"evaluation in balls in {CASES} random runs"


def of_a_count(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The numbers of parameters, counted."""
    account = counted(subject, statement)
    return f"{account.who}, {account.how}"


def of_directions(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The equations of both cells at every step."""
    at_every_step(subject, statement, [step.formula for step in steps])
    return "evaluation in balls in a random run of one unit"


def of_a_stack(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The equations of every layer."""
    of_the_layers(subject, statement, [step.formula for step in steps])
    return "evaluation in balls in a random run of one unit"
