"""The cases of a calibration: a right implementation and numbers for it, each made from its number alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

import numpy as np

from rnnproof.adapters.frameworks import frameworks_found
from rnnproof.adapters.resolve import resolve
from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.implementation import Implementation
from rnnproof.model.network import Network, Sizes
from rnnproof.usecases.calibrate.cells import IN_MANNERS
from rnnproof.usecases.calibrate.manner import drawn

SCALES = (1 / 4, 12)  # of weights, in units of 1 / sqrt(H), from which layers are begun as a rule
HAND_WRITTEN = (
    "elman",
    "elman:activation=relu",
    "elman:activation=sigmoid,readout=tanh",
    "elman:readout=softmax",
    "elman:readout=tanh,layers=2,direction=bidirectional,merge=product",
    "jordan",
    "jordan:readout=softmax",
    "lecture_lstm",
    "lstm",
    "lstm:coupled=input,forget_offset=1",
    "lstm:coupled=forget,clip=1/2,projection=P",
    "lstm:recurrent=hard_sigmoid,slope=1/6,clip=2,clip_place=gates",
    "lstm:layers=2,direction=bidirectional",
    "peephole",
    "peephole:coupled=forget,layers=2,direction=backward",
    "gru",
    "gru:reset=before",
    "gru:layers=2,padding=run",
)
TORCH = (
    ("torch.nn:LSTM", "lstm"),
    ("torch.nn:GRU", "gru"),
    ("torch.nn:RNN", "elman"),
    ("torch.nn:RNN", "elman:activation=relu"),
    ("torch.nn:LSTM", "lstm:projection=P,layers=2"),
    ("torch.nn:GRU", "gru:layers=2,direction=bidirectional"),
    ("torch.nn:LSTM", "lstm:direction=bidirectional"),
)


@dataclass(frozen=True, eq=False)
class Drawn:
    """A case, what runs it, and in what words."""

    case: Case
    implementation: Implementation
    words: str


def draw(seed: int, dtype: str, number: int) -> Drawn:
    """The case of a number; the same for the same seed."""
    rng = np.random.default_rng([seed, crc32(dtype.encode()), number])
    words, network, implementation = _who(rng, dtype)
    return Drawn(_case(rng, network, dtype), implementation, words)


def _who(rng: np.random.Generator, dtype: str) -> tuple[str, Network, Implementation]:
    """Half of them in a manner drawn for them, a quarter each by the hand-written cells and by a framework."""
    kind = rng.integers(4)
    if kind == 2:
        name = HAND_WRITTEN[rng.integers(len(HAND_WRITTEN))]
        return f"numpy:{name}", *_resolved(f"numpy:{name}", name)
    if kind == 3 and (found := _of_frameworks(dtype)):
        layer, name = found[rng.integers(len(found))]
        return f"{layer} as {name}", *_resolved(layer, name)
    name = str(rng.choice(list(IN_MANNERS)))
    manner = drawn(rng, dtype)
    target = resolve(IN_MANNERS[name](manner), name)
    return f"{name} ({manner})", target.network, target.implementation


@lru_cache(maxsize=64)
def _resolved(target: str, network: str) -> tuple[Network, Implementation]:
    found = resolve(target, network)
    return found.network, found.implementation


@lru_cache(maxsize=8)
def _of_frameworks(dtype: str) -> tuple[tuple[str, str], ...]:
    """The layers that are installed and claim the format."""
    here = [(target, name) for target, name in TORCH if target in frameworks_found()]
    claims = ((target, name, _resolved(target, name)[1].claims) for target, name in here)
    return tuple((target, name) for target, name, said in claims if dtype in (*said.dtypes, *said.on_request))


def _sizes(rng: np.random.Generator) -> Sizes:
    """Mostly small; one case in ten wide, one in forty long. A projection is smaller than what it projects."""

    def one(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    kind = rng.integers(40)
    if kind < 4:
        return Sizes(one(1, 3), one(1, 2), one(2, 64), 64 + 16 * one(0, 4), one(2, 40), one(2, 60))
    hidden = one(2, 32) if kind == 4 else one(2, 16)
    projected = one(1, min(4, hidden - 1))
    if kind == 4:
        return Sizes(one(30, 100), 1, one(1, 16), hidden, one(1, 4), projected)
    return Sizes(one(1, 8), one(1, 4), one(1, 12), hidden, one(1, 4), projected)


def _case(rng: np.random.Generator, network: Network, dtype: str) -> Case:
    """Numbers that use every bit of the format; the weights uniform, a quarter to twelve times as large as usual."""
    sizes = _sizes(rng)
    low, high = np.log(SCALES)
    scale = float(np.exp(rng.uniform(low, high)))

    def rounded(values: Array) -> Array:
        return np.asarray(values.astype(dtype).astype(np.float64))

    def uniform(shape: tuple[int, ...], largest: float) -> Array:
        return rounded(rng.uniform(-largest, largest, shape))

    def normal(shape: tuple[int, ...]) -> Array:
        return rounded(rng.normal(size=shape))

    def each(shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Array]:
        return {name: normal(shape) for name, shape in shapes.items()}

    states = network.state_shapes(sizes)
    return Case(
        network=network,
        sizes=sizes,
        parameters={n: uniform(shape, scale / sizes.H**0.5) for n, shape in network.shapes(sizes).items()},
        x=normal(sizes.shape(("T", "B", "I"))),
        state=each(states) if rng.integers(4) else {name: np.zeros(shape) for name, shape in states.items()},
        cotangents=Cotangents(normal(sizes.shape(("T", "B", network.output_size))), each(states)),
        dtype=dtype,
        regime=f"weights {scale:.3g} times the usual",
    )
