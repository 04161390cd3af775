"""More wrong sequence rules: what a diagnosis looks for beside the bank, those of the backward pass among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from rnnproof.faults.fault import Fault
from rnnproof.faults.padding import gradients_go_on, without_padding
from rnnproof.faults.sequence import half_flipped, read_and_turned
from rnnproof.faults.wrapped import AtLengths, Conduct, Memory, Rule, right, shared
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace


def wider_sequence(network: Network) -> Iterator[Fault]:
    """Rules of the forward pass."""
    for name in network.states if network.direction == "forward" else ():
        text = f"{name} is not carried: every step starts from the initial {name}"
        yield _fault("state not carried", text, partial(_not_carried, name))
    if network.direction == "bidirectional":
        text = "the backward direction starts from the forward direction's initial states"
        yield _fault("wrong state", text, _one_initial_state)
        names = (name for name in network.parameters if ".backward." in name)
        pairs = tuple((name, name.replace(".backward.", ".forward.")) for name in names)
        text = "the backward direction uses the forward direction's weights"
        yield Fault("wrong weight", text, conduct=shared(pairs))
    if network.layers > 1:
        text = "every layer but the first starts from the final states of the layer below"
        yield _fault("wrong state", text, _stacked_states)
        yield _fault("wrong state", "every layer starts from the initial states of layer 0", _states_of_layer_0)
    yield from _turned_about(network)
    for name in network.states if len(network.states) > 1 and network.direction == "forward" else ():
        yield _fault("final state early", f"the final {name} is that of one step before", partial(_early, name))
    yield _fault("first row repeated", "every row takes row 0's input", _row_of_all)
    yield _fault("state kept", "each row begins with the final states of the row before it", _row_after_row)
    text = "batch and time of the inputs are exchanged back by a reshape"
    yield _fault("reshape for transpose", text, _input_turned_and_read)
    text = "the final states are those at the last step, whatever the lengths"
    yield _fault("lengths ignored", text, _final_at_the_last_step)
    yield _fault("lengths ignored", f"{text}, in both passes", _goes_on)


def backward_rules(network: Network) -> Iterator[Fault]:
    """Rules of the backward pass; the forward pass is right."""
    if network.direction == "forward":
        yield _fault("step left out", "the backward pass leaves out the first step", _without_the_first_step)
    yield _fault("lengths ignored", "the gradients ignore the lengths of the rows", gradients_go_on)
    text = "the cotangents of the final states of rows that end early are lost"
    yield _fault("lengths ignored", text, _cotangents_of_short_rows_lost)


Turn = Callable[[Array], Array]  # on the way back, the transpose of that on the way there; none: it is left out
Turns = tuple[Turn, Turn | None]


def _turned_about(network: Network) -> Iterator[Fault]:
    """Arrays that are turned about on their way in or out, and their cotangents on the way back, or not."""
    yield _fault("read backwards", "the inputs are read backwards, in both passes", _input_in_reverse)
    reshape, text = "reshape for transpose", "batch and time of the outputs are exchanged"
    outputs: list[tuple[str, str, Turns]] = [
        ("outputs reversed", "the outputs are in reverse order, in both passes", (in_reverse, in_reverse)),
        (reshape, f"{text} by a reshape", (read_and_turned, None)),
        (reshape, f"{text} by a reshape, in both passes", (read_and_turned, _turned_and_read)),
        (reshape, f"{text} back by a reshape", (_turned_and_read, None)),
        (reshape, f"{text} back by a reshape, in both passes", (_turned_and_read, read_and_turned)),
    ]
    if network.direction == "bidirectional" and network.merge == "concat" and network.readout is None:
        text = "the backward half of the outputs is not flipped back, in both passes"
        outputs.append(("not flipped back", text, (half_flipped, half_flipped)))
    for operator, text, turns in outputs:
        yield _fault(operator, text, partial(_outputs_turned, *turns))


def _input_in_reverse(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x[::-1], state, ct)
    found = trace.gradients
    if found is None or found.x is None:
        return trace
    return replace(trace, gradients=replace(found, x=in_reverse(found.x)))


def _outputs_turned(
    there: Turn, back: Turn | None, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None
) -> Trace:
    given = ct if ct is None or back is None else replace(ct, outputs=back(ct.outputs))
    trace = right(s, memory, x, state, given)
    return trace if trace.outputs is None else replace(trace, outputs=there(trace.outputs))


def _turned_and_read(array: Array) -> Array:
    """(T,B,.) transposed, and read as (T,B,.): the inverse, and the transpose, of ``read_and_turned``."""
    return array.swapaxes(-3, -2).reshape(array.shape)


def in_reverse(array: Array) -> Array:
    """In reverse order of time. Shapes: (T,B,.), with any axes before."""
    return array[..., ::-1, :, :]


def _stacked_states(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """Layer by layer: the state of each begins where that of the one below ended."""
    begun = dict(state)
    for layer in sorted({int(name.partition(".")[0]) for name in state})[1:]:
        ended = right(s, memory, x, begun, None).final
        names = (name for name in state if name.startswith(f"{layer}."))
        begun |= {name: ended[f"{layer - 1}.{name.partition('.')[2]}"] for name in names}
    return right(s, memory, x, begun, ct)


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


def _states_of_layer_0(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    begun = {name: state[f"0.{name.partition('.')[2]}"] for name in state}
    return right(s, memory, x, begun, ct)


def _early(name: str, s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if trace.states is None or not len(x):
        return trace
    early = trace.states[name][-2] if len(x) > 1 else state[name]
    return replace(trace, final={**trace.final, name: early})


def _row_of_all(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return right(s, memory, np.repeat(x[:, :1], x.shape[1], axis=1), state, ct)


def _row_after_row(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """One row after the other; its gradients are the specification's."""
    if ct is not None or isinstance(s, AtLengths):
        return right(s, memory, x, state, ct)
    now, found = {name: value[:1] for name, value in state.items()}, []
    for row in range(x.shape[1]):
        found.append(s.run(x[:, row : row + 1], now))
        now = dict(found[-1].final)
    final = {name: np.concatenate([one.final[name] for one in found]) for name in now}
    return Trace(np.concatenate([one.outputs for one in found if one.outputs is not None], axis=1), final)


