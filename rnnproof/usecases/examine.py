"""One law on one target: cases drawn until enough of them count, the first failure shrunk, a finding made."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import median
from typing import Any

from rnnproof.adapters.resolve import Target
from rnnproof.errors import ModelError, RnnproofError, TargetError, Unsupported
from rnnproof.faults.fault import Fault, plant
from rnnproof.model.case import Case
from rnnproof.model.document import case_as_json
from rnnproof.model.network import Network
from rnnproof.model.verdict import Finding, Outcome, Verdict, worst
from rnnproof.properties.laws import Law
from rnnproof.properties.trial import Bounds, Trial
from rnnproof.strategies.cases import (
    HUGE,
    OWN,
    Draw,
    Fixed,
    draws,
    fill,
    first_draw,
    large_draws,
    own_sizes,
    with_own_weights,
)
from rnnproof.strategies.search import sample, smallest
from rnnproof.usecases.minimise import minimise

CHUNK, MOST_CHUNKS = 120, 6  # draws made at a time
IDLE = frozenset({Outcome.REFUSED, Outcome.NOT_APPLICABLE})
HOPELESS = 8  # what a target does not return or refuses in eight cases, it will not in the ninth


@dataclass(frozen=True, eq=False)
class Bench:
    """A target in one dtype, and the trials that its laws share."""

    target: Target
    dtype: str
    seed: int
    trials: dict[Draw, Trial] = field(default_factory=dict)
    failures: dict[str, Case] = field(default_factory=dict)  # the counterexample of each law that failed

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
            return bounds_of(self.target.network, draw, self.dtype)
        return Bounds(with_own_weights(fill(self.target.network, draw, self.dtype), own))

    def first_draws(self, regimes: tuple[str, ...]) -> list[Draw]:
        """The plain starting size, large ones; then, for an instance, its own weights at three seeds."""
        own = self.target.implementation.own
        first = [first_draw(regimes, self.fixed), *large_draws(regimes, self.fixed)]
        if own is not None and regimes != HUGE:
            fixed = own_sizes(self.target.network, own)
            first += [replace(first_draw((OWN,), fixed), seed=seed) for seed in range(3)]
        return first


@lru_cache(maxsize=2048)
def bounds_of(network: Network, draw: Draw, dtype: str) -> Bounds:
    """The case of a draw and its bounds, shared by every target that claims this network."""
    return Bounds(fill(network, draw, dtype))


def examine_law(law: Law, bench: Bench, count: int) -> Finding:
    """The finding of one law on ``count`` cases, or as many as can be drawn, or up to the first failure."""
    excuse = law.excuse(bench.target.implementation.claims)
    if excuse is not None:
        return Finding(law.id, format_of(law, bench), excuse.outcome, excuse.message)
    verdicts: list[Verdict] = []
    idle: list[Verdict] = []  # of cases that count neither way
    for draw in stream(law, bench):
        verdict = judge(law, bench.trial(draw))
        if verdict.outcome is Outcome.FAILED:
            return _failed(law, bench, draw, [*verdicts, verdict], idle)
        if verdict.outcome in IDLE:
            idle.append(verdict)
            if not verdicts and len(idle) >= HOPELESS:
                break
            continue
        if verdict.outcome in (Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.UNDECIDED) and not shows(law, bench, draw):
            continue
        verdicts.append(verdict)
        if len(verdicts) >= min(count, law.most or count) or verdict.outcome is Outcome.ERROR:
            break
    return _finding(law, format_of(law, bench), verdicts, idle)


def format_of(law: Law, bench: Bench) -> str | None:
    """The float format of a finding; an exact law has none."""
    return None if law.most is not None else bench.dtype


def stream(law: Law, bench: Bench) -> Iterator[Draw]:
    """Draws to which the law applies, the same for the same seed; the plain starting size first."""
    strategy = draws(law.regimes, bench.dtype, bench.fixed)
    seen = set(bench.first_draws(law.regimes))
    yield from (draw for draw in bench.first_draws(law.regimes) if suits(law, bench.trial(draw).bounds))
    for chunk in range(MOST_CHUNKS):
        for draw in _chunk(strategy, bench, law.regimes, chunk):
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


def judge(law: Law, trial: Trial) -> Verdict:
    """The law's verdict on one trial; what the target raises becomes a verdict too."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return law.judge(trial)
    except Unsupported as problem:
        return Verdict(Outcome.REFUSED, str(problem))
    except (TargetError, ModelError) as problem:
        return Verdict(Outcome.ERROR, "\n".join(filter(None, [str(problem), f"  {trial.case}", problem.details])))


