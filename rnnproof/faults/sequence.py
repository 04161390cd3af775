"""Wrong sequence rules: inputs, states and outputs that the run takes from, or puts in, the wrong place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from rnnproof.faults.padding import padding_faults
from rnnproof.faults.wrapped import AtLengths, Conduct, Memory, Rule, on_input, right, shared, transposed
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace


def sequence_faults(network: Network) -> Iterator[tuple[str, str, Conduct]]:
    """(operator, words, conduct) for each wrong rule that this network can have."""
    yield from ((operator, words, Conduct("sequence", rule)) for operator, words, rule in _SEQUENCE)
    yield from padding_faults(network)
    for name in network.states:
        zero = _state(partial(_zeroed, name))
        yield "initial state ignored", f"the initial {name} is ignored", Conduct("sequence", zero)
    first, second = (*network.states, None, None)[:2]
    # States of different sizes cannot be taken for each other unseen: their arrays would not fit.
    if first and second and network.dimensions[first] == network.dimensions[second]:
        swap = partial(_exchanged, first, second)
        yield (
            "final states exchanged",
            f"the final {first} and {second} are exchanged",
            Conduct("sequence", _final(lambda trace, state: swap(trace.final))),
        )
        text = f"the initial {first} and {second} are exchanged"
        yield "initial states exchanged", text, Conduct("sequence", _state(swap))
    if network.layers > 1:
        yield "layers share weights", "every layer has the weights of layer 0", shared(_first_layer(network))
    if network.direction == "bidirectional":
        yield from _both_ends(network)
    square = [name for name, shape in network.parameters.items() if len(shape) == 2 and shape[0] == shape[1]]
    for name in square:
        yield "transposed", f"{name} is read transposed", transposed((name,))
    if len(square) > 1:
        words = "every square weight is read transposed"
        yield "transposed", words, transposed(tuple(square))


def _first_layer(network: Network) -> tuple[tuple[str, str], ...]:
    """Each deeper parameter, and the one of layer 0 that has its name and shape."""
    shapes = network.parameters
    pairs = ((name, f"0.{name.partition('.')[2]}") for name in shapes if name.partition(".")[0].isdecimal())
    return tuple((name, first) for name, first in pairs if name != first and shapes[name] == shapes[first])


def _both_ends(network: Network) -> Iterator[tuple[str, str, Conduct]]:
    """What goes wrong where a sequence is read from both ends."""
    if network.merge == "concat" and network.readout is None:
        text = "the backward half of the outputs is not flipped back"
        yield "not flipped back", text, Conduct("sequence", _outputs(half_flipped))
    backward = [name for name in network.states if ".backward." in name]
    text = "the final states of the backward direction are those at the last step"
    yield "final state of the other end", text, Conduct("sequence", _final(partial(_at_the_last_step, backward)))


def half_flipped(outputs: Array) -> Array:
    """The backward direction's half in reverse order of time. Shapes: (T,B,.), with any axes before."""
    half = outputs.shape[-1] // 2
    return np.concatenate([outputs[..., :half], outputs[..., ::-1, :, half:]], axis=-1)


def _at_the_last_step(names: list[str], trace: Trace, state: Arrays) -> Arrays:
    if trace.states is None or not len(next(iter(trace.states.values()))):
        return trace.final
    return {**trace.final, **{name: trace.states[name][-1] for name in names}}


def _lengths_ignored(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return (s.subject if isinstance(s, AtLengths) else s).run(x, state, None, ct)


def _outputs(change: Callable[[Array], Array]) -> Rule:
    """The outputs come back changed."""

    def rule(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
        trace = right(s, memory, x, state, ct)
        return trace if trace.outputs is None else replace(trace, outputs=change(trace.outputs))

    return rule


def _final(change: Callable[[Trace, Arrays], Arrays]) -> Rule:
    """The final states come back changed."""

    def rule(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
        trace = right(s, memory, x, state, ct)
        return replace(trace, final=change(trace, state))

    return rule


def _state(change: Callable[[Arrays], Arrays]) -> Rule:
    """The run starts from a changed state."""
    return lambda s, memory, x, state, ct: s.run(x, change(state), None, ct)


def _shifted(x: Array) -> Array:
    return np.concatenate([x[1:], x[-1:]])


def _delayed(x: Array) -> Array:
    return np.concatenate([x[:1], x[:-1]])


def _averaged(x: Array) -> Array:
    return np.asarray(np.broadcast_to(x.mean(axis=0, dtype=x.dtype), x.shape))


def _batch_mean(x: Array) -> Array:
    return np.asarray(x + x.mean(axis=1, keepdims=True, dtype=x.dtype))


def _first_row(x: Array) -> Array:
    return np.concatenate([x[:, :2], np.repeat(x[:, :1], max(x.shape[1] - 2, 0), axis=1)], axis=1)


def read_and_turned(array: Array) -> Array:
    """(T,B,.) read as (B,T,.), and transposed; there may be any axes before."""
    *more, steps, rows, size = array.shape
    return array.reshape(*more, rows, steps, size).swapaxes(-3, -2)


def _early(trace: Trace, state: Arrays) -> Arrays:
    if trace.states is None:  # rows of several lengths
        return trace.final
    return {n: np.concatenate([state[n][None], v])[-2] if len(v) else state[n] for n, v in trace.states.items()}


def _only_last_output(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    outputs = None if trace.outputs is None else np.broadcast_to(trace.outputs[-1:], trace.outputs.shape)
    return replace(trace, outputs=outputs)


def _zeroed(name: str, state: Arrays) -> Arrays:
    return {key: np.zeros_like(value) if key == name else value for key, value in state.items()}


def _exchanged(first: str, second: str, state: Arrays) -> Arrays:
    return {**state, first: state[second], second: state[first]}


_SEQUENCE: tuple[tuple[str, str, Rule], ...] = (
    ("lengths ignored", "the lengths of the rows are ignored", _lengths_ignored),
    ("input from the future", "the input is shifted from the future", on_input(_shifted)),
    ("input delayed", "the input is one step late", on_input(_delayed)),
    ("inputs averaged", "the inputs are averaged over time", on_input(_averaged)),
    ("read backwards", "the inputs are read backwards", on_input(lambda x: x[::-1])),
    (
        "first input repeated",
        "the first input is used at every step",
        on_input(lambda x: np.broadcast_to(x[:1], x.shape)),
    ),
    ("reshape for transpose", "batch and time are exchanged by a reshape", on_input(read_and_turned)),
    ("batch mean", "the mean over the batch leaks into every row", on_input(_batch_mean)),
    ("first row repeated", "row 2 and later take row 0's input", on_input(_first_row)),
    ("outputs reversed", "the outputs are in reverse order", _outputs(lambda y: y[::-1])),
    ("outputs delayed", "the outputs are one step late", _outputs(_delayed)),
    ("last output repeated", "the last output is returned at every step", _only_last_output),
    ("rows reversed", "the rows of the outputs are in reverse order", _outputs(lambda y: y[:, ::-1])),
    ("final state early", "the final state is that of one step before", _final(_early)),
    (
        "final state is the initial one",
        "the final state is the initial state",
        _final(lambda trace, state: state),
    ),
)
