"""More wrong sequence rules: what a diagnosis looks for beside the bank, those of the backward pass among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from rnnproof.faults.fault import Fault
from rnnproof.faults.padding import gradients_go_on
from rnnproof.faults.wrapped import AtLengths, Conduct, Memory, Rule, right
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace


def wider_sequence(network: Network) -> Iterator[Fault]:
    """Rules of the forward pass."""
    for name in network.states if network.direction == "forward" else ():
        text = f"{name} is not carried: every step starts from the initial {name}"
        yield _fault("state not carried", text, partial(_not_carried, name))
    if network.direction == "bidirectional":
        text = "the backward direction starts from the forward direction's initial states"
        yield _fault("wrong state", text, _one_initial_state)
    text = "the final states are those at the last step, whatever the lengths"
    yield _fault("lengths ignored", text, _final_at_the_last_step)


def backward_rules(network: Network) -> Iterator[Fault]:
    """Rules of the backward pass; the forward pass is right."""
    if network.direction == "forward":
        yield _fault("step left out", "the backward pass leaves out the first step", _without_the_first_step)
    yield _fault("reversed", "dx is in reverse order of time", partial(_dx, lambda dx: dx[..., ::-1, :, :]))
    yield _fault("lengths ignored", "the gradients ignore the lengths of the rows", gradients_go_on)
    text = "the cotangents of the final states of rows that end early are lost"
    yield _fault("lengths ignored", text, _cotangents_of_short_rows_lost)


def clipped(bound: float) -> Iterator[Fault]:
    """Gradients cut to an interval before they are returned: the parameters' alone, or all."""
    for everything, words in (
        (False, "the parameters' gradients are"),
        (True, "all gradients, those of x and the states too, are"),
    ):
        yield _fault("clip", f"{words} clipped to ±{bound:g}", partial(_clipped, bound, everything))


def _clipped(
    bound: float, everything: bool, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None
) -> Trace:
    trace = right(s, memory, x, state, ct)
    found = trace.gradients
    if found is None:
        return trace
    cut = {name: np.clip(value, -bound, bound) for name, value in found.parameters.items()}
    if not everything:
        return replace(trace, gradients=replace(found, parameters=cut))
    dx = None if found.x is None else np.clip(found.x, -bound, bound)
    begun = {name: np.clip(value, -bound, bound) for name, value in (found.state or {}).items()}
    return replace(trace, gradients=replace(found, parameters=cut, x=dx, state=begun))


def _fault(operator: str, text: str, rule: Rule) -> Fault:
    return Fault(operator, text, conduct=Conduct("sequence", rule))


def _not_carried(name: str, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """Step by step, one state set back to where it began; its gradients are the specification's."""
    if ct is not None or isinstance(s, AtLengths) or not len(x):
        return right(s, memory, x, state, ct)
    begun, outputs, states, now = state, [], [], dict(state)
    for t in range(len(x)):
        trace = s.run(x[t : t + 1], {**now, name: begun[name]})
        now = dict(trace.final)
        outputs.append(trace.outputs)
        states.append(now)
    every = {key: np.stack([one[key] for one in states]) for key in now}
    return replace(trace, outputs=np.concatenate([one for one in outputs if one is not None]), states=every)


def _one_initial_state(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    same = {name: state[name.replace(".backward.", ".forward.")] for name in state}
    return s.run(x, same, None, ct)


def _final_at_the_last_step(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if not isinstance(s, AtLengths):
        return trace
    return replace(trace, final=s.subject.run(x, state, None, None).final)


def _without_the_first_step(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if trace.gradients is None or ct is None or trace.states is None or len(x) < 2:
        return trace
    later = Cotangents(ct.outputs[..., 1:, :, :], ct.state)
    pulled = s.run(x[1:], {name: value[0] for name, value in trace.states.items()}, None, later).gradients
    if pulled is None or pulled.x is None:
        return trace
    nothing = np.zeros_like(pulled.x[..., :1, :, :])
    return replace(trace, gradients=replace(pulled, x=np.concatenate([nothing, pulled.x], axis=-3)))


def _dx(change, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:  # type: ignore[no-untyped-def]
    trace = right(s, memory, x, state, ct)
    if trace.gradients is None or trace.gradients.x is None:
        return trace
    return replace(trace, gradients=replace(trace.gradients, x=change(trace.gradients.x)))


def _cotangents_of_short_rows_lost(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    if not isinstance(s, AtLengths) or ct is None:
        return right(s, memory, x, state, ct)
    whole = (np.asarray(s.lengths) == len(x))[:, None]
    return right(s, memory, x, state, replace(ct, state={name: value * whole for name, value in ct.state.items()}))
