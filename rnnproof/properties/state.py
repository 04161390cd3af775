"""Laws of the state: handed over, begun in, ended in, not kept."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from rnnproof.model.case import Case, first_steps, last_steps
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import agree, not_finite, place_of, within
from rnnproof.properties.forward import LAST, apart, balls, radii, results
from rnnproof.properties.gradient import everything, radii_of
from rnnproof.properties.trial import Trial, fresh_cotangents, plain, quiet

NO_FINAL = "the target returns no final state"


def handover(trial: Trial) -> Verdict:
    """run(x[:k]), then run(x[k:]) from its final state, equals run(x); where it reads from the end, so do the parts."""
    case = trial.case
    k = 1 + abs(hash(case.sizes)) % (case.sizes.T - 1)
    backward = case.network.direction == "backward"
    first = trial.run(last_steps(case, k, case.state) if backward else first_steps(case, k))
    if not first.final:
        return Verdict(Outcome.NOT_APPLICABLE, NO_FINAL)
    rest = replace(first_steps(case, k), state=first.final) if backward else last_steps(case, k, first.final)
    second = trial.run(rest)
    joined = {f"final {name}": value for name, value in second.final.items()}
    if first.outputs is not None and second.outputs is not None:
        parts = [second.outputs, first.outputs] if backward else [first.outputs, second.outputs]
        joined["outputs"] = np.concatenate(parts)
    last = first.last if backward else second.last
    if last is not None:
        joined[LAST] = last
    whole = results(trial.base)
    what = f"in two parts, steps 0..{k - 1} and {k}..{case.sizes.T - 1}, against one run"
    ordered = {name: joined[name] for name in whole if name in joined}
    return within(ordered, {n: whole[n] for n in ordered}, lambda: radii(trial.bounds), place_of(case), what)


def initial(trial: Trial) -> Verdict:
    """The given initial state is used; None, where claimed, equals zeros."""
    undecided = False
    for name in trial.case.state:
        verdict = _used(trial, name)
        if verdict.outcome is Outcome.FAILED:
            return verdict
        undecided |= verdict.outcome is Outcome.UNDECIDED
    if undecided:
        return Verdict(Outcome.UNDECIDED, "the initial state is too small to tell", "small")
    return _none_is_zero(trial) if trial.implementation.claims.state_none else Verdict(Outcome.PASSED)


@lru_cache(maxsize=16)  # so that the target and the faults beside it share the bounds of it
def _zeroed(case: Case, *names: str) -> Case:
    state = {n: np.zeros_like(v) if n in names else v for n, v in case.state.items()}
    return replace(case, state=state)


def _used(trial: Trial, name: str) -> Verdict:
    """Where setting a state to zero certainly changes the run, the target's run changes too."""
    case = _zeroed(trial.case, name)
    certain = apart(balls(trial.bounds), balls(trial.bounds.of(case)))
    first, second = results(trial.base), results(trial.run(case))
    if (lost := not_finite(first, radii(trial.bounds), place_of(trial.case))) is not None:
        return lost
    if not any(certain[n].any() for n in first):
        return Verdict(Outcome.UNDECIDED)
    if any(np.any(first[n][certain[n]] != second[n][certain[n]]) for n in first):
        return Verdict(Outcome.PASSED)
    text = f"the initial {name} is ignored: setting it to zero changes no result  [{place_of(trial.case)}]"
    return Verdict(Outcome.FAILED, text, "ignored", "rigorous")


def _none_is_zero(trial: Trial) -> Verdict:
    """Results and gradients of a run without a state, against those of a run from zeros."""
    case, only = _zeroed(trial.case, *trial.case.state), None if trial.implementation.claims.gradients else ""
    zero, bounds, subject = everything(trial.run(case, only)), trial.bounds.of(case), trial.build()
    what = "no initial state against an initial state of zeros"
    for when in ("", ", after a call that had one"):
        cotangents = None if only == "" else fresh_cotangents(case.cotangents, case.dtype)
        none = everything(quiet(subject, plain(case.x, case.dtype), None, cotangents, case.lengths))
        both = [name for name in none if name in zero]  # there is no gradient by a state that was not given
        first, second = ({name: part[name] for name in both} for part in (none, zero))
        verdict = within(first, second, partial(radii_of, bounds, second), place_of(case), what + when)
        if verdict.outcome is Outcome.FAILED:
            return verdict
        trial.run(subject=subject)
    return verdict


def final(trial: Trial) -> Verdict:
    """The final state is the state after the last step, each under its own name."""
    if not trial.base.final:
        return Verdict(Outcome.NOT_APPLICABLE, NO_FINAL)
    expected = {f"final {name}": ball for name, ball in trial.bounds.final.items()}
    compared = {f"final {name}": (value, expected[f"final {name}"]) for name, value in trial.base.final.items()}
    verdict = agree(compared, trial.bounds.form, place_of(trial.case))
    if verdict.outcome is Outcome.FAILED and _exchanged(trial):
        return replace(verdict, message=verdict.message + "\n  the final states are exchanged")
    return verdict


def _exchanged(trial: Trial) -> bool:
    got, balls_ = trial.base.final, trial.bounds.final
    names = list(got)
    return (
        len(names) == 2
        and got[names[0]].shape == got[names[1]].shape
        and all(np.all(np.abs(got[a] - balls_[b].value) <= balls_[b].radius) for a, b in (names, names[::-1]))
    )
