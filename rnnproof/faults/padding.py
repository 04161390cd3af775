"""Wrong rules of what is past a row's end: its outputs, their cotangents, the gradient of the inputs there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from rnnproof.faults.wrapped import AtLengths, Conduct, Memory, Rule, right
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace


def padding_faults(network: Network) -> Iterator[tuple[str, str, Conduct]]:
    """(operator, words, conduct) for each wrong rule that the network's padding can have."""
    of_it = (*_OF[network.padding], _GO_ON)
    yield from ((operator, words, Conduct("sequence", rule)) for operator, words, rule in of_it)


def _goes_on(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The outputs go on into the padding; the final states are right."""
    trace = right(s, memory, x, state, ct)
    if not isinstance(s, AtLengths) or trace.outputs is None:
        return trace
    return replace(trace, outputs=s.subject.run(x, state, None, None).outputs)


def gradients_go_on(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The gradients are those of rows that all go on to the end."""
    trace = right(s, memory, x, state, ct)
    if not isinstance(s, AtLengths) or trace.gradients is None:
        return trace
    return replace(trace, gradients=s.subject.run(x, state, None, ct).gradients)


def _zeroed(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    return trace if trace.outputs is None else replace(trace, outputs=without_padding(s, trace.outputs))


def _forgotten(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return right(s, memory, x, state, ct and replace(ct, outputs=without_padding(s, ct.outputs)))


def _not_pulled_back(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if trace.gradients is None or trace.gradients.x is None:
        return trace
    return replace(trace, gradients=replace(trace.gradients, x=without_padding(s, trace.gradients.x)))


def without_padding(s: Subject, sequence: Array) -> Array:
    """Zero in the padding. Shapes: (T,B,.), with any axes before."""
    if not isinstance(s, AtLengths):
        return sequence
    return np.where((np.arange(sequence.shape[-3])[:, None] < s.lengths)[..., None], sequence, 0)


_GO_ON = "lengths not pulled back", "the gradients ignore the lengths of the rows", gradients_go_on
_ZEROED = "padding zeroed", "the outputs are zero in the padding", _zeroed
_FORGOTTEN = "padding forgotten", "the cotangents in the padding are forgotten", _forgotten
_OF: Mapping[str, tuple[tuple[str, str, Rule], ...]] = {
    "zero": (("padding not zero", "the outputs go on into the padding", _goes_on),),
    "repeat": (("padding not repeated", "the outputs go on into the padding", _goes_on), _ZEROED, _FORGOTTEN),
    "run": (
        _ZEROED,
        _FORGOTTEN,
        ("padding not pulled back", "the inputs in the padding have no gradient", _not_pulled_back),
    ),
}
