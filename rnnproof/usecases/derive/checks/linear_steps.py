"""Checks of derivations about a linear network: each formula in a run, its letters as the derivation names them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.ball import as_ball, precisely
from rnnproof.errors import Unsupported
from rnnproof.model.case import Case
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.usecases.derive.checks.accounts import demand, what
from rnnproof.usecases.derive.checks.drawn import CASES, cases
from rnnproof.usecases.derive.checks.enclosed import equal, parameters, run
from rnnproof.usecases.derive.checks.parts import positive, with_entries
from rnnproof.usecases.derive.checks.runs import env_of, exchanged, matrices
from rnnproof.usecases.derive.example import example_of
from rnnproof.usecases.derive.subject import Subject

MOST = 4  # steps of the runs that are looked at; one more is read
P, Q = 3, 1  # two steps with one input
POWERS = range(5)
Env = dict[str, Any]


def of_any_length(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """Each formula in runs, for every number of steps."""
    return _in_runs(subject, statement, steps, cases(subject.network, steps=MOST + 1, rows=1))


def of_same_input(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The same in runs whose first steps read the same input."""
    drawn = cases(subject.network, steps=MOST + 1, rows=1)
    same = (replace(case, x=case.x[[0] * P + [*range(P, MOST + 1)]]) for case in drawn)
    return _in_runs(subject, statement, steps, same)


def _in_runs(subject: Subject, statement: Statement, steps: Sequence[Step], drawn: Iterable[Case]) -> str:
    for case in drawn:
        with precisely():
            env = _run(subject, case)
            for step in statement.steps:
                _holds(subject, statement, step, env, step in steps)
            for formula in statement.formulas:
                _holds(subject, statement, Step("what follows", formula), env, formula.lhs.has(sympy.Indexed))
    return f"evaluation in balls in {CASES} random runs, T = 1 to {MOST}"


def _run(subject: Subject, case: Case) -> Env:
    """The parameters, and each step's input, state and output."""
    env, cell = env_of(case, 0), subject.cell
    every = [signals for _, signals in run(cell, case, 0)]
    ((state, stored),) = cell.states
    env[state] |= {t: signals[stored] for t, signals in enumerate(every, 1)}
    output = cell.output.rstrip("'")
    env[output] = env.get(output, {}) | {t: signals[cell.output] for t, signals in enumerate(every, 1)}
    return env


def _holds(subject: Subject, statement: Statement, step: Step, env: Env, looked_at: bool) -> None:
    """Definitions are added to what is known, all else must be so. Errors: VerificationFailed."""
    for formula in step.formula.args if isinstance(step.formula, sympy.Tuple) else (step.formula,):
        if _defined(formula, env):
            continue
        (state,) = subject.cell.state_names
        for base in formula.atoms(sympy.IndexedBase):
            env.setdefault(str(base.label), env[state])
        if looked_at:
            truth = all(_same(formula, env, T) for T in range(1, MOST + 1))
            demand(truth, what(subject, statement), f"{step.reason}: {step.formula} does not hold")


def _defined(formula: sympy.Eq, env: Env) -> bool:
    """Whether it says what a new letter is: A, or u[k]; then it is."""
    left = formula.lhs
    if left.is_Symbol and left.name not in env:
        env[left.name] = matrices(formula.rhs, env, {})
    elif isinstance(left, sympy.Indexed) and str(left.base.label) not in env and str(left.indices[0]) == "k":
        env[str(left.base.label)] = {k: matrices(formula.rhs, env, {"k": k}) for k in range(1, MOST + 2)}
    else:
        return False
    return True


def _same(formula: sympy.Eq, env: Env, T: int) -> bool:
    at = {"T": T, "p": P, "q": Q}
    return equal(matrices(formula.lhs, env, at), matrices(formula.rhs, env, at))


