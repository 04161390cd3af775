"""From a few small numbers that Hypothesis can shrink to a case whose arrays are filled from a seed.

Hypothesis's own array strategies give most entries of an array one value, under which exchanged gates look alike;
arrays filled from a seed are all different.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.network import Network, Sizes, sizes_in

ORDINARY = ("typical", "saturated", "vanishing", "exploding", "zero")
TYPICAL = ("typical",)
HUGE = ("huge",)
EVERY = (*ORDINARY, *HUGE)
RAGGED = "ragged"  # rows of lengths of their own
OWN = "own"  # the weights of a given instance
# Sizes: those drawn from, small ones more often, and the size to start at.
RANGES: Mapping[str, tuple[int, ...]] = {
    "T": tuple(range(1, 13)),
    "B": (1, 2, 3, 4),
    "I": (*(1, 2, 3, 4) * 4, *range(5, 9)),
    "H": (*(1, 2, 3, 4, 5) * 6, *range(6, 17)),
    "O": (1, 2, 3),
    "P": (1, 2, 3),
}
START = {"T": 4, "B": 3, "I": 2, "H": 3, "O": 2, "P": 2}


@dataclass(frozen=True)
class Regime:
    """How large the entries are: the largest |x|, |W| sqrt(I), |U| sqrt(H), |b|, |state|, |W_y| sqrt(H), |cotangent|.

    Cotangents are multiples of 2^-q times their size, a power of two.
    """

    x: float
    W: float
    U: float
    b: float
    state: float
    W_y: float
    cotangent: float = 2


REGIMES: Mapping[str, Regime] = {
    "typical": Regime(2, 2, 2, 1, 1, 2),
    "saturated": Regime(4, 6, 2, 4, 1, 6),
    "vanishing": Regime(1, 1, 0.5, 0.5, 0.5, 1),
    "exploding": Regime(1, 1, 4, 0.5, 2, 1, 2**10),  # gradients large enough for whatever cuts them
    "zero": Regime(2, 2, 2, 1, 0, 2),
    RAGGED: Regime(2, 2, 2, 1, 1, 2),
    OWN: Regime(2, 0, 0, 0, 1, 0),
    "huge": Regime(64, 128, 16, 64, 512, 64 * 128),  # so that W_y h is as large as W x, h being at most 1 as a rule
}
FINEST_HUGE = 6


@dataclass(frozen=True)
class Draw:
    """What Hypothesis draws: sizes, seed, regime, and the granularity 2^-q of every number."""

    T: int
    B: int
    I: int
    H: int
    O: int
    P: int
    seed: int
    regime: str
    q: int


Fixed = Mapping[str, tuple[int, ...]]  # the sizes that a target can have, where it cannot have any


def first_draw(regimes: tuple[str, ...], fixed: Fixed) -> Draw:
    """The draw to start at: I=2, H=3, B=3, T=4."""
    sizes = START | {letter: allowed[0] for letter, allowed in fixed.items()}
    return Draw(**sizes, seed=0, regime=regimes[0], q=min(8, _finest(regimes, "float32")))


LARGE: tuple[Mapping[str, int], ...] = (
    {"T": 3, "B": 5, "I": 17, "H": 19, "O": 9, "P": 7},
    {"T": 3, "B": 2, "I": 3, "H": 3, "O": 3, "P": 3},
    {"T": 3, "B": 1, "I": 2, "H": 3, "O": 2, "P": 2},
    {"T": 2, "B": 4, "I": 8, "H": 16, "O": 4, "P": 4},
    {"T": 20, "B": 2, "I": 2, "H": 3, "O": 2, "P": 2},
)

VANISHING: tuple[Mapping[str, int], ...] = (
    {"T": 20, "B": 1, "I": 2, "H": 4, "O": 2, "P": 2},
    {"T": 20, "B": 2, "I": 3, "H": 8, "O": 3, "P": 3},
)


def vanishing_draws(fixed: Fixed) -> list[Draw]:
    """Long runs in which a gradient vanishes on its way back."""
    sizes = {letter: allowed[0] for letter, allowed in fixed.items()}
    q = min(8, _finest(ORDINARY, "float32"))
    return [Draw(**{**long, **sizes}, seed=k, regime="vanishing", q=q) for k, long in enumerate(VANISHING)]


def large_draws(regimes: tuple[str, ...], fixed: Fixed) -> list[Draw]:
    """Two wide draws, a square one, a single row, a long one.

    Kernels work in blocks of 4, 8 or 16, and err in a full or in the last block; code that asks an array's shape
    which way round it is errs where I = H, code that squeezes where B = 1.
    """
    largest = {letter: max(allowed) for letter, allowed in fixed.items()}
    q = min(8, _finest(regimes, "float32"))
    found = [Draw(**{**sizes, **largest}, seed=1 + k, regime=regimes[0], q=q) for k, sizes in enumerate(LARGE)]
    return list(dict.fromkeys(found))


LONG: Mapping[str, int] = {"T": 100, "B": 1, "I": 16, "H": 32, "O": 8, "P": 8}
WIDE: Mapping[str, int] = {"T": 2, "B": 2, "I": 96, "H": 80, "O": 8, "P": 40}


def long_draw(dtype: str, fixed: Fixed) -> Draw:
    """A hundred steps of a size that is used, with numbers of as many bits as the format allows."""
    return _with_sizes(LONG, dtype, fixed)


def wide_draw(dtype: str, fixed: Fixed) -> Draw:
    """A cell wide enough for what its sums are likely to be off by to be finer than what is possible."""
    return _with_sizes(WIDE, dtype, fixed)


def _with_sizes(sizes: Mapping[str, int], dtype: str, fixed: Fixed) -> Draw:
    every = {**sizes, **{letter: max(allowed) for letter, allowed in fixed.items()}}
    return Draw(**every, seed=1, regime=TYPICAL[0], q=_finest(TYPICAL, dtype))


def draws(regimes: tuple[str, ...], dtype: str, fixed: Fixed) -> st.SearchStrategy[Draw]:
    """Draws of the given regimes."""
    sizes = {letter: st.sampled_from(fixed.get(letter, drawn)) for letter, drawn in RANGES.items()}
    granularity = st.integers(4, _finest(regimes, dtype))
    seeds = st.integers(0, 2**32 - 1)
    return st.builds(Draw, **sizes, seed=seeds, regime=st.sampled_from(regimes), q=granularity)


def _finest(regimes: tuple[str, ...], dtype: str) -> int:
    """The largest q at which every number, and both halves of every bias, are exact in the format."""
    if regimes == HUGE:
        return FINEST_HUGE
    return 18 if dtype == "float32" else 40


def fill(network: Network, draw: Draw, dtype: str, shortest: int = 0) -> Case:
    """The case of a draw: every entry a multiple of 2^-q, exact in ``dtype``, biases non-zero and distinct.

    ``shortest``: the least length that a row may have, in the regime in which rows have lengths.
    """
    rng = np.random.default_rng(draw.seed)
    q = min(draw.q, FINEST_HUGE) if draw.regime in HUGE else draw.q
    regime = REGIMES[draw.regime]
    sizes = Sizes(draw.T, draw.B, draw.I, draw.H, draw.O, draw.P)

    def array(shape: tuple[int, ...], largest: float) -> Array:
        top = max(int(largest * 2**q), 1)
        values = rng.integers(1, top + 1, shape) * rng.choice([-1, 1], shape)
        return np.asarray(values * 2.0**-q if largest else np.zeros(shape))

    parameters = {name: array(shape, _largest(name, shape, regime)) for name, shape in network.shapes(sizes).items()}
    states = network.state_shapes(sizes)
    x = array(sizes.shape(("T", "B", "I")), regime.x)
    if draw.regime == "zero":  # half of the inputs are zero; with every fourth seed all of them
        x = np.where((rng.random(x.shape) < 0.5) & (draw.seed % 4 != 0), x, 0.0)
    beyond = _beyond_a_clip(network) if draw.seed % 2 else 1.0
    lengths = rng.integers(min(shortest, draw.T), draw.T + 1, draw.B) if draw.regime == RAGGED else None
    return Case(
        network=network,
        sizes=sizes,
        parameters=_distinct(parameters, q),
        x=x,
        state={name: beyond * array(shape, regime.state) for name, shape in states.items()},
        cotangents=Cotangents(
            regime.cotangent * array(sizes.shape(("T", "B", network.output_size)), 1),
            {name: regime.cotangent * array(shape, 1) for name, shape in states.items()},
        ),
        lengths=lengths,
        dtype=dtype,
        regime=draw.regime,
    )


def _beyond_a_clip(network: Network) -> float:
    """A power of two, at least 1, that takes states of size 1 beyond what the network's option clip leaves of them."""
    bound = dict(network.options).get("clip", "none")
    return 1.0 if bound == "none" else 2.0 ** max(0, math.ceil(math.log2(2 * Fraction(bound))))


