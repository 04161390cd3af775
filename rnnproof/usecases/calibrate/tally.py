"""What a calibration has found: how errors are distributed in units of their bounds, and every false alarm."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from rnnproof.domains.likely import FAILURE
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.calibrate.judged import Judged

Kind = tuple[str, str]  # a format and a law
QUANTILES = (0.5, 0.9, 0.99, 1.0)


@dataclass(eq=False)
class Tally:
    """Of each law in each format: the largest error / bound of every case, its sensitivity, its outcomes."""

    ratios: dict[Kind, list[float]] = field(default_factory=dict)
    sensitivities: dict[Kind, list[float]] = field(default_factory=dict)
    outcomes: dict[Kind, Counter[Outcome]] = field(default_factory=dict)
    cases: dict[str, set[int]] = field(default_factory=dict)
    two_tiers: dict[str, set[int]] = field(default_factory=dict)
    alarms: list[Judged] = field(default_factory=list)

    def add(self, one: Judged) -> None:
        """What one law said of one case."""
        kind, verdict = (one.dtype, one.law), one.verdict
        self.outcomes.setdefault(kind, Counter())[verdict.outcome] += 1
        if verdict.ratio is not None:
            self.ratios.setdefault(kind, []).append(verdict.ratio)
        if verdict.sensitivity is not None:
            self.sensitivities.setdefault(kind, []).append(verdict.sensitivity)
        self.cases.setdefault(one.dtype, set()).add(one.number)
        if one.two_tiers:
            self.two_tiers.setdefault(one.dtype, set()).add(one.number)
        if one.alarm:
            self.alarms.append(one)

    def quantiles(self, kind: Kind) -> tuple[float, ...]:
        """The median, the 90 and 99 % quantiles and the largest of error / bound."""
        return tuple(float(q) for q in np.quantile(self.ratios.get(kind, [0.0]), QUANTILES))

    def sensitivity(self, kind: Kind) -> float | None:
        """The median of the relative faults that would have shown."""
        found = self.sensitivities.get(kind)
        return float(np.median(found)) if found else None

    @property
    def total(self) -> int:
        """How many cases were judged."""
        return sum(map(len, self.cases.values()))

    @property
    def expected(self) -> float:
        """How many cases of right code the second tier may at the most be expected to find suspicious."""
        return FAILURE * sum(map(len, self.two_tiers.values()))

    @property
    def false_alarms(self) -> list[Judged]:
        """All that is beyond what was promised: nothing but as many probabilistic ones as are to be expected."""
        promised = [one for one in self.alarms if one.verdict.bound == "probabilistic"]
        few = len({(one.dtype, one.number) for one in promised}) <= self.expected
        return [one for one in self.alarms if not (few and one.verdict.bound == "probabilistic")]
