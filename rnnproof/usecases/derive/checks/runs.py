"""Checks of what is said of a whole run: closed forms, the order of the inputs, memory, layers and directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import numpy as np
import sympy

from rnnproof.catalogue import lecture
from rnnproof.domains.ball import as_ball, precisely
from rnnproof.model.case import Case, first_steps
from rnnproof.model.equation import Affine
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.accounts import Account, demand, measured, what
from rnnproof.usecases.derive.checks.drawn import cases
from rnnproof.usecases.derive.checks.enclosed import balls, column, known, parameters
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.example import example_of
from rnnproof.usecases.derive.subject import Subject

Env = Mapping[str, Any]
LENGTHS = (1, 2, 3, 4)
At = Mapping[str, int]


def matrices(form: sympy.Basic, env: Env, at: At) -> Any:
    """A form over matrices, x[k] the input of step k, T, k, s, p and q whole numbers: its value, in balls."""
    if isinstance(form, sympy.Indexed):
        vector = env[str(form.base.label)][whole_of(form.indices[0], at)]
        return vector if len(form.indices) == 1 else vector[whole_of(form.indices[1], at) - 1, 0]
    if isinstance(form, sympy.MatrixBase):
        return balls_of([[matrices(entry, env, at) for entry in form.row(row)] for row in range(form.rows)])
    if form.is_Symbol or isinstance(form, sympy.MatrixSymbol):
        return as_ball(at[form.name]) if form.name in at else known(env, form.name)
    if form.is_Rational:
        return as_ball(form)
    if isinstance(form, sympy.Sum):
        return _sum(form, env, at)
    if isinstance(form, sympy.KroneckerDelta):
        return as_ball(whole_of(form, at))
    if form.is_Pow and form.exp == sympy.Rational(1, 2):
        return matrices(form.base, env, at).sqrt()
    if form.is_Pow or isinstance(form, sympy.MatPow):
        return _power(matrices(form.base, env, at), whole_of(form.exp, at))
    parts = [matrices(part, env, at) for part in form.args]
    return reduce(_added if form.is_Add or isinstance(form, sympy.MatAdd) else _times, parts)


def whole_of(expression: sympy.Expr, at: At) -> int:
    """A whole number from letters."""
    return int(expression.subs({s: at[s.name] for s in expression.free_symbols}))


def balls_of(rows: list[list[Any]]) -> Any:
    """A matrix of entries that are balls, or one of one entry."""
    return np.array([[np.ravel(entry)[0] for entry in row] for row in rows], dtype=object)


def _sum(form: sympy.Sum, env: Env, at: At) -> Any:
    letter, first, last = form.limits[0]
    steps = range(whole_of(first, at), whole_of(last, at) + 1)
    parts = [matrices(form.function, env, {**at, letter.name: step}) for step in steps]
    return reduce(_added, parts) if parts else as_ball(0)


def _power(base: Any, exponent: int) -> Any:
    if not np.ndim(base):
        return base**exponent if exponent >= 0 else 1 / base**-exponent
    one = np.full(base.shape, as_ball(0), dtype=object)
    one[np.diag_indices(len(base))] = as_ball(1)
    return reduce(lambda product, _: product @ base, range(exponent), one)


def _added(a: Any, b: Any) -> Any:
    """A number stands for that multiple of the identity beside a matrix, and for a column of it beside a column."""
    if np.ndim(a) != np.ndim(b):
        matrix, number = (a, b) if np.ndim(a) else (b, a)
        if not number.is_zero() and matrix.shape[0] == matrix.shape[1]:
            return matrix + number * _power(matrix, 0)
        return matrix + number
    return a + b


def _times(a: Any, b: Any) -> Any:
    return a @ b if np.ndim(a) and np.ndim(b) else a * b


def env_of(case: Case, row: int) -> dict[str, Any]:
    """The parameters, the inputs by step from 1 on, the initial states as step 0."""
    x = {t + 1: column(case.x[t, row]) for t in range(case.sizes.T)}
    states = {name: {0: column(value[row])} for name, value in case.state.items()}
    return {**parameters(case), case.network.cell.input: x, **states}


def closed_form(subject: Subject, statement: Statement) -> Account:
    """s[T] and y[T] by their closed form, for each of several T, against the last state and the last output."""
    parts = [_closed(statement.formulas, case) for T in LENGTHS for case in cases(subject.network, steps=T)]
    words = f"the last state and output, T = {LENGTHS[0]} to {LENGTHS[-1]}"
    return measured(what(subject, statement), witness_of(subject.network).name, words, parts)


def _closed(formulas: Sequence[sympy.Basic], case: Case) -> Measured:
    point, rows, T = Point(case), range(case.sizes.B), case.sizes.T
    ratios = {}
    with precisely():
        for formula in formulas:
            name = str(formula.lhs.base.label)
            exact = np.stack([matrices(formula.rhs, env_of(case, row), {"T": T})[:, 0] for row in rows])
            got, ball = _last(point, name)
            ratios[name] = ratio(got, exact, ball)
    return Measured(ratios, len(rows))


def _last(point: Point, name: str) -> tuple[Any, Any]:
    """The final state of that name, else the last output; and its ball."""
    if name in point.case.state:
        return point.results[name], point.result_balls[name]
    return point.results["outputs"][-1], point.result_balls["outputs"][-1]


def order(subject: Subject, statement: Statement) -> Account:
    """The last output less that with two inputs exchanged, by its formula, against two runs; and when it is 0."""
    T = LENGTHS[-1]
    change, never = statement.formulas
    parts = [_exchanged(change, case, s) for s in range(1, T) for case in cases(subject.network, steps=T)]
    for case in cases(subject.network, steps=T):
        for drawn in _special(subject, case):
            told, seen = _vanishes(never, drawn), not any(_differs(drawn, s) for s in range(1, T))
            demand(told is seen, what(subject, statement), f"{never}: a run says another thing")
    words = f"the change of the last output, T = {T}, every s"
    return measured(what(subject, statement), witness_of(subject.network).name, words, parts)


def _special(subject: Subject, case: Case) -> Iterator[Case]:
    """The case as it is drawn; and with a recurrent weight that is the identity, a projection, nilpotent."""
    yield case
    affine = [e for e in subject.cell.equations if isinstance(e, Affine)]
    weights = [weight for e in affine for weight, name in e.terms if name in subject.cell.state_names]
    for name in weights:
        rows, columns = case.parameters[name].shape
        for matrix in (np.eye(rows), np.diag(np.arange(rows) < 1.0), np.eye(rows, k=1)) if rows == columns else ():
            yield replace(case, parameters={**case.parameters, name: matrix.astype(float)})


def _vanishes(never: sympy.Basic, case: Case) -> bool:
    """Whether all the products that the formula names are zero."""
    where, product = never.args
    at = {letter: getattr(case.sizes, letter) for letter in "THOP"}
    with precisely():
        found = [
            matrices(product.lhs, env_of(case, 0), {"k": k, **at})
            for k in range(2 * case.sizes.T)
            if where.subs({symbol: {"k": k, **at}[symbol.name] for symbol in where.free_symbols}) == sympy.true
        ]
        return all(bool(entry.contains(0)) for each in found for entry in np.ravel(each))


def _differs(case: Case, s: int) -> bool:
    """Whether the last output changes by more than rounding where two inputs are exchanged."""
    one, other = Point(case), Point(exchanged(case, s))
    within = one.result_balls["outputs"].radius[-1] + other.result_balls["outputs"].radius[-1]
    return bool(np.any(np.abs(one.results["outputs"][-1] - other.results["outputs"][-1]) > 2 * within))


def exchanged(case: Case, s: int) -> Case:
    """The case with the inputs of steps s and s + 1 exchanged."""
    x = case.x.copy()
    x[[s - 1, s]] = x[[s, s - 1]]
    return replace(case, x=x)


def _exchanged(formula: sympy.Eq, case: Case, s: int) -> Measured:
    one, other = Point(case), Point(exchanged(case, s))
    with precisely():
        exact = [matrices(formula.rhs, env_of(case, row), {"T": case.sizes.T, "s": s}) for row in range(case.sizes.B)]
        return _difference(one, other, case.sizes.T, case.sizes.T, [each[:, 0] for each in exact])


def _difference(one: Point, other: Point, t: int, u: int, exact: Any) -> Measured:
    """Output t of one run less output u of another; both bounds, and the rounding of the difference, together."""
    got = balls(one.results["outputs"][t - 1]) - balls(other.results["outputs"][u - 1])
    a, b = one.result_balls["outputs"][t - 1], other.result_balls["outputs"][u - 1]
    far = np.array([float(abs(d).upper()) for d in np.ravel(got - np.stack(exact))])
    return Measured({"outputs": float(np.max(far / (2 * np.ravel(a.radius + b.radius))))}, len(exact))


def same_input(subject: Subject, statement: Statement) -> Account:
    """The outputs of two steps with one input, less each other, by the states before them."""
    general, first = statement.formulas
    parts = []
    for case in cases(subject.network):
        x = case.x.copy()
        x[-1] = x[1] = x[0]
        same = replace(case, x=x)
        parts += [_same(general, same, case.sizes.T), _same(first, same, 2)]
    return measured(
        what(subject, statement), witness_of(subject.network).name, "the difference of two steps with one input", parts
    )


def _same(formula: sympy.Eq, case: Case, p: int) -> Measured:
    """Of steps p and 1."""
    point, q = Point(case), 1
    before = Point(first_steps(case, p - 1))
    with precisely():
        exact = []
        for row in range(case.sizes.B):
            env = env_of(case, row)
            for name in case.state:
                env[name][p - 1] = column(before.results[name][row])
            exact.append(matrices(formula.rhs, env, {"p": p, "q": q})[:, 0])
        return _difference(point, point, p, q, exact)


def in_the_lecture(subject: Subject, statement: Statement) -> Account:
    """Each formula of the lecture's example, which is of whole numbers, against a run: equal, not nearly."""
    case = example_of(subject.network).case
    run = Point(case).results["outputs"][:, 0]
    outputs = {t: balls(run[t - 1])[:, None] for t in range(1, len(lecture.SEQUENCE) + 1)}
    x = {t + 1: column(case.x[t, 0]) for t in range(case.sizes.T)}
    with precisely():
        for formula in statement.formulas:
            letters = sorted(formula.lhs.free_symbols & formula.rhs.free_symbols, key=str)
            for T in range(1, case.sizes.T + 1) if letters else (0,):
                left = matrices(formula.lhs, {"y": outputs}, {"T": T})
                right = matrices(formula.rhs, {"x": x}, {"T": T})
                demand(_equal(left, right), what(subject, statement), f"{formula} does not hold at T = {T}")
    who = witness_of(subject.network).name
    return Account(who, "all equal at the lecture's numbers, exactly")


def _equal(left: Any, right: Any) -> bool:
    return bool(np.all([(a - b).is_zero() for a, b in zip(np.ravel(left), np.ravel(right), strict=True)]))
