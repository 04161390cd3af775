"""The forward pass executed in balls: every entry with the radius that right code stays inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, evaluate, exact, recentred, stacked, unknown, where_finite
from rnnproof.domains.bounded_range import largest, within_range
from rnnproof.domains.bounded_softmax import softmax
from rnnproof.domains.formats import Format
from rnnproof.domains.sums import known_within
from rnnproof.model.case import Array, Arrays
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, Softmax
from rnnproof.reference.flatten import flatten
from rnnproof.reference.gates import Gates, Group, Weights, affine, groups, size, stack

Balls = dict[str, Bounded]


@dataclass(frozen=True, eq=False)
class BoundedTape:
    """What a forward pass in balls computed: each signal, and each state before its step, a list of T balls."""

    cell: Cell
    form: Format
    parameters: Mapping[str, Bounded]
    weights: Mapping[Gates, Weights]
    signals: Mapping[str, list[Bounded]]
    final: Mapping[str, Bounded]
    shape: tuple[int, ...]
    lost: bool = False  # nothing is known, because something might overflow

    def at(self, t: int) -> Balls:
        """Every signal at step t, every state before it, and the parameters."""
        return {**self.parameters, **{name: balls[t] for name, balls in self.signals.items()}}

    def seen_by(self, expression: sympy.Expr) -> Iterator[Bounded]:
        """Every ball, at any step, of the signals and parameters in an expression."""
        for name in sorted(symbol.name for symbol in expression.free_symbols):
            yield from self.signals[name] if name in self.signals else (self.parameters[name],)

    @cached_property
    def largest(self) -> float:
        """The largest absolute value of any signal or parameter."""
        return largest([*self.parameters.values(), *(ball for balls in self.signals.values() for ball in balls)])

    @property
    def outputs(self) -> Bounded:
        """The outputs (T,B,.)."""
        return stacked(self.signals[self.cell.output])

    def states(self) -> dict[str, Bounded]:
        """Each state after every step, (T,B,.)."""
        return {state: stacked(self.signals[stored]) for state, stored in self.cell.states}


@np.errstate(all="ignore")
def forward(
    cell: Cell,
    parameters: Arrays,
    x: Array | Bounded,
    state: Mapping[str, Bounded],
    form: Format,
    true: Sequence[Balls] | None = None,
) -> BoundedTape:
    """Run the cell over x (T,B,I), T >= 1, from a state, and an x, known to within their radii.

    ``parameters`` are exact in the format, and so is an x that is an array. A bias counts as two terms of one
    sign, for a target that adds it in two halves. Where anything might overflow in the format, nothing is known.
    ``true``: the true value of every signal at every step, which are then the centres.
    """
    flat = flatten(cell)
    known = {name: exact(value) for name, value in parameters.items()}
    weights = {gates: stack(gates, parameters) for gates in groups(flat) if isinstance(gates, Gates)}
    seen = x if isinstance(x, Bounded) else exact(x)
    steps = len(seen.value)
    signals: dict[str, list[Bounded]] = {flat.input: [seen[t] for t in range(steps)]}
    begun = {name: where_finite(ball) for name, ball in state.items()}
    now: Balls = {**begun, **{name: known[name] for name in flat.vectors}}
    for t in range(steps):
        now[flat.input] = signals[flat.input][t]
        for name in flat.state_names:
            signals.setdefault(name, []).append(now[name])
        for group in groups(flat):
            found = _evaluated(group, weights, now, form)
            now |= found if true is None else {name: recentred(ball, true[t][name]) for name, ball in found.items()}
        for equation in flat.equations:
            signals.setdefault(equation.target, []).append(now[equation.target])
        now |= {name: now[stored] for name, stored in flat.states}
    final = {name: now[name] for name in flat.state_names}
    tape = BoundedTape(flat, form, known, weights, signals, final, seen.value.shape)
    return tape if _forward_in_range(tape) else _nothing_known(tape)


def _evaluated(group: Group, weights: Mapping[Gates, Weights], now: Balls, form: Format) -> Balls:
    if isinstance(group, Gates):
        return affine(weights[group], now, form)
    if isinstance(group, Softmax):
        return {group.target: softmax(now[group.source], group.axis, form)}
    return {group.target: evaluate(group.expression, now, form)}


def _forward_in_range(tape: BoundedTape) -> bool:
    """Whether nothing in any accepted forward pass can overflow: by the largest number, or one by one."""
    expressions = [e.expression for e in tape.cell.equations if isinstance(e, Elementwise)]
    terms = max([1, *(s.terms for s in tape.weights.values())])
    if within_range(expressions, tape.largest, terms, tape.form):
        return True
    steps = len(tape.signals[tape.cell.input])
    sizes = (size(weights, tape.at(t)) for weights in tape.weights.values() for t in range(steps))
    each = (within_range([e], largest(tape.seen_by(e)), 0, tape.form) for e in expressions)
    return known_within(sizes, tape.form) and all(each)


def _nothing_known(tape: BoundedTape) -> BoundedTape:
    signals = {name: [unknown(ball) for ball in balls] for name, balls in tape.signals.items()}
    final = {name: unknown(ball) for name, ball in tape.final.items()}
    return replace(tape, signals=signals, final=final, lost=True)
