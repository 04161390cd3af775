"""What NumPy offers as objects: np.c_ and np.r_, which join what stands in brackets, and np.vectorize."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, as_array, ring_in

Lift = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class Joining:
    """np.c_ (``columns``) or np.r_."""

    ring: Ring
    original: Any
    lift: Lift
    columns: bool

    def __getitem__(self, index: Any) -> Any:
        every = index if isinstance(index, tuple) else (index,)
        if ring_in(list(every)) is None:
            return self.lift(self.original[index])
        if any(isinstance(each, str | slice) for each in every):
            self.ring.refuse(f"np.{'c_' if self.columns else 'r_'} with a text or a range beside the numbers")
        return np.concatenate([self._part(each) for each in every], axis=-1 if self.columns else 0)

    def _part(self, value: Any) -> Any:
        """A number as an array, a row as a column."""
        part = as_array(value)
        if self.columns and part.ndim < 2:
            return part.reshape(-1, 1)
        return part if part.ndim else part.reshape(1)


@dataclass(frozen=True, eq=False)
class Vectorized:
    """np.vectorize(function): of each entry alone, as Python's number."""

    ring: Ring
    function: Callable[..., Any]
    lift: Lift

    def __call__(self, *args: Any) -> Any:
        """Errors: Untraceable for integers first: NumPy would round all that follow."""
        arrays = np.broadcast_arrays(*(as_array(each) for each in args))
        values = [self.function(*(each[at].item() for each in arrays)) for at in np.ndindex(arrays[0].shape)]
        if ring_in(values) is None:
            return self.lift(np.array(values, dtype=np.array(values[0]).dtype).reshape(arrays[0].shape))
        if not isinstance(values[0], RingArray | float):
            self.ring.refuse("np.vectorize of a function whose first value is no float")
        return as_array(values).reshape(arrays[0].shape)


def options_of(value: np.vectorize) -> dict[str, Any]:
    """How one of NumPy's was made."""
    return {name: getattr(value, name) or None for name in ("otypes", "excluded", "signature")}


def vectorize(ring: Ring, lift: Lift) -> Callable[..., Any]:
    """What stands for the class np.vectorize; a decorator too."""

    def make(pyfunc: Any = None, *args: Any, **options: Any) -> Any:
        if args or any(value is not None and value is not False for name, value in options.items() if name != "doc"):
            ring.refuse("np.vectorize with options")
        return (lambda function: Vectorized(ring, function, lift)) if pyfunc is None else Vectorized(ring, pyfunc, lift)

    return make
