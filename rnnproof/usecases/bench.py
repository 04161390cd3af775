"""A target in one dtype, and the cases that are drawn for it, the same for the same seed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from rnnproof.adapters.resolve import Target
from rnnproof.domains.formats import Format, claimed
from rnnproof.model.case import Case
from rnnproof.model.network import Network
from rnnproof.properties import long, long_gradient
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.laws import LONG, WIDE, Law
from rnnproof.properties.trial import Trial
from rnnproof.strategies.cases import (
    Draw,
    Fixed,
    draws,
    fill,
    first_draw,
    large_draws,
    long_draw,
    own_sizes,
    vanishing_draws,
    wide_draw,
    with_own_weights,
)
from rnnproof.strategies.regimes import HUGE, OWN, RAGGED
from rnnproof.strategies.search import sample

CHUNK, MOST_CHUNKS = 120, 6  # draws made at a time
LATE = 25  # after how many draws large runs come: what errs, errs on small ones as a rule, and those are cheap


@dataclass(frozen=True, eq=False)
class Bench:
    """A target in one dtype, and the trials that its laws share."""

    target: Target
    dtype: str
    seed: int
    trials: dict[Draw, Trial] = field(default_factory=dict)
    failures: dict[str, Case] = field(default_factory=dict)  # the counterexample of each law that failed

    @property
    def form(self) -> Format:
        """The float format, as the target claims to use it."""
        return claimed(self.dtype, self.target.implementation.claims)

    @property
    def shortest(self) -> int:
        """The least length that a row may have."""
        return self.target.implementation.claims.min_length

    def regimes(self, law: Law) -> tuple[str, ...]:
        """The law's, and rows of several lengths where it looks at such and the target takes them."""
        ragged = law.ragged and self.target.implementation.claims.lengths
        return (*law.regimes, RAGGED) if ragged else law.regimes

    @property
    def fixed(self) -> Fixed:
        """The sizes that the target has of its own."""
        return dict(self.target.implementation.claims.sizes or ())

    def trial(self, draw: Draw) -> Trial:
        """The trial of a draw, made once."""
        if draw not in self.trials:
            bounds = self.bounds(draw)
            self.trials[draw] = Trial(bounds.case, self.target.implementation, bounds)
        return self.trials[draw]

    def bounds(self, draw: Draw) -> Bounds:
        """The case of a draw and its bounds: with the target's own weights in the regime of that name."""
        own = self.target.implementation.own
        if draw.regime != OWN or own is None:
            return bounds_of(self.target.network, draw, self.form, self.shortest)
        return Bounds(with_own_weights(fill(self.target.network, draw, self.dtype), own), self.form)

    def first_draws(self, law: Law) -> list[Draw]:
        """The plain starting size, large ones; then, for an instance, its own weights at three seeds.

        In the ring every number is an unknown, so there are no own weights, and the widest case is left out.
        """
        own, regimes = self.target.implementation.own, self.regimes(law)
        first = first_draw(regimes, self.dtype, self.fixed)
        widest, *large = large_draws(regimes, self.dtype, self.fixed)
        ragged = [replace(first, regime=RAGGED, seed=seed) for seed in range(2) if RAGGED in regimes[1:]]
        if law.most is not None:
            return [first, *ragged[:1], *large]
        first_ones = [first, *ragged, widest, *large, *(vanishing_draws(self.fixed) if law.vanishing else ())]
        if own is not None and regimes != HUGE:
            fixed = own_sizes(self.target.network, own)
            first_ones += [replace(first_draw((OWN,), self.dtype, fixed), seed=seed) for seed in range(3)]
        return first_ones


@lru_cache(maxsize=2048)
def bounds_of(network: Network, draw: Draw, form: Format, shortest: int = 0) -> Bounds:
    """The case of a draw and its bounds, shared by every target that claims this network, and to use the format so."""
    return Bounds(fill(network, draw, form.name, shortest), form)


def stream(law: Law, bench: Bench) -> Iterator[Draw]:
    """Draws to which the law applies, the same for the same seed; the plain starting size first, large runs late."""
    for n, draw in enumerate(_small(law, bench)):
        if n == LATE:
            yield from late_draws(law, bench)
        yield draw


def late_draws(law: Law, bench: Bench) -> list[Draw]:
    """A wide cell, and a long run of a network that has a first order; judged whatever the running bounds say."""
    network = bench.target.network
    first_order = long_gradient.can_be_long(network) if law.gradients else long.can_be_long(network)
    found = [wide_draw(bench.dtype, bench.fixed)] if WIDE in law.late else []
    return [*found, long_draw(bench.dtype, bench.fixed)] if LONG in law.late and first_order else found


def _small(law: Law, bench: Bench) -> Iterator[Draw]:
    regimes = bench.regimes(law)
    strategy = draws(regimes, bench.dtype, bench.fixed)
    seen = set(first := bench.first_draws(law))
    yield from (draw for draw in first if suits(law, bench.trial(draw).bounds))
    for chunk in range(MOST_CHUNKS):
        for draw in _chunk(strategy, bench, regimes, chunk):
            if draw not in seen and suits(law, bench.trial(draw).bounds):
                seen.add(draw)
                yield draw


def suits(law: Law, bounds: Bounds) -> bool:
    """Whether the case is large enough for the law, and its numbers stay within the format."""
    return law.applies(bounds.case) and bounds.moderate


def _chunk(strategy: Any, bench: Bench, regimes: tuple[str, ...], chunk: int) -> tuple[Draw, ...]:
    return _chunk_of(regimes, bench.dtype, tuple(bench.fixed.items()), bench.seed + 1000003 * chunk)


@lru_cache(maxsize=64)
def _chunk_of(
    regimes: tuple[str, ...], dtype: str, fixed: tuple[tuple[str, tuple[int, ...]], ...], seed: int
) -> tuple[Draw, ...]:
    return tuple(sample(draws(regimes, dtype, dict(fixed)), CHUNK, seed))
