"""No run of a target takes longer than it may: a watchdog that no Python code needs to answer, with last words.

It is faulthandler's own thread: it ends the process wherever that is, in a loop of Python or in a library's,
whatever signals the target handles, and writes down where that was.
"""

from __future__ import annotations

import faulthandler
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Implementation, Step, Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

LAST_WORDS: list[int] = []  # the pipe for them, once there is one


def last_words(pipe: int) -> None:
    """From now on a crash, or a run that takes too long, writes the Python frames it happened in to ``pipe``."""
    faulthandler.enable(pipe, all_threads=False)
    LAST_WORDS[:] = [pipe]


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What is inside ends in time, or the process does."""
    faulthandler.dump_traceback_later(seconds, file=LAST_WORDS[0], exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


@dataclass(frozen=True, eq=False)
class Watched:
    """An implementation of which no build and no run may take longer than ``seconds``."""

    implementation: Implementation
    seconds: float

    def __getattr__(self, name: str) -> Any:
        return getattr(self.implementation, name)

    watch = staticmethod(within)

    @property
    def name(self) -> str:
        """The implementation's."""
        return self.implementation.name

    @property
    def claims(self) -> Claims:
        """The implementation's."""
        return self.implementation.claims

    @property
    def own(self) -> Arrays | None:
        """The implementation's."""
        return self.implementation.own

    def build(self, network: Network, parameters: Arrays, dtype: str) -> WatchedSubject:
        """The implementation's subject, watched too."""
        with within(self.seconds):
            return WatchedSubject(self.implementation.build(network, parameters, dtype), self.seconds)


@dataclass(frozen=True, eq=False)
class WatchedSubject:
    """A subject of which no run may take longer than ``seconds``."""

    subject: Subject
    seconds: float

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The subject's run."""
        with within(self.seconds):
            return self.subject.run(x, state, lengths, cotangents)

    @property
    def step(self) -> Step | None:
        """The subject's step, if it has one."""
        step = self.subject.step
        return None if step is None else self._watched(step)

    def _watched(self, step: Step) -> Step:
        def watched(x: Array, state: Arrays) -> tuple[Array, Arrays]:
            with within(self.seconds):
                return step(x, state)

        return watched
