"""How long a search may take, and what it has tried."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
FORWARD, BACKWARD = "forward pass", "backward pass"
ALONE, WITH_A_NUMBER = "alone", "with a number"
TOGETHER = (ALONE, "in pairs", "in threes")
OVER = "not, as the time was over"


@dataclass(frozen=True)
class Budget:
    """So many seconds of processor time from now: on a machine at work, no less is looked for.

    ``tried`` counts the changes that were looked at, by pass and by how many at once.
    """

    seconds: float
    started: float = field(default_factory=time.process_time)
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def left(self) -> float:
        """How many seconds are left; none less than 0."""
        return max(self.seconds - (time.process_time() - self.started), 0.0)

    @property
    def spent(self) -> bool:
        """Whether they are over."""
        return self.left == 0.0

    def part(self, share: float) -> Budget:
        """A share of what is left."""
        return Budget(share * self.left, tried=self.tried)

    def while_left(self, things: Iterable[T], where: str, how: str) -> Iterator[T]:
        """The things, one after the other, counted, until the seconds are over."""
        for thing in things:
            if self.spent:
                self.tried[where, OVER] += 1
                return
            self.tried[where, how] += 1
            yield thing

    def told(self, where: str) -> str:
        """What was tried in a pass: 412 alone, 61 with a number, 3100 in pairs; then the time was over."""
        counts = [f"{count} {how}" for (place, how), count in self.tried.items() if place == where and how != OVER]
        return ", ".join(counts or ["none"]) + ("; then the time was over" if self.tried[where, OVER] else "")
