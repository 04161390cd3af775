"""Reports and cases as plain JSON data, numbers exact; and cases read back from it, checked."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnproof.errors import ModelError, UsageError
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.network import Network, Sizes

NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def number(value: float | None) -> float | str | None:
    """A float as JSON: itself, or the strings "nan", "inf", "-inf"."""
    if value is None or math.isfinite(value):
        return None if value is None else float(value)
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"


def numbers(array: Any) -> Any:
    """An array as nested lists of numbers."""
    if isinstance(array, (list, tuple)):
        return [numbers(item) for item in array]
    return numbers(array.tolist()) if isinstance(array, np.ndarray) else number(float(array))


def case_as_json(case: Case) -> dict[str, Any]:
    """A case with every number exact (the shortest decimal that reads back as the same float)."""
    sizes = case.sizes
    return {
        "network": case.network.name,
        "dtype": case.dtype,
        "regime": case.regime,
        "sizes": {letter: getattr(sizes, letter) for letter in "TBIHOP"},
        "parameters": {name: numbers(value) for name, value in case.parameters.items()},
        "x": numbers(case.x),
        "lengths": None if case.lengths is None else [int(length) for length in case.lengths],
        "state": {name: numbers(value) for name, value in case.state.items()},
        "cotangents": {
            "outputs": numbers(case.cotangents.outputs),
            "state": {name: numbers(value) for name, value in case.cotangents.state.items()},
        },
    }


def case_from_json(data: Mapping[str, Any], network: Network) -> Case:
    """The case that ``case_as_json`` wrote.

    Errors: UsageError naming the key that is missing, or the array that cannot be read or has a wrong shape.
    """
    if not isinstance(data, Mapping):
        raise UsageError(f"this is not a stored case: got {type(data).__name__}, expected an object with names")
    try:
        return _case(data, network)
    except KeyError as missing:
        raise UsageError(f"this is not a stored case: {missing} is missing") from missing
    except (ModelError, TypeError, ValueError, OverflowError) as problem:
        raise UsageError(f"this is not a stored case: {problem}") from problem


def _case(data: Mapping[str, Any], network: Network) -> Case:
    sizes = Sizes(**{letter: data["sizes"][letter] for letter in "TBIHOP"})
    states = network.state_shapes(sizes)
    case = Case(
        network=network,
        sizes=sizes,
        parameters=_arrays("parameter", data["parameters"], network.shapes(sizes)),
        x=_array("x", data["x"], sizes.shape(("T", "B", "I"))),
        state=_arrays("initial state", data["state"], states),
        cotangents=Cotangents(
            _array("outputs", data["cotangents"]["outputs"], sizes.shape(("T", "B", network.output_size))),
            _arrays("cotangent", data["cotangents"]["state"], states),
        ),
        lengths=None if data["lengths"] is None else _lengths(data["lengths"]),
        dtype=data["dtype"],
        regime=str(data["regime"]),
    )
    _check_exact(case)
    return case


def _arrays(what: str, data: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    """Arrays by name; a name that is not expected is kept, for the case to refuse."""
    return {name: _array(f"{what} {name}", value, shapes.get(name, ())) for name, value in dict(data).items()}


def _array(what: str, data: Any, shape: tuple[int, ...]) -> Any:
    """Nested lists as a float64 array; where it is empty, of this shape, which lists cannot say."""
    try:
        flat = np.array(_floats(data), dtype=np.float64)
    except (TypeError, ValueError) as problem:
        raise ModelError(f"{what}: {problem}") from problem
    return flat.reshape(shape) if flat.size == 0 == np.prod(shape) else flat


def _floats(data: Any) -> Any:
    if isinstance(data, list):
        return [_floats(item) for item in data]
    if isinstance(data, str) and data in NOT_FINITE:
        return NOT_FINITE[data]
    if isinstance(data, bool) or not isinstance(data, (int, float)):
        raise ValueError(f"got {data!r}, expected a number or one of {', '.join(NOT_FINITE)}")
    return float(data)


def _lengths(data: Any) -> Any:
    if not isinstance(data, list) or any(isinstance(n, bool) or not isinstance(n, int) for n in data):
        raise ValueError(f"lengths: got {data!r}, expected a list of whole numbers")
    return np.array(data, dtype=int)


def _check_exact(case: Case) -> None:
    """Every number is one of the case's format."""
    named = {**case.parameters, "x": case.x, **case.state, "cotangent of the outputs": case.cotangents.outputs}
    for name, value in {**named, **{f"cotangent of {n}": v for n, v in case.cotangents.state.items()}}.items():
        with np.errstate(over="ignore"):
            same = np.array_equal(value.astype(case.dtype), value, equal_nan=True)
        if not same:
            raise ModelError(f"{name}: its numbers are not all exact in {case.dtype}")
