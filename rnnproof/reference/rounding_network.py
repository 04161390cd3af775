"""A whole network in balls: its readings one after the other, rows of one length together, and back again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import sympy
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded, Format, evaluate, exact, largest
from rnnproof.domains.sums import Sum, into
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.equation import Affine, signals
from rnnproof.model.network import Network, Reading, output_width
from rnnproof.reference import rounding_backward as backwards
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.rounding_forward import BoundedTape, forward
from rnnproof.reference.wiring import Group, Place, Ran, flipped, groups, pull_back, run, whole

A, B, D = signals("a b d")
MERGED: Mapping[str, sympy.Expr] = {"sum": A + B, "mean": A / 2 + B / 2, "product": A * B}


@dataclass(frozen=True, eq=False)
class BoundedRun:
    """What a network's run in balls computed: a run for each length, none for length 0.

    ``shape`` is that of x, (T,B,I). Shapes: outputs (T,B,.), states (B,.).
    """

    network: Network
    form: Format
    parameters: Arrays
    state: Mapping[str, Bounded]
    shape: tuple[int, ...]
    runs: tuple[tuple[Group, Ran | None], ...]

    @property
    def tapes(self) -> Iterator[BoundedTape]:
        """The tape of every reading."""
        return (tape for _, ran in self.runs if ran for _, tape in ran.readings(self.network))

    @property
    def largest(self) -> float:
        """The largest absolute value of any signal."""
        return largest(ball for tape in self.tapes for balls in tape.signals.values() for ball in balls)

    @property
    def pre_activations(self) -> Iterator[Bounded]:
        """What every affine equation gave, at every step."""
        for tape in self.tapes:
            for equation in tape.cell.equations:
                yield from tape.signals[equation.target] if isinstance(equation, Affine) else ()

    @cached_property
    def outputs(self) -> Bounded:
        """The outputs; in the padding they are zero."""
        parts = [(group, ran.outputs) for group, ran in self.runs if ran]
        return _sequence(parts, (*self.shape[:2], output_width(self.network, self.parameters)))

    @cached_property
    def final(self) -> Mapping[str, Bounded]:
        """The state after the last valid step of each row."""
        parts = [(group, _final(self, group, ran)) for group, ran in self.runs]
        return {name: _rows([(group, balls[name]) for group, balls in parts]) for name in self.network.states}

    def states(self) -> dict[str, Bounded]:
        """Each state after every step, (T,B,.): where a row has ended, nothing is known."""
        found: dict[str, Bounded] = {}
        for name in self.network.states:
            parts = [(group, _states(self.network, ran)[name]) for group, ran in self.runs if ran]
            found[name] = _sequence(parts, (*self.shape[:2], self.final[name].value.shape[-1]), np.inf)
        return found


def _final(bounded: BoundedRun, group: Group, ran: Ran | None) -> dict[str, Bounded]:
    if ran is None:  # length 0: the initial state
        return {name: bounded.state[name][group.rows] for name in bounded.network.states}
    return {name: ball for _, tape in ran.readings(bounded.network) for name, ball in tape.final.items()}


def _states(network: Network, ran: Ran) -> dict[str, Bounded]:
    found: dict[str, Bounded] = {}
    for reading, tape in ran.readings(network):
        every = tape.states()
        found |= {name: flipped(ball) if reading.backward else ball for name, ball in every.items()}
    return found


def _sequence(parts: Sequence[tuple[Group, Bounded]], shape: tuple[int, ...], padding: float = 0.0) -> Bounded:
    """Sequences (...,L,b,.) of groups as one of this shape: in the padding 0, with a radius of ``padding``."""
    if len(parts) == 1 and whole(parts[0][0], *shape[-3:-1]):
        return parts[0][1]
    value = np.zeros(shape)
    radius = np.full_like(value, padding)
    for group, ball in parts:
        value[..., : group.length, group.rows, :] = ball.value
        radius[..., : group.length, group.rows, :] = ball.radius
    return Bounded(value, radius)


def _rows(parts: Sequence[tuple[Group, Bounded]]) -> Bounded:
    """States (...,b,.) of groups as one, (...,B,.)."""
    order = np.argsort(np.concatenate([group.rows for group, _ in parts]))
    value, radius = (np.concatenate([getattr(ball, part) for _, ball in parts], -2) for part in ("value", "radius"))
    return Bounded(value[..., order, :], radius[..., order, :])


def run_in_balls(
    network: Network,
    parameters: Arrays,
    x: Array,
    state: Mapping[str, Bounded],
    form: Format,
    lengths: NDArray[np.integer] | None = None,
) -> BoundedRun:
    """Run the network over x (T,B,I) from a state known to within its radius; x and the parameters are exact."""

    def read(group: Group) -> Ran | None:
        def one(place: Place, reading: Reading, x: Array | Bounded) -> tuple[BoundedTape, Bounded]:
            cell = reading.cell
            mine = {name: parameters[name] for name in cell.parameters()}
            begun = {name: state[name][group.rows] for name in cell.state_names}
            tape = forward(cell, mine, x, begun, form)
            return tape, tape.outputs

        def merged(kind: str, parts: Sequence[Bounded]) -> Bounded:
            return _merge(kind, parts, form)

        return run(network, group.cut(x), one, merged) if group.length else None

    found = tuple((group, read(group)) for group in groups(lengths, *x.shape[:2]))
    return BoundedRun(network, form, parameters, state, x.shape, found)


def _merge(kind: str, parts: Sequence[Bounded], form: Format) -> Bounded:
    a, b = parts
    if kind == "concat":
        return Bounded(np.concatenate([a.value, b.value], -1), np.concatenate([a.radius, b.radius], -1))
    return evaluate(MERGED[kind], {"a": a, "b": b}, form)


def _unmerge(kind: str, d: Bounded, parts: Sequence[Bounded], form: Format) -> Sequence[Bounded]:
    a, b = parts
    size = a.value.shape[-1]
    if kind == "concat":
        return d.columns(slice(None, size)), d.columns(slice(size, None))
    env = {"a": a, "b": b, "d": d}
    return [evaluate(sympy.expand(D * sympy.diff(MERGED[kind], symbol)), env, form) for symbol in (A, B)]


def pull_in_balls(bounded: BoundedRun, cotangents: Cotangents) -> backwards.BoundedGradients:
    """The vector-Jacobian product in balls, for exact cotangents with any leading axes in common."""
    sums: dict[str, Sum] = {}
    dx: list[tuple[Group, Bounded]] = []
    initial: list[tuple[Group, dict[str, Bounded]]] = []
    in_range = True
    for group, ran in bounded.runs:
        final = {name: exact(value[..., group.rows, :]) for name, value in cotangents.state.items()}
        if ran is None:
            initial.append((group, final))
            continue
        found, below = _pull_group(bounded, ran, exact(group.cut(cotangents.outputs)), final)
        for one in found:
            for name, term in one.parameters.items():
                into(sums, name, term)
            in_range &= one.in_range
        dx.append((group, below.ball(bounded.form)))
        initial.append((group, {name: ball for one in found for name, ball in one.state.items()}))
    return _together(bounded, cotangents, sums, dx, initial, in_range)


def _pull_group(
    bounded: BoundedRun, ran: Ran, outputs: Bounded, final: Mapping[str, Bounded]
) -> tuple[list[backwards.Pulled], Sum]:
    form = bounded.form

    def pull(place: Place, reading: Reading, tape: BoundedTape, d: Bounded | Sum) -> tuple[backwards.Pulled, Sum]:
        ball = d if isinstance(d, Bounded) else d.ball(form)
        mine = {name: final[name] for name in reading.cell.state_names}
        pulled = backwards.pull(adjoint(reading.cell), tape, ball, mine)
        return pulled, pulled.x

    def unmerged(kind: str, d: Bounded | Sum, parts: Sequence[Bounded]) -> Sequence[Bounded]:
        return _unmerge(kind, d if isinstance(d, Bounded) else d.ball(form), parts, form)

    found, below = pull_back(bounded.network, ran, outputs, pull, unmerged, _added)
    return [pulled for _, pulled in found], below


def _added(first: Sum, second: Sum) -> Sum:
    both = Sum(first.value, first.radius, first.size, first.terms, first.products)
    both.add(second)
    return both


def _together(
    bounded: BoundedRun,
    cotangents: Cotangents,
    sums: Mapping[str, Sum],
    dx: Sequence[tuple[Group, Bounded]],
    initial: Sequence[tuple[Group, dict[str, Bounded]]],
    in_range: bool,
) -> backwards.BoundedGradients:
    leading = cotangents.outputs.shape[:-3]
    shapes = {name: leading + value.shape for name, value in bounded.parameters.items()}
    state = {name: _rows([(group, balls[name]) for group, balls in initial]) for name in cotangents.state}
    x = _sequence(dx, (*leading, *bounded.shape))
    return backwards.finished(sums, shapes, x, state, bounded.form, in_range)
