"""The cotangent of every signal at every step: the adjoint executed in float64, for many cotangents at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from rnnproof.domains.floating import evaluate
from rnnproof.model.case import Array, Arrays
from rnnproof.reference.adjoint import Adjoint, Carry, Edge, Mix, Scale, Seed, by_source
from rnnproof.reference.forward import Tape
from rnnproof.reference.gates import Gates, Weights, groups, stack

Slopes = Mapping[str, tuple[Array, Array | None]]  # edge -> its factor and, of a Mix, its weight, (T,B,.)


@dataclass(eq=False)
class Sweep:
    """One backward pass: what is received at the current step, and what every signal received at each.

    Shapes: ``now`` (...,B,.), ``every`` (...,T,B,.).
    """

    tape: Tape
    edges: Mapping[str, tuple[Edge, ...]]
    weights: Mapping[Gates, Weights]
    slopes: Slopes
    every: dict[str, Array]
    now: dict[str, Array] = field(default_factory=dict)

    def add(self, name: str, term: Array) -> None:
        """d(name) += term."""
        self.now[name] = self.now[name] + term if name in self.now else term

    def received(self, name: str, t: int) -> Array:
        """d(name) at step t, kept."""
        if name in self.now:
            self.every[name][..., t, :, :] = self.now[name]
        return self.every[name][..., t, :, :]


def cotangents(pulled: Adjoint, tape: Tape, outputs: Array, final: Arrays) -> dict[str, Array]:
    """d(s) of every signal s at every step, of the input, and of each state before every step.

    The adjoint must be as derived, unedited. Shapes: outputs (...,T,B,.), final (...,B,.); results (...,T,B,.).
    """
    return swept(pulled, tape, seeds(pulled, outputs, final), outputs.shape[:-3])


def seeds(pulled: Adjoint, outputs: Array, final: Arrays) -> dict[str, Array]:
    """What each signal receives from outside, at every step, (...,T,B,.)."""
    given: dict[str, Array] = {}
    for edge in pulled.edges:
        if isinstance(edge, Seed):
            term = outputs if edge.source == "outputs" else _at_the_end(final[edge.source], outputs.shape[-3])
            given[edge.into] = given[edge.into] + term if edge.into in given else term
    return given


def _at_the_end(last: Array, steps: int) -> Array:
    """(...,B,.) at the last of so many steps, zero before, (...,T,B,.)."""
    found = np.zeros((*last.shape[:-2], steps, *last.shape[-2:]))
    found[..., -1, :, :] = last
    return found


def swept(pulled: Adjoint, tape: Tape, given: Arrays, leading: tuple[int, ...]) -> dict[str, Array]:
    """What every signal receives in all, where ``given`` is what it receives from outside at every step."""
    sweep = _begun(pulled, tape, leading)
    carries = [edge for edge in pulled.edges if isinstance(edge, Carry)]
    steps = len(tape.x)
    for t in reversed(range(steps)):
        sweep.now = {name: value[..., t, :, :] for name, value in given.items()}
        for edge in carries if t + 1 < steps else ():
            sweep.add(edge.into, sweep.every[edge.source][..., t + 1, :, :])
        _step(sweep, t)
    _of_the_input(sweep)
    return sweep.every


def stacked_signals(tape: Tape) -> dict[str, Array]:
    """Every signal, and each state before its step, (T,B,.); the vector parameters."""
    return {name: tape.stacked(name) for name in tape.signals} | {n: tape.parameters[n] for n in tape.cell.vectors}


def _begun(pulled: Adjoint, tape: Tape, leading: tuple[int, ...]) -> Sweep:
    values = stacked_signals(tape)
    inside = [edge for edge in pulled.edges if isinstance(edge, Scale | Mix)]
    slopes = {e.id: (evaluate(e.factor, values), _weight(e, values)) for e in inside}
    weights = {gates: stack(gates, tape.parameters) for gates in groups(tape.cell) if isinstance(gates, Gates)}
    every: dict[str, Array] = {
        name: np.zeros(leading + value.shape) for name, value in values.items() if name in tape.signals
    }
    return Sweep(tape, by_source(pulled), weights, slopes, every)


def _weight(edge: Scale | Mix, values: Arrays) -> Array | None:
    return evaluate(edge.weight, values) if isinstance(edge, Mix) else None


def _step(sweep: Sweep, t: int) -> None:
    for group in reversed(groups(sweep.tape.cell)):
        if isinstance(group, Gates):
            weights = sweep.weights[group]
            dz = np.concatenate([sweep.received(target, t) for target in weights.rows], -1)
            for weight, name in zip(weights.stacked, group.operands, strict=True):
                if name != sweep.tape.cell.input:
                    sweep.add(name, dz @ weight)
        elif group.target in sweep.now:
            received = sweep.received(group.target, t)
            for edge in sweep.edges.get(group.target, ()):
                if isinstance(edge, Scale | Mix):
                    factor, mixed = sweep.slopes[edge.id]
                    sweep.add(edge.into, passed(edge, _at(factor, t), None if mixed is None else mixed[t], received))
    for name in (*sweep.tape.cell.state_names, sweep.tape.cell.input):
        sweep.received(name, t)


def _at(factor: Array, t: int) -> Array:
    """A factor at one step: a constant, or one of vector parameters alone, is the same at all."""
    return factor[t] if factor.ndim == 3 else factor


def passed(edge: Edge, factor: Array, weight: Array | None, received: Array) -> Array:
    """What an elementwise edge brings of what its source has received."""
    if isinstance(edge, Mix) and weight is not None:
        return np.asarray(factor * (weight * received).sum(axis=edge.axis, keepdims=True))
    return np.asarray(factor * received)


def _of_the_input(sweep: Sweep) -> None:
    """What the input receives through weights, for all steps at once: nothing in a step waits for it."""
    name = sweep.tape.cell.input
    for gates, weights in sweep.weights.items():
        dz = np.concatenate([sweep.every[target] for target in weights.rows], -1)
        for weight, operand in zip(weights.stacked, gates.operands, strict=True):
            if operand == name:
                sweep.every[name] = sweep.every[name] + dz @ weight
