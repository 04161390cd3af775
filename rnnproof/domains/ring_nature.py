"""Whether a result is an array or a number, and in which format of floats: as NumPy itself gives it of the floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import FLOAT, RingArray, RingNumber, like
from rnnproof.domains.ring_known import Known


def natural(result: Any, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    """The numbers of a result, as the arrays or numbers that the function gives of the floats in its arguments."""
    if not isinstance(result, RingArray) and not _holds_some(result):
        return result
    found = answers(function, args, kwargs)
    if isinstance(result, RingArray):
        return _as_found(result, found)
    return [_as_found(each, [one[n] for one in found]) for n, each in enumerate(result)]


def _holds_some(result: Any) -> bool:
    return isinstance(result, list) and bool(result) and isinstance(result[0], RingArray)


def answers(function: Callable[..., Any], args: Any, kwargs: Any) -> list[Any]:
    """What the function gives of the floats; where their format cannot be told, of each that it may be."""
    readings = range(1 + (not _is_told([*args, *kwargs.values()])))
    with np.errstate(all="ignore"):
        return [function(*floats(args, n), **floats(kwargs, n)) for n in readings]


def floats(value: Any, reading: int = 0) -> Any:
    """The floats of a value and of what it holds, as NumPy has them."""
    if isinstance(value, RingArray):
        return value.model(reading)
    if isinstance(value, list | tuple):
        return type(value)(floats(each, reading) for each in value)
    if isinstance(value, dict):
        return {name: floats(each, reading) for name, each in value.items()}
    return value.view(np.ndarray) if isinstance(value, Known) else value


def _is_told(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_told(each) for each in value)
    return not isinstance(value, RingArray) or value.form is not None


def _as_found(result: RingArray, found: list[Any]) -> RingArray:
    forms = {np.result_type(each) for each in found}
    form = forms.pop() if len(forms) == 1 else None
    return like(result.dual, found[0], form if form is not None and form.kind == "f" else None)


def of_ufunc(result: Any, ufunc: Any, inputs: Any, options: dict[str, Any]) -> Any:
    """As ``natural``. float64 with any other format is float64, and entries of ufuncs without axes are numbers.

    Of Python's floats alone it cannot be told whether Python or NumPy was asked: the result may be either's.
    """
    if not isinstance(result, RingArray):
        return result
    if options.get("dtype") is None:
        if any(isinstance(each, RingArray) and each.form is FLOAT for each in inputs):
            return result if result.ndim else RingNumber(result.dual)
        if all(_may_be_pythons(each) for each in inputs):
            return RingNumber(result.dual, None)
    return natural(result, ufunc, inputs, options)


def _may_be_pythons(value: Any) -> bool:
    if isinstance(value, RingNumber):
        return value.form is float or value.form is None
    return isinstance(value, int | float) and not isinstance(value, np.generic)
