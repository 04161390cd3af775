"""Faults of sequence rules and of conduct: the cell is right, but the run around it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Implementation, Step, Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace

Memory = dict[str, Any]  # what a faulty subject keeps between calls
Rule = Callable[[Subject, Memory, Array, Arrays, Cotangents | None], Trace]


@dataclass(frozen=True)
class Conduct:
    """How a run goes wrong: ``rule`` stands in for the subject's run; ``transposed`` names weights read transposed."""

    place: str
    rule: Rule
    transposed: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Misconducted:
    """A subject whose run follows a wrong rule."""

    subject: Subject
    conduct: Conduct
    memory: Memory = field(default_factory=dict)

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The run, by the wrong rule."""
        del lengths
        trace = self.conduct.rule(self.subject, self.memory, x, dict(state or {}), cotangents)
        if trace.gradients is None or not self.conduct.transposed:
            return trace
        turned = {n: v.T if n in self.conduct.transposed else v for n, v in trace.gradients.parameters.items()}
        return replace(trace, gradients=replace(trace.gradients, parameters=turned))

    @property
    def step(self) -> Step | None:
        """None."""
        return None


@dataclass(frozen=True)
class Conducted:
    """An implementation whose subjects follow a wrong rule."""

    name: str
    implementation: Implementation
    conduct: Conduct

    @property
    def claims(self) -> Claims:
        """Those of the right implementation."""
        return self.implementation.claims

    def build(self, network: Network, parameters: Arrays, dtype: str) -> Misconducted:
        """The subject, its weights read transposed where the conduct says so."""
        turned = {n: v.T if n in self.conduct.transposed else v for n, v in parameters.items()}
        return Misconducted(self.implementation.build(network, turned, dtype), self.conduct)


def right(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The right rule."""
    del memory
    return s.run(x, state, None, ct)


def _input(change: Callable[[Array], Array]) -> Rule:
    """The run sees changed inputs."""
    return lambda s, memory, x, state, ct: s.run(change(x), state, None, ct)


def _state(change: Callable[[Arrays], Arrays]) -> Rule:
    """The run starts from a changed state."""
    return lambda s, memory, x, state, ct: s.run(x, change(state), None, ct)


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


def _reshaped(x: Array) -> Array:
    steps, rows, size = x.shape
    return x.reshape(rows, steps, size).swapaxes(0, 1)


def _memory_order(x: Array) -> Array:
    return np.reshape(np.ravel(x, order="K"), x.shape)


def _early(trace: Trace, state: Arrays) -> Arrays:
    assert trace.states is not None
    return {n: np.concatenate([state[n][None], v])[-2] if len(v) else state[n] for n, v in trace.states.items()}


