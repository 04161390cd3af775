"""What each of NumPy's ufuncs does to dual numbers; comparisons are decided by the shadow, and ties refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.dual import Dual, add, literal, multiply, negative, subtract
from rnnproof.domains.dual_exponentials import cosh, exponential, logarithm, sinh
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
from rnnproof.domains.ring import Ring

Bools = NDArray[np.bool_]
MOST = 2**15  # of an integer that something is raised to


def compared(a: Dual, b: Dual, function: Callable[[Any, Any], Any] = np.greater, picks: bool = False) -> Bools:
    """A comparison, as the floats decide it; equal numbers are equal where they are exactly, tangents included.

    ``picks``: it decides only which of the two is taken, so that of equal ones either will do.

    Errors: Untraceable for a NaN, for floats that tie while the numbers differ, as at a kink, and for floats that
    differ while the numbers are equal: rounding would decide.
    """
    ring = a.ring
    ring.note("comparison")
    first, second = np.broadcast_arrays(a.f, b.f)
    if np.isnan(first).any() or np.isnan(second).any():
        ring.refuse("a comparison with a number that is not known")
    equal, tie = _equal(ring, a.x, b.x), first == second
    alike = same(a, b)
    if np.any(tie & ~alike):
        ring.refuse("a comparison of two numbers that are equal as floats alone, or at a kink")
    if np.any(equal & ~tie & ~(alike & picks)):
        ring.refuse("a comparison of two numbers that are equal, though not as floats")
    return np.asarray(function(first, second))


def floored(a: Dual, function: Callable[[Any], Any]) -> Any:
    """Whole numbers near by: floor, ceil, trunc, or rint, as the floats decide it; floats that are exact.

    Errors: Untraceable for a number at which they jump, as far as the floats or the exact numbers tell.
    """
    jump = literal(a.ring, np.round(a.f))
    if function is np.rint:
        a, jump = add(a, a), literal(a.ring, 2 * np.floor(a.f) + 1)
        compared(a, jump)
        return function(a.f / 2)
    compared(a, jump)
    return function(a.f)


def same(a: Dual, b: Dual) -> Bools:
    """Equality of numbers and tangents, as far as they are known."""
    return np.asarray(_equal(a.ring, a.x, b.x) & _equal(a.ring, a.d, b.d))


def _equal(ring: Ring, a: Any, b: Any) -> Bools:
    """Equality of what is known of two numbers: a logarithm's last digit is not."""
    return np.asarray(np.equal((a - b) % ring.known, 0), dtype=bool)


def chosen(condition: Bools, a: Dual, b: Dual) -> Dual:
    """a where the condition holds, b elsewhere."""
    pairs = zip(a.parts, b.parts, strict=True)
    return Dual(a.ring, *(np.asarray(np.where(condition, one, other), dtype=one.dtype) for one, other in pairs))


def maximum(a: Dual, b: Dual) -> Dual:
    """max(a, b)."""
    return chosen(compared(a, b, np.greater, picks=True), a, b)


def minimum(a: Dual, b: Dual) -> Dual:
    """min(a, b)."""
    return chosen(compared(a, b, np.less, picks=True), a, b)


def absolute(a: Dual) -> Dual:
    """|a|."""
    return maximum(a, negative(a))


def sign(a: Dual) -> Dual:
    """-1, 0 or 1."""
    compared(a, literal(a.ring, 0))
    return literal(a.ring, np.sign(a.f).astype(int))


def raised(a: Dual, b: Dual) -> Dual:
    """a^n for integers n, or a square root; c^b for one number c > 0."""
    if _is_said(b):
        exponents = np.unique(b.f)
        if np.all((exponents == np.floor(exponents)) & (np.abs(exponents) < MOST)):
            return _to_integers(a, b, exponents)
        if len(exponents) == 1 and exponents[0] in (0.5, -0.5):
            root = sqrt(a)
            return shaped(root if exponents[0] > 0 else reciprocal(root), b)
    base = np.unique(a.f)
    if len(base) == 1 and base[0] > 0 and _is_said(a):
        return shaped(exponential(a, b), a)
    return a.ring.refuse("a power that is no integer")


def _to_integers(a: Dual, b: Dual, exponents: Any) -> Dual:
    """a^b entry by entry, all entries of one exponent at once."""
    if len(exponents) == 1:
        return shaped(power(a, int(exponents[0])), b)
    shape = np.broadcast_shapes(a.x.shape, b.x.shape)
    wide, of = a.moved(lambda part: np.broadcast_to(part, shape).copy()), np.broadcast_to(b.f, shape)
    for n in exponents:
        at = of == n
        raised_to = power(wide.moved(itemgetter(at)), int(n))
        for mine, other in zip(wide.parts, raised_to.parts, strict=True):
            mine[at] = other
    return wide


def _is_said(a: Dual) -> bool:
    """Whether these are numbers that the code says."""
    return bool(np.isfinite(a.f).all()) and not a.d.any() and bool(np.all(a.x == literal(a.ring, a.f).x))


def shaped(a: Dual, b: Dual) -> Dual:
    """a broadcast to the shape that it has together with b."""
    shape = np.broadcast_shapes(a.x.shape, b.x.shape)
    return a if a.x.shape == shape else a.moved(lambda part: np.broadcast_to(part, shape).copy())


def logaddexp(a: Dual, b: Dual) -> Dual:
    """log(exp(a) + exp(b))."""
    found = log(add(exp(a), exp(b)))
    found.f[...] = np.logaddexp(a.f, b.f)  # as NumPy rounds it
    return found


def hypot(a: Dual, b: Dual) -> Dual:
    """The root of a^2 + b^2."""
    found = sqrt(add(multiply(a, a), multiply(b, b)))
    found.f[...] = np.hypot(a.f, b.f)  # as NumPy rounds it
    return found


def _same(a: Dual) -> Dual:
    return a.moved(np.copy)


UNARY: Mapping[str, Callable[[Dual], Dual]] = {
    "negative": negative,
    "positive": _same,
    "conjugate": _same,
    "exp": exp,
    "exp2": lambda a: exponential(literal(a.ring, 2), a),
    "expm1": expm1,
    "tanh": tanh,
    "sinh": sinh,
    "cosh": cosh,
    "expit": sigmoid,
    "log": log,
    "log1p": log1p,
    "log2": lambda a: logarithm(a, 2, np.log2),
    "log10": lambda a: logarithm(a, 10, np.log10),
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
    "hypot": hypot,
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
WHOLE = {"floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "rint": np.rint}
TESTS: Mapping[str, Callable[[Any], Any]] = {"isnan": np.isnan, "isinf": np.isinf, "isfinite": np.isfinite}


def _vecdot(a: Any, b: Any) -> Any:
    return (a * b).sum(axis=-1)
