"""Formulas at numbers, in Arb's balls: a signal is a column (n,1) of balls, a weight a matrix of them.

An expression in plain symbols is evaluated entry by entry, one in matrices as matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import add, gt, lt, mul
from typing import Any

import numpy as np
import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import OneMatrix, ZeroMatrix

from rnnproof.domains.ball import BITS, as_ball, ball, precisely
from rnnproof.errors import Unsupported
from rnnproof.model.activation import Activation, exp, tanh
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Equation, Softmax, signal

Env = Mapping[str, Any]
_CALL = signal("z")
DIGITS = 40  # of 48 that the balls have
FAR = 10**4  # a sigmoid of it is an end of its range to far more digits; a hard sigmoid is
NEAR = BITS  # two numbers 2^-NEAR apart differ by less than is looked at
OPAQUE: Mapping[Any, type[Activation]] = {sympy.exp: exp, sympy.tanh: tanh}


def balls(numbers: Any) -> Any:
    """An array of exact numbers as an array of balls."""
    flat = [as_ball(float(number)) for number in np.ravel(numbers)]
    return np.array([*flat, None], dtype=object)[:-1].reshape(np.shape(numbers))


def column(numbers: Any) -> Any:
    """A vector as a column."""
    return balls(numbers)[:, np.newaxis]


def parameters(case: Case) -> dict[str, Any]:
    """Every parameter: a matrix, or a column; and what each letter of a size stands for."""
    sizes = {f"size {letter}": getattr(case.sizes, letter) for letter in "IHOP"}
    arrays = {name: value if value.ndim == 2 else value[:, np.newaxis] for name, value in case.parameters.items()}
    return {name: balls(value) for name, value in arrays.items()} | sizes


def applied(call: sympy.Expr, argument: Any) -> Any:
    """An activation of each entry."""
    form = call.func(_CALL)
    flat = [ball(form, {_CALL.name: entry}) for entry in np.ravel(np.asarray(argument, dtype=object))]
    return np.array([*flat, None], dtype=object)[:-1].reshape(np.shape(argument))


def value(formula: sympy.Basic, env: Env) -> Any:
    """The formula where its names have these values.

    Errors: Unsupported for what it is not made of.
    """
    if isinstance(formula, (sympy.Symbol, sympy.MatrixSymbol)):
        return known(env, formula.name)
    if formula.is_Rational:
        return as_ball(formula)
    if formula == sympy.E:  # no call of exp, to SymPy
        return applied(exp(_CALL), as_ball(1))[()]
    if isinstance(formula, (OneMatrix, ZeroMatrix)):
        shape = tuple(_size(letters, env) for letters in formula.shape)
        return np.full(shape, as_ball(int(isinstance(formula, OneMatrix))), dtype=object)
    if isinstance(formula, sympy.Identity):
        return _diagonal(np.full((_size(formula.shape[0], env), 1), as_ball(1), dtype=object))
    if isinstance(formula, sympy.Subs):
        put = zip(formula.variables, formula.point, strict=True)
        return value(formula.expr, {**env, **{s.name: value(end, env) for s, end in put}})
    if isinstance(formula, sympy.Limit):
        expression, symbol, end, _ = formula.args
        return value(expression, {**env, symbol.name: as_ball(FAR if end == sympy.oo else -FAR)})
    if isinstance(formula, ElementwiseApplyFunction):
        (place,) = formula.function.variables
        return value(formula.function.expr, {place.name: value(formula.expr, env)})
    if isinstance(formula, (sympy.Pow, sympy.HadamardPower)):
        return _power(value(formula.args[0], env), whole(value(formula.args[1], env)))
    if isinstance(formula, (Activation, sympy.exp, sympy.tanh)):
        call = formula if isinstance(formula, Activation) else OPAQUE[type(formula)](_CALL)
        return applied(call, value(formula.args[0], env))
    if isinstance(formula, sympy.Abs):
        return _each(value(formula.args[0], env), abs)
    if isinstance(formula, sympy.core.function.AppliedUndef):
        return known(env, f"{type(formula).__name__}()")(*(value(part, env) for part in formula.args))
    if isinstance(formula, (sympy.Product, sympy.Sum)):
        return _over(formula, env)
    return _combined(formula, [value(part, env) for part in formula.args])


def known(env: Env, name: str) -> Any:
    """What a name stands for. Errors: Unsupported where nothing tells."""
    if name not in env:
        raise Unsupported(f"no value of {name}")
    return env[name]


def _over(formula: sympy.Basic, env: Env) -> Any:
    """A sum or a product over whole numbers; of none it is the number 0 or 1."""
    (letter, first, last), operation = formula.limits[0], mul if isinstance(formula, sympy.Product) else add
    steps = range(whole(value(first, env)), whole(value(last, env)) + 1)
    parts = [value(formula.function, {**env, letter.name: t}) for t in steps]
    return reduce(operation, parts) if parts else int(operation is mul)


def _size(letters: sympy.Expr, env: Env) -> int:
    """How many units 2 H are. Errors: Unsupported where nothing tells."""
    named = {s: env.get(f"size {s.name}") for s in letters.free_symbols}
    if None in named.values():
        raise Unsupported(f"no size {letters}")
    return int(letters.subs(named))


def whole(number: Any) -> int:
    """A whole number, from a ball around it. Errors: Unsupported for several."""
    if np.ndim(number):
        raise Unsupported("a column is no whole number")
    return number if isinstance(number, int) else round(float(number))


def bare(formula: sympy.Basic) -> sympy.Basic:
    """A formula without the condition under which it holds."""
    return formula.args[1] if isinstance(formula, sympy.Implies) else formula


def holds(relation: sympy.Basic, env: Env, strictly: bool = True) -> bool:
    """Whether an inequality is true for every entry; one that is strict over the reals may be met in floats.

    A strict one must be certain; of one that is not, the opposite must not be.
    """
    left, right = (np.asarray(value(side, env), dtype=object) for side in (relation.lhs, relation.rhs))
    sign = relation.rel_op if strictly else relation.rel_op[0] + "="
    return all(COMPARED[sign](a, b) for a, b in zip(*map(np.ravel, np.broadcast_arrays(left, right)), strict=True))


def equal(left: Any, right: Any) -> bool:
    """Whether two values in balls are the same, entry by entry, to DIGITS digits: both are that narrow, and meet."""
    apart = np.ravel(np.asarray(left - right, dtype=object))
    return all(bool(d.contains(0)) and bool(d.rad() < 10.0**-DIGITS) for d in apart)


def near(left: Any, right: Any) -> bool:
    """Whether two values differ, entry by entry, by less than is seen in DIGITS digits: what goes to a limit."""
    return all(bool(abs(d) < 10.0**-DIGITS) for d in np.ravel(np.asarray(left - right, dtype=object)))


def slope(formula: sympy.Eq, own: Mapping[str, sympy.Expr], env: Env) -> bool:
    """Whether d f / d z = told, f of a name in ``own``, which says what it is, holds as the mean value theorem allows.

    Between z and z + d, d being 2^-NEAR, the derivative is somewhere (f(z + d) - f(z)) / d; all other names are held,
    but those of ``own``.
    """
    function, (symbol,) = formula.lhs.expr, formula.lhs.variables
    expression = own[str(function.func)]
    used = (expression.free_symbols | formula.rhs.free_symbols) - {s for s in formula.rhs.free_symbols if s.name in own}
    with precisely(4 * NEAR):
        at = {s.name: _each(value(s, env), lambda ball: ball.mid()) for s in used | {symbol}}
        step, z = as_ball(sympy.Integer(2) ** -NEAR), at[symbol.name]
        one, other = (value(expression, {**at, symbol.name: end}) for end in (z, z + step))
        between = {**at, symbol.name: np.frompyfunc(lambda a, b: a.union(b), 2, 1)(z, z + step)}
        told = value(formula.rhs, {**between, **{name: value(form, between) for name, form in own.items()}})
        return equal((other - one) / step, told)


def _each(numbers: Any, of: Callable[[Any], Any]) -> Any:
    return np.frompyfunc(of, 1, 1)(np.asarray(numbers, dtype=object))


COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": lt,
    ">": gt,
    "<=": lambda a, b: not a > b,
    ">=": lambda a, b: not a < b,
}


def _power(base: Any, exponent: int) -> Any:
    return base**exponent if exponent >= 0 else 1 / base**-exponent


def _combined(formula: sympy.Basic, parts: list[Any]) -> Any:
    if isinstance(formula, sympy.Transpose):
        return parts[0].T
    if isinstance(formula, sympy.DiagMatrix):
        return _diagonal(parts[0])
    if isinstance(formula, sympy.MatMul):
        return reduce(_times, parts)
    operation: Callable[[Any, Any], Any] | None = {
        sympy.Add: add,
        sympy.MatAdd: add,
        sympy.Mul: mul,
        sympy.HadamardProduct: mul,
        sympy.Max: _larger,
    }.get(type(formula))
    if operation is None:
        raise Unsupported(f"no value of a {type(formula).__name__}")
    return reduce(operation, parts)


def _larger(a: Any, b: Any) -> Any:
    return np.frompyfunc(lambda x, y: x.max(y), 2, 1)(a, b)


def _times(a: Any, b: Any) -> Any:
    return a @ b if np.ndim(a) and np.ndim(b) else a * b


def _diagonal(entries: Any) -> Any:
    """The matrix with the entries of a column on its diagonal."""
    found = np.full((len(entries), len(entries)), as_ball(0), dtype=object)
    found[np.diag_indices(len(entries))] = entries[:, 0]
    return found


def stepped(cell: Cell, env: Env) -> dict[str, Any]:
    """Every signal of one step, from the parameters, the input and the states."""
    known = dict(env)
    for equation in cell.equations:
        known[equation.target] = right_of(equation, known)
    return known


def right_of(equation: Equation, env: Env) -> Any:
    """What an equation gives where its names have these values."""
    if isinstance(equation, Affine):
        products = [env[weight] @ env[name] for weight, name in equation.terms]
        return reduce(add, [*products, *([env[equation.bias]] if equation.bias else [])])
    if isinstance(equation, Softmax):
        exps = applied(exp(_CALL), env[equation.source])
        return exps / reduce(add, exps.ravel())
    return value(equation.expression, env)


def run(cell: Cell, case: Case, row: int, backward: bool = False) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each step of one row of a case, in the order in which they are read: its index in x, and every signal."""
    known = parameters(case)
    state = {name: column(case.state[name][row]) for name in cell.state_names}
    order = range(case.sizes.T)
    for t in reversed(order) if backward else order:
        env = stepped(cell, {**known, **state, cell.input: column(case.x[t, row])})
        yield t, env
        state = {name: env[stored] for name, stored in cell.states}
