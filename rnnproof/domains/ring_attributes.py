"""What an array of the ring says of itself; what is set by assigning to it: entries in a row, shape, real part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.dual import Dual


@dataclass(frozen=True, eq=False)
class Flat:
    """The entries of an array in a row, in C order; what is put into them is put into the array."""

    array: Any

    def __len__(self) -> int:
        return int(self.array.size)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.flatten())

    def __getitem__(self, index: Any) -> Any:
        return self.array.flatten()[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        from rnnproof.domains.ring_array import lifted

        new = lifted(self.array.ring, value)
        # the floats before the exact numbers: an array of objects would hold a sequence where NumPy raises
        for mine, other in reversed(list(zip(self.array.dual.parts, new.parts, strict=True))):
            mine.flat[index] = other.ravel()[0] if other.size == 1 else other.ravel()

    def copy(self) -> Any:
        """A copy."""
        return self.array.flatten()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.asarray(self.array, dtype, copy=copy)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.array.ring.refuse(f"an array's .flat.{name}")


class Attributes:
    """What an array says of itself, and its entries in other places."""

    __slots__ = ()
    dual: Dual
    _moved: Callable[[Callable[[Any], Any]], Any]
    __getitem__: Any
    __setitem__: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """As NumPy's."""
        return self.dual.x.shape

    @property
    def ndim(self) -> int:
        """As NumPy's."""
        return self.dual.x.ndim

    @property
    def size(self) -> int:
        """As NumPy's."""
        return self.dual.x.size

    @property
    def flags(self) -> Any:
        """Those of its entries."""
        return self.dual.x.flags

    @property
    def T(self) -> Any:
        """The transpose, a view."""
        return self._moved(lambda part: part.T)

    @property
    def real(self) -> Any:
        """Itself."""
        return self

    @property
    def flat(self) -> Flat:
        """Its entries in a row."""
        return Flat(self[...])  # of a number, a copy

    def __len__(self) -> int:
        return len(self.dual.x)

    def __iter__(self) -> Iterator[Any]:
        return (self[n] for n in range(len(self)))

    def copy(self, order: Any = "C") -> Any:
        """A copy."""
        return self._moved(lambda part: part.copy(order))

    def flatten(self, order: str = "C") -> Any:
        """A copy in one row."""
        return self._moved(lambda part: part.flatten(order))

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """A view where there can be one."""
        return self._moved(lambda part: part.reshape(*shape, order=order))

    def transpose(self, *axes: Any) -> Any:
        """A view."""
        return self._moved(lambda part: part.transpose(*axes))

    def clip(self, min: Any = None, max: Any = None, out: Any = None) -> Any:
        """Between two bounds, either of which may be left out."""
        return np.clip(self, min, max, out=out)  # type: ignore[call-overload]

    def any(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
        """Whether an entry is not 0, as the floats decide it."""
        del dtype  # of truth values, whatever is asked for
        return np.any(self, axis=axis, out=out, keepdims=keepdims)  # type: ignore[call-overload]

    def all(self, axis: Any = None, dtype: Any = None, out: Any = None, keepdims: Any = False) -> Any:
        """Whether no entry is 0, as the floats decide it."""
        del dtype
        return np.all(self, axis=axis, out=out, keepdims=keepdims)  # type: ignore[call-overload]

    def fill(self, value: Any) -> None:
        """Every entry set to one value."""
        self[...] = value


def _set_shape(array: Any, shape: Any) -> None:
    """The same memory in another shape. Errors: AttributeError, as NumPy's, where there is no such view."""
    try:
        array.dual = array.dual.moved(lambda part: np.reshape(part, shape, copy=False))
    except ValueError as problem:
        raise AttributeError(str(problem)) from problem


def _set_flat(array: Any, value: Any) -> None:
    array.flat[:] = value


def _set_real(array: Any, value: Any) -> None:
    array[...] = value


SETTERS: Mapping[str, Callable[[Any, Any], None]] = {"flat": _set_flat, "shape": _set_shape, "real": _set_real}