def own_sizes(network: Network, own: Arrays) -> Fixed:
    """The sizes that an instance's weights have."""
    return {letter: (size,) for letter, size in sizes_in(network, own).items()}


def with_own_weights(case: Case, own: Arrays) -> Case:
    """The case with an instance's own weights, rounded to the dtype of the case."""
    rounded = {name: own[name].astype(case.dtype).astype(np.float64) for name in case.parameters}
    return replace(case, parameters=rounded)


def _largest(name: str, shape: tuple[int, ...], regime: Regime) -> float:
    if len(shape) == 1:
        return regime.b
    own = name.rpartition(".")[2]
    largest = regime.W_y if own == "W_y" else regime.U if own.startswith("U") else regime.W
    return largest / float(np.sqrt(shape[1]))


def _distinct(parameters: Mapping[str, Array], q: int) -> dict[str, Array]:
    """Move equal biases apart by multiples of 2^-q, so that no two can stand for each other."""
    taken: set[float] = set()
    moved: dict[str, Array] = {}
    for name, value in parameters.items():
        if value.ndim == 1:
            value = value.copy()
            for n in range(len(value)):
                while float(value[n]) in taken:
                    value[n] += np.copysign(2.0**-q, value[n])
                taken.add(float(value[n]))
        moved[name] = value
    return moved