def _input_turned_and_read(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    return right(s, memory, _turned_and_read(x), state, ct)


def _one_initial_state(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    same = {name: state[name.replace(".backward.", ".forward.")] for name in state}
    return s.run(x, same, None, ct)


def _final_at_the_last_step(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if not isinstance(s, AtLengths):
        return trace
    return replace(trace, final=s.subject.run(x, state, None, None).final)


def _goes_on(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    """The state goes on through the padding, of which no output counts."""
    if not isinstance(s, AtLengths):
        return right(s, memory, x, state, ct)
    given = None if ct is None else replace(ct, outputs=without_padding(s, ct.outputs))
    whole = s.subject.run(x, state, None, given)
    return replace(right(s, memory, x, state, None), final=whole.final, gradients=whole.gradients)


def _without_the_first_step(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    trace = right(s, memory, x, state, ct)
    if trace.gradients is None or ct is None or trace.states is None or not len(x):
        return trace
    if len(x) == 1:
        return replace(trace, gradients=_nothing_but_the_final_states(trace.gradients, ct))
    later = Cotangents(ct.outputs[..., 1:, :, :], ct.state)
    pulled = s.run(x[1:], {name: value[0] for name, value in trace.states.items()}, None, later).gradients
    if pulled is None or pulled.x is None:
        return trace
    nothing = np.zeros_like(pulled.x[..., :1, :, :])
    return replace(trace, gradients=replace(pulled, x=np.concatenate([nothing, pulled.x], axis=-3)))


def _nothing_but_the_final_states(found: Gradients, ct: Cotangents) -> Gradients:
    dx = None if found.x is None else np.zeros_like(found.x)
    kept = None if found.state is None else {name: ct.state[name] + 0 * value for name, value in found.state.items()}
    return Gradients({name: np.zeros_like(value) for name, value in found.parameters.items()}, dx, kept)


def _cotangents_of_short_rows_lost(s: Subject, memory: Memory, x: Array, state: Arrays, ct: Cotangents | None) -> Trace:
    if not isinstance(s, AtLengths) or ct is None:
        return right(s, memory, x, state, ct)
    whole = (np.asarray(s.lengths) == len(x))[:, None]
    return right(s, memory, x, state, replace(ct, state={name: value * whole for name, value in ct.state.items()}))
