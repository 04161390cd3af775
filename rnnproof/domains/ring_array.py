"""An array of the ring that stands where a NumPy array stood: ufuncs, functions, indexing, assignment in place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import Dual, literal
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_attributes import SETTERS, Attributes
from rnnproof.domains.ring_known import Known
from rnnproof.domains.ring_refusals import Refusing

Form = np.dtype[Any] | type[float] | None
NUMPYS, FLOAT, SINGLE = np.float64, np.dtype(np.float64), np.dtype(np.float32)
METHODS = (
    functions.MOVING - {"resize"}
    | functions.LINEAR
    | set(functions.REDUCING)
    | set(functions.BY_SHADOW)
    | {"dot", "clip", "round"}
)


class RingArray(Attributes, Refusing, NDArrayOperatorsMixin):
    """Dual numbers over Z/p^k with NumPy's manners. Nothing in it is ever rounded to a float.

    Slices are views, as NumPy's are, also those without axes. ``form``: the format that the code's own floats have
    here, which nothing is rounded to; None where it cannot be told.
    """

    __slots__ = ("dual", "form")
    __array_priority__ = 1000
    dual: Dual
    form: Form

    def __init__(self, dual: Dual, form: Form = FLOAT) -> None:
        object.__setattr__(self, "dual", dual)
        object.__setattr__(self, "form", form)
        if form is not FLOAT:
            dual.ring.computes_in(form)

    def model(self, reading: int = 0) -> Any:
        """The floats themselves as NumPy has them; where their format cannot be told, in one of two."""
        form = self.form or (FLOAT, SINGLE)[reading]
        return self.dual.f.astype(form, copy=False)

    def _moved(self, move: Callable[[Any], Any]) -> RingArray:
        """The same entries elsewhere: an array or a number, a view or a copy, as NumPy has it."""
        return like(self.dual.moved(move), move(self.model()), self.form)

    @property
    def ring(self) -> Ring:
        """Where it was made."""
        return self.dual.ring

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the code's own floats."""
        return self.form if self.form is not None else self.ring.refuse("a dtype that cannot be told")  # type: ignore[return-value]

    @property
    def itemsize(self) -> int:
        """Of the code's own floats."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Of the code's own floats."""
        return self.size * self.itemsize

    def __setattr__(self, name: str, value: Any) -> None:
        if name in SETTERS:
            SETTERS[name](self, value)
        elif name in ("dual", "form"):
            object.__setattr__(self, name, value)
        elif hasattr(np.ndarray, name):
            self.ring.refuse(f"an array's .{name} is set")
        else:
            raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")

    def __getitem__(self, index: Any) -> RingArray:
        at = self._index(index)
        return self._moved(lambda part: part[at])

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

    def __format__(self, spec: str) -> str:
        return "≈" + (format(self.dual.f.item(), spec) if self.size == 1 else str(self.dual.f))  # no text of a float

    def __repr__(self) -> str:
        return f"ring{self.dual.f!r}"

    def __copy__(self) -> RingArray:
        return like(self.dual.moved(np.copy), self.model(), self.form)

    def __deepcopy__(self, memo: Any) -> RingArray:
        return self.__copy__()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or not hasattr(np.ndarray, name):
            raise AttributeError(f"'numpy.ndarray' object has no attribute {name!r}")
        if hasattr(np, name) and name in METHODS:
            return lambda *args, **kwargs: self._call("called")(self.ring, getattr(np, name), (self, *args), kwargs)
        return self.ring.refuse(f"an array's .{name}")

    def astype(self, dtype: Any, order: Any = "K", *args: Any, copy: bool = True, **kwargs: Any) -> RingArray:
        """A copy, where NumPy makes one; another format of floats changes no number here."""
        del args, kwargs
        form = np.dtype(dtype)
        if form.kind != "f":
            self.ring.refuse(f"an array's .astype({form.name})")
        if not copy and form == self.dtype:
            return self
        made: RingArray = self._moved(lambda part: np.array(part, order=order))
        return like(made.dual, self.model().astype(form), form)

    def item(self, *index: Any) -> RingNumber:
        """One entry, as Python's float."""
        return RingNumber(self.dual.moved(lambda part: part.item(*index)), float)

    def tolist(self) -> Any:
        """Lists of lists of Python's floats."""
        return [each.tolist() for each in self] if self.ndim else self.item()


class RingNumber(RingArray):
    """A number, as NumPy's scalars are, and Python's floats (``form`` float): arithmetic in place makes a new one."""

    __slots__ = ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """That of the code's own float; Python's have none."""
        if self.form is float:
            raise AttributeError("'float' object has no attribute 'dtype'")
        return super().dtype

    def model(self, reading: int = 0) -> Any:
        """The float itself; where NumPy's and Python's cannot be told apart, one of the two."""
        form = self.form or (FLOAT, float)[reading]
        return form.type(self.dual.f) if isinstance(form, np.dtype) else float(self.dual.f)

    def _moved(self, move: Callable[[Any], Any]) -> RingArray:
        """Never a view."""
        return like(self.dual.moved(np.copy).moved(move), move(NUMPYS(self.dual.f)), self.form)

    def __setitem__(self, index: Any, value: Any) -> None:
        raise TypeError("'numpy.float64' object does not support item assignment")

    def fill(self, value: Any) -> None:
        """Nothing, as NumPy's."""


def like(dual: Dual, model: Any, form: Any = None) -> RingArray:
    """The array or number that NumPy's own array, its number or Python's float would be; ``form``: if not its own."""
    if isinstance(model, np.ndarray):
        return RingArray(dual, model.dtype if form is float else form or None)
    return RingNumber(dual, form)


def of(dual: Dual, model: Any) -> RingArray:
    """The same numbers as NumPy's array, NumPy's number or Python's float; in its format."""
    return like(dual, model, getattr(model, "dtype", float))


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
        ring.refuse(f"an exact number is put into {_told(array)}")
    return array.dual


def _told(array: Any) -> str:
    if not isinstance(array, np.ndarray) or array.dtype.kind != "f":
        return f"an array of {array.dtype}" if isinstance(array, np.ndarray) else f"a {type(array).__name__}"
    taken = "is taken as it is (whole numbers): name an argument that is updated in wrt"
    return f"an array of floats that {taken if isinstance(array, Known) else 'was made elsewhere'}"


def stored(ring: Ring, result: Any, out: Any) -> Any:
    """The result, in the array that was given for it; a number is never changed in place."""
    if out is None:
        return result
    (target,) = out if isinstance(out, tuple) else (out,)
    own(ring, target)
    if isinstance(target, RingNumber):
        return result
    target[...] = result
    return target
