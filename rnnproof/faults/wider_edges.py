"""More changes of single edges: what a diagnosis looks for beside the bank, misplaced factors and other signals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy

from rnnproof.faults.edges import ZERO, describe, edge_fault
from rnnproof.faults.equations import addend_changes, alike
from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation
from rnnproof.model.equation import Elementwise, signal
from rnnproof.reference.adjoint import (
    BATCH,
    STEP,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Outer,
    Product,
    Result,
    Scale,
    Seed,
    Total,
)

NOT_FIRST = sympy.Piecewise((0, sympy.Eq(STEP, 0)), (1, True))
NOT_LAST = sympy.Piecewise((0, sympy.Eq(STEP, STEPS - 1)), (1, True))
LEFT_OUT = ((NOT_FIRST, "step left out", "lacks the first step"), (NOT_LAST, "step left out", "lacks the last step"))
MEANS = ((1 / STEPS, "over time"), (1 / BATCH, "over the batch"), (1 / (STEPS * BATCH), "over time and the batch"))


def wider_edits(base: Adjoint) -> Iterator[Fault]:
    """Changes of single edges of an adjoint, edited or not."""
    for edge in base.edges:
        yield from _single(base, edge)


def _single(base: Adjoint, edge: Edge) -> Iterator[Fault]:
    words = describe(edge)
    match edge:
        case Outer() | Total():
            for gain, over in MEANS:
                yield edge_fault(base, f"mean {over}", f"{words} is a mean {over}", replace(edge, gain=gain))
            for gain, operator, what in LEFT_OUT:
                yield edge_fault(base, operator, f"{words} {what}", replace(edge, gain=gain))
            yield from _other_source(base, edge)
        case Product():
            for other in alike(base.cell, edge.weight):
                text = f"{other} in place of {edge.weight} in the term {edge.weight}^T d{edge.source} of d{edge.into}"
                yield edge_fault(base, "wrong weight", text, replace(edge, weight=other))
            yield from _other_source(base, edge)
        case Scale():
            yield from _factors(base, edge)
        case Result() if edge.into == base.cell.input:
            for gain, operator, what in LEFT_OUT:
                yield edge_fault(base, operator, f"{words} {what}", replace(edge, gain=gain))
        case Seed() | Carry():
            yield from _elsewhere(base, edge)
            if isinstance(edge, Seed) and edge.source != "outputs":
                yield from _at_every_step(base, edge)
    if isinstance(edge, Outer):
        yield from _other_operand(base, edge)


def later(base: Adjoint, name: str) -> list[str]:
    """The signals of a size that are computed after the input and the states, the last first."""
    sizes = base.cell.dimensions
    return [e.target for e in reversed(base.cell.equations) if e.target != name and sizes[e.target] == sizes[name]]


def _other_source(base: Adjoint, edge: Outer | Total | Product) -> Iterator[Fault]:
    for other in later(base, edge.source):
        text = f"d{other} in place of d{edge.source} in {describe(edge)}"
        yield edge_fault(base, "wrong cotangent", text, replace(edge, source=other))


def _other_operand(base: Adjoint, edge: Outer) -> Iterator[Fault]:
    sizes = base.cell.dimensions
    known = (*base.cell.state_names, *(e.target for e in base.cell.equations))
    for other in known:
        if other != edge.signal and sizes[other] == sizes.get(edge.signal):
            text = f"{other} in place of {edge.signal} in {describe(edge)}"
            yield edge_fault(base, "wrong signal", text, replace(edge, signal=other))


def _elsewhere(base: Adjoint, edge: Seed | Carry) -> Iterator[Fault]:
    """What enters a step at another signal: before an activation's derivative, not after it."""
    below = [e.into for e in base.edges if isinstance(e, Scale) and e.source == edge.into]
    for other in dict.fromkeys(below):
        text = f"{describe(edge)} is added to d{other}, not to d{edge.into}"
        yield edge_fault(base, "wrong place", text, replace(edge, into=other))


def _at_every_step(base: Adjoint, seed: Seed) -> Iterator[Fault]:
    """A final state's cotangent at every step, beside what the step after hands back, or in its place."""
    always = replace(seed, always=True)
    yield edge_fault(base, "seed", f"{describe(seed)} is added at every step", always)
    for carry in base.carries:
        if carry.source == seed.source:
            text = f"{describe(seed)} is taken at every step, in place of the carry of d{seed.source}"
            yield edge_fault(base, "seed", text, always, replace(carry, gain=ZERO))


def _factors(base: Adjoint, edge: Scale) -> Iterator[Fault]:
    """One part of the factor changed: a part of a product missing, a sign inside it, its complement."""
    parts = sympy.Mul.make_args(edge.factor)
    for part in parts:
        if part.is_Symbol and len(parts) <= 2:  # a gate alone, or beside the slope of an activation
            text = f"1 - {part} in place of {part} in {describe(edge)}"
            yield edge_fault(base, "complement", text, replace(edge, factor=edge.factor / part * (1 - part)))
    for part in parts if len(parts) > 1 else ():
        if not part.is_number:
            text = f"{part} is missing in {describe(edge)}"
            yield edge_fault(base, "factor missing", text, replace(edge, factor=edge.factor / part))
    for part in parts:
        for _, text, changed in addend_changes(part, str(part)) if part.is_Add else ():
            words = f"{text}, in {describe(edge)}"
            yield edge_fault(base, "factor changed", words, replace(edge, factor=edge.factor / part * changed))
    yield from _activated(base, edge)
    for incoming in base.edges:
        if isinstance(incoming, Scale) and incoming.into == edge.source:
            yield _bypass(base, incoming, edge)


def _activated(base: Adjoint, edge: Scale) -> Iterator[Fault]:
    """tanh(c) in place of tanh(c'): the activation of another signal, in a factor that is one's value."""
    sizes = base.cell.dimensions
    for equation in base.cell.equations:
        call = equation.expression if isinstance(equation, Elementwise) else None
        if (
            isinstance(call, Activation)
            and call.args[0].is_Symbol
            and signal(equation.target) in edge.factor.free_symbols
        ):
            for other in (*base.cell.state_names, *(e.target for e in base.cell.equations)):
                if (
                    sizes[other] == sizes[equation.target]
                    and signal(other) != call.args[0]
                    and other != equation.target
                ):
                    taken = call.func(signal(other))
                    text = f"{taken} in place of {call} in {describe(edge)}"
                    factor = edge.factor.xreplace({signal(equation.target): taken})
                    yield edge_fault(base, "wrong signal", text, replace(edge, factor=factor))


def _bypass(base: Adjoint, incoming: Scale, edge: Scale) -> Fault:
    """What arrives by one edge is not passed on by another: an edge more, that takes it away again."""
    text = f"the part of d{edge.source} that comes from d{incoming.source} is missing in {describe(edge)}"
    away = Scale(
        f"{edge.id} without {incoming.id}",
        incoming.source,
        edge.into,
        incoming.factor * edge.factor,
        -incoming.gain * edge.gain,
    )
    return Fault("part missing", text, adjoint=replace(base, edges=(*base.edges, away)))
