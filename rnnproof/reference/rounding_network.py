"""A whole network in balls: its readings one after the other, rows of one length together, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np
import sympy
from numpy.typing import NDArray

from rnnproof.domains.bounded import Bounded, evaluate, exact
from rnnproof.domains.bounded_range import largest
from rnnproof.domains.formats import U64, Format
from rnnproof.domains.sums import Sum, added, into, one
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.equation import Affine, signals
from rnnproof.model.network import Network, Reading, output_width
from rnnproof.reference import rounding_backward as backwards
from rnnproof.reference import rounding_edges as edges
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.network import Changed, cell_of, edited_at, parameters_of
from rnnproof.reference.rounding_forward import Balls, BoundedTape, forward
from rnnproof.reference.rounding_gradients import BoundedGradients
from rnnproof.reference.rounding_groups import rows_of, sequence_of
from rnnproof.reference.wiring import (
    Group,
    Part,
    Place,
    Ran,
    flipped,
    outputs_back,
    parts,
    parts_back,
    pull_back,
    put_outputs,
    run,
)

_Read = list[tuple[Reading, backwards.Pulled]]
_Pulled = tuple[_Read, Sum]  # of each reading, and what is pulled back to the first level's input
A, B, D = signals("a b d")
MERGED: Mapping[str, sympy.Expr] = {"sum": A + B, "mean": A / 2 + B / 2, "product": A * B}


@dataclass(frozen=True, eq=False)
class BoundedRun:
    """What a network's run in balls computed: a run for each length, none for length 0.

    ``shape`` is that of x. Shapes: x (T,B,I), outputs (T,B,.), states (B,.).
    """

    network: Network
    form: Format
    parameters: Arrays
    shape: tuple[int, ...]
    parts: tuple[Part, ...]
    changed: Changed | None = None

    @property
    def tapes(self) -> Iterator[BoundedTape]:
        """The tape of every reading."""
        return (tape for part in self.parts if part.ran for _, tape in part.ran.readings(self.network))

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
        """The outputs, in the padding too."""
        shape = (*self.shape[:2], output_width(self.network, self.parameters))
        parts = [(part.group, part.ran.outputs) for part in self.parts if part.ran]
        return sequence_of(parts, shape, 0.0, partial(put_outputs, self.network))

    @cached_property
    def final(self) -> Mapping[str, Bounded]:
        """The state after the last valid step of each row."""
        ended = [(part.group, part.ended) for part in self.parts if not part.group.beyond]
        return {name: rows_of([(group, balls[name]) for group, balls in ended]) for name in self.network.states}

    def states(self) -> dict[str, Bounded]:
        """Each state after every step, (T,B,.): where a row has ended and nothing is run, nothing is known."""
        found: dict[str, Bounded] = {}
        for name in self.network.states:
            parts = [(part.group, _states(self.network, part.ran)[name]) for part in self.parts if part.ran]
            found[name] = sequence_of(parts, (*self.shape[:2], self.final[name].value.shape[-1]), np.inf)
        return found


def _states(network: Network, ran: Ran) -> dict[str, Bounded]:
    found: dict[str, Bounded] = {}
    for reading, tape in ran.readings(network):
        every = tape.states()
        found |= {name: flipped(ball) if reading.backward else ball for name, ball in every.items()}
    return found


def run_in_balls(
    network: Network,
    parameters: Arrays,
    x: Array,
    state: Mapping[str, Bounded],
    form: Format,
    lengths: NDArray[np.integer] | None = None,
    true: Iterator[Sequence[Balls]] | None = None,
    changed: Changed | None = None,
) -> BoundedRun:
    """Run the network over x (T,B,I) from a state known to within its radius; x and the parameters are exact.

    ``true``: for each reading, in the order in which they are read, the true value of every signal at every step.
    """
    centred = form if true is None else form.about_truth

    def begin(x: Array, begun: Mapping[str, Bounded]) -> Ran:
        def read(place: Place, reading: Reading, x: Array | Bounded) -> tuple[BoundedTape, Bounded]:
            cell = cell_of(changed, place, reading)
            mine = {name: parameters[name] for name in parameters_of(changed, place, reading)}
            begins = {name: begun[name] for name in cell.state_names}
            tape = forward(cell, mine, x, begins, centred, None if true is None else next(true))
            return tape, tape.outputs

        return run(network, x, read, partial(_merge, form=form))

    return BoundedRun(network, centred, parameters, x.shape, parts(network, x, state, lengths, begin), changed)


def _merge(kind: str, parts: Sequence[Bounded], form: Format) -> Bounded:
    a, b = parts
    if kind == "concat":
        return Bounded(np.concatenate([a.value, b.value], -1), np.concatenate([a.radius, b.radius], -1))
    return evaluate(MERGED[kind], {"a": a, "b": b}, form)


def _unmerge(kind: str, d: Sum, parts: Sequence[Bounded], form: Format) -> Sequence[Sum]:
    a, b = parts
    size = a.value.shape[-1]
    if kind == "concat":
        return d[..., :size], d[..., size:]
    computed = replace(form, centre=U64)  # these centres are computed, whatever the others are
    env = {"a": a, "b": b, "d": d.ball(computed)}
    return [one(evaluate(sympy.expand(D * sympy.diff(MERGED[kind], symbol)), env, computed)) for symbol in (A, B)]


def pull_in_balls(
    bounded: BoundedRun, cotangents: Cotangents, true: Iterator[Sequence[Balls]] | None = None
) -> BoundedGradients:
    """The vector-Jacobian product in balls, for exact cotangents with any leading axes in common.

    ``true``: for each reading, in the order of the sweep, the true cotangent of every signal at every step.
    """
    sums: dict[str, Sum] = {}
    dx: list[tuple[Group, Bounded]] = []
    initial: list[tuple[Group, dict[str, Bounded]]] = []
    read: list[tuple[Group, _Read]] = []
    in_range = True

    def pull(part: Part, ran: Ran, final: Mapping[str, Sum]) -> tuple[_Pulled, dict[str, Sum]]:
        outputs = _outputs_back(bounded.network, part.group, cotangents.outputs)
        found, below = _pull(bounded, ran, outputs, final, true)
        return (found, below), {name: one(ball) for _, each in found for name, ball in each.state.items()}

    for part, pulled, begun in parts_back(bounded.parts, partial(_ended, cotangents), pull, added):
        if pulled is not None:
            found, below = pulled
            dx.append((part.group, below.ball(bounded.form)))
            read.append((part.group, found))
            in_range &= all(each.in_range for _, each in found)
            for _, each in found:
                for name, term in each.parameters.items():
                    into(sums, name, term)
        if not part.group.beyond:
            initial.append((part.group, {name: d.ball(bounded.form) for name, d in begun.items()}))
    received = partial(_received, bounded, read, cotangents)
    return _together(bounded, cotangents, sums, dx, initial, received, in_range)


def _received(bounded: BoundedRun, read: Sequence[tuple[Group, _Read]], cotangents: Cotangents) -> dict[str, Bounded]:
    """The total derivative by the state after every step, (...,T,B,.): after a row's end nothing is known."""
    found: dict[str, list[tuple[Group, Bounded]]] = {name: [] for name in cotangents.state}
    for group, readings in read:
        for reading, pulled in readings:
            for name, ball in pulled.states(bounded.form).items():
                found[name].append((group, flipped(ball) if reading.backward else ball))
    shapes = {
        name: (*value.shape[:-2], *bounded.shape[:2], value.shape[-1]) for name, value in cotangents.state.items()
    }
    return {name: sequence_of(parts, shapes[name], np.inf) for name, parts in found.items()}


