"""Laws of the forward pass."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded
from rnnproof.model.case import Array, Case
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties import long
from rnnproof.properties.agree import Compared, agree, alike, place_of
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.steps import step_residuals
from rnnproof.properties.tiers import in_both
from rnnproof.properties.trial import Trial, fresh, plain

NOT_REFUTED = (Outcome.PASSED, Outcome.UNDECIDED)
LAST = "last output"  # returned alone, without the outputs of the steps before


def results(trace: Trace) -> dict[str, Array]:
    """The outputs, where returned, and the final states, by the names that messages use."""
    outputs = {} if trace.outputs is None else {"outputs": trace.outputs}
    outputs |= {} if trace.last is None else {LAST: trace.last}
    return outputs | {f"final {name}": value for name, value in trace.final.items()}


def balls(bounds: Bounds) -> dict[str, Bounded]:
    """What ``results`` should be."""
    return named(bounds.outputs, bounds.final)


def named(outputs: Bounded, final: Mapping[str, Bounded]) -> dict[str, Bounded]:
    """Outputs and final states by the names that messages use."""
    return {"outputs": outputs, LAST: outputs[-1]} | {f"final {name}": ball for name, ball in final.items()}


def compared(trace: Trace, bounds: Bounds) -> Compared:
    """Each result beside its ball."""
    expected = balls(bounds)
    return {name: (got, expected[name]) for name, got in results(trace).items()}


def radii(bounds: Bounds) -> dict[str, Array]:
    """The radius of every result."""
    return {name: ball.radius for name, ball in balls(bounds).items()}


def values(trial: Trial) -> Verdict:
    """The outputs and final states of the whole run equal those of the network's equations."""

    def judge(bounds: Bounds) -> Verdict:
        return agree(compared(trial.base, bounds), bounds.form, place_of(trial.case))

    verdict = in_both(trial.bounds.about_truth, judge)
    return _of_a_long_run(trial) if verdict.outcome in NOT_REFUTED and long.is_long(trial.case) else verdict


def _of_a_long_run(trial: Trial) -> Verdict:
    """To first order; what is suspicious is looked at entry by entry, where there is a tube: that takes longer."""
    verdict = long.judge(trial)
    if verdict.outcome is not Outcome.SUSPICIOUS or not long.has_tube(trial.case):
        return verdict
    entries = in_tube(trial)
    return entries if entries.outcome is Outcome.FAILED else verdict


def in_tube(trial: Trial) -> Verdict:
    """Every result of a long run beside what right code may return, the second order included."""
    tube = long.tube_of(trial.bounds)
    expected = named(tube.outputs, tube.final)
    beside = {name: (got, expected[name]) for name, got in results(trial.base).items()}
    return agree(beside, trial.bounds.form, place_of(trial.case))


def step(trial: Trial) -> Verdict:
    """From a state that was given or that the target returned, one step equals the equations' step."""

    def judge(bounds: Bounds) -> Verdict:
        return agree(step_residuals(trial, bounds), bounds.form, place_of(trial.case, "one step at a time"))

    return in_both(trial.bounds, judge)


def order(trial: Trial) -> Verdict:
    """The run on reordered inputs is the network's, and differs from the first run wherever it certainly must."""
    case = reordered(trial.case)
    other = Trial(case, trial.implementation, trial.bounds.of(case))
    verdict = agree(
        compared(other.base, other.bounds.about_truth), other.bounds.form, place_of(case, "inputs reordered")
    )
    if verdict.outcome is not Outcome.PASSED:
        return verdict
    return _must_differ(trial, other, verdict)


@lru_cache(maxsize=16)  # so that the target and the faults beside it share the bounds of it
def reordered(case: Case) -> Case:
    """The case with its inputs in another order: the first step's moved to the end."""
    return replace(case, x=np.roll(case.x, -1, axis=0))


def _must_differ(trial: Trial, other: Trial, verdict: Verdict) -> Verdict:
    """Where the two truths' balls are disjoint, equal results show that the order was not seen."""
    certain = apart(balls(trial.bounds), balls(other.bounds))
    first, second = results(trial.base), results(other.base)
    seen = [np.any(first[name][where] != second[name][where]) for name, where in certain.items() if name in first]
    if not any(where.any() for where in certain.values()):
        return Verdict(Outcome.UNDECIDED, "no order of these inputs can be told from another", "small")
    if any(seen):
        return verdict
    text = f"outputs: the same for inputs in another order, but must differ  [{place_of(trial.case)}]"
    return Verdict(Outcome.FAILED, text, "ignored", "rigorous")


