"""The backward pass: the edges of an adjoint executed in NumPy on the tape of a forward pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import sympy

from rnnproof.model.case import Array, Cotangents
from rnnproof.model.trace import Gradients
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEP,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Outer,
    Product,
    Result,
    Seed,
    Total,
)
from rnnproof.reference.compiled import Compiled, compile_backward
from rnnproof.reference.forward import Tape
from rnnproof.reference.stages import AffineStage, Block, Stage, stages

Now = dict[str, Array]


@dataclass(frozen=True, eq=False)
class Pull:
    """An affine stage read backwards: a column slice per target, a stacked weight per operand, edited edges apart."""

    columns: Mapping[str, slice]
    width: int
    blocks: tuple[Block, ...]
    inputs: tuple[Block, ...]
    edited: tuple[Product, ...]


@dataclass(frozen=True, eq=False)
class Sweep:
    """What one backward pass needs at every step."""

    adjoint: Adjoint
    tape: Tape
    plan: tuple[Stage, ...]
    gains: Mapping[str, Array]
    pulls: Mapping[int, Pull]
    dz: Mapping[int, Array]  # per affine stage, the cotangents of its targets, (T,B,width)
    vectors: Mapping[str, list[Array]]
    compiled: Callable[[int, frozenset[str]], Compiled]

    def scaled(self, edge: Edge, value: Array, t: int) -> Array:
        """The edge's gain times a value."""
        return value if edge.gain == ONE else self.gains[edge.id][t] * value


def backward(adjoint: Adjoint, tape: Tape, cotangents: Cotangents) -> Gradients:
    """The vector-Jacobian product of the run on the tape, as the edges say, summed over the batch.

    Shapes: parameters as given; x (T,B,I); initial states (B,.).
    """
    sweep = _prepare(adjoint, tape)
    seeds = [edge for edge in adjoint.edges if isinstance(edge, Seed)]
    carries = [edge for edge in adjoint.edges if isinstance(edge, Carry)]
    dx = np.zeros_like(tape.x)
    carried: Now = {}
    for t in reversed(range(len(tape.x))):
        now: Now = {}
        last = t == len(tape.x) - 1
        for seed in seeds:
            if seed.source == "outputs" or last:
                given = cotangents.outputs[t] if seed.source == "outputs" else cotangents.state[seed.source]
                add(now, seed.into, sweep.scaled(seed, given, t))
        for carry in carries if not last else ():
            add(now, carry.into, sweep.scaled(carry, carried[carry.source], t))
        _step(sweep, now, t)
        carried = {state: now.get(state, np.zeros_like(tape.signals[state][t])) for state in tape.cell.state_names}
        dx[t] = now.get(tape.cell.input, 0)
    return _collect(sweep, dx, carried if len(tape.x) else dict(cotangents.state))


def add(now: Now, name: str, term: Array) -> None:
    """d(name) += term."""
    now[name] = now[name] + term if name in now else term


@cache
def gain_at(gain: sympy.Expr, steps: int, rows: int) -> Array:
    """A gain, an expression in t, T and B, at every step."""
    return np.array([float(gain.subs({STEP: t, STEPS: steps, BATCH: rows})) for t in range(steps)])


def _prepare(adjoint: Adjoint, tape: Tape) -> Sweep:
    steps, rows = tape.x.shape[:2]
    dtype = tape.x.dtype
    plan = stages(adjoint.cell)
    pulls = {n: _pull(adjoint, tape, stage) for n, stage in enumerate(plan) if isinstance(stage, AffineStage)}
    known: dict[tuple[int, frozenset[str]], Compiled] = {}

    def compiled(position: int, incoming: frozenset[str]) -> Compiled:
        key = position, incoming
        if key not in known:
            known[key] = compile_backward(adjoint, position, incoming)
        return known[key]

    return Sweep(
        adjoint,
        tape,
        plan,
        {e.id: gain_at(e.gain, max(steps, 1), rows).astype(dtype) for e in adjoint.edges if e.gain != ONE},
        pulls,
        {n: np.zeros((steps, rows, pull.width), dtype) for n, pull in pulls.items()},
        {name: [] for name in adjoint.cell.vectors},
        compiled,
    )


def _pull(adjoint: Adjoint, tape: Tape, stage: AffineStage) -> Pull:
    sizes = [tape.parameters[equation.terms[0][0]].shape[0] for equation in stage.equations]
    ends = [0, *np.cumsum(sizes).tolist()]
    columns = {e.target: slice(a, b) for e, a, b in zip(stage.equations, ends, ends[1:], strict=False)}
    products = [e for e in adjoint.edges if isinstance(e, Product) and e.source in columns]
    plain = [edge for edge in products if edge.gain == ONE]
    block = partial(_block, plain, tape, columns)
    receivers = dict.fromkeys(edge.into for edge in plain)
    flat = adjoint.cell
    return Pull(
        columns,
        ends[-1],
        tuple(block(name) for name in receivers if name != flat.input),
        tuple(block(name) for name in receivers if name == flat.input),
        tuple(edge for edge in products if edge.gain != ONE),
    )


