"""Small cases for comparing hand-written cells with symbolic programs: sizes and a seed are drawn, no arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from rnnproof.catalogue import network
from rnnproof.cells import PlainTarget, plain_target
from rnnproof.errors import Unsupported
from rnnproof.model.equation import signal
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import Program


@dataclass(frozen=True, eq=False)
class SmallCase:
    """Arrays exact in ``dtype``; x (T,B,I), states (B,H), cotangents as the outputs and final states."""

    network: Network
    sizes: Sizes
    dtype: str
    parameters: dict[str, Any]
    x: Any
    state: dict[str, Any]
    d_outputs: Any
    d_final: dict[str, Any]

    def row(self, b: int) -> dict[str, Any]:
        """The arguments of the symbolic program for one row of the batch."""
        return {**self.parameters, "x": self.x[:, b], **{name: s[b] for name, s in self.state.items()}}


def written_by_hand(net: Network) -> bool:
    """Whether there are hand-written cells of this network, with these options."""
    try:
        target(net)
    except Unsupported:
        return False
    return True


def target(net: Network) -> PlainTarget:
    """The hand-written cells of this network."""
    return plain_target(net.name.partition(":")[0], **dict(net.options))


def small_case(name: str, sizes: Sizes, seed: int, dtype: str = "float64") -> SmallCase:
    """Weights, biases, inputs, states and cotangents that are nowhere zero, of size up to 1.5."""
    net, rng = network(name), np.random.default_rng(seed)

    def array(shape: tuple[int, ...]) -> Any:
        return (rng.choice([-1.0, 1.0], shape) * rng.uniform(0.1, 1.5, shape)).astype(dtype)

    states = net.state_shapes(sizes)
    return SmallCase(
        network=net,
        sizes=sizes,
        dtype=dtype,
        parameters={name: array(shape) for name, shape in net.shapes(sizes).items()},
        x=array((sizes.T, sizes.B, sizes.I)),
        state={name: array(shape) for name, shape in states.items()},
        d_outputs=array(sizes.shape(("T", "B", net.output_size))),
        d_final={name: array(shape) for name, shape in states.items()},
    )


def seeded(program: Program, case: SmallCase) -> tuple[dict[str, Any], dict[str, Any]]:
    """Each result's cotangent as a sum of symbols, one per array that it is part of; and the symbols' values."""
    cotangents: dict[str, Any] = {}
    seeds: dict[str, Any] = {}
    for array, d in {"outputs": case.d_outputs[:, 0], **{name: d[0] for name, d in case.d_final.items()}}.items():
        for name, value in zip(program.results[array], d.ravel(), strict=True):
            seed = f"cotangent of {name} in {array}"
            seeds[seed] = value
            cotangents[name] = cotangents.get(name, 0) + signal(seed)
    return cotangents, seeds


ELMAN = (
    *("elman", "elman:activation=relu", "elman:activation=sigmoid", "elman:activation=identity"),
    *("elman:readout=tanh", "elman:activation=sigmoid,readout=identity,bias=false", "elman:readout=sigmoid"),
    "elman:readout=softmax",
)
LSTM = ("lstm", "lstm:bias=false")
# Those that need no hand-written cell here.
OTHERS = (
    *("jordan", "jordan:activation=identity,readout=tanh", "lecture_lstm", "lecture_lstm:g=identity,h=identity"),
    *("lstm:coupled=input,projection=P", "lstm:coupled=forget,clip=1/2", "lstm:forget_offset=1"),
    *("lstm:recurrent=hard_sigmoid,slope=1/6", "lstm:clip=1/2,clip_place=gates", "peephole", "peephole:coupled=forget"),
    *("gru", "gru:reset=before", "mgu", "mingru", "minlstm"),
)


@st.composite
def small_cases(draw: st.DrawFn, names: tuple[str, ...], steps: int, rows: int) -> SmallCase:
    """A case of one of these networks with up to that many steps and rows."""
    size = st.integers(1, 3)
    letters = {letter: draw(size) for letter in "IHOP"}
    sizes = Sizes(T=draw(st.integers(1, steps)), B=draw(st.integers(1, rows)), **letters)
    dtype = draw(st.sampled_from(("float64", "float32")))
    return small_case(draw(st.sampled_from(names)), sizes, draw(st.integers(0, 2**32 - 1)), dtype)
