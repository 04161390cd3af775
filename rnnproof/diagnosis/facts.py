"""What can be seen of a target without a search: its arguments changed, calls that differ, a lower precision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import numpy as np

from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.observed import Observed
from rnnproof.model.case import Array, Arrays, Case
from rnnproof.model.implementation import Subject
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome
from rnnproof.properties.agree import Compared, differences, judged
from rnnproof.properties.forward import compared
from rnnproof.properties.gradient import beside, gradients_of
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.numerics import inputs_unchanged
from rnnproof.properties.precision import computed_in
from rnnproof.properties.repeat import repeat, steady
from rnnproof.properties.trial import Trial, fresh, fresh_cotangents, plain, quiet


@dataclass(frozen=True)
class Fact:
    """Something that was seen, and which laws fail for it; none: what is said of a target as a whole."""

    name: str
    text: str
    laws: tuple[str, ...] = ()


PAIRS = 3  # of calls: what is random now and then
REPEAT, UNCHANGED = ("state.repeat",), ("numerics.inputs_unchanged",)
RANDOM = Fact("random", "nothing else was looked for: two identical calls differ, each on a new object", tuple(BY_ID))


def unsteady(observed: Observed) -> Fact | None:
    """Whether two identical calls differ: then nothing else can be said."""
    return None if all(steady(observed.trial) for _ in range(PAIRS)) else RANDOM


def facts(observed: Observed) -> Iterator[Fact]:
    """What is wrong with a target's conduct, whatever it computes."""
    changed = inputs_unchanged(observed.trial)
    if changed.outcome is Outcome.FAILED:
        yield Fact("arguments changed", f"it changes its arguments: {changed.message.splitlines()[0]}", UNCHANGED)
    again = repeat(observed.trial)
    if again.outcome is Outcome.FAILED and again.kind != "overflow":  # that is no matter of the calls before
        yield _kept(observed.trial) or Fact("not repeated", "a call's results depend on the calls before it", REPEAT)


def all_alike(observed: Sequence[Observed]) -> Fact | None:
    """Whether no number of any case is finite, or every output is one number, where those of the truth differ."""
    every = np.concatenate([value.ravel() for one in observed for value in one.forward.values()])
    if every.size and not np.isfinite(every).any():
        return Fact("not finite", "every number that it returns is NaN or infinite")
    returning = [one for one in observed if one.forward.get("outputs", np.zeros(0)).size]
    outputs = [one.forward["outputs"].ravel() for one in returning]
    if not returning or np.ptp(np.concatenate(outputs)) != 0:
        return None
    if np.ptp(np.concatenate([_true_outputs(one).ravel() for one in returning])) == 0:
        return None
    return Fact("constant", f"its outputs are all {outputs[0][0]:.6g}, whatever it is given")


def _true_outputs(observed: Observed) -> Array:
    """The specification's outputs."""
    found = Hypothesis(observed.case.network).trace(observed.case).outputs
    return np.zeros(0) if found is None else found


def lower_precision(observed: Sequence[Observed]) -> str | None:
    """The format in which everything wrong, of every case, gradients too, was computed, below the one claimed."""
    wrong = [each for one in observed for each in judged(differences(_beside(one)))]
    return computed_in(wrong, observed[0].bounds.form) if wrong else None


def _beside(observed: Observed) -> Compared:
    """Each result and gradient beside its ball."""
    trial = observed.trial
    found = dict(compared(trial.base, observed.bounds))
    if observed.pulled:
        found |= beside(gradients_of(trial.pulled(None)), observed.bounds, None)
    return found


def _kept(trial: Trial) -> Fact | None:
    """Which of the things that a call may leave behind explains the second call."""
    case = trial.case
    other = replace(case, x=1 - case.x)
    subject = trial.build()
    pulled = trial.implementation.claims.gradients
    first, second = (_call(trial, each, subject, pulled) for each in (case, other))
    if first.final.keys() == case.state.keys():
        kept = replace(other, state={name: np.asarray(v, np.float64) for name, v in first.final.items()})
        if not differences(compared(second, trial.bounds.of(kept))):
            return Fact(
                "state kept", "the state is kept between calls: the second call starts where the first ended", REPEAT
            )
    if pulled and _sums(gradients_of(first), gradients_of(second), trial, other):
        return Fact("gradients kept", "the parameters' gradients add up over calls", REPEAT)
    return None


def _call(trial: Trial, case: Case, subject: Subject, pulled: bool) -> Trace:
    cotangents = fresh_cotangents(case.cotangents, case.dtype) if pulled else None
    trace = quiet(subject, plain(case.x, case.dtype), fresh(case.state, case.dtype), cotangents, case.lengths)
    return deepcopy(trace)  # what the next call may change


def _sums(first: Arrays, second: Arrays, trial: Trial, other: Case) -> bool:
    """Whether each gradient of the second call is, within its bound, the first one's and its own."""
    balls = trial.bounds.of(other).gradients(None).parameters
    named = {f"d{name}": ball for name, ball in balls.items()}
    shared = [name for name in second if name.split("@")[0] in named]
    return bool(shared) and all(
        np.all(np.abs(second[n] - first[n] - named[n.split("@")[0]].value) <= 2 * named[n.split("@")[0]].radius)
        for n in shared
    )
