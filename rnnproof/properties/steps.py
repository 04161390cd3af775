"""One step as the unit of comparison: each judged from a state that was given or that the target returned.

The bound of one step does not grow with the length of the run.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Arrays
from rnnproof.model.implementation import Step
from rnnproof.model.trace import Trace
from rnnproof.properties.agree import Compared
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.trial import Trial, fresh, plain
from rnnproof.reference import rounding


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps that were run apart: the states before (T,B,.), and what came out. ``via`` says how they were run."""

    via: str
    before: Arrays
    outputs: Array | None
    after: Arrays


_known: WeakKeyDictionary[Trial, WeakKeyDictionary[Bounds, Compared]] = WeakKeyDictionary()


def step_residuals(trial: Trial, bounds: Bounds) -> Compared:
    """Every step of the target, however it can be run one at a time, beside the ball of that step.

    Two laws ask for it, each on all its cases: it is known as long as the trial is.
    """
    known = _known.setdefault(trial, WeakKeyDictionary())
    if bounds not in known:
        known[bounds] = _step_residuals(trial, bounds)
    return known[bounds]


def _step_residuals(trial: Trial, bounds: Bounds) -> Compared:
    compared: dict[str, tuple[Array, Bounded]] = {}
    for steps in map(_from_finite_states, _ways(trial)):
        balls = _step_balls(bounds, steps.before)
        if steps.outputs is not None:
            compared[f"outputs {steps.via}".rstrip()] = steps.outputs, balls["outputs"]
        for name, value in steps.after.items():
            compared[f"{name} {steps.via}".rstrip()] = value, balls[name]
    # A state that is absurd makes the next step's ball infinite; in the run's own ball it is found all the same.
    true = bounds.tape.states()
    visible = trial.base.states or {}
    return {**compared, **{f"{name} of every step": (value, true[name]) for name, value in visible.items()}}


def _from_finite_states(steps: Steps) -> Steps:
    """The steps up to the first that begins in a state with no number in it: from there, nothing is known."""
    finite = np.logical_and.reduce([np.isfinite(value).all(axis=(1, 2)) for value in steps.before.values()])
    count = len(finite) if finite.all() else int(np.argmin(finite))
    before, after = ({name: value[:count] for name, value in part.items()} for part in (steps.before, steps.after))
    return Steps(steps.via, before, None if steps.outputs is None else steps.outputs[:count], after)


def _ways(trial: Trial) -> Iterator[Steps]:
    """run with T=1 from each state returned; step, where there is one; the states of the whole run, where visible."""
    yield _one_at_a_time(trial)
    yield from _by_step(trial)
    if trial.base.states is not None:
        after = trial.base.states
        initial = fresh(trial.case.state, trial.case.dtype)
        before = {name: np.concatenate([initial[name][None], value[:-1]]) for name, value in after.items()}
        yield Steps("in the run", before, trial.base.outputs, after)


def _one_at_a_time(trial: Trial) -> Steps:
    before = [state for state, _ in trial.steps]
    after = [trace.final for _, trace in trial.steps]
    outputs = [each for _, trace in trial.steps if (each := _only_output(trace)) is not None]
    return Steps("", _stack(before), np.stack(outputs) if len(outputs) == len(before) else None, _stack(after))


def _only_output(trace: Trace) -> Array | None:
    return trace.last if trace.outputs is None else trace.outputs[0]


def _by_step(trial: Trial) -> Iterator[Steps]:
    """By the subject's own step; nothing where it has none, or where that refuses."""
    step = trial.build().step
    with suppress(Unsupported):
        if step is not None:
            yield _stepped(trial, step)


def _stepped(trial: Trial, step: Step) -> Steps:
    before, outputs, after = [], [], []
    state: Arrays = fresh(trial.case.state, trial.case.dtype)
    for x_t in plain(trial.case.x, trial.case.dtype):
        with np.errstate(all="ignore"):
            output, following = step(x_t.copy(), fresh(state, trial.case.dtype))
        before.append(state)
        after.append(following)
        outputs.append(output)
        state = fresh(following, trial.case.dtype)  # as the next step is given it
    return Steps("by step", _stack(before), np.stack(outputs), _stack(after))


def _stack(states: list[Arrays]) -> dict[str, Array]:
    return {name: np.stack([state[name] for state in states]) for name in states[0]}


def _step_balls(bounds: Bounds, before: Arrays) -> dict[str, Bounded]:
    """The ball of one step from each state: all steps at once, as rows of one batch."""
    case = bounds.case
    steps, rows = next(iter(before.values())).shape[:2]
    state = {n: v.astype(np.float64).reshape(steps * rows, -1) for n, v in before.items()}
    x = case.x[:steps].reshape(steps * rows, -1)
    found = rounding.step_about_truth(case.network.step, case.parameters, x, state, bounds.form)
    return {name: ball.reshaped((steps, rows, -1)) for name, ball in found.items()}