def _outputs_back(network: Network, group: Group, outputs: Array) -> Sum:
    """The cotangents of what a group puts out: where outputs are repeated, the last one's is a sum of several."""
    value, size = (outputs_back(network, group, part) for part in (outputs, np.abs(outputs)))
    terms = 1 + outputs.shape[-3] - group.stop if network.padding == "repeat" else 1
    return Sum(value, np.zeros_like(value), size, terms, 0, terms)


def _ended(cotangents: Cotangents, part: Part) -> dict[str, Sum]:
    """The cotangents of the states in which a part ended: beyond a row's end they are none of the final states."""
    mine = {name: value[..., part.group.rows, :] for name, value in cotangents.state.items()}
    return {name: one(exact(np.zeros_like(d) if part.group.beyond else d)) for name, d in mine.items()}


def _pull(
    bounded: BoundedRun,
    ran: Ran,
    outputs: Sum,
    final: Mapping[str, Sum],
    true: Iterator[Sequence[Balls]] | None,
) -> _Pulled:
    form = bounded.form

    def pull(place: Place, reading: Reading, tape: BoundedTape, d: Sum) -> tuple[backwards.Pulled, Sum]:
        mine = {name: final[name] for name in reading.cell.state_names}
        if (edited := edited_at(bounded.changed, place)) is not None:
            pulled = edges.pull(edited, tape, d, mine)
        else:
            own = adjoint(cell_of(bounded.changed, place, reading))
            pulled = backwards.pull(own, tape, d, mine, None if true is None else next(true))
        return pulled, pulled.x

    def unmerged(kind: str, d: Sum, parts: Sequence[Bounded]) -> Sequence[Sum]:
        return _unmerge(kind, d, parts, form)

    return pull_back(bounded.network, ran, outputs, pull, unmerged, added)


def _together(
    bounded: BoundedRun,
    cotangents: Cotangents,
    sums: Mapping[str, Sum],
    dx: Sequence[tuple[Group, Bounded]],
    initial: Sequence[tuple[Group, dict[str, Bounded]]],
    received: Callable[[], Mapping[str, Bounded]],
    in_range: bool,
) -> BoundedGradients:
    leading = cotangents.outputs.shape[:-3]
    shapes = {name: leading + value.shape for name, value in bounded.parameters.items()}
    state = {name: rows_of([(group, balls[name]) for group, balls in initial]) for name in cotangents.state}
    x = sequence_of(dx, (*leading, *bounded.shape))
    return backwards.finished(sums, shapes, x, state, received, bounded.form, in_range)
