"""A case: everything that one run of a network needs, as exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import ml_dtypes  # noqa: F401  NumPy knows bfloat16 by name from here on
import numpy as np
from numpy.typing import NDArray

from rnnproof.errors import ModelError
from rnnproof.model.network import Network, Sizes

Array = NDArray[np.floating]
Arrays = Mapping[str, Array]
DTYPES = ("float64", "float32", "float16", "bfloat16")  # the formats that the bounds know


@dataclass(frozen=True)
class Cotangents:
    """Cotangents of the outputs (T,B,.) and of each final state (B,.)."""

    outputs: Array
    state: Arrays


@dataclass(frozen=True, eq=False)
class Case:
    """A network, sizes, parameters, inputs, initial states and cotangents; float64 numbers exact in ``dtype``.

    Shapes: x (T,B,I); lengths (B,) or None; parameters, states and cotangents as the network says.
    Errors: ModelError naming the array, its shape, and the shape expected.
    """

    network: Network
    sizes: Sizes
    parameters: Arrays
    x: Array
    state: Arrays
    cotangents: Cotangents
    lengths: NDArray[np.integer] | None = None
    dtype: str = "float64"
    regime: str = field(default="typical", compare=False)

    def __post_init__(self) -> None:
        sizes, network = self.sizes, self.network
        outputs = sizes.shape(("T", "B", network.output_size))
        check_shapes("parameter", self.parameters, network.shapes(sizes))
        check_shapes("input", {"x": self.x}, {"x": sizes.shape(("T", "B", "I"))})
        check_shapes("initial state", self.state, network.state_shapes(sizes))
        check_shapes("cotangent", {"outputs": self.cotangents.outputs}, {"outputs": outputs})
        check_shapes("cotangent of the final state", self.cotangents.state, network.state_shapes(sizes))
        if self.lengths is not None:
            _check_lengths(self.lengths, sizes)
        if self.dtype not in DTYPES:
            raise ModelError(f"dtype {self.dtype!r}: expected one of {', '.join(DTYPES)}")

    def __str__(self) -> str:
        ragged = "" if self.lengths is None else f", lengths {' '.join(map(str, self.lengths))}"
        return f"{self.network.name}, {self.sizes}{ragged}, {self.dtype}"


def check_shapes(what: str, given: Arrays, expected: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse names and shapes that are not those expected.

    Errors: ModelError naming what is missing, unknown, or of another shape.
    """
    missing = [name for name in expected if name not in given]
    unknown = [name for name in given if name not in expected]
    if missing or unknown:
        told = [f"missing {', '.join(missing)}"] * bool(missing) + [f"unknown {', '.join(unknown)}"] * bool(unknown)
        raise ModelError(f"{what}: {'; '.join(told)}; expected {', '.join(expected)}")
    for name, shape in expected.items():
        if np.shape(given[name]) != shape:
            raise ModelError(f"{what} {name}: got shape {np.shape(given[name])}, expected {shape}")


def _check_lengths(lengths: NDArray[np.integer], sizes: Sizes) -> None:
    if np.shape(lengths) != (sizes.B,):
        raise ModelError(f"lengths: got shape {np.shape(lengths)}, expected {(sizes.B,)}")
    if np.asarray(lengths).dtype.kind not in "iu":
        raise ModelError(f"lengths: got {', '.join(map(str, lengths))}; expected whole numbers")
    if not all(0 <= length <= sizes.T for length in lengths):
        raise ModelError(f"lengths: got {', '.join(map(str, lengths))}; expected each from 0 to T={sizes.T}")


def with_cotangents(case: Case, only: str | None) -> Cotangents:
    """The case's cotangents with all but one set to zero: only ``outputs``, only one state's, or (None) all."""
    zero = np.zeros_like
    if only is None:
        return case.cotangents
    full = case.cotangents
    return Cotangents(
        full.outputs if only == "outputs" else zero(full.outputs),
        {name: value if only == name else zero(value) for name, value in full.state.items()},
    )


def first_steps(case: Case, count: int) -> Case:
    """The case cut to its first ``count`` steps."""
    cut = Cotangents(case.cotangents.outputs[:count], case.cotangents.state)
    lengths = None if case.lengths is None else np.minimum(case.lengths, count)
    return replace(case, sizes=replace(case.sizes, T=count), x=case.x[:count], cotangents=cut, lengths=lengths)


def last_steps(case: Case, start: int, state: Arrays) -> Case:
    """The case from step ``start`` on, begun in ``state``."""
    cut = Cotangents(case.cotangents.outputs[start:], case.cotangents.state)
    lengths = None if case.lengths is None else np.maximum(case.lengths - start, 0)
    sizes = replace(case.sizes, T=case.sizes.T - start)
    return replace(case, sizes=sizes, x=case.x[start:], state=state, cotangents=cut, lengths=lengths)


def rounded(case: Case) -> Case:
    """The case, every number rounded to its format: what an implementation is given of it."""

    def each(arrays: Arrays) -> dict[str, Array]:
        return {name: _rounded(value, case.dtype) for name, value in arrays.items()}

    cotangents = Cotangents(_rounded(case.cotangents.outputs, case.dtype), each(case.cotangents.state))
    x = _rounded(case.x, case.dtype)
    return replace(case, parameters=each(case.parameters), x=x, state=each(case.state), cotangents=cotangents)


def _rounded(value: Array, dtype: str) -> Array:
    with np.errstate(over="ignore"):
        return np.asarray(value.astype(dtype).astype(np.float64))


def rows(case: Case, index: slice | NDArray[np.integer]) -> Case:
    """The case with only the rows of the batch that ``index`` selects, in that order."""
    cut = Cotangents(case.cotangents.outputs[:, index], {name: v[index] for name, v in case.cotangents.state.items()})
    x = case.x[:, index]
    return replace(
        case,
        sizes=replace(case.sizes, B=x.shape[1]),
        x=x,
        state={name: value[index] for name, value in case.state.items()},
        cotangents=cut,
        lengths=None if case.lengths is None else case.lengths[index],
    )
