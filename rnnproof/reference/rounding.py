"""The forward pass and its adjoint executed in balls: every entry with the radius that right code stays inside.

One local rounding term per equation and per sum; the radii then follow the same equations and edges as the
values. Rigorous for every entry; useful while the radius stays below what a fault changes, which holds for one
step at any size and for short runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, Format, evaluate, exact, inflate
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, signal
from rnnproof.reference.adjoint import Adjoint, Carry, Edge, Outer, Product, Result, Scale, Seed, Total, by_source
from rnnproof.reference.flatten import flatten

Balls = dict[str, Bounded]


@dataclass(frozen=True, eq=False)
class BoundedTape:
    """What a forward pass in balls computed: each signal, and each state before its step, a list of T balls."""

    cell: Cell
    form: Format
    parameters: Mapping[str, Bounded]
    signals: Mapping[str, list[Bounded]]
    final: Mapping[str, Bounded]
    shape: tuple[int, ...]

    @property
    def outputs(self) -> Bounded:
        """The outputs (T,B,.)."""
        return stacked(self.signals[self.cell.output])

    def states(self) -> dict[str, Bounded]:
        """Each state after every step, (T,B,.)."""
        return {state: stacked(self.signals[stored]) for state, stored in self.cell.states}


@dataclass(frozen=True, eq=False)
class BoundedGradients:
    """The gradients in balls; shapes as in ``Gradients``."""

    parameters: Mapping[str, Bounded]
    x: Bounded
    state: Mapping[str, Bounded]


def stacked(balls: list[Bounded]) -> Bounded:
    """A list of balls as one, along a new first axis."""
    return Bounded(np.stack([ball.value for ball in balls]), np.stack([ball.radius for ball in balls]))


def forward(cell: Cell, parameters: Arrays, x: Array, state: Mapping[str, Bounded], form: Format) -> BoundedTape:
    """Run the cell over x (T,B,I), T >= 1, from a state known to within its radius.

    ``parameters`` and ``x`` are exact in the format. A bias counts as two terms of one sign, for a target that
    adds it in two halves.
    """
    flat = flatten(cell)
    known = {name: exact(value) for name, value in parameters.items()}
    signals: dict[str, list[Bounded]] = {flat.input: [exact(x_t) for x_t in x]}
    now: Balls = {**state, **{name: known[name] for name in flat.vectors}}
    for t in range(len(x)):
        now[flat.input] = signals[flat.input][t]
        for name in flat.state_names:
            signals.setdefault(name, []).append(now[name])
        for equation in flat.equations:
            if isinstance(equation, Affine):
                now[equation.target] = affine(equation, parameters, now, form)
            else:
                now[equation.target] = evaluate(equation.expression, now, form)
            signals.setdefault(equation.target, []).append(now[equation.target])
        now |= {name: now[stored] for name, stored in flat.states}
    final = {name: now[name] for name in flat.state_names}
    return BoundedTape(flat, form, known, signals, final, x.shape)


def affine(equation: Affine, parameters: Arrays, now: Mapping[str, Bounded], form: Format) -> Bounded:
    """z = sum of W s + b, with n u (sum of |W||s| + |b|) for n products and two halves of a bias, in any order."""
    value: Array = np.zeros(())
    radius: Array = np.zeros(())
    size: Array = np.zeros(())
    count = 0
    for name, operand in equation.terms:
        weight, ball = parameters[name].T, now[operand]
        spread = np.abs(weight)
        value = value + ball.value @ weight
        radius = radius + ball.radius @ spread
        size = size + ball.magnitude @ spread
        count += len(weight)
    if equation.bias is not None:
        bias = parameters[equation.bias]
        value, size, count = value + bias, size + np.abs(bias), count + 2
    radius = radius + count * (form.unit * size + form.subnormal)
    return Bounded(value, inflate(radius, 2 * count))


@dataclass(eq=False)
class Sum:
    """A sum of balls in any order: values, propagated radii, absolute values, and the number of roundings."""

    value: Array
    radius: Array
    size: Array
    count: int = 0

    def add(self, value: Array, radius: Array, size: Array, count: int) -> None:
        """One more term, itself a sum of ``count`` products."""
        self.value = self.value + value
        self.radius = self.radius + radius
        self.size = self.size + size
        self.count += count

    def ball(self, form: Format) -> Bounded:
        """The sum with n u (sum of absolute values); one term alone is not rounded."""
        rounded = self.count if self.count > 1 else 0
        radius = self.radius + rounded * (form.unit * self.size + form.subnormal)
        return Bounded(self.value, inflate(radius, 2 * self.count))


@dataclass(eq=False)
class BoundedSweep:
    """One backward pass in balls: the sums at the current step, and those over time."""

    adjoint: Adjoint
    tape: BoundedTape
    now: dict[str, Sum] = field(default_factory=dict)
    sums: dict[str, Sum] = field(default_factory=dict)

    def add(self, name: str, ball: Bounded, count: int = 1) -> None:
        """d(name) += a ball."""
        _into(self.now, name, ball.value, ball.radius, ball.magnitude, count)


def _into(sums: dict[str, Sum], name: str, value: Array, radius: Array, size: Array, count: int) -> None:
    if name not in sums:
        zero: Array = np.zeros(())
        sums[name] = Sum(zero, zero, zero)
    sums[name].add(value, radius, size, count)


def backward(adjoint: Adjoint, tape: BoundedTape, cotangents: Cotangents) -> BoundedGradients:
    """The vector-Jacobian product in balls, for exact cotangents; the adjoint must be as derived, unedited."""
    sweep = BoundedSweep(adjoint, tape)
    steps = tape.shape[0]
    dx: list[Bounded] = []
    carried: Balls = {}
    for t in reversed(range(steps)):
        sweep.now = {}
        last = t == steps - 1
        for edge in adjoint.edges:
            if isinstance(edge, Seed) and edge.source == "outputs":
                sweep.add(edge.into, exact(cotangents.outputs[t]))
            elif isinstance(edge, Seed) and last:
                sweep.add(edge.into, exact(cotangents.state[edge.source]))
            elif isinstance(edge, Carry) and not last:
                sweep.add(edge.into, carried[edge.source])
        _equations(sweep, t)
        carried = {name: _received(sweep, name, t) for name in tape.cell.state_names}
        dx.append(_received(sweep, tape.cell.input, t))
    parameters = {name: _parameter(sweep, name) for name in tape.parameters}
    state = {e.into: carried[e.source] for e in adjoint.edges if isinstance(e, Result) and e.source in carried}
    return BoundedGradients(parameters, stacked(dx[::-1]), state)


def _parameter(sweep: BoundedSweep, name: str) -> Bounded:
    if name in sweep.sums:
        return sweep.sums[name].ball(sweep.tape.form)
    return exact(np.zeros_like(sweep.tape.parameters[name].value))


def _received(sweep: BoundedSweep, name: str, t: int) -> Bounded:
    if name in sweep.now:
        return sweep.now[name].ball(sweep.tape.form)
    return exact(np.zeros_like(sweep.tape.signals[name][t].value))


def _equations(sweep: BoundedSweep, t: int) -> None:
    """Every edge of every equation, last equation first; an equation that receives nothing passes nothing on."""
    edges = by_source(sweep.adjoint)
    for equation in reversed(sweep.tape.cell.equations):
        if equation.target in sweep.now:
            received = sweep.now[equation.target].ball(sweep.tape.form)
            for edge in edges.get(equation.target, ()):
                _pull(sweep, edge, received, t)


def _pull(sweep: BoundedSweep, edge: Edge, received: Bounded, t: int) -> None:
    form, signals = sweep.tape.form, sweep.tape.signals
    if isinstance(edge, Scale):
        sweep.add(edge.into, _factored(sweep, edge.factor, received, t))
    elif isinstance(edge, Product):
        weight = sweep.tape.parameters[edge.weight].value
        spread = np.abs(weight)
        terms = received.value @ weight, received.radius @ spread, received.magnitude @ spread
        _into(sweep.now, edge.into, *terms, count=len(weight))
    elif isinstance(edge, Outer):
        seen = signals[edge.signal][t]
        value = received.value.T @ seen.value
        radius = received.radius.T @ seen.magnitude + np.abs(received.value).T @ seen.radius
        size = received.magnitude.T @ seen.magnitude
        # A centre in float64 is a rounded product of sums; the format's term for it is added in Sum.ball.
        _into(
            sweep.sums,
            edge.into,
            value,
            inflate(radius + form.subnormal, len(received.value)),
            size,
            len(received.value),
        )
    elif isinstance(edge, Total):
        ball = received if edge.factor == 1 else _factored(sweep, edge.factor, received, t)
        total = [part.sum(axis=0) for part in (ball.value, ball.radius, ball.magnitude)]
        _into(sweep.sums, edge.into, total[0], inflate(total[1], len(ball.value)), total[2], len(ball.value))


def _factored(sweep: BoundedSweep, factor: sympy.Expr, received: Bounded, t: int) -> Bounded:
    """factor * d(source), as one polynomial, so that every way of multiplying it out is covered."""
    names = [symbol.name for symbol in factor.free_symbols]
    env = {n: sweep.tape.signals[n][t] if n in sweep.tape.signals else sweep.tape.parameters[n] for n in names}
    return evaluate(factor * signal("d"), env | {"d": received}, sweep.tape.form)
