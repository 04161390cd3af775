"""More wrong rules of the backward pass, of a forward pass that is right: of which steps or rows gradients are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from rnnproof.faults.fault import Fault
from rnnproof.faults.wider_sequence import in_reverse
from rnnproof.faults.wrapped import AtLengths, Conduct, Memory, Rule, right, turned
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace

WINDOWS = (1, 2, 3, 4, 5)  # steps
Change = Callable[[Array], Array]


def wider_backward(network: Network) -> Iterator[Fault]:
    """Cotangents and gradients of other steps, other rows, or transposed; backpropagation in windows."""
    for words, change in SHIFTS.items():
        yield _fault("wrong step", f"the cotangents of the outputs are used {words}", partial(_cotangents, change))
        yield _fault("wrong step", f"dx is returned {words}", partial(_dx, change))
    text = "the cotangents of the outputs are used in reverse order"
    yield _fault("wrong step", text, partial(_cotangents, in_reverse))
    yield _fault("reversed", "dx is in reverse order of time", partial(_dx, in_reverse))
    for words, row in (("first", 0), ("last", -1)):
        text = f"the parameters' gradients are those of the {words} row alone"
        yield _fault("overwritten", text, partial(_of_one_row, row))
    for name in network.parameters if network.direction == "forward" and network.layers == 1 else ():
        text = f"d{name} is that of the last row's first step alone"
        yield _fault("overwritten", text, partial(_first_step_of_the_last_row, name))
    for k in WINDOWS if network.direction == "forward" else ():
        steps = f"{k} steps" if k > 1 else "one step"
        yield _fault("truncated", f"the loss of each step goes back {steps} at most", partial(_windows, k))
        yield _fault("truncated", f"the backward pass ends {steps} before the last", partial(_last_steps, k))
    yield from _transposed(network)


def _fault(operator: str, text: str, rule: Rule) -> Fault:
    return Fault(operator, text, conduct=Conduct("sequence", rule))


def _transposed(network: Network) -> Iterator[Fault]:
    """What is np.outer(x, dz) is returned for np.outer(dz, x): where it is square, its shape says nothing."""
    square = [name for name, shape in network.parameters.items() if len(shape) == 2 and shape[0] == shape[1]]
    for names in [(name,) for name in square] + ([tuple(square)] if len(square) > 1 else []):
        words = f"d{names[0]} is" if len(names) == 1 else "the gradient of every square weight is"
        conduct = Conduct("sequence", right, give=partial(turned, names))
        yield Fault("transposed", f"{words} transposed", conduct=conduct)


def _shifted(by: int, around: bool, array: Array) -> Array:
    """Each step's ``by`` steps later; what goes over one end comes in at the other, or zeros do."""
    moved = np.roll(array, by, axis=-3)
    if not around and array.shape[-3]:
        moved[..., 0 if by > 0 else -1, :, :] = 0
    return moved


SHIFTS: dict[str, Change] = {
    "one step late": partial(_shifted, 1, False),
    "one step early": partial(_shifted, -1, False),
    "one step late, the last at the first step": partial(_shifted, 1, True),
    "one step early, the first at the last step": partial(_shifted, -1, True),
}


