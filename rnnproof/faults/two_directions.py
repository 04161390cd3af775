"""Wrong rules of a layer that reads from both ends: which end, whose half, where the padding is.

Each direction's run is taken from a run of both, whose other half has no cotangent: what is pulled back is linear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from rnnproof.faults.fault import Fault
from rnnproof.faults.padding import without_padding
from rnnproof.faults.wider_backward import added
from rnnproof.faults.wrapped import AtLengths, Conduct, Memory, right
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace

BACKWARD = ".backward."
Run = Callable[[Subject, Array, Arrays, Cotangents | None], Trace]  # of the backward half, by a wrong rule


def two_directions(network: Network) -> Iterator[Fault]:
    """Rules of the forward pass, for one layer whose two halves are side by side in the outputs."""
    if _side_by_side(network):
        yield _of_halves("read forwards", "the backward direction reads from the first step on", _read_forwards)
        yield _of_halves("lengths ignored", "the backward direction begins in the padding", _from_the_padding)
        text = "the forward half of the outputs stands in the backward half too"
        yield Fault("wrong half", text, conduct=Conduct("sequence", _forward_twice))


def two_directions_back(network: Network) -> Iterator[Fault]:
    """Rules of the backward pass."""
    if _side_by_side(network):
        text = "the gradient of x through the backward direction is not flipped back"
        yield _of_halves("not flipped back", text, _dx_as_read)
        yield _of_halves("not flipped", "the cotangents of the backward half are not flipped", _cotangents_as_given)


def _side_by_side(network: Network) -> bool:
    two = network.direction == "bidirectional" and network.merge == "concat"
    return two and network.layers == 1 and network.readout is None


def _of_halves(operator: str, text: str, half: Run) -> Fault:
    return Fault(operator, text, conduct=Conduct("sequence", partial(_two_halves, half)))


def _two_halves(half: Run, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The forward half as it is, the backward half by a rule of its own."""
    of_forward, of_backward = (None, None) if ct is None else (_only(ct, False), _only(ct, True))
    first, second = right(s, memory, x, state, of_forward), half(s, x, state, of_backward)
    final = {name: (second if BACKWARD in name else first).final[name] for name in first.final}
    outputs, gradients = None, None
    if first.outputs is not None and second.outputs is not None:
        outputs = _joined(first.outputs, second.outputs)
    if first.gradients is not None and second.gradients is not None:
        gradients = added(first.gradients, second.gradients)
    return Trace(outputs, final, gradients=gradients)


def _only(ct: Cotangents, backward: bool) -> Cotangents:
    """The cotangents of one half alone."""
    nothing = np.zeros_like(ct.outputs)
    outputs = _joined(nothing, ct.outputs) if backward else _joined(ct.outputs, nothing)
    state = {name: value * float((BACKWARD in name) == backward) for name, value in ct.state.items()}
    return Cotangents(outputs, state)


def _joined(first: Array, second: Array) -> Array:
    """The forward half of one and the backward half of the other. Shapes: (...,T,B,2H)."""
    half = first.shape[-1] // 2
    return np.concatenate([first[..., :half], second[..., half:]], axis=-1)


def _flipped(s: Subject, array: Array) -> Array:
    """In reverse order of time, each row up to its own end. Shapes: (...,T,B,.)."""
    if not isinstance(s, AtLengths):
        return array[..., ::-1, :, :]
    steps = np.arange(array.shape[-3])[:, None]
    order = np.where(steps < s.lengths, np.asarray(s.lengths) - 1 - steps, steps)
    return array[..., order, np.arange(array.shape[-2]), :]


def _read_forwards(s: Subject, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """What the backward direction gives of the inputs in reverse order, turned about."""
    trace = s.run(_flipped(s, x), state, None, None if ct is None else replace(ct, outputs=_flipped(s, ct.outputs)))
    outputs = None if trace.outputs is None else _flipped(s, trace.outputs)
    return _with_dx_flipped(s, replace(trace, outputs=outputs))


def _from_the_padding(s: Subject, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """Each row read from the last step of the longest one; of what is in the padding nothing counts."""
    if not isinstance(s, AtLengths):
        return s.run(x, state, None, ct)
    given = None if ct is None else replace(ct, outputs=without_padding(s, ct.outputs))
    trace = s.subject.run(x, state, None, given)
    return trace if trace.outputs is None else replace(trace, outputs=without_padding(s, trace.outputs))


def _dx_as_read(s: Subject, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return _with_dx_flipped(s, s.run(x, state, None, ct))


def _cotangents_as_given(s: Subject, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return s.run(x, state, None, None if ct is None else replace(ct, outputs=_flipped(s, ct.outputs)))


def _with_dx_flipped(s: Subject, trace: Trace) -> Trace:
    if trace.gradients is None or trace.gradients.x is None:
        return trace
    return replace(trace, gradients=replace(trace.gradients, x=_flipped(s, trace.gradients.x)))


def _forward_twice(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    half = 0 if ct is None else ct.outputs.shape[-1] // 2
    given = None
    if ct is not None:
        both = ct.outputs[..., :half] + ct.outputs[..., half:]
        given = replace(ct, outputs=np.concatenate([both, np.zeros_like(both)], axis=-1))
    trace = right(s, memory, x, state, given)
    if trace.outputs is None:
        return trace
    forward = trace.outputs[..., : trace.outputs.shape[-1] // 2]
    return replace(trace, outputs=np.concatenate([forward, forward], axis=-1))
