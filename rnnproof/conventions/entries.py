"""Which entry of a target's arrays is which entry of which canonical parameter: told by what changing it changes.

Entries that look alike where all weights are alike, as those of a readout over equal units, are told apart once those
that are known have numbers of their own. Hidden units that no state shows may stand in any order: of those that are
still alike then, the first that the target holds is taken for the network's first.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rnnproof.conventions.probe import (
    CHANGE,
    Entry,
    Hypothesis,
    Places,
    Probe,
    alike,
    changed,
    expected,
    looks,
    numbers_of,
)
from rnnproof.model.case import Array
from rnnproof.model.trace import Trace


def places(hypothesis: Hypothesis, probe: Probe) -> Places | None:
    """Which entry each entry is; None where some entry behaves like none of the network's."""
    return _Matching(hypothesis, probe).matched()


class _Matching:
    """The entries that are matched so far, and the numbers that everything has."""

    def __init__(self, hypothesis: Hypothesis, probe: Probe) -> None:
        self.hypothesis, self.probe = hypothesis, probe
        self.network = hypothesis.network
        self.look = looks(self.network, probe)[0]
        self.rng = np.random.default_rng(4)
        self.arrays = probe.arrays(self.look.weight)
        self.parameters = alike(hypothesis, probe, self.look.weight)
        self.found: dict[Entry, Entry | None] = {}
        self.open = [(name, index) for name, value in self.parameters.items() for index in np.ndindex(value.shape)]

    def matched(self) -> Places | None:
        """Round after round, until everything is matched, or something is not the network's."""
        while left := [entry for entry in self.probe.entries if entry not in self.found]:
            new = self._round(left)
            if not new:
                return None
            self.found |= new
            self._give_numbers(new)
            taken = set(new.values())
            self.open = [entry for entry in self.open if entry not in taken]
        return None if self.open else self.found

    def _round(self, left: list[Entry]) -> dict[Entry, Entry | None]:
        """What can be matched now; nothing where an entry behaves like none."""
        trace = self.probe.run(self.arrays, self.look)
        got = np.stack([self._response(entry) for entry in left]) - numbers_of(trace)
        base = expected(self.network, self.parameters, self.look, trace)
        true = np.stack([self._true(entry, trace) for entry in self.open] or [base]) - base
        new: dict[Entry, Entry | None] = {}
        tied: dict[Entry, Entry | None] = {}
        for entry, response in zip(left, got, strict=True):
            far = np.max(np.abs(true - response), axis=1)
            near = np.flatnonzero(far <= self.probe.near)
            if not len(near):
                if np.any(response):
                    return {}
                new[entry] = None
            elif len(near) == 1 and self.open:
                new[entry] = self.open[int(near[0])]
            elif self.open and not tied and np.any(response):
                tied = {entry: self.open[int(near[0])]}
        return new or tied

    def _response(self, entry: Entry) -> Array:
        return changed(self.arrays, entry, CHANGE, lambda: numbers_of(self.probe.run(self.arrays, self.look)))

    def _true(self, entry: Entry, trace: Trace) -> Array:
        change = self.hypothesis.sign(entry[0]) * CHANGE
        return changed(
            self.parameters,
            entry,
            change,
            lambda: expected(self.network, self.parameters, self.look, trace),
        )

    def _give_numbers(self, new: Mapping[Entry, Entry | None]) -> None:
        """Numbers of their own to what is known; what is not read stays as it is."""
        for (array, index), place in new.items():
            if place is None:
                continue
            change = self.arrays[array].dtype.type(self.rng.uniform(-0.25, 0.25))
            self.arrays[array][index] += change
            self.parameters[place[0]][place[1]] += self.hypothesis.sign(place[0]) * float(change)
