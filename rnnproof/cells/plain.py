"""The contract of a plain target, kept by any pair of hand-written forward and backward passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.cells.contract import Array, Arrays, Backward, Cotangents, Forward, Gradients
from rnnproof.errors import Unsupported


@dataclass(frozen=True)
class PlainTarget:
    """A network of hand-written cells. Nothing is kept between calls: ``grad`` runs its own forward pass.

    ``network`` is the network string, ``parameters`` the names it takes; a bias not among them is zero.
    ``forward`` and ``backward`` are the passes themselves (see ``contract``).

    Shapes: params W_k (H,I), U_k (H,H), b_k (H,), W_y (O,H), b_y (O,); x (T,B,I); states (B,H);
    outputs (T,B,H), or (T,B,O) with a readout.
    Errors: Unsupported for parameters that are missing or unknown.
    """

    network: str
    parameters: tuple[str, ...]
    forward: Forward
    backward: Backward

    @property
    def claims(self) -> dict[str, list[str]]:
        """What it says it does."""
        return {"networks": [self.network], "dtypes": ["float64", "float32"]}

    def run(self, params: Arrays, x: Array, state: Arrays) -> tuple[Array, dict[str, Array]]:
        """(outputs, final state) of the whole sequence."""
        (outputs, final), _ = self._forward(params, x, state)
        return outputs, final

    def grad(self, params: Arrays, x: Array, state: Arrays, cotangents: Cotangents) -> Gradients:
        """The gradients of <cotangents, (outputs, final state)> by parameters, x and initial state."""
        _, cache = self._forward(params, x, state)
        rows: Cotangents = {
            "outputs": row_major(cotangents["outputs"]),
            "state": {name: row_major(d) for name, d in cotangents["state"].items()},
        }
        gradients = self.backward(rows, cache)
        return {**gradients, "params": {name: gradients["params"][name] for name in self.parameters}}

    def step(self, params: Arrays, x: Array, state: Arrays) -> tuple[Array, dict[str, Array]]:
        """(output, new state) of a single step. Shapes: x (B,I), output (B,H) or (B,O)."""
        outputs, final = self.run(params, x[np.newaxis], state)
        return outputs[0], final

    def states(self, params: Arrays, x: Array, state: Arrays) -> dict[str, Array]:
        """Each state after every step, (T,B,H)."""
        _, cache = self._forward(params, x, state)
        return {name: every[1:] for name, every in cache.states.items()}

    def _forward(self, params: Arrays, x: Array, state: Arrays) -> tuple[tuple[Array, dict[str, Array]], Any]:
        if set(params) != set(self.parameters):
            raise Unsupported(
                f"{self.network}: got parameters {', '.join(sorted(params))}; "
                f"expected exactly {', '.join(sorted(self.parameters))}"
            )
        params = {name: row_major(value) for name, value in params.items()}
        state = {name: row_major(value) for name, value in state.items()}
        return self.forward({**zero_biases(params), **params}, row_major(x), state)


def row_major(array: Array) -> Array:
    """The same numbers in C order: in another layout, the same product may be summed in another order."""
    return np.asanyarray(array, order="C")


def zero_biases(params: Arrays) -> dict[str, Array]:
    """b_k = 0 for every weight W_k. Shapes: W_k (N,M), b_k (N,)."""
    weights = {name: value for name, value in params.items() if name.startswith("W_")}
    return {f"b{name[1:]}": np.zeros_like(W, shape=len(W)) for name, W in weights.items()}
