"""The adjoint executed in balls, on the tape of a forward pass in balls: every gradient entry with its radius."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, evaluate, exact, recentred, rows, stacked
from rnnproof.domains.bounded_range import largest, within_range
from rnnproof.domains.bounded_softmax import mixed
from rnnproof.domains.formats import Format
from rnnproof.domains.sums import Sum, into, known_within, one, total
from rnnproof.model.case import Array, Cotangents
from rnnproof.model.equation import signal
from rnnproof.reference.adjoint import Adjoint, Carry, Edge, Mix, Result, Scale, Seed, Total, by_source
from rnnproof.reference.gates import Gates, groups, pull_back, sum_up
from rnnproof.reference.rounding_forward import Balls, BoundedTape
from rnnproof.reference.rounding_gradients import BoundedGradients, nothing_known

Received = tuple[Sum | None, Bounded | None]
COTANGENT = "d(source)"  # beside the names of the signals in a factor


@dataclass(eq=False)
class Sweep:
    """One backward pass in balls: the sums at the current step, and what is kept of each step for the sums over time.

    ``gates``: the cotangents of all the targets together, (...,B,rows), for each step, last step first.
    ``vectors``: the terms of a vector parameter's gradient, (...,B,.). ``seen``, ``sizes``: every cotangent.
    """

    tape: BoundedTape
    edges: Mapping[str, tuple[Edge, ...]]
    leading: tuple[int, ...]
    true: Sequence[Balls] | None = None
    now: dict[str, Sum] = field(default_factory=dict)
    gates: dict[Gates, list[Bounded]] = field(default_factory=dict)
    vectors: dict[str, list[Bounded]] = field(default_factory=dict)
    seen: list[Bounded] = field(default_factory=list)
    sizes: list[Array] = field(default_factory=list)

    def received(self, name: str, t: int) -> Bounded:
        """d(name) at step t, complete."""
        if name in self.now:
            ball = self.now[name].ball(self.tape.form)
            self.sizes.append(self.now[name].size)
            ball = ball if self.true is None else recentred(ball, self.true[t][name])
            self.seen.append(ball)
            return ball
        return exact(np.zeros(self.leading + self.tape.signals[name][t].value.shape))


@dataclass(frozen=True, eq=False)
class Pulled:
    """One cell's backward pass before its sums are rounded: others may add to them, in any order.

    ``parameters`` lacks those from which nothing was received. Shapes: x (...,T,B,I), states (...,B,.).
    ``received``: what the state after each step received, (...,B,.) for each step, and the true value, where known.
    """

    parameters: Mapping[str, Sum]
    x: Sum
    state: Mapping[str, Bounded]
    in_range: bool
    received: Mapping[str, list[Received]]

    def states(self, form: Format) -> dict[str, Bounded]:
        """The total derivative by the state after each step, (...,T,B,.)."""
        return {name: _every_step(sums, self.state[name], form) for name, sums in self.received.items()}


def _every_step(steps: list[Received], like: Bounded, form: Format) -> Bounded:
    zero = exact(np.zeros_like(like.value))
    every = [(zero if total is None else total.ball(form), true) for total, true in steps]
    return stacked([ball if true is None else recentred(ball, true) for ball, true in every], -3)


@np.errstate(all="ignore")
def backward(adjoint: Adjoint, tape: BoundedTape, cotangents: Cotangents) -> BoundedGradients:
    """The vector-Jacobian product in balls, for exact cotangents; the adjoint must be as derived, unedited.

    Cotangents may be many: any leading axes that they have in common, every gradient has too.

    Shapes: cotangents of the outputs (...,T,B,.), of a final state (...,B,.).
    """
    state = {name: one(exact(value)) for name, value in cotangents.state.items()}
    pulled = pull(adjoint, tape, one(exact(cotangents.outputs)), state)
    leading = cotangents.outputs.shape[:-3]
    shapes = {name: leading + ball.value.shape for name, ball in tape.parameters.items()}
    x, received = pulled.x.ball(tape.form), partial(pulled.states, tape.form)
    return finished(pulled.parameters, shapes, x, pulled.state, received, tape.form, pulled.in_range)


def finished(
    sums: Mapping[str, Sum],
    shapes: Mapping[str, tuple[int, ...]],
    x: Bounded,
    state: Mapping[str, Bounded],
    received: Callable[[], Mapping[str, Bounded]],
    form: Format,
    in_range: bool,
) -> BoundedGradients:
    """The sums rounded. A parameter from which nothing was received has the gradient zero, exactly."""
    parameters = {n: sums[n].ball(form) if n in sums else exact(np.zeros(shape)) for n, shape in shapes.items()}
    found = BoundedGradients(parameters, x, state, received)
    return found if in_range else nothing_known(found)


@np.errstate(all="ignore")
def pull(
    adjoint: Adjoint,
    tape: BoundedTape,
    outputs: Sum,
    final: Mapping[str, Sum],
    true: Sequence[Balls] | None = None,
) -> Pulled:
    """The cotangents of the outputs and of the final states pulled back through the run on the tape.

    They are sums, because right code may add their terms in any order, with all else that is received there.
    ``true``: the true cotangent of every signal at every step, which are then the centres.
    """
    sweep = Sweep(tape, by_source(adjoint), outputs.value.shape[:-3], true)
    steps = tape.shape[0]
    dx: list[Sum] = []
    carried: Balls = {}
    received: dict[str, list[Received]] = {name: [] for name in tape.cell.state_names}
    for t in reversed(range(steps)):
        sweep.now = {}
        for edge in adjoint.edges:
            if isinstance(edge, Seed) and edge.source == "outputs":
                into(sweep.now, edge.into, outputs[..., t, :, :])
            elif isinstance(edge, Seed) and t == steps - 1:
                into(sweep.now, edge.into, final[edge.source][...])
            elif isinstance(edge, Carry) and t < steps - 1:
                into(sweep.now, edge.into, one(carried[edge.source]))
        equations_back(sweep, t)
        for name, stored in tape.cell.states:
            received[name].insert(0, (sweep.now.get(stored), None if true is None else true[t].get(stored)))
        carried = {name: sweep.received(name, t) for name in tape.cell.state_names}
        sweep.received(tape.cell.input, t)  # looked at for overflow
        dx.append(sweep.now.get(tape.cell.input) or _nothing(sweep, t))
    state = {e.into: carried[e.source] for e in adjoint.edges if isinstance(e, Result) and e.source in carried}
    in_range = not tape.lost and _backward_in_range(sweep)
    return Pulled(_parameters(sweep), over_time(dx[::-1]), state, in_range, received)


def _nothing(sweep: Sweep, t: int) -> Sum:
    zero = np.zeros(sweep.leading + sweep.tape.signals[sweep.tape.cell.input][t].value.shape)
    return Sum(zero, zero, zero, 0, 0)


def over_time(steps: list[Sum]) -> Sum:
    """The sums of every step as one, (...,T,B,.)."""
    value, radius, size = (np.stack([getattr(one, part) for one in steps], -3) for part in ("value", "radius", "size"))
    terms, products, parts = (max(getattr(one, part) for one in steps) for part in ("terms", "products", "parts"))
    return Sum(value, radius, size, terms, products, parts)


def equations_back(sweep: Sweep, t: int) -> None:
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
    form = sweep.tape.form
    if isinstance(edge, Mix):
        factor, weight = (evaluate(part, values, form) for part in (edge.factor, edge.weight))
        into(sweep.now, edge.into, mixed(factor, weight, received, values[edge.into], edge.axis, form))
    if not isinstance(edge, Scale | Total):
        return
    ball = evaluate(_pulled(edge.factor), values | {COTANGENT: received}, form)
    if isinstance(edge, Scale):
        into(sweep.now, edge.into, one(ball))
    else:
        sweep.vectors.setdefault(edge.into, []).append(ball)


@cache
def _pulled(factor: sympy.Expr) -> sympy.Expr:
    """factor * d(source)."""
    return factor * signal(COTANGENT)


def _parameters(sweep: Sweep) -> dict[str, Sum]:
    """The sums over time and batch."""
    sums: dict[str, Sum] = {}
    for gates, kept in sweep.gates.items():
        operands = [rows(sweep.tape.signals[name]) for name in gates.operands]
        sum_up(sweep.tape.weights[gates], operands, rows(kept[::-1]), sums)
    for name, kept in sweep.vectors.items():
        into(sums, name, total(rows(kept)))
    return sums


def _backward_in_range(sweep: Sweep) -> bool:
    """Whether nothing in any accepted backward pass can overflow: by the largest number, or one by one."""
    every = [edge for edges in sweep.edges.values() for edge in edges]
    factors = [edge.factor for edge in every if isinstance(edge, Scale | Mix | Total)]
    (steps, rows, _), form, pulled = sweep.tape.shape, sweep.tape.form, largest(sweep.seen)
    terms = max([1, *(len(weights.bias) for weights in sweep.tape.weights.values())])
    top = max(sweep.tape.largest, pulled)
    if within_range(map(_pulled, factors), top, steps * rows * terms, form):
        return True
    each = (within_range([_pulled(e)], max(largest(sweep.tape.seen_by(e)), pulled), 0, form) for e in factors)
    return known_within(sweep.sizes, form) and all(each)
