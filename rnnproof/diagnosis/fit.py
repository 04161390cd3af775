"""The number in a change that is known but for a number: fitted, then read as the simplest that still fits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
import sympy

from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.observed import Observed
from rnnproof.faults.constants import Family
from rnnproof.faults.fault import Fault
from rnnproof.model.case import Array

STEPS = 8  # of Gauss and Newton
NUDGE = 2.0**-20  # of the number, to see what it changes: a direction of search, no more
CLIPS: tuple[float, ...] = tuple(2.0 ** (n / 4) for n in range(-12, 13))  # where a clip's bound is looked for first
Residual = Callable[[float], Array]


def fitted(family: Family, base: Hypothesis, observed: Sequence[Observed], pulled: bool) -> float | None:
    """The k at which the change comes nearest to the target, where it comes near; None where none does."""

    def residual(k: float) -> Array:
        changed = base.with_constant(family, k)
        return np.concatenate([one.residual(changed, pulled) for one in observed])

    k: float = _started(family, residual)
    for _ in range(STEPS):
        off = residual(k)
        slope = (residual(k + NUDGE) - off) / NUDGE
        square = float(slope @ slope)
        if not np.isfinite(square) or square == 0.0:
            return None
        step = float(slope @ off) / square
        k -= step
        if abs(step) <= abs(k) * 2.0**-44:
            break
    fits = math.isfinite(k) and bool(np.all(np.abs(residual(k)) <= 1))
    return float(k) if fits else None


def _started(family: Family, residual: Residual) -> float:
    if np.isfinite(family.neutral):
        return family.neutral
    return min(CLIPS, key=lambda k: float(np.sum(residual(k) ** 2)))


def simplest(
    family: Family,
    base: Hypothesis,
    observed: Sequence[Observed],
    pulled: bool,
    agrees: Callable[[Hypothesis], bool],
) -> Iterator[Hypothesis]:
    """The hypothesis with the simplest number that agrees; none where none is near, or none agrees."""
    k = fitted(family, base, observed, pulled)
    every = () if k is None else (base.with_fault(replace(fault, at=base.at)) for fault in read(family, k))
    found = next((h for h in every if agrees(h)), None)
    if found is not None:
        yield found


def read(family: Family, k: float) -> Iterator[Fault]:
    """The change with the numbers that k may be, the simplest first, k itself last."""
    for value in dict.fromkeys((*_simple(k), Fraction(k))):
        if value != family.neutral:
            yield family.at(sympy.Rational(value.numerator, value.denominator))


def _simple(k: float) -> Iterator[Fraction]:
    """n/q of a small q, then decimals of few digits; whether one fits is somebody else's to say."""
    every = [Fraction(round(k * q), q) for q in (1, 2, 3, 4, 5, 6, 8, 10, 12)]
    every += [Fraction(f"{k:.{digits}g}") for digits in range(1, 8)]
    near = (value for value in every if abs(value - k) <= abs(k) * 2.0**-10)
    yield from near