@lru_cache(maxsize=65536)
def _known_to_show(law: Law, network: Network, draw: Draw, dtype: str) -> bool:
    return _shows(law, bounds_of(network, draw, dtype))


def _shows(law: Law, bounds: Bounds) -> bool:
    planted = law.planted(bounds.case.network)
    return not planted or any(refuses(law, bounds, fault) for fault in planted)


def shows(law: Law, bench: Bench, draw: Draw) -> bool:
    """Whether a fault of the law's own would be found in this case; a case that hides it does not count."""
    if draw.regime == OWN:
        return _shows(law, bench.trial(draw).bounds)
    return _known_to_show(law, bench.target.network, draw, bench.dtype)


def refuses(law: Law, bounds: Bounds, fault: Fault) -> bool:
    """Whether the law finds a planted fault in this case."""
    return judge(law, Trial(bounds.case, plant(fault), bounds)).outcome is Outcome.FAILED


def _finding(law: Law, dtype: str | None, verdicts: list[Verdict], idle: list[Verdict]) -> Finding:
    outcome = worst([*verdicts, *idle])
    shown = next((v for v in (*verdicts, *idle) if v.outcome is outcome), Verdict(outcome, "no case could be drawn"))
    ratios = [v.ratio for v in verdicts if v.ratio is not None]
    fine = [v.sensitivity for v in verdicts if v.sensitivity is not None]
    decided = sum(v.outcome in (Outcome.PASSED, Outcome.SUSPICIOUS, Outcome.FAILED) for v in verdicts)
    message, kind = (_noted(verdicts, idle), None) if outcome is Outcome.PASSED else (shown.message, shown.kind)
    return Finding(
        property=law.id,
        dtype=dtype,
        outcome=outcome,
        message=message,
        kind=kind,
        cases=len(verdicts),
        decided=decided,
        worst_ratio=max(ratios, default=None),
        sensitivity=median(fine) if fine else None,
        bound=shown.bound,
    )


def _noted(verdicts: list[Verdict], idle: list[Verdict]) -> str:
    """What is said of a law that passed: something seen on the way, and cases that did not count."""
    notes = list(dict.fromkeys(v.message for v in verdicts if v.message and v.outcome is Outcome.PASSED))[:1]
    if idle:
        reason = idle[0].message.splitlines()[0]
        notes.append(f"{len(idle)} further cases do not count: {reason}")
    return "; ".join(notes)


def _failed(law: Law, bench: Bench, draw: Draw, verdicts: list[Verdict], idle: list[Verdict]) -> Finding:
    """The finding of a failure, its case made as small as it stays a failure."""
    before = _known_counterexample(law, bench)
    case = shrink(law, bench, draw) if before is None else bench.failures[before]
    bench.failures.setdefault(law.id, case)
    trial = Trial(case, bench.target.implementation, Bounds(case))
    final = judge(law, trial)
    if law.notes is not None:
        final = replace(final, message=f"{final.message}\n{law.notes(trial)}")
    counterexample = {
        "target": bench.target.name,
        "network": bench.target.network.name,
        "dialect": bench.target.dialect,
        "property": law.id,
        "dtype": format_of(law, bench),
        "seed": bench.seed,
        "case": case_as_json(case),
    }
    finding = _finding(law, format_of(law, bench), [*verdicts[:-1], final], idle)
    return replace(finding, counterexample=counterexample, same_case_as=before)


def _known_counterexample(law: Law, bench: Bench) -> str | None:
    """The first earlier law on whose counterexample this one fails too."""
    for name, case in bench.failures.items():
        if case.regime in law.regimes and law.applies(case) and _fails(law, bench, case):
            return name
    return None


def shrink(law: Law, bench: Bench, draw: Draw) -> Case:
    """The smallest failing case found: Hypothesis shrinks the draw, then entries are simplified."""
    strategy = draws(law.regimes, bench.dtype, bench.fixed)

    def fails(candidate: Draw) -> bool:
        bounds = bounds_of(bench.target.network, candidate, bench.dtype)
        return suits(law, bounds) and _fails(law, bench, bounds.case)

    found = smallest(strategy, fails, CHUNK, bench.seed) or draw
    case = bench.bounds(min(found, draw, key=_size)).case
    if law.most is not None:  # its numbers are unknowns, whatever the floats are
        return case
    return minimise(case, lambda smaller: _fails(law, bench, smaller))


def _size(draw: Draw) -> int:
    return draw.T * draw.B * draw.I * draw.H


def _fails(law: Law, bench: Bench, case: Case) -> bool:
    trial = Trial(case, bench.target.implementation, Bounds(case))
    try:
        return judge(law, trial).outcome is Outcome.FAILED
    except RnnproofError:
        return False
