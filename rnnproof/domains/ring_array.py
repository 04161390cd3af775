"""An array of the ring that stands where a NumPy array stood: ufuncs, functions, indexing, assignment in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import Dual, literal
from rnnproof.domains.ring import Ring

FLOAT = np.dtype(np.float64)
METHODS = (
    functions.MOVING - {"resize"}
    | functions.LINEAR
    | set(functions.REDUCING)
    | set(functions.BY_SHADOW)
    | {"dot", "clip"}
)


class RingArray(NDArrayOperatorsMixin):
    """Dual numbers over Z/p^k with NumPy's manners. Nothing in it is ever rounded to a float.

    Slices are views, as NumPy's are; a number of it is an array without axes, and in-place arithmetic makes a new
    one of that, as it does of NumPy's scalars.
    """

    __array_priority__ = 1000

    def __init__(self, dual: Dual) -> None:
        self.dual = dual

    @property
    def ring(self) -> Ring:
        """Where it was made."""
        return self.dual.ring

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
    def dtype(self) -> np.dtype[Any]:
        """float64: what stands for the numbers that the code computes with."""
        return FLOAT

    @property
    def flags(self) -> Any:
        """Those of its entries."""
        return self.dual.x.flags

    @property
    def T(self) -> RingArray:
        """The transpose, a view."""
        return RingArray(self.dual.moved(lambda part: part.T))

    def __len__(self) -> int:
        return len(self.dual.x)

    def __iter__(self) -> Iterator[RingArray]:
        return (self[n] for n in range(len(self)))

    def __getitem__(self, index: Any) -> RingArray:
        at = self._index(index)
        return RingArray(self.dual.moved(lambda part: part[at]))

    def __setitem__(self, index: Any, value: Any) -> None:
        at, new = self._index(index), lifted(self.ring, value)
        for mine, other in zip(self.dual.parts, new.parts, strict=True):
            mine[at] = other[()] if other.ndim == 0 else other

    def _index(self, index: Any) -> Any:
        every = index if isinstance(index, tuple) else (index,)
        if any(isinstance(one, RingArray) for one in every):
            self.ring.refuse("an index that is computed from the numbers")
        return index

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        return self._call("called_ufunc")(self.ring, ufunc, method, inputs, out, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        del types
        return self._call("called")(self.ring, function, args, kwargs)

    @staticmethod
    def _call(name: str) -> Callable[..., Any]:
        """A function of ring_calls, which is written in terms of this class."""
        from rnnproof.domains import ring_calls

        return getattr(ring_calls, name)  # type: ignore[no-any-return]

    def __array__(self, dtype: Any = None, copy: Any = None) -> NoReturn:
        del dtype, copy
        self.ring.refuse("an exact number is put into an array of floats that was made elsewhere")

    def __float__(self) -> float:
        return self.ring.refuse("a number is taken out as a float")

    def __int__(self) -> int:
        return self.ring.refuse("a number is taken out as an integer")

    def __index__(self) -> int:
        return self.ring.refuse("a number is used as an index")

    def __complex__(self) -> complex:
        return self.ring.refuse("a number is taken out as a complex number")

    def __bool__(self) -> bool:
        return self.ring.refuse("the truth of a number")

    def __hash__(self) -> int:
        return self.ring.refuse("a number is used as a key")

    def __round__(self, digits: Any = None) -> NoReturn:
        self.ring.refuse("a number is rounded")

    def __contains__(self, value: object) -> bool:
        return self.ring.refuse("a search for a number in an array")

    def __format__(self, spec: str) -> str:
        return "≈" + (format(self.dual.f.item(), spec) if self.size == 1 else str(self.dual.f))  # no text of a float

    def __repr__(self) -> str:
        return f"ring{self.dual.f!r}"

    def __copy__(self) -> RingArray:
        return self.copy()

    def __deepcopy__(self, memo: Any) -> RingArray:
        return self.copy()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")
        if hasattr(np, name) and name in METHODS:
            return lambda *args, **kwargs: self._call("called")(self.ring, getattr(np, name), (self, *args), kwargs)
        return self.ring.refuse(f"an array's .{name}")

    def astype(self, dtype: Any, *args: Any, copy: bool = True, **kwargs: Any) -> RingArray:
        """A copy, where NumPy makes one; another format of floats changes nothing here."""
        if np.dtype(dtype).kind != "f":
            self.ring.refuse(f"an array's .astype({np.dtype(dtype).name})")
        return self.copy("K") if copy or np.dtype(dtype) != FLOAT else self

    def copy(self, order: Any = "C") -> RingArray:
        """A copy."""
        return RingArray(self.dual.moved(lambda part: np.array(part, order=order)))

    def flatten(self, order: str = "C") -> RingArray:
        """A copy in one row."""
        return RingArray(self.dual.moved(lambda part: part.flatten(order)))

    def reshape(self, *shape: Any, order: str = "C") -> RingArray:
        """A view where there can be one."""
        return RingArray(self.dual.moved(lambda part: part.reshape(*shape, order=order)))

    def transpose(self, *axes: Any) -> RingArray:
        """A view."""
        return RingArray(self.dual.moved(lambda part: part.transpose(*axes)))

    def fill(self, value: Any) -> None:
        """Every entry set to one value."""
        self[...] = value


def lifted(ring: Ring, value: Any) -> Dual:
    """The dual numbers of an array of the ring, of numbers that the code says, or of lists of them."""
    if isinstance(value, RingArray):
        if value.ring is not ring:
            ring.refuse("a number is used that was kept from another run")
        return value.dual
    if isinstance(value, list | tuple) and ring_in(value) is not None:
        return stacked(ring, value)
    return literal(ring, value)


def as_array(value: Any) -> Any:
    """An array of the ring, also of lists that hold one; anything else as NumPy's array."""
    if isinstance(value, RingArray):
        return value
    ring = ring_in(value)
    return np.asarray(value) if ring is None else RingArray(lifted(ring, value))


def ring_in(value: Any) -> Ring | None:
    """The ring of a number in a value, or in lists of lists; None where there is none."""
    if isinstance(value, list | tuple):
        return next((ring for each in value if (ring := ring_in(each)) is not None), None)
    return value.ring if isinstance(value, RingArray) else None


def stacked(ring: Ring, values: Any) -> Dual:
    """Nested lists of numbers and arrays as one array."""
    inner = [lifted(ring, each) for each in values]
    parts = [np.stack([each.parts[n] for each in inner]) for n in range(5)]
    return Dual(ring, *parts)


def own(ring: Ring, array: Any) -> Dual:
    """The numbers of an array that is written to. Errors: Untraceable for one that is not of the ring."""
    if not isinstance(array, RingArray):
        ring.refuse("an exact number is put into an array of floats that was made elsewhere")
    return array.dual


def stored(ring: Ring, result: Any, out: Any) -> Any:
    """The result, in the array that was given for it; a number without axes is never changed in place."""
    if out is None:
        return result
    (target,) = out if isinstance(out, tuple) else (out,)
    own(ring, target)
    if target.ndim == 0:
        return result
    target[...] = result
    return target