def of_the_order(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The terms that hold two inputs, exchanged and not, their difference, and the theorem for random matrices."""
    own = [step for step in steps if not _of_a_theorem(step.formula) and not _of_any_size(step.formula)]
    theorems = [step for step in steps if step not in own]
    for case in cases(subject.network, steps=MOST, rows=1):
        for s in range(1, MOST):
            with precisely():
                runs = _run(subject, case), _run(subject, exchanged(case, s))
                _in_order(subject, statement, [*own, Step("what follows", statement.formulas[0])], runs, s)
    for step in theorems:
        truth = _of_three_rows(step.formula) if _of_any_size(step.formula) else _of_every_matrix(step.formula)
        demand(truth, what(subject, statement), f"{step.formula} does not hold")
    return f"evaluation in balls in {CASES} random runs, T = {MOST}, every s, and for one matrix of whole numbers"


def _in_order(subject: Subject, statement: Statement, steps: Sequence[Step], runs: tuple[Env, Env], s: int) -> None:
    """The terms of the sum for steps s and s + 1, in both orders; equations; what k stands for."""
    env, other = runs
    output, at = subject.cell.output.rstrip("'"), {"T": MOST, "s": s}
    env[f"{output}_exchanged"] = other[output]
    (total,) = statement.steps[0].formula.rhs.atoms(sympy.Sum)
    terms = [sum(matrices(total.function, each, {**at, "k": k}) for k in (s, s + 1)) for each in runs]
    for step in steps:
        formula = step.formula
        if not isinstance(formula, sympy.Eq):
            truth = equal(matrices(formula, env, at), terms.pop(0))
        elif formula.lhs.is_Symbol:
            truth = _exponent(statement, formula, env, at)
        else:
            truth = equal(matrices(formula.lhs, env, at), matrices(formula.rhs, env, at))
        demand(truth, what(subject, statement), f"{step.reason}: {formula} does not hold")


def _exponent(statement: Statement, formula: sympy.Eq, env: Env, at: dict[str, int]) -> bool:
    """The product of the condition, with this for k, is what stands before the difference of the two inputs."""
    change, never = statement.formulas
    k = int(formula.rhs.subs({symbol: at[symbol.name] for symbol in formula.rhs.free_symbols}))
    if k < 0:
        return False
    *before, _ = change.rhs.args
    return equal(matrices(never.args[1].lhs, env, {**at, "k": k}), matrices(sympy.Mul(*before), env, at))


def _of_a_theorem(formula: sympy.Basic) -> bool:
    return bool(formula.atoms(sympy.MatrixSymbol))


def _of_any_size(formula: sympy.Basic) -> bool:
    """Whether it is about the m-th coefficient of the polynomial of a matrix of any size."""
    return any(symbol.name == "m" and symbol.is_integer for symbol in formula.atoms(sympy.Symbol))


def _of_three_rows(formula: sympy.Eq) -> bool:
    """Of the coefficients of a polynomial of degree 3, and of those of the adjugate."""
    z, numbers, zero = sympy.Symbol("z"), sympy.Matrix([[2, 1, 0], [3, -1, 5], [1, 4, 7]]), sympy.zeros(3)
    adjugate = (z * sympy.eye(3) - numbers).adjugate().expand()
    B = {n: adjugate.applyfunc(lambda form, n=n: form.coeff(z, n)) for n in range(3)} | {-1: zero, 3: zero}
    c = dict(enumerate(map(as_ball, reversed(numbers.charpoly(z).all_coeffs()))))
    with precisely():
        in_balls = {n: matrices(sympy.ImmutableMatrix(each), {}, {}) for n, each in B.items()}
        A, one = (matrices(sympy.ImmutableMatrix(each), {}, {}) for each in (numbers, sympy.eye(3)))
        env, units = {"A": A, "I": one, "B": in_balls, "c": c}, dict.fromkeys("HOP", 3)
        sides = (formula.lhs, formula.rhs)
        left, right = ([matrices(side, env, {"m": n, **units}) for n in range(4)] for side in sides)
        return all(map(equal, left, right))


def _of_every_matrix(formula: sympy.Eq) -> bool:
    """Of one of prime numbers, none of which is another."""
    (A,) = formula.atoms(sympy.MatrixSymbol)
    numbers = sympy.ImmutableMatrix(*A.shape, [sympy.prime(k) for k in range(1, A.shape[0] ** 2 + 1)])
    entries = {s: numbers[int(s.name[2]) - 1, int(s.name[3]) - 1] for s in formula.free_symbols if s.name != A.name}
    left, right = (side.xreplace({A: numbers, **entries}).doit().as_explicit() for side in (formula.lhs, formula.rhs))
    return bool(left == right)


def of_a_power(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """The characteristic polynomial, the residues and their sum, for random matrices of two units."""
    for drawn in positive(subject, 1):
        with precisely():
            env, matrix = parameters(drawn), None
            for formula in statement.formulas[:-1]:
                with_entries(env)
                env[str(formula.lhs)] = matrices(formula.rhs, env, {})
            with_entries(env)
            matrix = env[statement.formulas[-1].lhs.base.name]
            for step in steps:
                truth = _of_the_power(step.formula, env, matrix)
                demand(truth, what(subject, statement), f"{step.reason}: {step.formula} does not hold")
    return f"evaluation in balls for {CASES} random matrices"


def _of_the_power(formula: sympy.Basic, env: Env, matrix: Any) -> bool:
    if isinstance(formula, sympy.Tuple):
        return all(equal(_summed(formula, env, n), matrices(_POWER, {"U": matrix}, {"n": n})) for n in POWERS)
    if isinstance(formula.lhs, sympy.core.function.AppliedUndef):
        points = [as_ball(point) for point in POWERS]
        return all(equal(matrices(formula.rhs, {**env, "z": z}, {}), _determinant(matrix, z)) for z in points)
    numbers = POWERS if formula.lhs.free_symbols & formula.rhs.free_symbols else (0,)
    return all(equal(*(matrices(side, env, {"n": n}) for side in (formula.lhs, formula.rhs))) for n in numbers)


_POWER = sympy.Symbol("U", commutative=False) ** sympy.Symbol("n", integer=True, nonnegative=True)


def _summed(residues: sympy.Tuple, env: Env, n: int) -> Any:
    return sum(matrices(number, env, {"n": n}) * matrices(matrix, env, {"n": n}) for number, matrix in residues)


def _determinant(matrix: Any, z: Any) -> Any:
    """det(z I - U) of two units. Errors: Unsupported for more."""
    if matrix.shape != (2, 2):
        raise Unsupported(f"no determinant of a matrix {matrix.shape}")
    return (z - matrix[0, 0]) * (z - matrix[1, 1]) - matrix[0, 1] * matrix[1, 0]


def of_the_lecture(subject: Subject, statement: Statement, steps: Sequence[Step]) -> str:
    """Each formula in the lecture's run, and the powers of its own matrix."""
    case = example_of(subject.network).case
    general = [step for step in steps if any(symbol.name in subject.cell.parameters for symbol in _letters(step))]
    alone = replace(statement, formulas=tuple(step.formula for step in general), steps=tuple(general))
    of_same_input(subject, alone, general)
    with precisely():
        env = _run(subject, case)
        weight = next(name for name, each in env.items() if name.startswith("U_") and np.ndim(each) == 2)
        for step in (step for step in steps if step not in general):
            if _of_the_power_alone(step.formula):
                truth = _of_the_power(step.formula, env, env[weight])
            else:
                truth = all(_in_numbers(step.formula, env, T) for T in range(1, case.sizes.T + 1))
            demand(truth, what(subject, statement), f"{step.reason}: {step.formula} does not hold")
    return "evaluation in balls at the lecture's numbers, of what is said of all numbers at random ones"


def _letters(step: Step) -> list[sympy.Symbol]:
    return [symbol for symbol in step.formula.free_symbols if isinstance(symbol, sympy.Symbol)]


def _of_the_power_alone(formula: sympy.Basic) -> bool:
    return not formula.atoms(sympy.Indexed)


def _in_numbers(formula: sympy.Eq, env: Env, T: int) -> bool:
    at = {"T": T, "p": 2, "q": 1}
    return equal(matrices(formula.lhs, env, at), matrices(formula.rhs, env, at))
