"""Long runs: what a scalar of the gradients is off by, to first order, in one sweep forward and one back.

The backward pass is a list of sums d(s) of its own, linear in the cotangents. A scalar G of the gradients depends on
every equation v of the forward pass, through later equations and as a factor of the sums, and on every sum d(v):

    |G of what is computed - G of the truth| <= sum of |dG/dv| rho_v + sum of |dG/d(d(v))| rho_d(v)

and, for the gradients by parameters, what their own sums over time round by. q = dG/d(d(v)) is the tangent of v where
the parameters, inputs and first states move as G weighs their gradients: it is carried forward in time. p = dG/dv
receives from every factor and every weight's sum that v stands in, and is carried backward like any cotangent.

Reference: as ``first_order``; the sweep forward and back of the two is that of a product of the Hessian with a vector:
B. A. Pearlmutter, Fast exact multiplication by the Hessian, Neural Computation 6 (1994) 147-160.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, exact, inflate
from rnnproof.domains.bounded import evaluate as in_balls
from rnnproof.domains.bounded_softmax import mixed
from rnnproof.domains.floating import evaluate
from rnnproof.domains.formats import Format
from rnnproof.domains.sums import Sum, into, one, total
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.equation import signal
from rnnproof.model.trace import Gradients
from rnnproof.reference.adjoint import Adjoint, Carry, Mix, Outer, Scale, Seed, Total, adjoint, by_source
from rnnproof.reference.backward import backward
from rnnproof.reference.cotangents import passed, seeds, stacked_signals, swept
from rnnproof.reference.first_order import local_rounding
from rnnproof.reference.forward import Tape, forward
from rnnproof.reference.gates import Gates, Weights, groups, pull_back, stack, sum_up

RECEIVED = "d(source)"  # beside the names of the signals in a factor


@dataclass(frozen=True, eq=False)
class LongGradients:
    """One reading's run and backward pass in float64; what each equation, each d(s) and each gradient rounds by.

    Shapes: ``received``, ``local`` and ``back`` (T,B,.); ``sums`` as the parameters.
    """

    pulled: Adjoint
    tape: Tape
    gradients: Gradients
    received: Mapping[str, Array]
    local: Mapping[str, Array]
    back: Mapping[str, Array]
    sums: Mapping[str, Array]


@np.errstate(all="ignore")
def long_gradients(
    cell: Cell, parameters: Arrays, x: Array, state: Arrays, cotangents: Cotangents, form: Format
) -> LongGradients:
    """Run the cell over x (T,B,I), T >= 1, and back from exact cotangents."""
    pulled, tape = adjoint(cell), forward(cell, parameters, x, state)
    received = swept(pulled, tape, seeds(pulled, cotangents.outputs, cotangents.state), ())
    back, sums = _rounding_back(pulled, tape, cotangents, received, form)
    found = backward(pulled, tape, cotangents)
    return LongGradients(pulled, tape, found, received, local_rounding(tape, form), back, sums)


def _rows(array: Array) -> Array:
    """(T,B,.) as (T B,.)."""
    return array.reshape(-1, array.shape[-1])


def _rounding_back(
    pulled: Adjoint, tape: Tape, cotangents: Cotangents, received: Arrays, form: Format
) -> tuple[dict[str, Array], dict[str, Array]]:
    """What each d(s), and each parameter's gradient, rounds by, all that it is computed of being exact."""
    values = {name: exact(_rows(v) if v.ndim == 3 else v) for name, v in stacked_signals(tape).items()}
    d = {name: exact(_rows(value)) for name, value in received.items()}
    sums: dict[str, Sum] = {}
    ends: dict[str, Sum] = {}
    for edge in pulled.edges:
        if isinstance(edge, Seed) and edge.source == "outputs":
            into(sums, edge.into, one(exact(_rows(cotangents.outputs))))
        elif isinstance(edge, Carry):
            later = np.concatenate([received[edge.source][1:], cotangents.state[edge.source][None]])
            into(sums, edge.into, one(exact(_rows(later))))
        elif isinstance(edge, Scale | Mix) or (isinstance(edge, Total) and edge.into in tape.cell.vectors):
            _add(edge, values, d[edge.source], sums, ends, form)
    for group in groups(tape.cell):
        if isinstance(group, Gates):
            weights = stack(group, tape.parameters)
            dz = exact(np.concatenate([d[target].value for target in weights.rows], -1))
            for name, term in pull_back(weights, dz):
                into(sums, name, term)
            sum_up(weights, [values[name] for name in group.operands], dz, ends)
    shape = tape.x.shape[:2]
    back = {name: term.ball(form).radius.reshape(*shape, -1) for name, term in sums.items()}
    return back, {name: term.ball(form).radius for name, term in ends.items()}


def _add(
    edge: Scale | Mix | Total,
    values: Mapping[str, Bounded],
    received: Bounded,
    sums: dict[str, Sum],
    ends: dict[str, Sum],
    form: Format,
) -> None:
    """An elementwise edge's term, of d(s) or of a vector parameter's gradient."""
    if isinstance(edge, Mix):
        factor, weight = (in_balls(part, values, form) for part in (edge.factor, edge.weight))
        into(sums, edge.into, mixed(factor, weight, received, values[edge.into], edge.axis, form))
        return
    ball = in_balls(edge.factor * signal(RECEIVED), {**values, RECEIVED: received}, form)
    if isinstance(edge, Scale):
        into(sums, edge.into, one(ball))
    else:
        into(ends, edge.into, total(ball))