def _weight(edge: Product, tape: Tape) -> Array:
    weight = tape.parameters[edge.weight]
    return weight if edge.transposed else weight.T


def _block(plain: list[Product], tape: Tape, columns: Mapping[str, slice], into: str) -> Block:
    """The weights through which one signal receives, stacked in the order of their targets' columns."""
    edges = sorted((e for e in plain if e.into == into), key=lambda e: columns[e.source].start)
    index = np.concatenate([np.arange(columns[e.source].start, columns[e.source].stop) for e in edges])
    whole = bool(np.all(np.diff(index) == 1))
    where = slice(int(index[0]), int(index[-1]) + 1) if whole else index
    return Block(into, np.concatenate([_weight(edge, tape) for edge in edges]), where)


def _step(sweep: Sweep, now: Now, t: int) -> None:
    """Read the stages of one step backwards: ``now`` goes from the cotangents after it to those before it."""
    for n in reversed(range(len(sweep.plan))):
        if n in sweep.pulls:
            _affine(sweep, n, now, t)
        else:
            _weightless(sweep, n, now, t)


def _affine(sweep: Sweep, position: int, now: Now, t: int) -> None:
    pull, dz = sweep.pulls[position], sweep.dz[position][t]
    for target, where in pull.columns.items():
        if target in now:
            dz[:, where] = now.pop(target)
    for block in pull.blocks:
        add(now, block.operand, dz[:, block.columns] @ block.weight)
    for edge in pull.edited:
        term = dz[:, pull.columns[edge.source]] @ _weight(edge, sweep.tape)
        add(now, edge.into, sweep.scaled(edge, term, t))


def _weightless(sweep: Sweep, position: int, now: Now, t: int) -> None:
    compiled = sweep.compiled(position, frozenset(now))
    values = compiled.function(*[_argument(sweep, name, now, t) for name in compiled.arguments])
    now.clear()
    now.update(zip(compiled.results, values, strict=True))  # type: ignore[arg-type]
    for vector, kept in sweep.vectors.items():
        if vector in now:
            kept.append(now.pop(vector))


def _argument(sweep: Sweep, name: str, now: Now, t: int) -> Array:
    if name.startswith("d("):
        return now[name[2:-1]]
    if name.startswith("gain("):
        return np.asarray(sweep.gains[name[5:-1]][t])
    return sweep.tape.signals[name][t] if name in sweep.tape.signals else sweep.tape.parameters[name]


def _collect(sweep: Sweep, dx: Array, carried: Now) -> Gradients:
    """The sums over time: one product per operand for the weights, and for the input."""
    edges, tape = sweep.adjoint.edges, sweep.tape
    sums = {name: np.zeros_like(value) for name, value in tape.parameters.items()}
    for n, pull in sweep.pulls.items():
        dz = sweep.dz[n]
        for block in pull.inputs:
            dx = dx + dz[..., block.columns] @ block.weight
        outer = [e for e in edges if isinstance(e, Outer) and e.source in pull.columns]
        for name in dict.fromkeys(e.signal for e in outer):
            _outer(sweep, [e for e in outer if e.signal == name], dz, pull, sums)
        for edge in edges:
            if isinstance(edge, Total) and edge.source in pull.columns:
                kept = _all_steps(sweep, edge, dz[..., pull.columns[edge.source]])
                sums[edge.into] = sums[edge.into] + kept.sum(axis=(0, 1))
    for vector, kept_steps in sweep.vectors.items():
        sums[vector] = sums[vector] + sum(value.sum(axis=0) for value in kept_steps)
    returned = {e.into: (e, carried[e.source]) for e in edges if isinstance(e, Result) and e.source in carried}
    (result,) = [e for e in edges if isinstance(e, Result) and e.source == tape.cell.input]
    state = {name: sweep.scaled(edge, value, 0) for name, (edge, value) in returned.items()}
    return Gradients(sums, _all_steps(sweep, result, dx), state)


def _outer(sweep: Sweep, edges: list[Outer], dz: Array, pull: Pull, sums: dict[str, Array]) -> None:
    """dW += sum of d(z) s^T, the weights that multiply one signal together."""
    name = edges[0].signal
    seen = sweep.tape.x if name == sweep.tape.cell.input else sweep.tape.stacked(name)
    seen = seen.reshape(-1, seen.shape[-1])
    if all(edge.gain == ONE for edge in edges):
        product = dz.reshape(-1, pull.width).T @ seen
        for edge in edges:
            sums[edge.into] = sums[edge.into] + product[pull.columns[edge.source]]
        return
    for edge in edges:
        part = _all_steps(sweep, edge, dz[..., pull.columns[edge.source]])
        sums[edge.into] = sums[edge.into] + part.reshape(-1, part.shape[-1]).T @ seen


def _all_steps(sweep: Sweep, edge: Edge, values: Array) -> Array:
    return values if edge.gain == ONE else sweep.gains[edge.id][:, None, None] * values
