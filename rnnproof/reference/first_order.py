"""Long runs: what a scalar of the outputs is off by, to first order, one backward pass for each scalar.

Every equation v of every step rounds by rho_v at the most, its operands being what they were computed to be. To
first order in these, for a scalar L of the outputs and final states,

    |L of what is computed - L of the truth| <= sum over all equations v and all steps of |dL/dv| rho_v

because each rounding reaches L along the adjoint, signs and all. Absolute values are taken once, at the end, where
the running bound takes them at each step: so this one does not grow with T as that does. It holds for every L, so
also for one whose signs were chosen after the results were seen. What is of second order is not bounded.

Reference: M. Iri, Simultaneous computation of functions, partial derivatives and estimates of rounding errors, Japan J.
Appl. Math. 1 (1984) 223-252 (roundings weighed with the derivatives that one backward pass gives).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rnnproof.domains.bounded import Bounded, evaluate, exact, inflate
from rnnproof.domains.bounded_softmax import softmax
from rnnproof.domains.formats import Format
from rnnproof.model.activation import Activation, relu, step
from rnnproof.model.case import Array, Arrays
from rnnproof.model.equation import Elementwise
from rnnproof.model.network import Network, Reading
from rnnproof.reference.adjoint import adjoint
from rnnproof.reference.cotangents import cotangents, stacked_signals
from rnnproof.reference.forward import Tape, forward
from rnnproof.reference.gates import Gates, affine, groups, stack
from rnnproof.reference.rounding_network import MERGED
from rnnproof.reference.wiring import Place, Ran, merge, pull_back, run, unmerge

KINKED = (relu, step)


@dataclass(frozen=True, eq=False)
class Rounded:
    """A reading's run in float64, and what each equation rounds by at the most, (T,B,.)."""

    tape: Tape
    local: Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class LongRun:
    """A network's run in float64 with the rounding of each equation in a format; the merges', level by level."""

    network: Network
    form: Format
    ran: Ran
    merged: Sequence[Array | None]

    @property
    def outputs(self) -> Array:
        """The outputs (T,B,.)."""
        return np.asarray(self.ran.outputs)

    @property
    def largest(self) -> float:
        """The largest absolute value of any signal; infinite where one is not finite."""
        every = [np.abs(v).max(initial=0.0) for _, one in self._read for v in stacked_signals(one.tape).values()]
        return float(max(every)) if np.isfinite(every).all() else np.inf

    @property
    def _read(self) -> Iterator[tuple[Reading, Rounded]]:
        return self.ran.readings(self.network)

    @property
    def final(self) -> dict[str, Array]:
        """The final states (B,.)."""
        return {n: value for _, one in self._read for n, value in one.tape.final.items()}


def smooth(network: Network) -> bool:
    """Whether no equation has a kink, at which there is no first order."""
    every = [e for reading in network.readings for e in reading.cell.equations if isinstance(e, Elementwise)]
    return not any(isinstance(call, KINKED) for e in every for call in e.expression.atoms(Activation))


@np.errstate(all="ignore")
def long_run(network: Network, parameters: Arrays, x: Array, state: Arrays, form: Format) -> LongRun:
    """Run the network over x (T,B,I), all rows to the end, in float64."""
    merged: list[Array | None] = []

    def read(place: Place, reading: Reading, sequence: Array) -> tuple[Rounded, Array]:
        cell = reading.cell
        mine = {name: parameters[name] for name in cell.parameters}
        tape = forward(cell, mine, sequence, {name: state[name] for name in cell.state_names})
        return Rounded(tape, local_rounding(tape, form)), tape.outputs

    def together(kind: str, parts: Sequence[Array]) -> Array:
        merged.append(None if kind == "concat" else _merge_rounds(kind, parts, form))
        return np.asarray(merge(kind, parts))

    ran = run(network, x, read, together)
    return LongRun(network, form, ran, merged)


def _merge_rounds(kind: str, parts: Sequence[Array], form: Format) -> Array:
    return evaluate(MERGED[kind], dict(zip("ab", map(exact, parts), strict=True)), form).radius


def local_rounding(tape: Tape, form: Format) -> dict[str, Array]:
    """What each equation rounds by, in any accepted way of computing it from exactly the operands on the tape."""
    steps, rows = tape.x.shape[:2]
    flat = {n: exact(v.reshape(steps * rows, -1) if v.ndim == 3 else v) for n, v in stacked_signals(tape).items()}
    found: dict[str, Bounded] = {}
    for group in groups(tape.cell):
        if isinstance(group, Gates):
            found |= affine(stack(group, tape.parameters), flat, form)
        elif isinstance(group, Elementwise):
            found[group.target] = evaluate(group.expression, flat, form)
        else:
            found[group.target] = softmax(flat[group.source], group.axis, form)
    return {
        name: np.broadcast_to(ball.radius, flat[name].value.shape).reshape(steps, rows, -1)
        for name, ball in found.items()
    }


@dataclass(eq=False)
class _Reached:
    """The sum of |dL/dv| rho_v so far, for each L."""

    total: Array
    merges: list[Array | None] = field(default_factory=list)

    def add(self, d: Array, rounding: Array) -> None:
        axes = (-3, -2, -1)
        self.total = self.total + inflate((np.abs(d) * rounding).sum(axis=axes), int(np.prod(rounding.shape)))


@np.errstate(all="ignore")
def reached(long: LongRun, outputs: Array, final: Arrays) -> Array:
    """What <outputs, the outputs> + <final, the final states> is off by, to first order.

    Shapes: outputs (...,T,B,.), final (...,B,.), as many scalars as there are leading entries; result (...).
    """
    sums = _Reached(np.zeros(outputs.shape[:-3]), list(long.merged))

    def pull(place: Place, reading: Reading, one: Rounded, d: Array) -> tuple[None, Array]:
        mine = {name: final[name] for name in reading.cell.state_names}
        found = cotangents(adjoint(reading.cell), one.tape, d, mine)
        for name, rounding in one.local.items():
            sums.add(found[name], rounding)
        return None, found[one.tape.cell.input]

    def apart(kind: str, d: Array, parts: Sequence[Array]) -> Sequence[Array]:
        rounding = sums.merges.pop()
        if rounding is not None:
            sums.add(d, rounding)
        return unmerge(kind, d, parts)

    pull_back(long.network, long.ran, outputs, pull, apart, np.add)
    return sums.total


def signs(long: LongRun, count: int, seed: int) -> tuple[Array, dict[str, Array]]:
    """Random signs for the outputs and the final states, ``count`` times."""
    rng = np.random.default_rng(seed)

    def drawn(like: Array) -> Array:
        return np.asarray(rng.choice([-1.0, 1.0], (count, *like.shape)))

    return drawn(long.outputs), {name: drawn(value) for name, value in long.final.items()}