@dataclass(frozen=True, eq=False)
class Directions:
    """How scalars weigh the gradients, as many as there are leading entries. Shapes: (...) + those of the gradients."""

    parameters: Arrays
    x: Array
    state: Arrays


@np.errstate(all="ignore")
def reached_gradients(long: LongGradients, weighed: Directions) -> Array:
    """What the scalars are off by, to first order."""
    leading = weighed.x.shape[:-3]
    q = tangents(long, weighed)
    p = swept(long.pulled, long.tape, uses(long, weighed, q), leading)
    found = np.zeros(leading)
    for by, rounding in [
        *((p[name], value) for name, value in long.local.items()),
        *((q[name], value) for name, value in long.back.items()),
        *((weighed.parameters[name], value) for name, value in long.sums.items()),
    ]:
        axes = tuple(range(-rounding.ndim, 0))
        found = found + inflate((np.abs(by) * rounding).sum(axis=axes), rounding.size)
    return np.asarray(found)


def tangents(long: LongGradients, weighed: Directions) -> dict[str, Array]:
    """q of every signal at every step, and of each state before it, (...,T,B,.): how it moves to first order."""
    tape, cell = long.tape, long.tape.cell
    values, edges = stacked_signals(tape), by_source(long.pulled)
    weights = {group: stack(group, tape.parameters) for group in groups(cell) if isinstance(group, Gates)}
    leading = weighed.x.shape[:-3]
    q: dict[str, Array] = {name: np.zeros(leading + values[name].shape) for name in tape.signals}
    q[cell.input] = weighed.x
    moved = _of_the_parameters(long, weighed, values)
    slopes = {e.id: _slopes(e, values) for each in edges.values() for e in each if isinstance(e, Scale | Mix)}
    now = dict(weighed.state)
    for t in range(len(tape.x)):
        for name in cell.state_names:
            q[name][..., t, :, :] = now[name]
        for group in groups(cell):
            if isinstance(group, Gates):
                _gates_move(weights[group], q, moved, t)
                continue
            here = moved[group.target][..., t, :, :] if group.target in moved else 0
            for edge in edges.get(group.target, ()):
                if isinstance(edge, Scale | Mix):
                    factor, weight = (None if s is None else s[t] if s.ndim == 3 else s for s in slopes[edge.id])
                    here = here + _moves(edge, factor, weight, q[edge.into][..., t, :, :])
            q[group.target][..., t, :, :] = here
        now = {name: q[stored][..., t, :, :] for name, stored in cell.states}
    return q


def _slopes(edge: Scale | Mix, values: Arrays) -> tuple[Array, Array | None]:
    return evaluate(edge.factor, values), evaluate(edge.weight, values) if isinstance(edge, Mix) else None


def _moves(edge: Scale | Mix, factor: Array | None, weight: Array | None, q: Array) -> Array:
    """What an edge read forward brings: of a Mix, its weight times the sum of factor q."""
    return passed(edge, weight if isinstance(edge, Mix) else factor, factor, q)  # type: ignore[arg-type]


def _gates_move(weights: Weights, q: dict[str, Array], moved: Arrays, t: int) -> None:
    total = sum(
        q[name][..., t, :, :] @ weight.T for weight, name in zip(weights.stacked, weights.gates.operands, strict=True)
    )
    for target, rows in weights.rows.items():
        q[target][..., t, :, :] = total[..., rows] + moved[target][..., t, :, :]  # type: ignore[index]


def _of_the_parameters(long: LongGradients, weighed: Directions, values: Arrays) -> dict[str, Array]:
    """How each equation moves by its parameters' moving alone."""
    found: dict[str, Array] = {}
    for edge in long.pulled.edges:
        if isinstance(edge, Outer):
            term = values[edge.signal] @ weighed.parameters[edge.into].swapaxes(-1, -2)[..., None, :, :]
        elif isinstance(edge, Total):
            every = np.ones((len(long.tape.x), 1, 1))
            term = every * evaluate(edge.factor, values) * weighed.parameters[edge.into][..., None, None, :]
        else:
            continue
        found[edge.source] = found[edge.source] + term if edge.source in found else term
    return found


def uses(long: LongGradients, weighed: Directions, q: Arrays) -> dict[str, Array]:
    """What each signal's value is to G as a factor of the backward pass, at every step."""
    values = stacked_signals(long.tape)
    found: dict[str, Array] = {}

    def add(name: str, term: Array) -> None:
        found[name] = found[name] + term if name in found else term

    def add_factor(factor: sympy.Expr, times: Array) -> None:
        for symbol in sorted(factor.free_symbols, key=str):
            if symbol.name in long.tape.signals:
                add(symbol.name, evaluate(sympy.diff(factor, symbol), values) * times)

    for edge in long.pulled.edges:
        d = long.received.get(edge.source)
        if d is None:
            continue
        if isinstance(edge, Outer):
            add(edge.signal, d @ weighed.parameters[edge.into][..., None, :, :])
        elif isinstance(edge, Total):
            add_factor(edge.factor, d * weighed.parameters[edge.into][..., None, None, :])
        elif isinstance(edge, Scale):
            add_factor(edge.factor, d * q[edge.into])
        elif isinstance(edge, Mix):
            factor, weight = (evaluate(part, values) for part in (edge.factor, edge.weight))
            add_factor(edge.factor, q[edge.into] * (weight * d).sum(axis=edge.axis, keepdims=True))
            add_factor(edge.weight, d * (factor * q[edge.into]).sum(axis=edge.axis, keepdims=True))
    return found
