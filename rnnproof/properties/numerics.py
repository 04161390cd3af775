"""Laws of the numbers: rounding, dtype, arguments left alone, memory layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial

import numpy as np

from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.trace import Trace
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import agree, alike, place_of, within
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.forward import compared, results
from rnnproof.properties.gradient import everything, gradients_of, radii_of
from rnnproof.properties.steps import step_residuals
from rnnproof.properties.tiers import in_both
from rnnproof.properties.trial import Trial, fresh, fresh_cotangents, plain, quiet

Layout = Callable[[Array], Array]


def rounding(trial: Trial) -> Verdict:
    """The error of every step, and of the whole run, is within the bound of the format that is claimed."""

    def judge(bounds: Bounds) -> Verdict:
        steps = step_residuals(trial, bounds) if trial.case.network.direction == "forward" else {}
        return agree({**steps, **compared(trial.base, bounds)}, bounds.form, place_of(trial.case))

    return in_both(trial.bounds.about_truth, judge)


def dtype(trial: Trial) -> Verdict:
    """Every result has the dtype that is claimed."""
    trace = trial.pulled(None) if trial.implementation.claims.gradients else trial.base
    states = {f"{name} of every step": value for name, value in (trace.states or {}).items()}
    own = trial.stepped(trial.case.state) or {}
    stepped = {f"{name} by step": value for name, value in own.items()}
    for name, value in (results(trace) | gradients_of(trace) | states | stepped).items():
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
    lengths = None if case.lengths is None else case.lengths.copy()
    with np.errstate(all="ignore"):
        trace = subject.run(x, state, lengths, cotangents if trial.implementation.claims.gradients else None)
    if lengths is not None and not np.array_equal(lengths, case.lengths):  # type: ignore[arg-type]
        text = f"lengths: are {lengths} after the call, but were {case.lengths}\n  {place_of(case)}"
        return Verdict(Outcome.FAILED, text, "aliasing", "exact")
    if subject.step is not None and not _changed(case, parameters, x, state, cotangents):
        with np.errstate(all="ignore"), suppress(Unsupported):
            subject.step(x[0], state)
    message = _changed(case, parameters, x, state, cotangents) or trace.rebound
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
    """Arguments in another memory layout (transposed, strided, by columns, read-only) give the same results.

    Right code may sum in another order there, so the bound decides. What lies between the numbers of a strided
    array is nobody's business: where only that changes, the results are the same bits.
    """
    expected = everything(trial.pulled(None) if trial.implementation.claims.gradients else trial.base)
    for words, lay in LAYOUTS.items():
        got = everything(_laid_out(trial, lay))
        what = f"every argument {words}, against the same numbers laid out plainly"
        verdict = within(got, expected, partial(radii_of, trial.bounds, expected), place_of(trial.case), what)
        if verdict.outcome is Outcome.FAILED:
            return verdict
    between = everything(_laid_out(trial, partial(strided, filler=-5.0)))
    what = "every argument strided, with other numbers between its own"
    return alike(between, got, lambda: radii_of(trial.bounds, expected), place_of(trial.case), what)


def _laid_out(trial: Trial, lay: Layout) -> Trace:
    """A run on arguments of another layout that may not be written to; they may, for who is known to change them."""
    try:
        return _run_on(trial, lay, writeable=False)
    except TargetError:
        if inputs_unchanged(trial).outcome is not Outcome.FAILED:
            raise
        return _run_on(trial, lay, writeable=True)


def _run_on(trial: Trial, lay: Layout, writeable: bool) -> Trace:
    """A run, with gradients if there are any, every argument laid out so."""
    case = trial.case

    def laid(value: Array) -> Array:
        array = lay(plain(value, case.dtype))
        array.flags.writeable = writeable
        return array

    def each(arrays: Arrays) -> dict[str, Array]:
        return {name: laid(value) for name, value in arrays.items()}

    subject = trial.implementation.build(case.network, each(case.parameters), case.dtype)
    wanted = trial.implementation.claims.gradients
    cotangents = Cotangents(laid(case.cotangents.outputs), each(case.cotangents.state)) if wanted else None
    return quiet(subject, laid(case.x), each(case.state), cotangents, case.lengths)


def transposed(array: Array) -> Array:
    """The same numbers, the first two axes stored the other way round: batch first, or column by column."""
    return array if array.ndim < 2 else np.ascontiguousarray(array.swapaxes(0, 1)).swapaxes(0, 1)


def strided(array: Array, filler: float = 7.0) -> Array:
    """The same numbers, each with a stranger beside it in a larger array, along the axis before the last."""
    axis = max(array.ndim - 2, 0)
    wide = np.full((*array.shape[:axis], 2 * array.shape[axis], *array.shape[axis + 1 :]), filler, array.dtype)
    every_second = wide[(slice(None),) * axis + (slice(None, None, 2),)]
    every_second[...] = array
    return every_second


LAYOUTS: Mapping[str, Layout] = {
    "transposed": transposed,
    "stored column by column": np.asfortranarray,
    "strided (every second row of a larger array)": strided,
}
