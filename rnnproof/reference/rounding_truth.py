"""Bounds about the true value: a case's run and gradients in balls whose centres are Arb's."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from rnnproof.domains.ball import precisely
from rnnproof.domains.ball_array import balls, rounded
from rnnproof.domains.bounded import Bounded, exact, recentred
from rnnproof.domains.formats import Format
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.reference import interpreter
from rnnproof.reference.enclosure import NUMBERS, Enclosure, Pulled, precisions
from rnnproof.reference.interpreter import Values
from rnnproof.reference.rounding_forward import Balls, forward
from rnnproof.reference.rounding_gradients import BoundedGradients
from rnnproof.reference.rounding_network import BoundedRun, pull_in_balls, run_in_balls


def as_bounded(array: Any) -> Bounded:
    """Arb's balls as balls of float64, which hold them."""
    return Bounded(*rounded(array))


def around(true: Any, ball: Bounded) -> Bounded:
    """The ball, its centre moved to the true value, which it keeps."""
    return replace(recentred(ball, as_bounded(true)), true=true)


@np.errstate(all="ignore")
def run_about_truth(enclosure: Enclosure, form: Format) -> BoundedRun:
    """The case's run: around the true value of every signal, what right code in the format may return."""
    case = enclosure.case
    state = {name: exact(value) for name, value in case.state.items()}
    true = (_steps(tape.steps, [e.target for e in tape.cell.equations]) for tape in enclosure.tapes)
    return run_in_balls(case.network, case.parameters, case.x, state, form, case.lengths, true)


@np.errstate(all="ignore")
def step_about_truth(cell: Cell, parameters: Arrays, x: Array, state: Arrays, form: Format) -> Mapping[str, Bounded]:
    """The outputs and new states of one step, of rows x (B,I) and states (B,.) that are exact in the format."""
    with precisely(next(precisions(1))):
        tape = interpreter.forward(NUMBERS, cell, _all(parameters), balls(x[None]), _all(state))
    begun = {name: exact(value) for name, value in state.items()}
    true = _steps(tape.steps, [e.target for e in tape.cell.equations])
    found = forward(cell, parameters, x[None], begun, form.about_truth, true)
    ends = {"outputs": (cell.output, found.outputs[0])}
    ends |= {name: (stored, found.final[name]) for name, stored in cell.states}
    return {name: replace(ball, true=tape.steps[0][signal]) for name, (signal, ball) in ends.items()}


def _all(arrays: Arrays) -> Values:
    return {name: balls(value) for name, value in arrays.items()}


@np.errstate(all="ignore")
def pull_about_truth(run: BoundedRun, pulled: Pulled, cotangents: Cotangents) -> BoundedGradients:
    """The gradients for cotangents, which may have a first axis, around the true ones."""
    found = pull_in_balls(run, cotangents, (_steps(steps) for steps in pulled.received))
    true = pulled.gradients
    return BoundedGradients(
        {name: around(true.parameters[name], ball) for name, ball in found.parameters.items()},
        around(true.x, found.x),
        {name: around((true.state or {})[name], ball) for name, ball in found.state.items()},
        found.received,
    )


def _steps(steps: Sequence[Values], names: Collection[str] | None = None) -> Sequence[Balls]:
    """The signals of every step as balls of float64; rounded all at once, as most are small arrays."""
    kept = [(t, name, step[name]) for t, step in enumerate(steps) for name in (step if names is None else names)]
    every = as_bounded(np.concatenate([array.ravel() for _, _, array in kept])) if kept else None
    found: list[Balls] = [{} for _ in steps]
    start = 0
    for t, name, array in kept:
        found[t][name] = every[start : start + array.size].reshaped(array.shape)  # type: ignore[index]
        start += array.size
    return found
