"""The time that there is to look at a target, however long its runs take.

Seconds in which the machine was at work for others are not counted, where it tells them (Linux: the second number of
/proc/thread-self/schedstat, proc(5)), so that a machine at work finds no less.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

SECONDS = 9.0
GRACE = 1.0  # how long a run may go on that began in time
STATISTICS = Path("/proc/thread-self/schedstat")
Watch = Callable[[float], AbstractContextManager[object]]


class OutOfTime(Exception):
    """There is no time for another run."""


def waited() -> float:
    """For how many seconds this thread could have run, and another one did; 0 where it is not told."""
    try:
        return int(STATISTICS.read_text().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


def unwatched(seconds: float) -> AbstractContextManager[object]:
    """A run that ends when it does."""
    del seconds
    return nullcontext()


@dataclass(eq=False)
class Clock:
    """How long a target was looked at, and in how many runs.

    ``watch`` ends what takes longer than so many seconds, or nothing, where nobody can.
    """

    watch: Watch = unwatched
    seconds: float = SECONDS
    runs: int = 0
    took: tuple[float, float] = (0.0, 0.0)  # the last two runs
    begun: float = field(default_factory=time.monotonic)
    waited: float = field(default_factory=waited)

    @property
    def usual(self) -> float:
        """How long a run takes: the shorter one of the last two, as one may have had to wait."""
        return min(self.took)

    @property
    def left(self) -> float:
        """The seconds that are left."""
        left = self.seconds - (time.monotonic() - self.begun)
        return left if left > self.usual else left + waited() - self.waited

    def look(self) -> None:
        """Errors: OutOfTime where another run would take longer than there is time."""
        if self.left < self.usual:
            raise OutOfTime

    @contextmanager
    def running(self) -> Iterator[None]:
        """A run of the target. Errors: OutOfTime before it, where there is no time for it."""
        self.look()
        self.runs += 1
        begun = time.monotonic()
        try:
            with self.watch(self.left + GRACE):
                yield
        finally:
            took = time.monotonic() - begun
            self.took = (took if self.runs == 1 else self.took[1], took)


def of_process(watch: Watch) -> Clock:
    """A clock that counts what this process has done until now."""
    return Clock(watch, begun=time.monotonic() - time.process_time())
