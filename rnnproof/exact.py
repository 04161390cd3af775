"""Hand-written gradients of any NumPy function, checked with no tolerance at all.

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnproof.model.report import Report

__all__ = ["check_gradient"]


def check_gradient(
    function: Callable[..., Any],
    gradient: Callable[..., Any],
    arguments: Mapping[str, Any] | Sequence[Any],
    *,
    wrt: Sequence[str] | None = None,
    returns: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    seed: int = 0,
    timeout: float = 60.0,
) -> Report:
    """Whether ``gradient`` returns the derivative of ``function``, equal in Z/p^k; the finding is exact.gradient.

    ``function(**arguments)`` returns the scalar loss, or a tuple, list or dict whose first value it is, or arrays;
    then ``gradient`` takes their cotangents too, named as d and what they are called in the return statement.
    ``gradient(**arguments)`` returns the gradients in a dict by name, under names like dW in its return statement,
    or in the arguments' order; or returns none and updates its arguments in place, by a common factor times the
    gradient (descent), or that over the root of a memory of squares (Adagrad). Both may be the same function.

    ``arguments``: by name, or a tuple in the order of the function's parameters. Arrays of floats, and floats, are
    unknowns; integers, texts and arrays of zeros and ones are data. Names that are no parameters are attributes of
    the object that a method is bound to, or globals of the module. ``wrt``: only these gradients. ``returns``:
    what the gradient returns, in order; other names than the arguments' are ignored. ``outputs``: what the
    function returns, in order. ``timeout``: seconds for each exact execution.

    Shapes: a gradient has its argument's.
    Errors: UsageError where it is not clear whose gradient is whose, or the arguments do not fit. What the code
    does wrong is in the report.
    Reference: docs/check-gradient.md.
    """
    from rnnproof.usecases.check_gradient import Options, check_gradient

    options = Options(_names(wrt), _names(returns), _names(outputs), seed, timeout)
    return check_gradient(function, gradient, arguments, options)


def _names(names: Sequence[str] | None) -> tuple[str, ...] | None:
    return (names,) if isinstance(names, str) else None if names is None else tuple(names)
