"""The adjoint executed in balls, on the tape of a forward pass in balls: every gradient entry with its radius."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, evaluate, exact, largest, rows, stacked, unknown, within_range
from rnnproof.domains.sums import Sum, into, one, total
from rnnproof.model.case import Cotangents
from rnnproof.model.equation import signal
from rnnproof.reference.adjoint import Adjoint, Carry, Edge, Result, Scale, Seed, Total, by_source
from rnnproof.reference.gates import Gates, groups, pull_back, sum_up
from rnnproof.reference.rounding_forward import Balls, BoundedTape

COTANGENT = "d(source)"  # beside the names of the signals in a factor


@dataclass(frozen=True, eq=False)
class BoundedGradients:
    """The gradients in balls; shapes as in ``Gradients``, after the cotangents' own leading axes."""

    parameters: Mapping[str, Bounded]
    x: Bounded
    state: Mapping[str, Bounded]


@dataclass(eq=False)
class Sweep:
    """One backward pass in balls: the sums at the current step, and what is kept of each step for the sums over time.

    ``gates``: the cotangents of all the targets together, (...,B,rows), for each step, last step first.
    ``vectors``: the terms of a vector parameter's gradient, (...,B,.). ``seen``: every cotangent.
    """

    tape: BoundedTape
    edges: Mapping[str, tuple[Edge, ...]]
    leading: tuple[int, ...]
    now: dict[str, Sum] = field(default_factory=dict)
    gates: dict[Gates, list[Bounded]] = field(default_factory=dict)
    vectors: dict[str, list[Bounded]] = field(default_factory=dict)
    seen: list[Bounded] = field(default_factory=list)

    def received(self, name: str, t: int) -> Bounded:
        """d(name) at step t, complete."""
        if name in self.now:
            ball = self.now[name].ball(self.tape.form)
            self.seen.append(ball)
            return ball
        return exact(np.zeros(self.leading + self.tape.signals[name][t].value.shape))


@np.errstate(all="ignore")
def backward(adjoint: Adjoint, tape: BoundedTape, cotangents: Cotangents) -> BoundedGradients:
    """The vector-Jacobian product in balls, for exact cotangents; the adjoint must be as derived, unedited.

    Cotangents may be many: any leading axes that they have in common, every gradient has too.

    Shapes: cotangents of the outputs (...,T,B,.), of a final state (...,B,.).
    """
    sweep = Sweep(tape, by_source(adjoint), cotangents.outputs.shape[:-3])
    steps = tape.shape[0]
    dx: list[Bounded] = []
    carried: Balls = {}
    for t in reversed(range(steps)):
        sweep.now = {}
        for edge in adjoint.edges:
            if isinstance(edge, Seed) and edge.source == "outputs":
                into(sweep.now, edge.into, one(exact(cotangents.outputs[..., t, :, :])))
            elif isinstance(edge, Seed) and t == steps - 1:
                into(sweep.now, edge.into, one(exact(cotangents.state[edge.source])))
            elif isinstance(edge, Carry) and t < steps - 1:
                into(sweep.now, edge.into, one(carried[edge.source]))
        _equations(sweep, t)
        carried = {name: sweep.received(name, t) for name in tape.cell.state_names}
        dx.append(sweep.received(tape.cell.input, t))
    state = {e.into: carried[e.source] for e in adjoint.edges if isinstance(e, Result) and e.source in carried}
    found = BoundedGradients(_parameters(sweep), stacked(dx[::-1], axis=-3), state)
    return found if not tape.lost and _backward_in_range(sweep) else _no_gradient_known(found)


def _equations(sweep: Sweep, t: int) -> None:
    """Every equation backwards, the last one first; one that receives nothing passes nothing on."""
    values = sweep.tape.at(t)
    for group in reversed(groups(sweep.tape.cell)):
        if isinstance(group, Gates):
            _pull_gates(sweep, group, t)
        elif group.target in sweep.now:
            received = sweep.received(group.target, t)
            for edge in sweep.edges.get(group.target, ()):
                _pull(sweep, edge, received, values)


def _pull_gates(sweep: Sweep, gates: Gates, t: int) -> None:
    """d(operand) += W^T d(z), all the targets together; d(z) is kept for the weights and biases."""
    weights = sweep.tape.weights[gates]
    parts = [sweep.received(target, t) for target in weights.rows]
    dz = Bounded(np.concatenate([p.value for p in parts], -1), np.concatenate([p.radius for p in parts], -1))
    sweep.gates.setdefault(gates, []).append(dz)
    if not sweep.now.keys() & weights.rows.keys():
        return
    for name, term in pull_back(weights, dz):
        into(sweep.now, name, term)


def _pull(sweep: Sweep, edge: Edge, received: Bounded, values: Balls) -> None:
    """d(into) += factor d(source), as one polynomial, so that every way of multiplying it out is covered."""
    if not isinstance(edge, Scale | Total):
        return
    ball = evaluate(_pulled(edge.factor), values | {COTANGENT: received}, sweep.tape.form)
    if isinstance(edge, Scale):
        into(sweep.now, edge.into, one(ball))
    else:
        sweep.vectors.setdefault(edge.into, []).append(ball)


@cache
def _pulled(factor: sympy.Expr) -> sympy.Expr:
    """factor * d(source)."""
    return factor * signal(COTANGENT)


def _parameters(sweep: Sweep) -> dict[str, Bounded]:
    """The sums over time and batch. A parameter from which nothing was received has the gradient zero."""
    sums: dict[str, Sum] = {}
    for gates, kept in sweep.gates.items():
        operands = [rows(sweep.tape.signals[name]) for name in gates.operands]
        sum_up(sweep.tape.weights[gates], operands, rows(kept[::-1]), sums)
    for name, kept in sweep.vectors.items():
        into(sums, name, total(rows(kept)))
    return {
        name: sums[name].ball(sweep.tape.form) if name in sums else exact(np.zeros(sweep.leading + ball.value.shape))
        for name, ball in sweep.tape.parameters.items()
    }


def _backward_in_range(sweep: Sweep) -> bool:
    """Whether no intermediate result of any accepted backward pass can overflow."""
    factors = [_pulled(e.factor) for edges in sweep.edges.values() for e in edges if isinstance(e, Scale | Total)]
    steps, rows, _ = sweep.tape.shape
    terms = max([1, *(len(weights.bias) for weights in sweep.tape.weights.values())])
    return within_range(factors, max(sweep.tape.largest, largest(sweep.seen)), steps * rows * terms, sweep.tape.form)


def _no_gradient_known(found: BoundedGradients) -> BoundedGradients:
    parameters, state = ({name: unknown(b) for name, b in part.items()} for part in (found.parameters, found.state))
    return BoundedGradients(parameters, unknown(found.x), state)
