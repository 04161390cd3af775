"""How long a search may take."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Budget:
    """So many seconds of processor time from now: on a machine at work, no less is looked for."""

    seconds: float
    started: float = field(default_factory=time.process_time)

    @property
    def spent(self) -> bool:
        """Whether they are over."""
        return time.process_time() - self.started > self.seconds

    def part(self, share: float) -> Budget:
        """A share of what is left."""
        return Budget(share * max(self.seconds - (time.process_time() - self.started), 0.0))

    def while_left(self, things: Iterable[T]) -> Iterator[T]:
        """The things, one after the other, until the seconds are over."""
        for thing in things:
            if self.spent:
                return
            yield thing
