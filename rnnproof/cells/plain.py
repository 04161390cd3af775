"""The contract of a plain target, kept by any hand-written layer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.cells.contract import Array, Arrays, Backward, Cotangents, Gradients, LayerForward, Lengths
from rnnproof.cells.padding import checked
from rnnproof.errors import RnnproofError, Unsupported, UsageError


@dataclass(frozen=True)
class PlainTarget:
    """A network of hand-written cells. Nothing is kept between calls: ``grad`` runs its own forward pass.

    ``network`` is the network string, ``parameters`` and ``memory`` the names of its parameters and states; a
    bias not among them is zero. ``forward`` and ``backward`` are the passes themselves (see ``contract``).
    ``stepwise``: whether it can go on from a state, one step at a time, as no network that reads from the end can.

    Shapes: params as each cell says; x (T,B,I); states (B,H); outputs (T,B,H), or (T,B,O) with a readout;
    lengths (B,), each 0..T, or None.
    Errors: Unsupported for parameters or states that are missing or unknown; UsageError for other lengths, and for
    what is no array of such a shape.
    """

    network: str
    parameters: tuple[str, ...]
    memory: tuple[str, ...]
    forward: LayerForward
    backward: Backward
    stepwise: bool = True

    @property
    def claims(self) -> dict[str, Any]:
        """What it says it does."""
        return {"networks": [self.network], "dtypes": ["float64", "float32"], "lengths": True}

    def run(
        self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None = None
    ) -> tuple[Array, dict[str, Array]]:
        """(outputs, final state) of the whole sequence."""
        (outputs, final), _ = self._forward(params, x, state, lengths)
        return outputs, final

    def grad(
        self, params: Arrays, x: Array, state: Arrays, cotangents: Cotangents, lengths: Lengths | None = None
    ) -> Gradients:
        """The gradients of <cotangents, (outputs, final state)> by parameters, x and initial state."""
        _, cache = self._forward(params, x, state, lengths)
        rows: Cotangents = {
            "outputs": row_major(cotangents["outputs"]),
            "state": {name: row_major(d) for name, d in cotangents["state"].items()},
        }
        gradients = self.backward(rows, cache)
        return {**gradients, "params": {name: gradients["params"][name] for name in self.parameters}}

    def step(
        self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None = None
    ) -> tuple[Array, dict[str, Array]]:
        """(output, new state) of a single step. Shapes: x (B,I), output (B,H) or (B,O); lengths each 0 or 1."""
        self._refuse_from_the_end("step")
        outputs, final = self.run(params, x[np.newaxis], state, lengths)
        return outputs[0], final

    def states(self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None = None) -> dict[str, Array]:
        """Each state after every step, (T,B,H); in the padding it stays what it was, unless the cell runs on."""
        self._refuse_from_the_end("states")
        _, cache = self._forward(params, x, state, lengths)
        return {name: every[1:] for name, every in cache.states.items()}

    def _refuse_from_the_end(self, what: str) -> None:
        if not self.stepwise:
            raise Unsupported(f"{self.network}: no {what}: a direction that reads from the end has no next step")

    def _forward(
        self, params: Arrays, x: Array, state: Arrays, lengths: Lengths | None
    ) -> tuple[tuple[Array, dict[str, Array]], Any]:
        self._refuse_others("parameters", params, self.parameters)
        self._refuse_others("states", state, self.memory)
        self._check_rows(x, state)
        params = {name: row_major(value) for name, value in params.items()}
        state = {name: row_major(value) for name, value in state.items()}
        given = {**zero_biases(params), **params}
        given_lengths = checked(lengths, *x.shape[:2])
        try:
            return self.forward(given, row_major(x), state, lengths=given_lengths)
        except (ValueError, IndexError) as problem:
            if isinstance(problem, RnnproofError):
                raise
            raise UsageError(f"{self.network}: {_shapes(x, params, state)} do not fit together: {problem}") from problem

    def _refuse_others(self, what: str, given: object, expected: tuple[str, ...]) -> None:
        wanted = ", ".join(sorted(expected))
        if not isinstance(given, Mapping):
            raise UsageError(f"{self.network}: the {what} are {_kind(given)}; expected a dict of {wanted}")
        for name in sorted(set(given) ^ set(expected)):
            wrong = f"unknown {name!r} among the {what}" if name in given else f"the {what} have no {name!r}"
            raise Unsupported(f"{self.network}: {wrong}; expected exactly {wanted}")

    def _check_rows(self, x: Array, state: Arrays) -> None:
        """As many rows in every state as in x."""
        if getattr(x, "ndim", None) != 3:
            raise UsageError(f"{self.network}: x is {_kind(x)}; expected an array (T, B, I)")
        for name in self.memory:
            if getattr(state[name], "ndim", None) != 2 or len(state[name]) != x.shape[1]:
                wrong = f"state {name} is {_kind(state[name])}"
                raise UsageError(f"{self.network}: {wrong}; expected {x.shape[1]} rows, as x has: (B, size)")


def _kind(value: Any) -> str:
    """An array's shape; of anything else the type."""
    shape = getattr(value, "shape", None)
    if shape is not None:
        return f"of shape {tuple(shape)}"
    return "None" if value is None else f"a {type(value).__name__}"


def _shapes(x: Array, params: Arrays, state: Arrays) -> str:
    named = {"x": x, **params, **state}
    return ", ".join(f"{name} {np.shape(value)}" for name, value in named.items())


def row_major(array: Array) -> Array:
    """The same numbers in C order: in another layout, the same product may be summed in another order."""
    return np.asanyarray(array, order="C")


def zero_biases(params: Arrays) -> dict[str, Array]:
    """b_k = 0 for every weight W_k, and b_hk = 0 for every U_k. Shapes: W_k (N,M), U_k (N,N), b_k, b_hk (N,)."""
    return {
        f"{layer}{dot}{BIASES[name[:2]]}{name[2:]}": np.zeros_like(weight, shape=len(weight))
        for whole, weight in params.items()
        for layer, dot, name in [whole.rpartition(".")]
        if name[:2] in BIASES
    }


BIASES = {"W_": "b_", "U_": "b_h"}
