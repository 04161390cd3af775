"""An edited adjoint executed in balls, edge by edge: what right code of a wrong backward pass stays inside."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, evaluate, exact
from rnnproof.domains.bounded_range import largest
from rnnproof.domains.bounded_softmax import mixed
from rnnproof.domains.formats import Format
from rnnproof.domains.sums import Sum, into, known_within, one, total
from rnnproof.model.case import Array
from rnnproof.model.equation import signal
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEP,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Mix,
    Outer,
    Product,
    Result,
    Scale,
    Seed,
    Total,
    by_source,
    end,
)
from rnnproof.reference.rounding_backward import COTANGENT, Pulled, over_time
from rnnproof.reference.rounding_forward import Balls, BoundedTape

Sums = dict[str, Sum]


@np.errstate(all="ignore")
def pull(edited: Adjoint, tape: BoundedTape, outputs: Sum, final: Mapping[str, Sum]) -> Pulled:
    """The cotangents of the outputs and of the final states pulled back as the edges say, whatever they say.

    The tape may be that of another cell, if it has the signals that the edges read.
    Shapes: as in ``rounding_backward.pull``.
    """
    steps, form, cell = tape.shape[0], tape.form, edited.cell
    leading = outputs.value.shape[:-3]
    sums: Sums = {}
    seen: list[Array] = []
    dx: list[Sum] = []
    carried: Balls = {}
    ends = {end(name): tape.signals[stored][-1] for name, stored in cell.states if steps and stored in tape.signals}

    def ball(now: Sums, name: str, t: int) -> Bounded:
        if name not in now:
            return exact(np.zeros(leading + tape.signals[name][t].value.shape))
        seen.append(now[name].size)
        return now[name].ball(form)

    for t in reversed(range(steps)):
        values, now = tape.at(t) | ends, Sums()
        give = partial(_give, form=form, t=t, steps=steps, rows=tape.shape[1])
        for edge in edited.edges:
            if isinstance(edge, Seed) and (edge.source == "outputs" or edge.always or t == steps - 1):
                give(now, edge, outputs[..., t, :, :] if edge.source == "outputs" else final[edge.source][...])
            elif isinstance(edge, Carry) and t < steps - 1:
                give(now, edge, one(carried[edge.source]))
        for equation in reversed(cell.equations):
            if equation.target not in now:
                continue
            received = ball(now, equation.target, t)
            for edge in by_source(edited).get(equation.target, ()):
                give(sums if isinstance(edge, Outer | Total) else now, edge, _pulled(edge, received, values, form))
        carried = {name: ball(now, name, t) for name in cell.state_names}
        returned: Sums = {}
        for edge in edited.edges:
            if isinstance(edge, Result):
                give(returned, edge, one(ball(now, edge.source, t)))
        dx.append(returned.pop(cell.input))
    state = {name: d.ball(form) for name, d in returned.items()} if steps else {}
    in_range = not tape.lost and known_within(seen, form) and largest(state.values()) < form.largest
    return Pulled(sums, over_time(dx[::-1]), state, in_range, {})


def _pulled(edge: Edge, d: Bounded, values: Balls, form: Format) -> Sum:
    """What an edge inside a step makes of its source's cotangent d, before its gain."""
    match edge:
        case Scale(factor=factor):
            return one(_times(factor, d, values, form))
        case Mix(factor=factor, weight=weight, axis=axis):
            made, weighed = (evaluate(part, values, form) for part in (factor, weight))
            return mixed(made, weighed, d, values[edge.into], axis, form)
        case Product(weight=weight, transposed=transposed):
            matrix = values[weight].value if transposed else values[weight].value.T
            spread, rows = np.abs(matrix), len(matrix)
            return Sum(d.value @ matrix, d.radius @ spread, d.magnitude @ spread, rows, rows)
        case Outer(signal=name):
            return _outer(d, values[name])
        case Total(factor=factor):
            return total(_times(factor, d, values, form))
    raise TypeError(f"{edge} is not an edge inside a step")


def _times(factor: sympy.Expr, d: Bounded, values: Balls, form: Format) -> Bounded:
    """factor * d(source), as one polynomial; a factor of zero has no entries of its own."""
    if factor == 0:
        return exact(np.zeros_like(d.value))
    return evaluate(factor * signal(COTANGENT), values | {COTANGENT: d}, form)


def _outer(d: Bounded, seen: Bounded) -> Sum:
    value, radius, size = (part.swapaxes(-1, -2) for part in (d.value, d.radius, d.magnitude))
    rows = value.shape[-1]
    spread = radius @ seen.magnitude + np.abs(value) @ seen.radius
    return Sum(value @ seen.value, spread, size @ seen.magnitude, rows, rows)


def _give(sums: Sums, edge: Edge, term: Sum, form: Format, t: int, steps: int, rows: int) -> None:
    """d(into) += gain times a sum; a gain that is no power of two rounds, and its product does."""
    if edge.gain != ONE:
        gain = float(sympy.Rational(edge.gain.subs({STEP: t, STEPS: steps, BATCH: rows})))
        spread = abs(gain)
        rounding = 0.0 if spread in (0.0, 1.0) else 3 * form.unit
        radius = spread * (term.radius + rounding * term.size)
        term = Sum(gain * term.value, radius, spread * term.size, term.terms, term.products, term.parts)
    into(sums, edge.into, term)
