"""An array of the ring that stands where a NumPy array stood: ufuncs, functions, indexing, assignment in place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import Dual, literal
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_known import known
from rnnproof.domains.ring_ufuncs import BINARY, COMPARISONS, TESTS, UNARY, compared

FLOAT = np.dtype(np.float64)
METHODS = functions.MOVING | functions.LINEAR | set(functions.REDUCING) | set(functions.BY_SHADOW) | {"dot", "clip"}


class RingArray(NDArrayOperatorsMixin):
    """Dual numbers over Z/p^k with NumPy's manners. Nothing in it is ever rounded to a float.

    Slices are views, as NumPy's are; a number of it is an array without axes, and in-place arithmetic makes a new
    one of that, as it does of NumPy's scalars.
    """

    __array_priority__ = 1000
    __hash__ = None  # type: ignore[assignment]

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
        ring, name = self.ring, ufunc.__name__
        options.pop("dtype", None), options.pop("casting", None)
        if method == "at" and name == "add":
            return functions.added_at(own(ring, inputs[0]), inputs[1], lifted(ring, inputs[2]))
        if method == "reduce" and name in ("add", "multiply", "maximum", "minimum"):
            wanted = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}[name]
            options.setdefault("axis", 0)
            return stored(ring, self._call("reduced")(ring, wanted, inputs, options), out)
        if method == "outer" and name in BINARY:
            first, second = (lifted(ring, each) for each in inputs)
            wide = first.moved(lambda part: part.reshape(part.shape + (1,) * second.x.ndim))
            return RingArray(BINARY[name](wide, second))
        if method != "__call__" or options.pop("where", True) is not True or options:
            ring.refuse(f"np.{name}{'' if method == '__call__' else '.' + method} with {', '.join(options) or 'where'}")
        return stored(ring, _called(ring, name, [lifted(ring, each) for each in inputs]), out)

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

    def __round__(self, digits: Any = None) -> NoReturn:
        self.ring.refuse("a number is rounded")

    def __contains__(self, value: object) -> bool:
        return self.ring.refuse("a search for a number in an array")

    def __format__(self, spec: str) -> str:
        return format(self.dual.f.item(), spec) if self.size == 1 else str(self.dual.f)

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

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> RingArray:
        """A copy; another format of floats changes nothing here."""
        if np.dtype(dtype).kind != "f":
            self.ring.refuse(f"an array's .astype({np.dtype(dtype).name})")
        return self.copy()

    def copy(self, order: str = "C") -> RingArray:
        """A copy."""
        del order
        return RingArray(self.dual.moved(np.copy))

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
        return value.dual
    if isinstance(value, list | tuple) and _ring_in(value) is not None:
        return stacked(ring, value)
    return literal(ring, value)


def as_array(value: Any) -> Any:
    """An array of the ring, also of lists that hold one; anything else as NumPy's array."""
    if isinstance(value, RingArray):
        return value
    ring = _ring_in(value)
    return np.asarray(value) if ring is None else RingArray(lifted(ring, value))


def _ring_in(value: Any) -> Ring | None:
    if isinstance(value, list | tuple):
        return next((ring for each in value if (ring := _ring_in(each)) is not None), None)
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


def _called(ring: Ring, name: str, duals: list[Dual]) -> Any:
    if name in UNARY:
        return RingArray(UNARY[name](*duals))
    if name in BINARY:
        return RingArray(BINARY[name](*duals))
    if name in COMPARISONS:
        first, second = duals
        return known(ring, compared(first, second, COMPARISONS[name]))
    if name in TESTS:
        return known(ring, TESTS[name](duals[0].f))
    return ring.refuse(f"np.{name}")
