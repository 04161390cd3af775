"""What each of NumPy's ufuncs does to dual numbers; comparisons are decided by the shadow, and ties refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.dual import Dual, add, literal, multiply, negative, subtract
from rnnproof.domains.dual_functions import (
    divide,
    exp,
    expm1,
    log,
    log1p,
    multilinear,
    power,
    reciprocal,
    sigmoid,
    sqrt,
    tanh,
)

Bools = NDArray[np.bool_]


def compared(a: Dual, b: Dual, function: Callable[[Any, Any], Any] = np.greater) -> Bools:
    """A comparison, as the floats decide it; equal numbers are equal where they are exactly, tangents included.

    Errors: Untraceable for floats that tie while the numbers differ, as at a kink, and for a NaN.
    """
    ring = a.ring
    ring.note("comparison")
    first, second = np.broadcast_arrays(a.f, b.f)
    tie = first == second
    if tie.any() and np.any(tie & (np.not_equal(a.x, b.x) | np.not_equal(a.d, b.d)).astype(bool)):
        ring.refuse("a comparison of two numbers that are equal as floats alone, or at a kink")
    if np.isnan(first).any() or np.isnan(second).any():
        ring.refuse("a comparison with a number that is not known")
    return np.asarray(function(first, second))


def chosen(condition: Bools, a: Dual, b: Dual) -> Dual:
    """a where the condition holds, b elsewhere."""
    pairs = zip(a.parts, b.parts, strict=True)
    return Dual(a.ring, *(np.asarray(np.where(condition, one, other), dtype=one.dtype) for one, other in pairs))


def maximum(a: Dual, b: Dual) -> Dual:
    """max(a, b)."""
    return chosen(compared(a, b, np.greater), a, b)


def minimum(a: Dual, b: Dual) -> Dual:
    """min(a, b)."""
    return chosen(compared(a, b, np.less), a, b)


def absolute(a: Dual) -> Dual:
    """|a|."""
    return maximum(a, negative(a))


def sign(a: Dual) -> Dual:
    """-1 or 1."""
    positive = compared(a, literal(a.ring, 0), np.greater)
    return literal(a.ring, np.where(positive, 1, -1))


def raised(a: Dual, b: Dual) -> Dual:
    """a^n for an integer n, or a square root."""
    values = np.unique(b.f)
    if len(values) == 1 and not b.d.any() and np.all(b.x == literal(b.ring, values).x):
        (n,) = values
        if n == int(n) and abs(n) < 2**15:
            return shaped(power(a, int(n)), b)
        if n in (0.5, -0.5):
            root = sqrt(a)
            return shaped(root if n > 0 else reciprocal(root), b)
    return a.ring.refuse("a power that is no integer")


def shaped(a: Dual, b: Dual) -> Dual:
    """a broadcast to the shape that it has together with b."""
    shape = np.broadcast_shapes(a.x.shape, b.x.shape)
    return a if a.x.shape == shape else a.moved(lambda part: np.broadcast_to(part, shape).copy())


def logaddexp(a: Dual, b: Dual) -> Dual:
    """log(exp(a) + exp(b))."""
    return log(add(exp(a), exp(b)))


def _same(a: Dual) -> Dual:
    return a.moved(np.copy)


UNARY: Mapping[str, Callable[[Dual], Dual]] = {
    "negative": negative,
    "positive": _same,
    "conjugate": _same,
    "exp": exp,
    "expm1": expm1,
    "tanh": tanh,
    "expit": sigmoid,
    "log": log,
    "log1p": log1p,
    "sqrt": sqrt,
    "square": lambda a: multiply(a, a),
    "reciprocal": reciprocal,
    "absolute": absolute,
    "fabs": absolute,
    "sign": sign,
}
BINARY: Mapping[str, Callable[[Dual, Dual], Dual]] = {
    "add": add,
    "subtract": subtract,
    "multiply": multiply,
    "divide": divide,
    "power": raised,
    "float_power": raised,
    "maximum": maximum,
    "minimum": minimum,
    "fmax": maximum,
    "fmin": minimum,
    "logaddexp": logaddexp,
    "matmul": lambda a, b: multilinear(np.matmul, a, b),
    "vecdot": lambda a, b: multilinear(_vecdot, a, b),
}
COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "less": np.less,
    "less_equal": np.less_equal,
    "greater": np.greater,
    "greater_equal": np.greater_equal,
    "equal": np.equal,
    "not_equal": np.not_equal,
}
TESTS: Mapping[str, Callable[[Any], Any]] = {"isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite}


def _vecdot(a: Any, b: Any) -> Any:
    return (a * b).sum(axis=-1)
