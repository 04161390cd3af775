"""Laws of the numbers: rounding, dtype, arguments left alone, memory layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import agree, alike, place_of, within
from rnnproof.properties.forward import compared, radii, results
from rnnproof.properties.gradient import everything, gradients_of, radii_of
from rnnproof.properties.steps import step_residuals
from rnnproof.properties.trial import Trial, fresh, fresh_cotangents, plain, quiet

Layout = Callable[[Array], Array]


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
    states = {f"{name} of every step": value for name, value in (trace.states or {}).items()}
    stepped = {f"{name} by step": value for name, value in _step_of(trial).items()}
    for name, value in (results(trace) | gradients_of(trace) | states | stepped).items():
        if value.dtype != np.dtype(trial.case.dtype):
            text = f"{name}: got {value.dtype.name}, but should be {trial.case.dtype}  [{place_of(trial.case)}]"
            return Verdict(Outcome.FAILED, text, "dtype", "exact")
    return Verdict(Outcome.PASSED, bound="exact")


def _step_of(trial: Trial) -> dict[str, Array]:
    """What the subject's own step returns, where it has one."""
    step = trial.build().step
    if step is None:
        return {}
    with np.errstate(all="ignore"):
        output, new = step(plain(trial.case.x[0], trial.case.dtype), fresh(trial.case.state, trial.case.dtype))
    return {"output": output} | dict(new)


def inputs_unchanged(trial: Trial) -> Verdict:
    """The arguments of a call are as they were after it."""
    case, parameters = trial.case, trial.parameters()
    x, state = plain(case.x, case.dtype), fresh(case.state, case.dtype)
    cotangents = fresh_cotangents(case.cotangents, case.dtype)
    subject = trial.implementation.build(case.network, parameters, case.dtype)
    quiet(subject, x, state, cotangents if trial.implementation.claims.gradients else None)
    if subject.step is not None and not _changed(case, parameters, x, state, cotangents):
        with np.errstate(all="ignore"):
            subject.step(x[0], state)
    message = _changed(case, parameters, x, state, cotangents)
    if message:
        return Verdict(Outcome.FAILED, f"{message}\n  {place_of(case)}", "aliasing", "exact")
    return Verdict(Outcome.PASSED, bound="exact")


def _changed(
    case: Case, parameters: dict[str, Array], x: Array, state: dict[str, Array], cotangents: Cotangents
) -> str:
    """The first argument that is not as it was, in words; empty where all are."""
    for name, now, before in _arguments(case, parameters, x, state, cotangents):
        wrong = ~((now == before) | (np.isnan(now) & np.isnan(before)))
        if wrong.any():
            index = tuple(int(n) for n in np.argwhere(wrong)[0])
            place = f"{name}[{','.join(map(str, index))}]"
            return f"{place}: is {now[index]:.6g} after the call, but was {before[index]:.6g}"
    return ""


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
        x = lay(plain(trial.case.x, trial.case.dtype))
        got = results(_laid_out(trial.build(), x, fresh(trial.case.state, trial.case.dtype), None))
        what = f"x {words}, against the same numbers laid out plainly"
        verdict = alike(got, results(trial.base), lambda: radii(trial.bounds), place_of(trial.case), what)
        if verdict.outcome is Outcome.FAILED:
            return verdict
        worst = verdict if verdict.outcome is Outcome.SUSPICIOUS else worst
    columns = _by_columns(trial)
    return columns if columns.outcome is Outcome.FAILED else worst


def _laid_out(subject: Subject, x: Array, state: dict[str, Array], cotangents: Cotangents | None) -> Trace:
    """A run on arguments that may not be written to."""
    for value in (x, *state.values()):
        value.flags.writeable = False
    return quiet(subject, x, state, cotangents)


def _by_columns(trial: Trial) -> Verdict:
    """Parameters, x and states stored column by column. Right products may then be summed in another order."""
    case, gradients = trial.case, trial.implementation.claims.gradients
    parameters = {name: np.asfortranarray(value) for name, value in trial.parameters().items()}
    state = {name: np.asfortranarray(value) for name, value in fresh(case.state, case.dtype).items()}
    subject = trial.implementation.build(case.network, parameters, case.dtype)
    cotangents = fresh_cotangents(case.cotangents, case.dtype) if gradients else None
    got = everything(_laid_out(subject, np.asfortranarray(plain(case.x, case.dtype)), state, cotangents))
    expected = everything(trial.pulled(None) if gradients else trial.base)
    what = "every argument stored column by column, against the same numbers laid out plainly"
    return within(got, expected, radii_of(trial.bounds, expected), place_of(case), what)


def transposed(x: Array) -> Array:
    """The same numbers, stored batch first."""
    return np.ascontiguousarray(x.swapaxes(0, 1)).swapaxes(0, 1)


def strided(x: Array) -> Array:
    """The same numbers, every second row of a larger array."""
    wide = np.full((x.shape[0], 2 * x.shape[1], x.shape[2]), 7, x.dtype)
    wide[:, ::2] = x
    return wide[:, ::2]


_LAYOUTS: dict[str, Layout] = {
    "transposed (stored batch first)": transposed,
    "strided (every second row of a larger array)": strided,
}
