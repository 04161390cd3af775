"""More changes of an adjoint: what a diagnosis looks for beside the bank, copied lines and misplaced factors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import sympy

from rnnproof.faults.edges import FIRST, LAST, ZERO, activation_edges, describe, edge_fault
from rnnproof.faults.equations import addend_changes, alike
from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation, sigmoid, tanh
from rnnproof.model.equation import signal
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Outer,
    Product,
    Scale,
    Seed,
    Total,
)

MEANS = (
    (1 / STEPS, "mean over time", "a mean over time"),
    (1 / BATCH, "mean over batch", "a mean over the batch"),
    (1 / (STEPS * BATCH), "mean over time and batch", "a mean over time and the batch"),
)


def wider_edits(base: Adjoint) -> Iterator[Fault]:
    """Changes of single edges and of groups of them, of an adjoint, edited or not."""
    for edge in base.edges:
        yield from _single(base, edge)
    yield from _slopes(base)
    yield from _every_gradient(base)
    yield from _by_kind(base)
    yield from _copied_gates(base)
    yield from _own_factors(base)


def _single(base: Adjoint, edge: Edge) -> Iterator[Fault]:
    words = describe(edge)
    match edge:
        case Outer() | Total():
            for gain, operator, what in MEANS:
                yield edge_fault(base, operator, f"{words} is {what}", replace(edge, gain=gain))
            yield from _other_source(base, edge)
        case Product():
            for other in alike(base.cell, edge.weight):
                text = f"{other} in place of {edge.weight} in the term {edge.weight}^T d{edge.source} of d{edge.into}"
                yield edge_fault(base, "wrong weight", text, replace(edge, weight=other))
            yield from _other_source(base, edge)
        case Scale():
            yield from _factors(base, edge)
        case Seed() | Carry():
            yield from _elsewhere(base, edge)
    if isinstance(edge, Outer):
        yield from _other_operand(base, edge)


def _later(base: Adjoint, name: str) -> list[str]:
    """The signals of a size that are computed after the input and the states, the last first."""
    sizes = base.cell.dimensions
    return [e.target for e in reversed(base.cell.equations) if e.target != name and sizes[e.target] == sizes[name]]


def _other_source(base: Adjoint, edge: Outer | Total | Product) -> Iterator[Fault]:
    for other in _later(base, edge.source):
        text = f"d{other} in place of d{edge.source} in {describe(edge)}"
        yield edge_fault(base, "wrong cotangent", text, replace(edge, source=other))


def _other_operand(base: Adjoint, edge: Outer) -> Iterator[Fault]:
    sizes = base.cell.dimensions
    known = (*base.cell.state_names, *(e.target for e in base.cell.equations))
    for other in known:
        if other != edge.signal and sizes[other] == sizes[edge.signal]:
            text = f"{other} in place of {edge.signal} in {describe(edge)}"
            yield edge_fault(base, "wrong signal", text, replace(edge, signal=other))


def _elsewhere(base: Adjoint, edge: Seed | Carry) -> Iterator[Fault]:
    """What enters a step at another signal: before an activation's derivative, not after it."""
    below = [e.into for e in base.edges if isinstance(e, Scale) and e.source == edge.into]
    for other in dict.fromkeys(below):
        text = f"{describe(edge)} is added to d{other}, not to d{edge.into}"
        yield edge_fault(base, "wrong place", text, replace(edge, into=other))


def _factors(base: Adjoint, edge: Scale) -> Iterator[Fault]:
    """One part of the factor changed: a part of a product missing, a sign inside it, its complement."""
    parts = sympy.Mul.make_args(edge.factor)
    for part in parts if len(parts) > 1 else ():
        if not part.is_number:
            text = f"{part} is missing in {describe(edge)}"
            yield edge_fault(base, "factor missing", text, replace(edge, factor=edge.factor / part))
    for part in parts:
        for _, text, changed in addend_changes(part, str(part)) if part.is_Add else ():
            words = f"{text}, in {describe(edge)}"
            yield edge_fault(base, "factor changed", words, replace(edge, factor=edge.factor / part * changed))
    for incoming in base.edges:
        if isinstance(incoming, Scale) and incoming.into == edge.source:
            yield _bypass(base, incoming, edge)


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


def slopes(value: sympy.Expr) -> dict[str, sympy.Expr]:
    """What people write for the derivative of an activation with this value."""
    return {
        "y*(1 - y), a sigmoid's": value * (1 - value),
        "1 - y**2, a tanh's": 1 - value**2,
        "1 - y": 1 - value,
        "1 + y**2": 1 + value**2,
        "y": value,
        "y**2": value**2,
    }


