"""Misconduct: state or gradients kept between calls, another precision, arguments changed, memory misread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnproof.faults.wrapped import Conduct, Memory, Rule, on_input, right
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.trace import Trace, cast


def conduct_faults() -> Iterator[tuple[str, str, Conduct]]:
    """(operator, words, conduct) for each way in which a subject misbehaves."""
    yield from ((operator, words, Conduct("conduct", rule)) for operator, words, rule in _CONDUCT)


def _memory_order(x: Array) -> Array:
    return np.reshape(np.ravel(x, order="K"), x.shape)


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


# One format lower. Below the formats of 16 bits stands one of 8, with the exponents of float16.
LOWER = {"float64": "float32", "float32": "float16", "float16": "float8_e5m2", "bfloat16": "float8_e5m2"}


def _lower(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """Rounded to the format below, returned in the dtype of x."""
    return cast(cast(right(s, memory, x, state, ct), LOWER[x.dtype.name]), x.dtype.name)


def _other_dtype(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    return cast(trace, "float32" if x.dtype == np.float64 else "float64")


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


_CONDUCT: tuple[tuple[str, str, Rule], ...] = (
    ("state kept", "the state is kept between calls", _kept),
    ("gradients kept", "the gradients add up over calls", _accumulated),
    ("lower precision", "the results are rounded to a lower precision", _lower),
    ("other dtype", "the results have another dtype", _other_dtype),
    ("input changed", "x is scaled in place", _scaled_in_place),
    ("state changed", "the initial state is overwritten in place", _state_in_place),
    ("cotangent changed", "the cotangent of the outputs is overwritten in place", _cotangent_in_place),
    ("strides", "x is read in the order of its memory", on_input(_memory_order)),
)