def _cotangents(change: Change, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return right(s, memory, x, state, None if ct is None else replace(ct, outputs=change(ct.outputs)))


def _dx(change: Change, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if trace.gradients is None or trace.gradients.x is None:
        return trace
    return replace(trace, gradients=replace(trace.gradients, x=change(trace.gradients.x)))


def _of_one_row(row: int, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if ct is None or trace.gradients is None:
        return trace
    alone = np.zeros((x.shape[1], 1))
    alone[row] = 1.0
    given = Cotangents(ct.outputs * alone, {name: value * alone for name, value in ct.state.items()})
    found = right(s, memory, x, state, given).gradients
    return trace if found is None else replace(trace, gradients=replace(trace.gradients, parameters=found.parameters))


def _first_step_of_the_last_row(
    name: str, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None
) -> Trace:
    """A gradient that is assigned, and not added up, in loops over the rows and back over the steps."""
    trace = right(s, memory, x, state, ct)
    if ct is None or trace.gradients is None or trace.states is None or not len(x) or isinstance(s, AtLengths):
        return trace
    after = {key: value[0] for key, value in trace.states.items()}
    later = ct.state
    if len(x) > 1:
        found = s.run(x[1:], after, None, Cotangents(ct.outputs[..., 1:, :, :], ct.state)).gradients
        later = ct.state if found is None or found.state is None else found.state
    alone = np.zeros((x.shape[1], 1))
    alone[-1] = 1.0
    given = Cotangents(ct.outputs[..., :1, :, :] * alone, {key: value * alone for key, value in later.items()})
    first = s.run(x[:1], state, None, given).gradients
    assert first is not None
    parameters = {**trace.gradients.parameters, name: first.parameters[name]}
    return replace(trace, gradients=replace(trace.gradients, parameters=parameters))


def _last_steps(k: int, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The last k steps alone; for the initial state, the gradient by the state in which they begin."""
    trace, begin = right(s, memory, x, state, ct), len(x) - k
    if ct is None or trace.gradients is None or trace.states is None or begin <= 0 or isinstance(s, AtLengths):
        return trace
    begun = {name: value[begin - 1] for name, value in trace.states.items()}
    found = s.run(x[begin:], begun, None, Cotangents(ct.outputs[..., begin:, :, :], ct.state)).gradients
    if found is None or found.x is None:
        return trace
    nothing = np.zeros((*found.x.shape[:-3], begin, *found.x.shape[-2:]), found.x.dtype)
    return replace(trace, gradients=replace(found, x=np.concatenate([nothing, found.x], axis=-3)))


def _windows(k: int, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """Of each step's loss a backward pass of its own, through that step and k - 1 before it."""
    trace = right(s, memory, x, state, ct)
    if ct is None or trace.gradients is None or trace.states is None or isinstance(s, AtLengths):
        return trace
    total = _times(trace.gradients, 0.0)
    for t in range(len(x)):
        begin = max(0, t - k + 1)
        begun = state if begin == 0 else {name: value[begin - 1] for name, value in trace.states.items()}
        found = s.run(x[begin : t + 1], begun, None, _of_step(ct, t, t + 1 - begin, last=t == len(x) - 1)).gradients
        assert found is not None
        total = added(total, found, begin)
    return replace(trace, gradients=total)


def _of_step(ct: Cotangents, t: int, steps: int, last: bool) -> Cotangents:
    """The cotangent of one step's output, and at the last step those of the final states, of a run that ends there."""
    shown = ct.outputs[..., t : t + 1, :, :]
    before = np.zeros((*shown.shape[:-3], steps - 1, *shown.shape[-2:]), shown.dtype)
    state = {name: value if last else np.zeros_like(value) for name, value in ct.state.items()}
    return Cotangents(np.concatenate([before, shown], axis=-3), state)


def _times(found: Gradients, number: float) -> Gradients:
    dx = None if found.x is None else found.x * number
    state = None if found.state is None else {name: value * number for name, value in found.state.items()}
    return Gradients({name: value * number for name, value in found.parameters.items()}, dx, state)


def added(total: Gradients, part: Gradients, begin: int = 0) -> Gradients:
    """The sum with what a run from step ``begin`` on gives; of the initial state only if that is where it began."""
    parameters = {name: value + part.parameters[name] for name, value in total.parameters.items()}
    dx = None if total.x is None else total.x.copy()
    if dx is not None and part.x is not None:
        steps = part.x.shape[-3]
        dx[..., begin : begin + steps, :, :] += part.x
    begun = {} if begin else part.state or {}
    state = {name: value + begun[name] if name in begun else value for name, value in (total.state or {}).items()}
    return Gradients(parameters, dx, state)
