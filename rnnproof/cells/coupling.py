"""How the input gate and the forget gate of an LSTM hang together: two gates, or one and what it leaves over.

A coupling is written in the values of the gates that have equations of their own, stacked on the last axis.

Reference: K. Greff, R. K. Srivastava, J. Koutnik, B. R. Steunebrink and J. Schmidhuber, LSTM: a search space
odyssey, IEEE Trans. Neural Networks and Learning Systems 28 (2017) 2222-2232 (coupled input and forget gate).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from rnnproof.cells.contract import Array


@dataclass(frozen=True)
class Coupling:
    """(i, f) = v(y) and dy = v'^T (di, df), for the gates y that have parameters.

    Shapes: i, f, di, df (B,H); y, dy (B,NH) for N names.
    """

    names: tuple[str, ...]
    value: Callable[[Array], tuple[Array, Array]]
    pullback: Callable[[Array, Array], Array]


def halves(y: Array) -> tuple[Array, Array]:
    """The first and the second half of the columns. Shapes: y (B,2H), each half (B,H)."""
    H = y.shape[1] // 2
    return y[:, :H], y[:, H:]


COUPLINGS: Mapping[str, Coupling] = {
    "none": Coupling(("i", "f"), halves, lambda di, df: np.concatenate((di, df), axis=1)),
    "input": Coupling(("f",), lambda f: (1 - f, f), lambda di, df: df - di),
    "forget": Coupling(("i",), lambda i: (i, 1 - i), lambda di, df: di - df),
}