def _slopes(base: Adjoint) -> Iterator[Fault]:
    """Another function than the derivative, for one activation, and for all of a kind."""
    found = [(edge, call) for edge, call in activation_edges(base) if isinstance(call, sigmoid | tanh)]
    for words, make in _wrong_slopes():
        for edge, call in found:
            text = f"{call.func.__name__}' is taken for {words}, of its value y, in d{edge.into}"
            yield from _changed_slopes(base, text, [(edge, call)], make)
        for name in ("sigmoid", "tanh"):
            same = [(edge, call) for edge, call in found if call.func.__name__ == name]
            if len(same) > 1:
                yield from _changed_slopes(base, f"every {name}' is taken for {words}, of its value y", same, make)


def _wrong_slopes() -> Iterator[tuple[str, Callable[[sympy.Expr], sympy.Expr]]]:
    for words in slopes(signal("s")):
        yield words, lambda value, words=words: slopes(value)[words]  # type: ignore[misc]


def _changed_slopes(
    base: Adjoint,
    text: str,
    found: list[tuple[Scale, Activation]],
    make: Callable[[sympy.Expr], sympy.Expr],
) -> Iterator[Fault]:
    edges = []
    for edge, call in found:
        inner = sympy.diff(call.args[0], signal(edge.into))
        edges.append(replace(edge, factor=make(signal(edge.source)) * inner))
    if any(sympy.expand(new.factor - old.factor) != 0 for new, (old, _) in zip(edges, found, strict=True)):
        yield edge_fault(base, "derivative replaced", text, *edges)


def _every_gradient(base: Adjoint) -> Iterator[Fault]:
    """The loss times a constant; and the parameters' gradients a mean over time and the batch."""
    seeds = [edge for edge in base.edges if isinstance(edge, Seed)]
    for gain, operator, words in (*MEANS, (-ONE, "sign", "of the wrong sign"), (2 * ONE, "scale", "counted twice")):
        made = [replace(edge, gain=gain) for edge in seeds]
        yield edge_fault(
            base, operator, f"all gradients, dx and the states' too, are {words.replace('a mean', 'means')}", *made
        )
    gain, operator, words = MEANS[-1]
    sums = [replace(edge, gain=gain) for edge in base.edges if isinstance(edge, Outer | Total)]
    yield edge_fault(base, operator, f"the parameters' gradients are {words.replace('a mean', 'means')}", *sums)


def _by_kind(base: Adjoint) -> Iterator[Fault]:
    """One line in a loop over the gates: all weights of one signal, all biases; all that comes back to one signal."""
    groups: dict[str, list[Edge]] = {}
    for edge in base.edges:
        if isinstance(edge, Outer):
            groups.setdefault(f"the gradient of every weight of {edge.signal}", []).append(edge)
        elif isinstance(edge, Total):
            groups.setdefault("the gradient of every bias", []).append(edge)
    every = (
        (ZERO, "sum dropped", "is zero"),
        (FIRST, "overwritten", "is that of the first step alone"),
        (LAST, "overwritten", "is that of the last step alone"),
        (-ONE, "sign", "has the wrong sign"),
        (2 * ONE, "scale", "is counted twice"),
        *((gain, operator, f"is {what}") for gain, operator, what in MEANS),
    )
    for words, edges in groups.items():
        for gain, operator, told in every if len(edges) > 1 else ():
            yield edge_fault(base, operator, f"{words} {told}", *(replace(edge, gain=gain) for edge in edges))
    for name in (base.cell.input, *base.cell.state_names):
        back = [edge for edge in base.edges if isinstance(edge, Product) and edge.into == name]
        for kept in back if len(back) > 2 else ():
            text = f"only d{kept.source} is passed back to d{name}: the others are overwritten"
            dropped = [replace(edge, gain=ZERO) for edge in back if edge is not kept]
            yield edge_fault(base, "overwritten", text, *dropped)


def _copied_gates(base: Adjoint) -> Iterator[Fault]:
    """All that is made of one gate's cotangent, made of another's: a line copied, the name not changed."""
    targets = dict.fromkeys(edge.source for edge in base.edges if isinstance(edge, Outer))
    for z in targets:
        mine = [edge for edge in base.edges if isinstance(edge, Outer | Total) and edge.source == z]
        weights = [edge for edge in mine if isinstance(edge, Outer)]
        for other in _later(base, z):
            for edges, words in ((mine, "parameter's gradient"), (weights, "weight's gradient")):
                text = f"d{other} in place of d{z} in every {words} that is made of it"
                changed = [replace(edge, source=other) for edge in edges]
                if len(edges) > 1:
                    yield edge_fault(base, "wrong cotangent", text, *changed)


def _own_factors(base: Adjoint) -> Iterator[Fault]:
    """In every product a factor's cotangent is multiplied by its own value, not by the other factor's."""
    products = [e for e in base.edges if isinstance(e, Scale) and e.factor.is_Symbol and e.factor != signal(e.into)]
    if len(products) > 1:
        changed = [replace(edge, factor=signal(edge.into)) for edge in products]
        text = "in every product, each factor's cotangent is multiplied by its own value, not by the other's"
        yield edge_fault(base, "wrong signal", text, *changed)
