"""Ordinary floats: what each activation computes, in the dtype of its argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import add, mul

import numpy as np
import sympy

from rnnproof.errors import Unsupported
from rnnproof.model.activation import Activation
from rnnproof.model.case import Array


def sigmoid(z: Array) -> Array:
    """sigmoid(z) = (1 + tanh(z / 2)) / 2: no branch, no overflow, absolute error of a few units roundoff."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * z)))


def sigmoid_by_exp(z: Array) -> Array:
    """sigmoid(z) = exp(min(z, 0)) / (1 + exp(-|z|)): no overflow, and a relative error of a few units in both tails."""
    return np.asarray(np.exp(np.minimum(z, 0)) / (1 + np.exp(-np.abs(z))))


def relu(z: Array) -> Array:
    """relu(z) = max(z, 0)."""
    return np.asarray(np.maximum(z, 0))


def step(z: Array) -> Array:
    """step(z) = 1 if z > 0, else 0."""
    return (z > 0).astype(z.dtype)


def reciprocal(z: Array) -> Array:
    """reciprocal(z) = 1 / z."""
    return 1 / z


def softmax(z: Array, axis: int = -1, shifted: bool = True) -> Array:
    """exp(z) / the sum of exp(z) along an axis; shifted by the largest z, where exp is 1 at the most."""
    e = np.exp(z - z.max(axis=axis, keepdims=True) if shifted else z)
    return np.asarray(e / e.sum(axis=axis, keepdims=True))


FUNCTIONS: Mapping[str, Callable[[Array], Array]] = {
    "sigmoid": sigmoid,
    "tanh": np.tanh,
    "relu": relu,
    "step": step,
    "exp": np.exp,
    "reciprocal": reciprocal,
}


def evaluate(expression: sympy.Expr, env: Mapping[str, Array]) -> Array:
    """An elementwise expression of arrays, one operation after the other.

    Errors: Unsupported for what no equation is made of.
    """
    if expression.is_Symbol:
        return env[expression.name]
    if expression.is_number:
        return np.asarray(float(expression))
    if expression.is_Add or expression.is_Mul:
        parts = (evaluate(part, env) for part in expression.args)
        return np.asarray(reduce(add if expression.is_Add else mul, parts))
    if expression.is_Pow and expression.exp.is_Integer:
        return np.asarray(evaluate(expression.base, env) ** int(expression.exp))
    if isinstance(expression, Activation):
        return np.asarray(FUNCTIONS[type(expression).__name__](evaluate(expression.args[0], env)))
    raise Unsupported(f"no value of {expression}")
