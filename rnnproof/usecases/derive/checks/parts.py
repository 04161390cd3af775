"""Checks of parameters, biases, powers and reductions to another network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from rnnproof.catalogue import network as named
from rnnproof.domains.ball import precisely
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.accounts import Account, demand, measured, what
from rnnproof.usecases.derive.checks.drawn import case, cases
from rnnproof.usecases.derive.checks.enclosed import balls, column, parameters, value
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.points import Point, pulled
from rnnproof.usecases.derive.checks.runs import LENGTHS, matrices
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject

COUNTED = (Sizes(T=1, B=1, I=2, H=3, O=2, P=2), Sizes(T=1, B=1, I=5, H=4, O=3, P=3))


def counted(subject: Subject, statement: Statement) -> Account:
    """N and N_Elman, counted in the arrays that both return."""
    bias = any(len(shape) == 1 for shape in subject.layer.network.parameters.values())
    elman = named("elman" if bias else "elman:bias=false")
    for sizes in COUNTED:
        letters = {letter: getattr(sizes, letter) for letter in "IHOP"}
        at = letters | {"N": _entries(subject.layer.network, sizes), "N_Elman": _entries(elman, sizes)}
        for formula in (*statement.formulas, *(step.formula for step in statement.steps)):
            put = {symbol: at[symbol.name] for symbol in formula.free_symbols}
            demand(formula.subs(put) == sympy.true, what(subject, statement), f"{formula} does not hold")
    return Account(witness_of(subject.layer.network).name, "the entries of its gradients, counted at two sizes")


def _entries(network: Network, sizes: Sizes) -> int:
    found = witness_of(network).gradients(case(network, sizes, 0))
    return sum(found[f"d{name}"].size for name in network.parameters)


def biases(subject: Subject, statement: Statement) -> Account:
    """The derivative by each of two biases against that by their sum, which is what is returned."""
    part, cell = subject.part, subject.cell
    gradients = subject.gradients
    assert gradients is not None
    parts = [_biases(part, cell, gradients.formulas, statement, each) for each in cases(part, steps=1, rows=1)]
    return measured(what(subject, statement), witness_of(part).name, "the derivatives of one step", parts)


def _biases(network: Network, cell: Any, formulas: Any, statement: Statement, case: Case) -> Measured:
    point, ratios = Point(case), {}
    with precisely():
        ((_, names),) = pulled(network, cell, formulas, case, 0)
        for formula in statement.formulas:
            found = str(formula.lhs.name)
            returned = found if found in point.gradients[0] else found.rpartition("_")[0]
            exact = value(formula.rhs, names)[:, 0]
            got = max(ratio(each[returned], exact, point.gradient_balls[returned]) for each in point.gradients)
            ratios[found] = got
    return Measured(ratios, 1)


def power(subject: Subject, statement: Statement) -> Account:
    """w^(T-1) against a derivative carried back over T - 1 steps, for small T; the examples to three digits."""
    general, *examples = statement.formulas
    (weight,) = (symbol.name for symbol in general.rhs.free_symbols if symbol.name != "T")
    parts = [carried_back(subject, general, weight, T) for T in LENGTHS[1:]]
    for example in examples:
        at = {symbol.name: number for symbol, number in zip(example.lhs.variables, example.lhs.point, strict=True)}
        found = _carried(subject, weight, float(at[weight]), int(at["T"]) - 1).gradients[0]
        (state,) = subject.cell.state_names
        carried, told = (f"{float(number):.2e}" for number in (found[f"d{state}"].item(), example.rhs))
        demand(carried == told, what(subject, statement), f"{example}: carried back it is {carried}")
    return measured(what(subject, statement), witness_of(subject.network).name, "the derivative carried back", parts)


def carried_back(subject: Subject, general: sympy.Eq, weight: str, T: int) -> Measured:
    """A power of a weight against a derivative that a backward pass carries over T - 1 steps."""
    point = _carried(subject, weight, None, T - 1)
    (state,) = subject.cell.state_names
    with precisely():
        env = {weight: balls(point.case.parameters[weight]).ravel()[0]}
        exact = [matrices(general.rhs, env, {"T": T})]
        name = f"d{state}"
        worst = max(ratio(got[name], exact, point.gradient_balls[name]) for got in point.gradients)
    return Measured({name: worst}, 1)


def _carried(subject: Subject, weight: str, number: float | None, steps: int) -> Point:
    """One unit, the cotangent 1 on the final state alone."""
    drawn = case(subject.network, Sizes(T=steps, B=1, I=1, H=1, O=1, P=1), steps)
    alone = Cotangents(
        np.zeros_like(drawn.cotangents.outputs), {name: np.ones_like(d) for name, d in drawn.cotangents.state.items()}
    )
    given = drawn.parameters if number is None else {**drawn.parameters, weight: np.array([[number]])}
    return Point(replace(drawn, parameters=given, cotangents=alone))


def two_by_two(subject: Subject, statement: Statement) -> Account:
    """The power by eigenvalues against steps without an input: then a state is multiplied by the matrix at each."""
    parts = [_multiplied(subject, statement, drawn) for n in LENGTHS for drawn in positive(subject, n)]
    return measured(
        what(subject, statement), witness_of(subject.network).name, "the state after steps without an input", parts
    )


def positive(subject: Subject, steps: int) -> Iterator[Case]:
    """Positive weights, so that the eigenvalues are real and differ; no biases and no input."""
    for drawn in cases(subject.network, steps=steps, units=2):
        given = {name: np.abs(each) if each.ndim == 2 else 0 * each for name, each in drawn.parameters.items()}
        yield replace(drawn, parameters=given, x=np.zeros_like(drawn.x))


def _multiplied(subject: Subject, statement: Statement, drawn: Case) -> Measured:
    *before, law = statement.formulas
    (state,) = subject.cell.state_names
    point = Point(drawn)
    with precisely():
        env = parameters(drawn)
        for formula in before:
            with_entries(env)
            env[str(formula.lhs)] = matrices(formula.rhs, env, {})
        with_entries(env)
        whole = matrices(law.rhs, env, {"n": drawn.sizes.T})
        exact = np.stack([(whole @ column(row))[:, 0] for row in drawn.state[state]])
        return Measured({state: ratio(point.results[state], exact, point.result_balls[state])}, drawn.sizes.B)


def with_entries(env: dict[str, Any]) -> None:
    """The entries of every matrix by their own names too: U[0,1]."""
    for name, matrix in list(env.items()):
        if np.ndim(matrix) == 2:
            env |= {f"{name}[{a},{b}]": matrix[a, b] for a, b in np.ndindex(*matrix.shape)}


def as_elman(subject: Subject, statement: Statement) -> Account:
    """The outputs of an Elman network with the coefficients of the formulas, against those of the network."""
    network = subject.network
    options = ",".join(f"{key}={text}" for key, text in network.options if key in ("activation", "bias"))
    elman = named("elman:readout=identity" + (f",{options}" if options else ""))
    parts = [_side_by_side(statement, elman, drawn) for drawn in cases(network)]
    return measured(
        what(subject, statement),
        witness_of(network).name,
        "outputs beside those of the hand-written Elman network",
        parts,
    )


def _side_by_side(statement: Statement, elman: Network, drawn: Case) -> Measured:
    own = {key: np.asarray(each) for key, each in drawn.parameters.items()}
    env = {key: each if each.ndim == 2 else each[:, None] for key, each in own.items()}
    found = {f.lhs.name: _floats(f.rhs, env) for f in statement.formulas if f.lhs.is_Symbol}
    given = {name: found[name.replace("_h", "_E")] for name in elman.cell.parameters}
    given = {name: each[:, 0] if name.startswith("b_") else each for name, each in given.items()}
    hidden = case(elman, drawn.sizes, 1).state["h"]
    begun = hidden @ own["W_y"].T + own.get("b_y", 0)
    first = statement.formulas[-1]
    for y_0, h_0 in zip(begun, hidden, strict=True):
        at = {**env, **found, "y_0": y_0[:, None], "h_0": h_0[:, None]}
        demand(np.array_equal(_floats(first.lhs, at), _floats(first.rhs, at)), statement.name, f"{first} does not hold")
    read = {name: own[name] for name in elman.parameters if name not in given}
    one = Point(replace(drawn, state={"y": begun}))
    other = Point(replace(case(elman, drawn.sizes, 1), parameters={**given, **read}, x=drawn.x, state={"h": hidden}))
    far = np.abs(one.results["outputs"] - other.results["outputs"])
    within = 2 * (one.result_balls["outputs"].radius + other.result_balls["outputs"].radius)
    return Measured({"outputs": float(np.max(far / within))}, drawn.sizes.B)


def _floats(form: sympy.Expr, env: dict[str, Any]) -> Any:
    """A sum of products of matrices, of numbers with so few digits that nothing is rounded."""
    if form.is_Symbol:
        return env[form.name]
    if form.is_Rational:
        return float(form)
    parts = [_floats(part, env) for part in form.args]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole + part if form.is_Add else whole * part if np.ndim(whole) * np.ndim(part) == 0 else whole @ part
    return whole
