"""How the outputs of two directions become one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from rnnproof.cells.contract import Array


@dataclass(frozen=True)
class Merge:
    """y = m(a, b), and (da, db) from dy and both halves. Shapes: a, b (T,B,H), y (T,B,H), or (T,B,2H) for concat."""

    value: Callable[[Array, Array, ModuleType], Array]
    pullback: Callable[[Array, Array, Array], tuple[Array, Array]]


def concat(a: Array, b: Array, xp: ModuleType = np) -> Array:
    """a beside b, on the last axis."""
    y: Array = xp.concatenate((a, b), axis=2)
    return y


MERGES: Mapping[str, Merge] = {
    "concat": Merge(concat, lambda dy, a, b: (dy[:, :, : a.shape[2]], dy[:, :, a.shape[2] :])),
    "sum": Merge(lambda a, b, xp: a + b, lambda dy, a, b: (dy, dy)),
    "mean": Merge(lambda a, b, xp: 0.5 * (a + b), lambda dy, a, b: (0.5 * dy, 0.5 * dy)),
    "product": Merge(lambda a, b, xp: a * b, lambda dy, a, b: (dy * b, dy * a)),
}
