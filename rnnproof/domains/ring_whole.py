"""Integers and truth values that the code makes or holds: NumPy's arrays, to be multiplied with those of the ring.

A method of NumPy's own arrays asks nobody else what to do: ``X.T.dot(delta)`` would look for floats in delta.
"""

from __future__ import annotations

from typing import Any

import numpy as np


class Whole(np.ndarray):
    """An array of integers or truth values, and what NumPy makes of it; as NumPy's but for ``dot``."""

    def dot(self, other: Any, out: Any = None) -> Any:
        """As NumPy's, also with an array of the ring."""
        from rnnproof.domains.ring_array import as_array, ring_in

        second = as_array(other) if ring_in(other) is not None else other
        plain = self.view(np.ndarray)
        return whole(np.dot(plain, second) if out is None else np.dot(plain, second, out=out))


def whole(made: Any) -> Any:
    """NumPy's own array of integers or truth values as one of these; anything else as it is."""
    return made.view(Whole) if type(made) is np.ndarray and made.dtype.kind in "bui" else made
