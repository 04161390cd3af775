"""Long runs, rigorously: a tube around the true states, whose width follows the signed products of the Jacobians.

Let s_t be the true states and s_t + e_t those of right code, which rounds each equation v of a step by delta_v. By the
mean value theorem, with J_t any matrix near the step's Jacobian by the state, and K_v that by equation v,

    e_{t+1} = J_t e_t + w_t,    |w_t| <= W_t = |J(xi) - J_t| |e_t| + sum over v of |K_v(xi)| rho_v

for some xi within what is known of the step, the second order included. So, P_{s,t} being J_{t-1} ... J_{s+1},

    |e_t| <= E_t = sum over s < t of |P_{s,t}| W_s

where W_s needs E_s alone: one step after the other, and nothing is assumed. J(xi) and K_v(xi) are balls, computed by
the adjoint over the balls of one step from a state known to within E_t. Products are of signed matrices, and absolute
values are taken once, so E_t grows as errors do; the running bound takes them at every step.

Reference: R. J. Lohner, Computation of guaranteed enclosures for the solutions of ordinary initial and boundary value
problems, in: Computational Ordinary Differential Equations (1992) (products of Jacobians kept apart from what
is new in each step, against the wrapping of boxes).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from rnnproof.domains.bounded import Bounded, evaluate, exact, inflate, stacked, unknown
from rnnproof.domains.formats import FORMATS, U64, Format
from rnnproof.domains.sums import into, one
from rnnproof.model.activation import Activation, sigmoid, tanh
from rnnproof.model.case import Array, Arrays
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, Softmax
from rnnproof.reference.adjoint import Seed, adjoint, by_source
from rnnproof.reference.gates import Gates, affine, groups
from rnnproof.reference.rounding_backward import Sweep, equations_back
from rnnproof.reference.rounding_forward import BoundedTape, forward

BENT = (sigmoid, tanh)


@dataclass(frozen=True, eq=False)
class Tube:
    """What right code may return: outputs (T,B,.), final states (B,.)."""

    outputs: Bounded
    final: Mapping[str, Bounded]


@dataclass(eq=False)
class _Recording(Sweep):
    """A backward pass of one step that keeps what every signal received."""

    kept: dict[str, Bounded] = field(default_factory=dict)

    def received(self, name: str, t: int) -> Bounded:
        """d(name), kept."""
        self.kept[name] = super().received(name, t)
        return self.kept[name]


@np.errstate(all="ignore")
def tube(cell: Cell, parameters: Arrays, x: Array, states: list[Mapping[str, Bounded]], form: Format) -> Tube:
    """The tube around ``states``, the true ones before the first step and after every step, each known to a radius.

    Shapes: x (T,B,I), states T + 1 of (B,.). The cell must have no kinks, and no softmax on the way to a state.
    """
    names = cell.state_names
    width = {name: np.zeros_like(states[0][name].value) for name in names}
    products: list[Array] = []
    errors: list[Array] = []
    outputs: list[Bounded] = []
    stored = {signal: name for name, signal in cell.states}
    for t in range(len(x)):
        known = _within(width, states[t])
        tape = forward(cell, parameters, x[t : t + 1], known, form)
        outputs.append(tape.outputs[0])
        if tape.lost or not all(np.isfinite(ball.radius).all() for ball in (*known.values(), *tape.final.values())):
            return _lost(outputs, len(x), tape)
        jacobian, new = _linear(tape)
        before = np.concatenate([known[n].radius for n in names], -1)
        rounded = inflate(jacobian.radius + 4 * before.shape[-1] * U64 * np.abs(jacobian.value), 4)
        errors.append(inflate(np.einsum("bij,bj->bi", rounded, before) + new, 2 * before.shape[-1]))
        products = [jacobian.value @ product for product in products]
        products.append(np.broadcast_to(np.eye(before.shape[-1]), jacobian.value.shape))
        total = np.einsum("sbij,sbj->bi", np.abs(np.stack(products)), np.stack(errors))
        ends = np.cumsum([width[n].shape[-1] for n in names])[:-1]
        width = dict(zip(names, np.split(inflate(total, total.shape[-1] * (t + 1)), ends, -1), strict=True))
        if cell.output in stored:  # of a state more is known than of what one step makes of one
            outputs[-1] = _within(width, states[t + 1])[stored[cell.output]]
    return Tube(stacked(outputs), _within(width, states[-1]))


def _within(width: Arrays, states: Mapping[str, Bounded]) -> dict[str, Bounded]:
    """The states of right code: around the true ones, as far as the tube is wide."""
    return {name: Bounded(states[name].value, inflate(off + states[name].radius, 2)) for name, off in width.items()}


def can_be_followed(cell: Cell) -> bool:
    """Whether a step has a Jacobian, and that is made of weights and of slopes entry by entry."""
    calls = [c for e in cell.equations if isinstance(e, Elementwise) for c in e.expression.atoms(Activation)]
    return not any(isinstance(e, Softmax) for e in cell.equations) and all(isinstance(c, BENT) for c in calls)


def _lost(outputs: list[Bounded], steps: int, tape: BoundedTape) -> Tube:
    """From here on nothing is known."""
    more = [unknown(outputs[0])] * (steps - len(outputs) + 1)
    return Tube(stacked([*outputs[:-1], *more]), {name: unknown(ball) for name, ball in tape.final.items()})


def _linear(tape: BoundedTape) -> tuple[Bounded, Array]:
    """J(xi) of a step, (B,n,n), and what its equations round by, as it arrives at the new states, (B,n)."""
    pulled = adjoint(tape.cell)
    names = tape.cell.state_names
    sizes = [tape.final[name].value.shape[-1] for name in names]
    rows = tape.shape[1]
    eye = np.broadcast_to(np.eye(sum(sizes))[:, None], (sum(sizes), rows, sum(sizes)))
    seeds = dict(zip(names, np.split(eye, np.cumsum(sizes)[:-1], -1), strict=True))
    sweep = _Recording(replace(tape, form=FORMATS["float64"]), by_source(pulled), (sum(sizes),))
    for edge in pulled.edges:
        if isinstance(edge, Seed) and edge.source != "outputs":
            into(sweep.now, edge.into, one(exact(seeds[edge.source])))
    equations_back(sweep, 0)
    balls = [sweep.received(name, 0) for name in names]
    value, radius = (np.concatenate([getattr(ball, part) for ball in balls], -1) for part in ("value", "radius"))
    new = sum(
        (inflate((sweep.kept[name].magnitude * rounding).sum(-1), rounding.shape[-1]))
        for name, rounding in _local(tape).items()
        if name in sweep.kept
    )
    return Bounded(value.swapaxes(0, 1), radius.swapaxes(0, 1)), np.asarray(new).T


def _local(tape: BoundedTape) -> dict[str, Array]:
    """What each equation rounds by, its operands anywhere in their balls, (B,.)."""
    operands = {name: _only_as_large(ball) for name, ball in tape.at(0).items()}
    found: dict[str, Bounded] = {}
    for group in groups(tape.cell):
        if isinstance(group, Gates):
            found |= affine(tape.weights[group], operands, tape.form)
        elif isinstance(group, Elementwise):
            found[group.target] = evaluate(group.expression, operands, tape.form)
    return {name: ball.radius for name, ball in found.items()}


def _only_as_large(ball: Bounded) -> Bounded:
    """A number that is known, but as large as any in the ball: what it is rounded by, and nothing that is passed on."""
    found = Bounded(ball.value, np.zeros_like(ball.radius))
    found.__dict__["_magnitude"] = ball.magnitude
    return found
