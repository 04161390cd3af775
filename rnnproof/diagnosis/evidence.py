"""The cases that a target is diagnosed on: small ones to search with, probes of one gate, fresh ones to confirm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from rnnproof.diagnosis.observed import Observed
from rnnproof.domains.formats import claimed
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Case
from rnnproof.model.equation import Affine
from rnnproof.model.implementation import Implementation
from rnnproof.model.network import Network
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.trial import Trial
from rnnproof.strategies.cases import START, Draw, Fixed, fill
from rnnproof.strategies.regimes import HUGE, RAGGED

# T, B, I, H. To search with; to confirm with, larger and of other numbers.
SMALL = ((2, 2, 2, 3), (4, 3, 2, 3), (7, 2, 2, 3))
FRESH = ((5, 3, 3, 5), (17, 5, 2, 3), (2, 1, 1, 1), (3, 2, 1, 2), (2, 1, 2, 1))  # what depends on sizes shows there
SEED = 1000


@dataclass(frozen=True, eq=False)
class Evidence:
    """A target, in one format, on cases of a network; ``given`` are cases in which a law has failed."""

    implementation: Implementation
    network: Network
    dtype: str
    given: tuple[Case, ...] = ()

    @property
    def fixed(self) -> Fixed:
        """The sizes that the target has of its own."""
        return dict(self.implementation.claims.sizes or ())

    @property
    def pulled(self) -> bool:
        """Whether the target has gradients."""
        return self.implementation.claims.gradients

    @cached_property
    def small(self) -> tuple[Observed, ...]:
        """What is searched with: small cases, rows of several lengths where the target takes them, the given ones."""
        cases = [self._case(sizes, n) for n, sizes in enumerate(SMALL)]
        if self.implementation.claims.lengths:
            cases.append(self._case((5, 4, 2, 3), len(SMALL), RAGGED))
        return tuple(self._observed(case) for case in (*cases, *self.given))

    @cached_property
    def fresh(self) -> tuple[Observed, ...]:
        """What an explanation is confirmed with."""
        return tuple(self._observed(self._case(sizes, SEED + n)) for n, sizes in enumerate(FRESH))

    @cached_property
    def huge(self) -> tuple[Observed, ...]:
        """Cases of large pre-activations."""
        return tuple(self._observed(self._case((3, 4, 2, 3), SEED + n, HUGE[0]), pulled=False) for n in range(2))

    @cached_property
    def probes(self) -> dict[str, Observed]:
        """By pre-activation, a case in which all other parameters are zero: changes elsewhere hide there."""
        case = self.small[1].case
        found = ((target, self._observed(probe, pulled=False)) for target, probe in _probes(case))
        return {target: one for target, one in found if _runs(one)}

    def _case(self, sizes: tuple[int, int, int, int], seed: int, regime: str = "typical") -> Case:
        drawn = START | dict(zip("TBIH", sizes, strict=True)) | {n: held[0] for n, held in self.fixed.items()}
        draw = Draw(**drawn, seed=seed, regime=regime, q=8)
        return fill(self.network, draw, self.dtype, self.implementation.claims.min_length)

    def _observed(self, case: Case, pulled: bool | None = None) -> Observed:
        bounds = Bounds(case, claimed(self.dtype, self.implementation.claims))
        wanted = self.pulled if pulled is None else pulled
        trial = Trial(case, self.implementation, bounds)
        return Observed(trial.asked if wanted else trial, wanted)


def _probes(case: Case) -> Iterator[tuple[str, Case]]:
    for reading in case.network.readings:
        for equation in reading.cell.equations:
            if isinstance(equation, Affine):
                kept = {weight for weight, _ in equation.terms} | {equation.bias}
                parameters = {n: v if n in kept else np.zeros_like(v) for n, v in case.parameters.items()}
                yield equation.target, replace(case, parameters=parameters)


def _runs(observed: Observed) -> bool:
    try:
        return bool(observed.forward)
    except RnnproofError:
        return False
