"""Regimes: how large the numbers of a case are, and how many digits they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ORDINARY = ("typical", "saturated", "vanishing", "exploding", "zero")
TYPICAL = ("typical",)
HUGE = ("huge",)
EVERY = (*ORDINARY, *HUGE)
RAGGED = "ragged"  # rows of lengths of their own
OWN = "own"  # the weights of a given instance


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
# What float16, whose largest number is 65504, can hold of them.
IN_FLOAT16: Mapping[str, Regime] = {
    "exploding": Regime(1, 1, 4, 0.5, 2, 1, 2**4),
    "huge": Regime(8, 16, 4, 8, 32, 8 * 16),
}
FINEST_HUGE = 6
FINEST: Mapping[str, int] = {"float64": 40, "float32": 18, "float16": 12, "bfloat16": 12}


def regime_in(name: str, dtype: str) -> Regime:
    """The regime of that name, as a format can hold it."""
    return IN_FLOAT16.get(name, REGIMES[name]) if dtype == "float16" else REGIMES[name]