def apart(first: Mapping[str, Bounded], second: Mapping[str, Bounded]) -> dict[str, NDArray[np.bool_]]:
    """Which entries of two sets of balls are disjoint."""
    return {n: np.abs(first[n].value - second[n].value) > first[n].radius + second[n].radius for n in first}


def causality(trial: Trial) -> Verdict:
    """Changing x at step s leaves the outputs at every step before s alone; after s, where it reads from the end."""
    case = trial.case
    s = 1 + abs(hash(case.sizes)) % (case.sizes.T - 1)
    backward = case.network.direction == "backward"
    seen, kept = (slice(None, s), slice(s, None)) if backward else (slice(s, None), slice(None, s))
    x = case.x.copy()
    x[seen] = -x[seen] + 1
    other = trial.run(replace(case, x=x))
    if trial.base.outputs is None or other.outputs is None:
        returned = "only final states" if trial.base.last is None else "the last output alone"
        return Verdict(Outcome.NOT_APPLICABLE, f"the target returns {returned}, not the outputs of every step")
    when, rest = ("before", "from it on") if backward else ("from", "before it")
    what = f"the inputs {when} step {s}{'' if backward else ' on'} were changed, the outputs {rest} must stay"

    def radius() -> dict[str, Array]:
        return {"outputs": trial.bounds.outputs.radius[kept]}

    before = {"outputs": trial.base.outputs[kept]}
    return alike({"outputs": other.outputs[kept]}, before, radius, place_of(case), what)


def saturation(trial: Trial) -> Verdict:
    """Finite and right for pre-activations up to 1e4."""
    largest = largest_pre_activation(trial.bounds)
    where = place_of(trial.case, f"pre-activations up to {largest:.3g}" if largest else "")
    verdict = agree(compared(trial.base, trial.bounds), trial.bounds.form, where)
    if verdict.outcome is not Outcome.FAILED and (hidden := _not_finite_in_the_dark(trial)) is not None:
        text = f"{hidden}, but nothing is known of the true value, a quotient's denominator being too small\n  {where}"
        return Verdict(Outcome.SUSPICIOUS, text, "overflow", "rigorous", verdict.ratio)
    if verdict.outcome is not Outcome.FAILED and (lost := _share_unknown(trial)):
        text = f"nothing is known of {lost:.0%} of the true values, a quotient's denominator being too small\n  {where}"
        return Verdict(Outcome.UNDECIDED, text, "overflow", "rigorous", verdict.ratio)
    if verdict.outcome is Outcome.UNDECIDED:
        # A saturated output is often 0 to within its bound. The law asks for finite and inside, which was seen.
        verdict = Verdict(Outcome.PASSED, "", None, "rigorous", verdict.ratio)
    return replace(verdict, message=_warned(trial)) if verdict.outcome is Outcome.PASSED else verdict


def _not_finite_in_the_dark(trial: Trial) -> str | None:
    """The first result that is not finite, its ball being infinite; None where all are finite."""
    for name, value in results(trial.base).items():
        if (wrong := ~np.isfinite(value)).any():
            index = tuple(int(n) for n in np.argwhere(wrong)[0])
            return f"{name}[{','.join(map(str, index))}]: got {value[index]}"
    return None


def _share_unknown(trial: Trial) -> float:
    """The share of the entries returned whose balls are infinite."""
    expected = balls(trial.bounds)
    unknown = [np.isinf(expected[name].radius) for name in results(trial.base)]
    return float(np.concatenate(unknown, axis=None).mean()) if unknown else 0.0


def _warned(trial: Trial) -> str:
    """The first floating-point warning of the target's run, and its line: noted, not failed."""
    case = trial.case
    with warnings.catch_warnings(record=True) as caught, np.errstate(over="warn", divide="warn", invalid="warn"):
        warnings.simplefilter("always")
        trial.build().run(plain(case.x, case.dtype), fresh(case.state, case.dtype))
    told = [each for each in caught if issubclass(each.category, RuntimeWarning)]
    return f"{told[0].message} ({Path(told[0].filename).name}, line {told[0].lineno})" if told else ""


def largest_pre_activation(bounds: Bounds) -> float:
    """The largest |z| of any affine equation in the run."""
    return max((float(np.abs(ball.value).max()) for ball in bounds.tape.pre_activations), default=0.0)
