"""How far numbers computed in floats are from a formula's, over what they may be off at the most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from typing import Any

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.errors import VerificationFailed


@dataclass(frozen=True)
class Measured:
    """The worst error of some results over its bound, by the name of each, at ``points`` points."""

    ratios: Mapping[str, float]
    points: int

    @property
    def worst(self) -> float:
        """Of all."""
        return max(self.ratios.values(), default=0.0)


def ratio(got: Any, exact: Any, ball: Bounded) -> float:
    """max |got - exact| / (2 radius): the true value and what right code returns are in one ball of that radius."""
    error = np.array([abs(float(a) - b) for a, b in zip(np.ravel(got), np.ravel(exact), strict=True)], dtype=object)
    worst = 0.0
    for each, radius in zip(error, np.ravel(ball.radius), strict=True):
        above = float(each.upper())
        if above > 0:
            worst = max(worst, above / (2 * float(radius)) if radius > 0 else np.inf)
    return float("inf") if np.isnan(worst) else worst


def merged(parts: Iterable[Measured]) -> Measured:
    """The worst of several, name by name."""
    ratios: dict[str, float] = {}
    points = 0
    for part in parts:
        points += part.points
        for name, worst in part.ratios.items():
            ratios[name] = max(worst, ratios.get(name, 0.0))
    return Measured(ratios, points)


def accepted(measured: Measured, what: str) -> Measured:
    """The same, if all is inside its bound.

    Errors: VerificationFailed naming the worst.
    """
    for name, worst in measured.ratios.items():
        if not worst <= 1:
            raise VerificationFailed(
                f"{what}: {name} is off by {worst:.3g} times what it may be off; the formula or the code is wrong, and "
                "no document is made of it"
            )
    return measured


def shown(number: float) -> str:
    """In two digits, rounded up: 0.043; a bound is not rounded down."""
    if number == 0:
        return "0"
    rounded = Context(prec=2, rounding=ROUND_CEILING).create_decimal(Decimal(number))
    return f"{rounded:f}"
