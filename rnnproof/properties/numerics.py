"""Laws of the numbers: rounding, dtype, arguments left alone, memory layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import agree, alike, place_of
from rnnproof.properties.forward import compared, radii, results
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.steps import step_residuals
from rnnproof.properties.trial import Trial, fresh, fresh_cotangents, plain, quiet


def rounding(trial: Trial) -> Verdict:
    """The error of every step, and of the whole run, is within the bound of the format that is claimed."""
    both = {**step_residuals(trial), **compared(trial.base, trial.bounds)}
    verdict = agree(both, trial.bounds.form, place_of(trial.case))
    if verdict.kind == "precision":
        note = "every wrong number is a float32, and right as such: float64 is claimed, not computed"
        return replace(verdict, message=f"{verdict.message}\n  {note}")
    return verdict


def dtype(trial: Trial) -> Verdict:
    """Every result has the dtype that is claimed."""
    trace = trial.pulled(None) if trial.implementation.claims.gradients else trial.base
    for name, value in (results(trace) | gradients_of(trace)).items():
        if value.dtype != np.dtype(trial.case.dtype):
            text = f"{name}: got {value.dtype.name}, but should be {trial.case.dtype}  [{place_of(trial.case)}]"
            return Verdict(Outcome.FAILED, text, "dtype", "exact")
    return Verdict(Outcome.PASSED, bound="exact")


def inputs_unchanged(trial: Trial) -> Verdict:
    """The arguments of a call are as they were after it."""
    case, parameters = trial.case, trial.parameters()
    x, state = plain(case.x, case.dtype), fresh(case.state, case.dtype)
    cotangents = fresh_cotangents(case.cotangents, case.dtype)
    subject = trial.implementation.build(case.network, parameters, case.dtype)
    quiet(subject, x, state, cotangents if trial.implementation.claims.gradients else None)
    for name, now, before in _arguments(case, parameters, x, state, cotangents):
        wrong = ~((now == before) | (np.isnan(now) & np.isnan(before)))
        if wrong.any():
            index = tuple(int(n) for n in np.argwhere(wrong)[0])
            place = f"{name}[{','.join(map(str, index))}]"
            text = f"{place}: is {now[index]:.6g} after the call, but was {before[index]:.6g}"
            return Verdict(Outcome.FAILED, f"{text}\n  {place_of(case)}", "aliasing", "exact")
    return Verdict(Outcome.PASSED, bound="exact")


def _arguments(
    case: Case, parameters: dict[str, Array], x: Array, state: dict[str, Array], cotangents: Cotangents
) -> Iterator[tuple[str, Array, Array]]:
    """(name, as it is now, as it was) for each array that the subject was given."""
    yield "x", x, case.x
    yield from ((f"the initial {name}", state[name], case.state[name]) for name in state)
    yield from ((name, parameters[name], case.parameters[name]) for name in parameters)
    yield "the cotangent of the outputs", cotangents.outputs, case.cotangents.outputs
    for name, value in cotangents.state.items():
        yield f"the cotangent of the final {name}", value, case.cotangents.state[name]


def strides(trial: Trial) -> Verdict:
    """Inputs in another memory layout (transposed, strided, read-only) give the same results."""
    worst = Verdict(Outcome.PASSED, bound="rigorous")
    for words, lay in _LAYOUTS.items():
        x, state = lay(plain(trial.case.x, trial.case.dtype)), fresh(trial.case.state, trial.case.dtype)
        for value in (x, *state.values()):
            value.flags.writeable = False
        got = results(quiet(trial.build(), x, state, None))
        what = f"x {words}, against the same numbers laid out plainly"
        verdict = alike(got, results(trial.base), radii(trial.bounds), place_of(trial.case), what)
        if verdict.outcome is Outcome.FAILED:
            return verdict
        worst = verdict if verdict.outcome is Outcome.SUSPICIOUS else worst
    return worst


def transposed(x: Array) -> Array:
    """The same numbers, stored batch first."""
    return np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)


def strided(x: Array) -> Array:
    """The same numbers, every second row of a larger array."""
    wide = np.full((x.shape[0], 2 * x.shape[1], x.shape[2]), 7, x.dtype)
    wide[:, ::2] = x
    return wide[:, ::2]


_LAYOUTS = {
    "transposed (stored batch first)": transposed,
    "strided (every second row of a larger array)": strided,
}
