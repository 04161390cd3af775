"""Long runs, of which the running bound says nothing any more: scalars of the results against a first-order bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from rnnproof.domains.ball_array import rounded
from rnnproof.domains.bounded import Bounded, exact, inflate
from rnnproof.model.case import Array, Case
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import place_of
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.numerals import digits, number
from rnnproof.properties.trial import Trial
from rnnproof.reference.first_order import LongRun, long_run, reached, signs, smooth
from rnnproof.reference.tube import Tube, can_be_followed, tube

SHORT = 20  # steps, up to which the running bound of every entry is what judges a run
WIDEST = 512  # entries of all states together, up to which a tube takes a few seconds
RANDOM = 3  # scalars with random signs, beside the one with the signs of the differences


def is_long(case: Case) -> bool:
    """Whether the first-order bound judges a run of this case."""
    return case.sizes.T > SHORT and case.lengths is None and smooth(case.network)


def can_be_long(network: Network) -> bool:
    """Whether the network has a first order: at a kink there is none."""
    return smooth(network)


def of_case(bounds: Bounds) -> LongRun:
    """The case's run, linearised, with the roundings of a run whose true values are known."""
    case = bounds.case
    return long_run(case.network, case.parameters, case.x, case.state, bounds.form.about_truth)


@dataclass(frozen=True, eq=False)
class Truth:
    """The true outputs and final states, each to within a radius."""

    outputs: Bounded
    final: Mapping[str, Bounded]


def truth_of(bounds: Bounds) -> Truth:
    """The true values as the enclosure of the case has them."""
    enclosure = bounds.about_truth.enclosure
    assert enclosure is not None
    final = {name: Bounded(*rounded(balls)) for name, balls in enclosure.trace.final.items()}
    return Truth(Bounded(*rounded(enclosure.trace.outputs)), final)


@dataclass(frozen=True, eq=False)
class Scalars:
    """Scalars of a run's results: what each should be, by how much it is off, and by how much it may be, (N,)."""

    value: Array
    error: Array
    bound: Array


def scalars(trace: Trace, true: Truth, long: LongRun) -> Scalars:
    """The sum of all outputs and final states that were returned, each with a sign.

    The signs of the first are those of the differences, so that its error is the sum of their absolute values; those
    of the others are random. What was not returned has the sign zero.
    """
    outputs, final = signs(long, RANDOM, seed=0)
    off, ended = _differences(trace, true)
    outputs = np.concatenate([sign(off), outputs * _returned(trace, long)])
    final = {n: np.concatenate([sign(d), final[n] if n in trace.final else 0 * final[n]]) for n, d in ended.items()}
    error = weighed_sums(outputs, off) + sum((weighed_sums(final[n], d) for n, d in ended.items()), np.zeros(1))
    value = weighed_sums(outputs, true.outputs.value) + sum(
        (weighed_sums(final[n], b.value) for n, b in true.final.items()), 0
    )
    known = true.outputs.radius.sum() + sum(ball.radius.sum() for ball in true.final.values())
    return Scalars(value, error, inflate(reached(long, outputs, final) + known, off.size))


def sign(off: Array) -> Array:
    """The signs as a list of one; of what is no number, 0."""
    return np.nan_to_num(np.sign(off))[None]


def _differences(trace: Trace, true: Truth) -> tuple[Array, dict[str, Array]]:
    """What was returned minus what it should be; zero where nothing was."""
    off = np.zeros_like(true.outputs.value)
    if trace.outputs is not None:
        off = trace.outputs.astype(np.float64) - true.outputs.value
    elif trace.last is not None:
        off[-1] = trace.last.astype(np.float64) - true.outputs.value[-1]
    returned = {n: trace.final[n].astype(np.float64) if n in trace.final else b.value for n, b in true.final.items()}
    ended: dict[str, Array] = {n: value - true.final[n].value for n, value in returned.items()}
    return off, ended


def _returned(trace: Trace, long: LongRun) -> Array:
    """1 for each output that was returned, else 0."""
    found = np.full(long.outputs.shape, float(trace.outputs is not None))
    if trace.last is not None:
        found[-1] = 1
    return found


def weighed_sums(weights: Array, values: Array) -> Array:
    """The sum of weight times value, for each array of weights."""
    return np.asarray((weights * values).reshape(len(weights), -1).sum(axis=1))


def judge(trial: Trial) -> Verdict:
    """Whether every scalar of the run's results is within its bound: beyond it suspicious, first-order."""
    with np.errstate(all="ignore"):
        linear = of_case(trial.bounds)
        found = scalars(trial.base, truth_of(trial.bounds), linear)
    return verdict_on(found, trial, linear.largest, "results")


def has_tube(case: Case) -> bool:
    """Whether the states of right code can be followed through a run of this case, and it is worth it."""
    network = case.network
    size = sum(value.size for value in case.state.values())
    return network.direction == "forward" and can_be_followed(network.step) and size <= WIDEST


def tube_of(bounds: Bounds) -> Tube:
    """What right code may return after so many steps, entry by entry, the second order included."""
    case, enclosure = bounds.case, bounds.about_truth.enclosure
    assert enclosure is not None and enclosure.trace.states is not None
    every = enclosure.trace.states
    after = [{n: Bounded(*rounded(every[n][t])) for n in case.state} for t in range(case.sizes.T)]
    begun = {name: exact(value) for name, value in case.state.items()}
    return tube(case.network.step, case.parameters, case.x, [begun, *after], bounds.form)


def verdict_on(found: Scalars, trial: Trial, largest: float, what: str) -> Verdict:
    """The verdict on scalars of what a run gave; ``largest`` is the largest number on the way to it."""
    with np.errstate(all="ignore"):
        ratios = np.where(found.error == 0, 0.0, np.abs(found.error) / found.bound)
        fine = found.bound / np.abs(found.value)
    where = place_of(trial.case)
    if not np.isfinite(found.bound).all() or largest > trial.bounds.form.largest**0.5:
        return Verdict(Outcome.UNDECIDED, f"nothing is known of a run this long [{where}]", "small", "first-order")
    if not np.isfinite(found.error).all():
        text = f"one of the {what} is not finite, but should be: no number on the way to it is large\n  {where}"
        return Verdict(Outcome.SUSPICIOUS, text, "overflow", "first-order", np.inf)
    worst = int(np.argmax(ratios))
    ratio = float(ratios[worst])
    if ratio > 1:
        which = "the differences' own" if worst == 0 else "random"
        told = _told(found, worst, f"the sum of all {what} with {which} signs", where)
        return Verdict(Outcome.SUSPICIOUS, told, "value", "first-order", ratio)
    large = fine[fine < 1]
    if 2 * len(large) < len(fine):
        text = f"most scalars of the {what} are smaller than their own error bound [{where}]"
        return Verdict(Outcome.UNDECIDED, text, "small", "first-order", ratio)
    return Verdict(Outcome.PASSED, "", None, "first-order", ratio, float(np.median(large)))


def _told(found: Scalars, worst: int, what: str, where: str) -> str:
    """Where, got, should be, how sure."""
    value, error, bound = (float(part[worst]) for part in (found.value, found.error, found.bound))
    got, shown = digits(value + error, value)
    first = f"{what}:\n  got {got}, but should be {shown} ± {bound:.1g}, to first order"
    return (
        f"{first}\n  {where}\n  the error is {number(abs(error) / bound)} bounds; what is of second order is not in it"
    )
