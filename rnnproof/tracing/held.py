"""An array of floats that code holds before an exact run: what the code says, once it is looked at."""

from __future__ import annotations

from typing import Any

from rnnproof.domains.dual import Dual, literal
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray


class Held(RingArray):
    """Read as numbers of the ring at the first line that uses it.

    What a run in plain floats left behind, to be overwritten by the next one, is no literal of the code.
    """

    __slots__ = ("_before", "_lifted", "_ring")

    def __init__(self, ring: Ring, floats: Any) -> None:
        object.__setattr__(self, "_ring", ring)
        object.__setattr__(self, "_before", floats.copy())
        object.__setattr__(self, "_lifted", None)
        object.__setattr__(self, "form", floats.dtype)
        ring.computes_in(floats.dtype)

    @property
    def dual(self) -> Dual:
        """Its numbers. Errors: Untraceable for what is not finite."""
        if self._lifted is None:
            self.dual = literal(self._ring, self._before)
        return self._lifted  # type: ignore[no-any-return]

    @dual.setter
    def dual(self, dual: Dual) -> None:
        object.__setattr__(self, "_lifted", dual)

    @property
    def ring(self) -> Ring:
        """Where it is used."""
        return self._ring  # type: ignore[no-any-return]

    def __setitem__(self, index: Any, value: Any) -> None:
        """What is overwritten as a whole is not looked at."""
        if self._lifted is None and _is_whole(index):
            self._before.fill(0)
        super().__setitem__(index, value)


def _is_whole(index: Any) -> bool:
    return index is Ellipsis or (isinstance(index, slice) and index == slice(None))
