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

from rnnproof.domains.formats import digits
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.network import Network, Sizes, sizes_in
from rnnproof.strategies.regimes import (
    FINEST,
    FINEST_HUGE,
    HUGE,
    ORDINARY,
    RAGGED,
    TYPICAL,
    Regime,
    regime_in,
)

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
# Where numbers have few digits, the radius of a run reaches its numbers after a few steps of a few units.
SHORT: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    "float16": {"T": tuple(range(1, 9))},
    "bfloat16": {"T": (1, 1, 2, 2, 3, 4), "I": (1, 2, 3, 4), "H": (1, 2, 3, 4, 5)},
}
SHORTEST = {"float16": 8, "bfloat16": 2}


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


def first_draw(regimes: tuple[str, ...], dtype: str, fixed: Fixed) -> Draw:
    """The draw to start at: I=2, H=3, B=3, T=4, or shorter."""
    sizes = START | {letter: allowed[0] for letter, allowed in fixed.items()}
    return _short(Draw(**sizes, seed=0, regime=regimes[0], q=min(8, _finest(regimes, dtype))), dtype, fixed)


def _short(draw: Draw, dtype: str, fixed: Fixed) -> Draw:
    return draw if "T" in fixed else replace(draw, T=min(draw.T, SHORTEST.get(dtype, draw.T)))


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


def large_draws(regimes: tuple[str, ...], dtype: str, fixed: Fixed) -> list[Draw]:
    """Two wide draws, a square one, a single row, a long one.

    Kernels work in blocks of 4, 8 or 16, and err in a full or in the last block; code that asks an array's shape
    which way round it is errs where I = H, code that squeezes where B = 1.
    """
    largest = {letter: max(allowed) for letter, allowed in fixed.items()}
    q = min(8, _finest(regimes, dtype))
    found = [Draw(**{**sizes, **largest}, seed=1 + k, regime=regimes[0], q=q) for k, sizes in enumerate(LARGE)]
    return list(dict.fromkeys(_short(draw, dtype, fixed) for draw in found))


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
    ranges = {**RANGES, **SHORT.get(dtype, {})}
    sizes = {letter: st.sampled_from(fixed.get(letter, drawn)) for letter, drawn in ranges.items()}
    granularity = st.integers(4, _finest(regimes, dtype))
    seeds = st.integers(0, 2**32 - 1)
    return st.builds(Draw, **sizes, seed=seeds, regime=st.sampled_from(regimes), q=granularity)


def _finest(regimes: tuple[str, ...], dtype: str) -> int:
    """The largest q at which every number, and both halves of every bias, are exact in the format."""
    if regimes == HUGE:
        return FINEST_HUGE
    return FINEST[dtype]


def _granularity(q: int, largest: float, dtype: str) -> int:
    """q, or the largest one at which all numbers up to ``largest`` are exact in the format, with a digit to spare."""
    return min(q, digits(dtype) - 1 - math.ceil(math.log2(largest))) if largest else q


def fill(network: Network, draw: Draw, dtype: str, shortest: int = 0) -> Case:
    """The case of a draw: every entry a multiple of 2^-q, exact in ``dtype``, biases non-zero and distinct.

    In a format of few digits, entries are multiples of as small a power of two as it can hold beside the largest.
    ``shortest``: the least length that a row may have, in the regime in which rows have lengths.
    """
    rng = np.random.default_rng(draw.seed)
    q = min(draw.q, FINEST_HUGE) if draw.regime in HUGE else draw.q
    regime = regime_in(draw.regime, dtype)
    sizes = Sizes(draw.T, draw.B, draw.I, draw.H, draw.O, draw.P)

    def array(shape: tuple[int, ...], largest: float, least: float = 1) -> Array:
        own = _granularity(q, largest and max(largest, least), dtype)
        top = max(int(largest * 2.0**own), 1)
        values = rng.integers(1, top + 1, shape) * rng.choice([-1, 1], shape)
        return np.asarray(values * 2.0**-own if largest else np.zeros(shape))

    parameters = {name: array(shape, _largest(name, shape, regime), 0) for name, shape in network.shapes(sizes).items()}
    states = network.state_shapes(sizes)
    x = array(sizes.shape(("T", "B", "I")), regime.x)
    if draw.regime == "zero":  # half of the inputs are zero; with every fourth seed all of them
        x = np.where((rng.random(x.shape) < 0.5) & (draw.seed % 4 != 0), x, 0.0)
    beyond = _beyond_a_clip(network) if draw.seed % 2 else 1.0
    lengths = rng.integers(min(shortest, draw.T), draw.T + 1, draw.B) if draw.regime == RAGGED else None
    return Case(
        network=network,
        sizes=sizes,
        parameters=_distinct(parameters, _granularity(q, regime.b, dtype), dtype),
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


def _distinct(parameters: Mapping[str, Array], q: int, dtype: str) -> dict[str, Array]:
    """Move equal biases apart by multiples of 2^-q, so that no two can stand for each other while there are others."""
    most = 2.0 ** (digits(dtype) - q)
    taken: set[float] = set()
    moved: dict[str, Array] = {}
    for name, value in parameters.items():
        if value.ndim == 1:
            value = value.copy()
            for n in range(len(value)):
                while float(value[n]) in taken and abs(value[n]) < most:
                    value[n] += np.copysign(2.0**-q, value[n])
                taken.add(float(value[n]))
        moved[name] = value
    return moved
