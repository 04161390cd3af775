"""Cases for the hand-written cells: sizes, a seed and a scale are drawn, the arrays come from the seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rnnproof.cells.plain import PlainTarget

STATES = {"elman": ("h",), "lstm": ("h", "c")}


@dataclass(frozen=True)
class CellCase:
    params: dict[str, Any]
    x: Any
    state: dict[str, Any]
    cotangents: Any

    @property
    def arguments(self):
        return self.params, self.x, self.state

    def cast(self, dtype):
        """The same case with every array in another dtype."""

        def convert(arrays):
            return {name: array.astype(dtype) for name, array in arrays.items()}

        outputs, state = self.cotangents["outputs"].astype(dtype), convert(self.cotangents["state"])
        cotangents = {"outputs": outputs, "state": state}
        return CellCase(convert(self.params), self.x.astype(dtype), convert(self.state), cotangents)


def case(target: PlainTarget, T=4, B=3, I=2, H=3, O=2, seed=0, scale=1.0) -> CellCase:
    """Entries are multiples of 2^-12: exact in single precision, and so are 3/4 and 1/4 of a bias."""
    rng = np.random.default_rng(seed)

    def draw(*shape, scale=1.0):
        return np.round(rng.normal(size=shape) * scale * 2**12) / 2**12

    def parameter(name):
        rows = O if name.endswith("_y") else H
        columns = {"W": H if name == "W_y" else I, "U": H}
        return draw(rows, columns[name[0]], scale=scale) if name[0] in columns else draw(rows)

    params = {name: parameter(name) for name in target.parameters}
    state = {name: draw(B, H) for name in STATES[target.network.partition(":")[0]]}
    outputs = draw(T, B, O if "W_y" in params else H)
    cotangents = {"outputs": outputs, "state": {name: draw(B, H) for name in state}}
    return CellCase(params, draw(T, B, I), state, cotangents)


def cases(target: PlainTarget):
    """Every size from the smallest on, T = 0 included, and weights from vanishing to exploding."""
    size = st.integers(1, 4)
    return st.builds(
        case,
        st.just(target),
        T=st.integers(0, 10),
        B=size,
        I=size,
        H=size,
        O=size,
        seed=st.integers(0, 2**32 - 1),
        scale=st.sampled_from((0.25, 1.0, 2.0)),
    )