def _kept(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    kept = memory.get("final", state)
    fits = all(kept[name].shape == value.shape for name, value in state.items())
    trace = s.run(x, kept if fits else state, None, ct)
    memory["final"] = trace.final
    return trace


def _accumulated(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if trace.gradients is None:
        return trace
    before = memory.get("sums", {})
    sums = {name: value + before.get(name, 0) for name, value in trace.gradients.parameters.items()}
    memory["sums"] = sums
    return replace(trace, gradients=replace(trace.gradients, parameters=sums))


def _cast(arrays: Arrays, dtype: str) -> dict[str, Array]:
    return {name: np.asarray(value, dtype=dtype) for name, value in arrays.items()}


def _returned_as(inner: str, outer: str | None) -> Rule:
    """Computed in ``inner`` from rounded inputs, returned in ``outer`` (None: the dtype of x)."""

    def rule(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
        if x.dtype == np.dtype(inner):
            return _half(s, memory, x, state, ct)
        trace = right(s, memory, x, state, ct)
        return as_dtype(as_dtype(trace, inner), outer or x.dtype.name)

    return rule


def _half(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The same one format lower: float16 inside where float32 is claimed."""
    return as_dtype(as_dtype(right(s, memory, x, state, ct), "float16"), x.dtype.name)


def as_dtype(trace: Trace, dtype: str) -> Trace:
    """Every array of a trace in another dtype."""
    gradients = trace.gradients
    if gradients is not None:
        gradients = Gradients(
            _cast(gradients.parameters, dtype),
            None if gradients.x is None else gradients.x.astype(dtype),
            None if gradients.state is None else _cast(gradients.state, dtype),
        )
    outputs = None if trace.outputs is None else trace.outputs.astype(dtype)
    states = None if trace.states is None else _cast(trace.states, dtype)
    return Trace(outputs, _cast(trace.final, dtype), states, gradients)


def _other_dtype(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    return as_dtype(trace, "float32" if x.dtype == np.float64 else "float64")


def _scaled_in_place(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x.copy(), state, ct)
    if x.flags.writeable:
        x *= 2
    return trace


def _state_in_place(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, {name: value.copy() for name, value in state.items()}, ct)
    for name, value in state.items():
        if value.flags.writeable:
            value[...] = trace.final[name]
    return trace


def _cotangent_in_place(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if ct is not None and ct.outputs.flags.writeable:
        ct.outputs[...] = 0
    return trace


def _only_last_output(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    outputs = None if trace.outputs is None else np.broadcast_to(trace.outputs[-1:], trace.outputs.shape)
    return replace(trace, outputs=outputs)


def conduct_faults(network: Network) -> Iterator[tuple[str, str, Conduct]]:
    """(operator, words, conduct) for each wrong rule that this network can have."""
    yield from ((operator, words, Conduct("sequence", rule)) for operator, words, rule in _SEQUENCE)
    for name in network.states:
        zero = _state(partial(_zeroed, name))
        yield "initial state ignored", f"the initial {name} is ignored", Conduct("sequence", zero)
    if len(network.states) > 1:
        first, second = network.states[:2]
        swap = partial(_exchanged, first, second)
        yield (
            "final states exchanged",
            f"the final {first} and {second} are exchanged",
            Conduct("sequence", _final(lambda trace, state: swap(trace.final))),
        )
        text = f"the initial {first} and {second} are exchanged"
        yield "initial states exchanged", text, Conduct("sequence", _state(swap))
    square = [name for name, shape in network.parameters.items() if len(shape) == 2 and shape[0] == shape[1]]
    for name in square:
        yield "transposed", f"{name} is read transposed", Conduct("sequence", right, (name,))
    if len(square) > 1:
        words = "every square weight is read transposed"
        yield "transposed", words, Conduct("sequence", right, tuple(square))
    yield from ((operator, words, Conduct("conduct", rule)) for operator, words, rule in _CONDUCT)


def _zeroed(name: str, state: Arrays) -> Arrays:
    return {key: np.zeros_like(value) if key == name else value for key, value in state.items()}


def _exchanged(first: str, second: str, state: Arrays) -> Arrays:
    return {**state, first: state[second], second: state[first]}


_SEQUENCE: tuple[tuple[str, str, Rule], ...] = (
    ("input from the future", "the input is shifted from the future", _input(_shifted)),
    ("input delayed", "the input is one step late", _input(_delayed)),
    ("inputs averaged", "the inputs are averaged over time", _input(_averaged)),
    ("read backwards", "the inputs are read backwards", _input(lambda x: x[::-1])),
    (
        "first input repeated",
        "the first input is used at every step",
        _input(lambda x: np.broadcast_to(x[:1], x.shape)),
    ),
    ("reshape for transpose", "batch and time are exchanged by a reshape", _input(_reshaped)),
    ("batch mean", "the mean over the batch leaks into every row", _input(_batch_mean)),
    ("first row repeated", "row 2 and later take row 0's input", _input(_first_row)),
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
_CONDUCT: tuple[tuple[str, str, Rule], ...] = (
    ("state kept", "the state is kept between calls", _kept),
    ("gradients kept", "the gradients add up over calls", _accumulated),
    ("lower precision", "the results are rounded to a lower precision", _returned_as("float32", None)),
    ("other dtype", "the results have another dtype", _other_dtype),
    ("input changed", "x is scaled in place", _scaled_in_place),
    ("state changed", "the initial state is overwritten in place", _state_in_place),
    ("cotangent changed", "the cotangent of the outputs is overwritten in place", _cotangent_in_place),
    ("strides", "x is read in the order of its memory", _input(_memory_order)),
)
