"""Gates stacked: their parameters as one array each, in the order of their names, and back."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np

from rnnproof.cells.contract import Array, Arrays


def stack(params: Arrays, kind: str, gates: Sequence[str], xp: ModuleType = np) -> Array:
    """W from W_i, W_f, ...: the rows of one gate above those of the next. Shapes: each (H,...); W (NH,...)."""
    stacked: Array = xp.concatenate([params[f"{kind}_{gate}"] for gate in gates])
    return stacked


def unstack(stacked: Arrays, gates: Sequence[str]) -> dict[str, Array]:
    """W_i, W_f, ... from W, and likewise for every other kind. Shapes: W (NH,...); each (H,...)."""
    return {
        f"{kind}_{gate}": rows
        for kind, all_rows in stacked.items()
        for gate, rows in zip(gates, np.split(all_rows, len(gates)), strict=True)
    }
