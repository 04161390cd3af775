"""A cell's equations read one at a time, over any numbers: autograd's arrays, or mpmath's numbers at fifty digits.

Nothing of rnnproof.reference: no flattening, no stages, no compiled functions, no derived adjoint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add, mul
from typing import Any

import autograd.numpy as anp
import mpmath
import numpy as np
from autograd import grad

from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Softmax
from rnnproof.model.trace import Gradients


@dataclass(frozen=True)
class Numbers:
    """A kind of number: what each activation is, and what a rational constant becomes."""

    functions: Mapping[str, Callable[[Any], Any]]
    constant: Callable[[Any], Any]


AUTOGRAD = Numbers(
    {
        "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
        "tanh": anp.tanh,
        "relu": lambda z: anp.maximum(z, 0),
        "exp": anp.exp,
        "reciprocal": lambda z: 1 / z,
    },
    float,
)


def entrywise(function):
    return np.frompyfunc(function, 1, 1)


FIFTY_DIGITS = Numbers(
    {
        "sigmoid": entrywise(lambda z: 1 / (1 + mpmath.exp(-z))),
        "tanh": entrywise(mpmath.tanh),
        "relu": entrywise(lambda z: max(z, mpmath.mpf(0))),
        "exp": entrywise(mpmath.exp),
        "reciprocal": entrywise(lambda z: 1 / z),
    },
    lambda c: mpmath.mpf(int(c.p)) / int(c.q),
)


def value(expression, env, numbers: Numbers):
    """An expression, operation by operation, as SymPy holds it."""
    if expression.is_Symbol:
        return env[expression.name]
    if expression.is_Number:
        return numbers.constant(expression)
    parts = [value(part, env, numbers) for part in expression.args]
    if isinstance(expression, Activation):
        return numbers.functions[type(expression).__name__](parts[0])
    if expression.is_Pow:
        return reduce(mul, [parts[0]] * int(expression.exp))
    return reduce(add if expression.is_Add else mul, parts)


def run(cell: Cell, parameters, x, state, numbers: Numbers):
    """(list of outputs, final state) of a run over a list of inputs."""
    outputs = []
    for x_t in x:
        now = {**parameters, **state, cell.input: x_t}
        for equation in cell.equations:
            if isinstance(equation, Affine):
                terms = [now[name] @ parameters[weight].T for weight, name in equation.terms]
                now[equation.target] = reduce(add, terms + ([parameters[equation.bias]] if equation.bias else []))
            elif isinstance(equation, Softmax):
                e = numbers.functions["exp"](now[equation.source])
                now[equation.target] = e / e.sum(axis=-1, keepdims=True)
            else:
                now[equation.target] = value(equation.expression, now, numbers)
        outputs.append(now[cell.output])
        state = {name: now[stored] for name, stored in cell.states}
    return outputs, state


def gradients_by_autograd(cell: Cell, parameters, x, state, cotangents) -> Gradients:
    """autograd's gradients of <cotangents, (outputs, final state)>."""

    def loss(parameters, x, state):
        outputs, final = run(cell, parameters, [x[t] for t in range(len(x))], state, AUTOGRAD)
        paired = [anp.sum(final[name] * d) for name, d in cotangents.state.items()]
        return sum(paired) + sum(anp.sum(y * d) for y, d in zip(outputs, cotangents.outputs, strict=True))

    with np.errstate(over="ignore"):
        return Gradients(*grad(loss, argnum=(0, 1, 2))(dict(parameters), x, dict(state)))


def at_fifty_digits(cell: Cell, parameters, x, state):
    """(outputs, final state) as object arrays of mpmath numbers."""

    def exactly(array):
        return np.vectorize(lambda number: mpmath.mpf(float(number)), otypes=[object])(array)

    with mpmath.workdps(50):
        exact = {name: exactly(p) for name, p in parameters.items()}
        started = {name: exactly(s) for name, s in state.items()}
        return run(cell, exact, [exactly(x_t) for x_t in x], started, FIFTY_DIGITS)
