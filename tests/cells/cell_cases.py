"""Cases for the hand-written cells: sizes, a seed and a scale are drawn, the arrays come from the seed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rnnproof.cells.plain import PlainTarget


@dataclass(frozen=True)
class CellCase:
    params: dict[str, Any]
    x: Any
    state: dict[str, Any]
    cotangents: Any
    lengths: Any = None

    @property
    def arguments(self):
        return self.params, self.x, self.state

    def cast(self, dtype):
        """The same case with every array of numbers in another dtype."""

        def convert(arrays):
            return {name: array.astype(dtype) for name, array in arrays.items()}

        outputs, state = self.cotangents["outputs"].astype(dtype), convert(self.cotangents["state"])
        cotangents = {"outputs": outputs, "state": state}
        return CellCase(convert(self.params), self.x.astype(dtype), convert(self.state), cotangents, self.lengths)

    def with_padding(self, number):
        """The same case with that number wherever x and the outputs' cotangents are padding."""
        padding = (np.arange(len(self.x))[:, np.newaxis] >= self.lengths)[:, :, np.newaxis]
        x, outputs = (np.where(padding, number, array) for array in (self.x, self.cotangents["outputs"]))
        return replace(self, x=x, cotangents={**self.cotangents, "outputs": outputs})


def options_of(network):
    """("lstm", {"layers": "2"}) of "lstm:layers=2"."""
    name, _, options = network.partition(":")
    return name, dict(option.split("=") for option in options.split(",") if option)


def outputs_of_a_layer(target, H, O):
    """(of one direction, of the whole layer): how many numbers it puts out at a step."""
    name, options = options_of(target.network)
    own = O if name == "jordan" or "projection" in options else H
    twice = options.get("direction") == "bidirectional" and "merge" not in options
    return own, 2 * own if twice else own


def shape_of(target, name, I, H, O):
    """The shape of a parameter."""
    layer, _, own = name.rpartition(".")
    out, below = outputs_of_a_layer(target, H, O)
    if own == "W_y":
        return (O, H if options_of(target.network)[0] == "jordan" else below)
    rows = {"b_y": O, "W_p": out}.get(own, H)
    columns = {"W": H if own == "W_p" else I if layer[:2] in ("", "0.") else below, "U": out}
    return (rows, columns[own[0]]) if own[0] in columns else (rows,)


def case(target: PlainTarget, T=4, B=3, I=2, H=3, O=2, seed=0, scale=1.0, lengths=None) -> CellCase:
    """Entries are multiples of 2^-12: exact in single precision, and so are 3/4 and 1/4 of a bias."""
    rng = np.random.default_rng(seed)

    def draw(*shape, scale=1.0):
        return np.round(rng.normal(size=shape) * scale * 2**12) / 2**12

    def parameter(name):
        shape = shape_of(target, name, I, H, O)
        return draw(*shape, scale=scale if len(shape) == 2 else 1.0)

    params = {name: parameter(name) for name in target.parameters}
    out, top = outputs_of_a_layer(target, H, O)
    state = {name: draw(B, H if name[-1] == "c" else out) for name in target.memory}
    outputs = draw(T, B, O if "W_y" in params else top)
    cotangents = {"outputs": outputs, "state": {name: draw(*array.shape) for name, array in state.items()}}
    return CellCase(params, draw(T, B, I), state, cotangents, None if lengths is None else np.array(lengths))


def cases(target: PlainTarget, longest=10, ragged=False):
    """Every size from the smallest on, T = 0 included, and weights from vanishing to exploding."""
    size = st.integers(1, 4)
    drawn = st.builds(
        case,
        st.just(target),
        T=st.integers(0, longest),
        B=size,
        I=size,
        H=size,
        O=size,
        seed=st.integers(0, 2**32 - 1),
        scale=st.sampled_from((0.25, 1.0, 2.0)),
    )
    return drawn.flatmap(with_lengths) if ragged else drawn


def with_lengths(drawn):
    """The case with a length from 0 to T for each row."""
    T, B = drawn.x.shape[:2]
    lengths = st.lists(st.integers(0, T), min_size=B, max_size=B)
    return lengths.map(lambda each: replace(drawn, lengths=np.array(each)))
