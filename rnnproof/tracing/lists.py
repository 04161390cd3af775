"""NumPy's functions of lists that hold numbers of the ring: NumPy itself would make an ordinary array of a list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, wraps
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import ring_in
from rnnproof.domains.ring_calls import SPECIAL, called
from rnnproof.domains.ring_choices import CHOICES
from rnnproof.domains.ring_functions import BY_SHADOW, LINEAR, MOVING, MULTILINEAR, REDUCING

MADE_HERE = frozenset({"copy", "zeros_like", "ones_like", "empty_like", "full_like"})
NAMES = {*SPECIAL, *CHOICES, *BY_SHADOW, *LINEAR, *MOVING, *MULTILINEAR, *REDUCING} - MADE_HERE


@cache
def of_lists() -> Mapping[str, Callable[..., Any]]:
    """The functions by name, the same for every ring; a ufunc has methods of its own and stays as it is."""
    every = {name: getattr(np, name) for name in NAMES if hasattr(np, name)}
    return {name: _of_lists(each) for name, each in every.items() if not isinstance(each, np.ufunc)}


def _of_lists(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for each in (*args, *kwargs.values()):
            if isinstance(each, list | tuple) and (ring := ring_in(each)) is not None:
                return called(ring, function, args, kwargs)
        return function(*args, **kwargs)

    return call
