"""Layers made of layers: under a name, from the end, side by side, one above the other.

Reference: M. Schuster and K. K. Paliwal, Bidirectional recurrent neural networks, IEEE Trans. Signal Processing 45
(1997) 2673-2681; A. Graves, A. Mohamed and G. Hinton, Speech recognition with deep recurrent neural networks,
ICASSP 2013.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.cells.contract import Array, Arrays, Cotangents, Gradients, Layer, Lengths
from rnnproof.cells.contract import Cache as LayerCache
from rnnproof.cells.merge import Merge

Run = tuple[tuple[Array, dict[str, Array]], Any]


def within(prefix: str, arrays: Arrays) -> dict[str, Array]:
    """What is named prefix + name, by name."""
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def named(prefix: str, arrays: Arrays) -> dict[str, Array]:
    """The same arrays under prefix + name."""
    return {f"{prefix}{name}": array for name, array in arrays.items()}


@dataclass(frozen=True)
class Named:
    """A cache whose states have a prefix."""

    layer: LayerCache
    prefix: str

    @property
    def states(self) -> Arrays:
        """The layer's, under their longer names."""
        return named(self.prefix, self.layer.states)


def under(prefix: str, layer: Layer) -> Layer:
    """The layer with ``prefix`` before the names of its parameters and states; what has another name is not its."""
    forward, backward = layer

    def forward_under(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> Run:
        (outputs, final), cache = forward(within(prefix, params), x, within(prefix, state), lengths=lengths, xp=xp)
        return (outputs, named(prefix, final)), Named(cache, prefix)

    def backward_under(cotangents: Cotangents, cache: Any) -> Gradients:
        own: Cotangents = {"outputs": cotangents["outputs"], "state": within(prefix, cotangents["state"])}
        found = backward(own, cache.layer)
        return {"params": named(prefix, found["params"]), "x": found["x"], "state": named(prefix, found["state"])}

    return forward_under, backward_under


def turned(array: Array, lengths: Lengths | None) -> Array:
    """Every row from its own last step to its first; the padding stays where it is. Shapes: (T,B,N), lengths (B,)."""
    if lengths is None:
        return array[::-1]
    t = np.arange(len(array))[:, np.newaxis]
    return array[np.where(t < lengths, lengths - 1 - t, t), np.arange(len(lengths))]


@dataclass(frozen=True)
class Turned:
    """The cache of a layer that read from the end, and the lengths, (B,)."""

    layer: LayerCache
    lengths: Lengths | None

    @property
    def states(self) -> Arrays:
        """The layer's: in the order in which it read."""
        return self.layer.states


def from_the_end(layer: Layer) -> Layer:
    """The layer reading each row from its own end to its start; outputs in the order of time.

    The final state is the one after the row's first step. Shapes: as the layer's.
    """
    forward, backward = layer

    def forward_turned(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> Run:
        (outputs, final), cache = forward(params, turned(x, lengths), state, lengths=lengths, xp=xp)
        return (turned(outputs, lengths), final), Turned(cache, lengths)

    def backward_turned(cotangents: Cotangents, cache: Any) -> Gradients:
        d_outputs = turned(cotangents["outputs"], cache.lengths)
        found = backward({"outputs": d_outputs, "state": cotangents["state"]}, cache.layer)
        return {**found, "x": turned(found["x"], cache.lengths)}

    return forward_turned, backward_turned


@dataclass(frozen=True)
class Two:
    """The caches of two layers, and the outputs of both. Shapes: outputs (T,B,H)."""

    first: LayerCache
    second: LayerCache
    outputs: tuple[Array, Array]

    @property
    def states(self) -> Arrays:
        """Those of both."""
        return {**self.first.states, **self.second.states}


def beside(first: Layer, second: Layer, merge: Merge) -> Layer:
    """Two layers on the same input, y_t = m(a_t, b_t). Shapes: as theirs; y (T,B,H), or (T,B,2H) for concat."""

    def forward_both(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> Run:
        (a, final_a), cache_a = first[0](params, x, state, lengths=lengths, xp=xp)
        (b, final_b), cache_b = second[0](params, x, state, lengths=lengths, xp=xp)
        return (merge.value(a, b, xp), {**final_a, **final_b}), Two(cache_a, cache_b, (a, b))

    def backward_both(cotangents: Cotangents, cache: Any) -> Gradients:
        d_a, d_b = merge.pullback(cotangents["outputs"], *cache.outputs)
        found_a = first[1]({"outputs": d_a, "state": cotangents["state"]}, cache.first)
        found_b = second[1]({"outputs": d_b, "state": cotangents["state"]}, cache.second)
        return both(found_a, found_b, found_a["x"] + found_b["x"])

    return forward_both, backward_both


def above(upper: Layer, lower: Layer) -> Layer:
    """The upper layer reading the lower one's outputs. Shapes: x (T,B,I), outputs the upper one's."""

    def forward_stack(
        params: Arrays, x: Array, state: Arrays, *, lengths: Lengths | None = None, xp: ModuleType = np
    ) -> Run:
        (between, final_lower), cache_lower = lower[0](params, x, state, lengths=lengths, xp=xp)
        (outputs, final_upper), cache_upper = upper[0](params, between, state, lengths=lengths, xp=xp)
        return (outputs, {**final_lower, **final_upper}), Two(cache_lower, cache_upper, (between, outputs))

    def backward_stack(cotangents: Cotangents, cache: Any) -> Gradients:
        found_upper = upper[1](cotangents, cache.second)
        found_lower = lower[1]({"outputs": found_upper["x"], "state": cotangents["state"]}, cache.first)
        return both(found_lower, found_upper, found_lower["x"])

    return forward_stack, backward_stack


def both(first: Gradients, second: Gradients, x: Array) -> Gradients:
    """The gradients of two layers that share no parameter and no state, and dx."""
    return {"params": first["params"] | second["params"], "x": x, "state": first["state"] | second["state"]}
