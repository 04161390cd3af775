"""What NumPy and Python keep for everybody: generators of random numbers, floating-point errors, printing."""

from __future__ import annotations

import random
from typing import Any

import numpy as np


def generators() -> tuple[Any, Any]:
    """The states of the global generators of random numbers, to be given back by ``restored``."""
    return np.random.get_state(), random.getstate()


def global_states() -> tuple[Any, ...]:
    """All that NumPy and Python keep for everybody: generators, floating-point errors, printing; for ``restored``."""
    return *generators(), np.geterr(), np.get_printoptions()


def restored(states: tuple[Any, ...]) -> None:
    """The global states as they were."""
    numbers, python, *others = states
    np.random.set_state(numbers)
    random.setstate(python)
    if others:
        np.seterr(**others[0])
        np.set_printoptions(**others[1])
