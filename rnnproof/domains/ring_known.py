"""Numbers and truth values that are known exactly, beside those of the ring: masks, one-hot arrays, integers.

They stay NumPy's arrays, so that they can be an index or a condition. What NumPy's own methods would refuse is done
in the ring: a product with an array of it (``mask.dot(W)``), and arithmetic that floats would round (``mask / 3``).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rnnproof.domains.dual import literal
from rnnproof.domains.ring import Ring

EXACT = frozenset({
    "add", "subtract", "multiply", "negative", "positive", "absolute", "maximum", "minimum", "sign", "square", "matmul",
})  # fmt: skip
LARGEST = 2.0**50  # whole floats below this are added and multiplied exactly


class Known(np.ndarray):
    """An array of numbers that are exact as they are; ``number``: NumPy has a number there, which stays what it is."""

    ring: Ring
    number: bool

    def __array_finalize__(self, other: Any) -> None:
        self.ring = getattr(other, "ring", None)  # type: ignore[assignment]
        self.number = False

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        from rnnproof.domains.ring_array import RingArray, of, own

        out = options.pop("out", None)
        if out is not None and any(getattr(each, "number", False) for each in out):
            out = None
        mixed = any(isinstance(each, RingArray) for each in inputs)
        if out is not None:
            options["out"] = tuple(
                own(self.ring, each) if mixed and type(each) is Known else plain(each) for each in out
            )
        if mixed or any(isinstance(each, RingArray) for each in out or ()):
            return getattr(ufunc, method)(*(plain(each) for each in inputs), **options)
        numbers = (inputs[0], *inputs[2:]) if method == "at" else inputs
        whole = ufunc.__name__ in EXACT and all(_is_whole(each) for each in numbers)
        result = getattr(ufunc, method)(*(plain(each) for each in inputs), **options)
        if out is not None or method == "at":
            written = inputs[0] if out is None else out[0]
            self._must_be_exact(ufunc, written, whole)
            return None if out is None else written
        if not isinstance(result, np.ndarray | np.generic) or result.dtype.kind != "f" or (whole and _is_whole(result)):
            return known(self.ring, result) if isinstance(result, np.ndarray) else result
        first = of(literal(self.ring, plain(inputs[0])), np.asarray(inputs[0], dtype=result.dtype))
        return getattr(ufunc, method)(first, *(plain(each) for each in inputs[1:]), **options)

    def _must_be_exact(self, ufunc: np.ufunc, written: Any, exact: bool) -> None:
        """Errors: Untraceable for floats that were rounded where they stand, and may be seen under other names."""
        if written.dtype.kind == "f" and not (exact and _is_whole(written)):
            self.ring.refuse(f"np.{ufunc.__name__} in place, in an array of whole numbers that stays one: use a copy")

    def __setitem__(self, index: Any, value: Any) -> None:
        from rnnproof.domains.ring_array import own, ring_in

        if (ring := ring_in(value)) is not None:
            own(ring, self)
        super().__setitem__(index, value)

    def _of_ring(self) -> Any:
        from rnnproof.domains.ring_array import of

        floats = plain(self) if self.dtype.kind == "f" else plain(self).astype(float)
        return of(literal(self.ring, floats), floats)

    def mean(self, *args: Any, **kwargs: Any) -> Any:
        """In the ring: a float would be rounded."""
        return self._of_ring().mean(*args, **kwargs)

    def var(self, *args: Any, **kwargs: Any) -> Any:
        """In the ring."""
        return self._of_ring().var(*args, **kwargs)

    def std(self, *args: Any, **kwargs: Any) -> Any:
        """In the ring."""
        return self._of_ring().std(*args, **kwargs)

    def dot(self, other: Any, out: Any = None) -> Any:
        """As NumPy's, also with an array of the ring."""
        return np.dot(plain(self), plain(other)) if out is None else np.dot(plain(self), plain(other), out=out)

    def copy(self, order: Any = "C") -> Any:
        """A copy that may be written into: of the ring, for floats."""
        made = known(self.ring, np.array(self, order=order))
        return made._of_ring() if self.dtype.kind == "f" else made

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        """A copy; one of floats is of the ring."""
        from rnnproof.domains.ring_array import of

        made = plain(self).astype(dtype, *args, **kwargs)
        return of(literal(self.ring, made), made) if made.dtype.kind == "f" else known(self.ring, made)

    def __deepcopy__(self, memo: Any) -> Known:
        return known(self.ring, np.array(self))


def known(ring: Ring, value: Any, number: bool = False) -> Known:
    """An array of numbers that are exact as they are; without axes perhaps a number."""
    made = np.asarray(value).view(Known)
    made.ring, made.number = ring, number and not made.ndim
    return made


def plain(value: Any) -> Any:
    """NumPy's own array, also each of those in a tuple, as of an index."""
    if isinstance(value, tuple):
        return tuple(plain(each) for each in value)
    return value.view(np.ndarray) if isinstance(value, Known) else value


def _is_whole(value: Any) -> bool:
    """Whether these are whole numbers, which floats add and multiply without rounding."""
    array = np.asarray(plain(value))
    if array.dtype.kind not in "biuf":
        return False
    floats = array.astype(float)
    return bool(np.all(np.isfinite(floats) & (np.floor(floats) == floats) & (np.abs(floats) < LARGEST)))
