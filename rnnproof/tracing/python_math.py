"""The functions of Python's math module, of one number of the ring: NumPy's, and the result is Python's own number."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray, RingNumber, ring_in

FLOATS = {
    **{name: getattr(np, name) for name in ("cosh", "exp2", "fabs", "hypot", "log10", "log2", "sinh", "sqrt")},
    "pow": np.power,
}
INTEGERS = {"ceil": np.ceil, "floor": np.floor, "trunc": np.trunc}
TRUTHS = {"isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan}


def of_math(module: Any, exact: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """The functions by name; ``exact``: those that are so of plain numbers too."""
    kinds = ((FLOATS, _float), (INTEGERS, int), (TRUTHS, bool))
    made = {
        name: _of_numbers(getattr(module, name), ufunc, kind)
        for functions, kind in kinds
        for name, ufunc in functions.items()
        if hasattr(module, name)
    }
    log = exact["log"]
    return made | exact | {"log": lambda value, *base: log(value) / log(*base) if base else log(value)}


def _of_numbers(own: Callable[..., Any], ufunc: Any, kind: Callable[[Any], Any]) -> Callable[..., Any]:
    """Python's own function, of plain numbers; NumPy's of those of the ring. Errors: TypeError for arrays with axes."""

    @wraps(own)
    def call(*args: Any) -> Any:
        if ring_in(list(args)) is None:
            return own(*args)
        if any(np.ndim(each) for each in args) or len(args) != ufunc.nin:
            raise TypeError(f"{own.__name__} takes {ufunc.nin} numbers, without axes")
        return kind(ufunc(*args))

    return call


def _float(found: RingArray) -> RingNumber:
    return RingNumber(found.dual, float)
