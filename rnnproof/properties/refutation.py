"""A refutation: the entry that is wrong, and between which two numbers its true value lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from rnnproof.domains.ball import between
from rnnproof.domains.bounded import Bounded
from rnnproof.model.document import number


@dataclass(frozen=True)
class Refutation:
    """One entry, as returned; two decimal numbers with the true value between; how far right code may be off."""

    entry: str
    got: float
    lower: str
    upper: str
    bound: float

    def as_json(self) -> dict[str, Any]:
        """The refutation as JSON."""
        return {**vars(self), "got": number(self.got)}


def refutation(entry: str, got: float, ball: Bounded, index: tuple[int, ...]) -> Refutation | None:
    """The refutation of an entry beside a ball whose true value is enclosed; None where it is not."""
    if ball.true is None or not ball.true[index].is_finite():
        return None
    lower, upper = between(ball.true[index])
    return Refutation(entry, got, lower, upper, float(ball.radius[index]))


def told(found: Refutation, true: float) -> str:
    """Where the true value lies, and how many bounds from it the number returned is."""
    times = abs(found.got - true) / found.bound if found.bound else math.inf
    far = f", {times:.2g} bounds from what was returned" if math.isfinite(times) else ""
    if found.lower == found.upper:
        return f"the true value is exactly {found.lower}{far}"
    return f"the true value lies in [{found.lower}, {found.upper}]{far}"
