"""More changes of several edges at once: one line in a loop, a line copied, one function that several gates share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import sympy

from rnnproof.faults.edges import FIRST, LAST, ZERO, activation_edges, edge_fault
from rnnproof.faults.fault import Fault
from rnnproof.faults.wider_edges import LEFT_OUT, MEANS, later
from rnnproof.model.activation import Activation, sigmoid, tanh
from rnnproof.model.equation import signal
from rnnproof.reference.adjoint import ONE, STEP, Adjoint, Edge, Mix, Outer, Product, Scale, Seed, Total, end

EVERY = (2, 3, 4, 5, 6)  # after how many steps backpropagation may be cut


def wider_groups(base: Adjoint) -> Iterator[Fault]:
    """Changes of groups of edges, of an adjoint, edited or not."""
    yield from _slopes(base)
    yield from _cuts(base)
    yield from _ends(base)
    yield from _every_gradient(base)
    yield from _by_kind(base)
    yield from _passed_back(base)
    yield from _copied_gates(base)
    yield from _own_factors(base)


def slopes(value: sympy.Expr) -> dict[str, sympy.Expr]:
    """What people write for the derivative of an activation with this value."""
    return {
        "taken for y*(1 - y), a sigmoid's, of its value y": value * (1 - value),
        "taken for 1 - y**2, a tanh's, of its value y": 1 - value**2,
        "taken for 1 - y, of its value y": 1 - value,
        "taken for 1 + y**2, of its value y": 1 + value**2,
        "taken for y, its value": value,
        "taken for y**2, of its value y": value**2,
        "missing": ONE,
        "taken for (1 - y)**2, of its value y": (1 - value) ** 2,
    }


def _slopes(base: Adjoint) -> Iterator[Fault]:
    """Another function than the derivative, for one activation, and for all of a kind."""
    found = [(edge, call) for edge, call in activation_edges(base) if isinstance(call, sigmoid | tanh)]
    for words, make in _wrong_slopes():
        for edge, call in found:
            text = f"in d{edge.into}, {call.func.__name__}' is {words}"
            yield from _changed_slopes(base, text, [(edge, call)], make)
        for source in dict.fromkeys(edge.source for edge, _ in found):
            same = [(edge, call) for edge, call in found if edge.source == source]
            text = f"{same[0][1].func.__name__}' of the value {source} is {words}"
            if len(same) > 1:
                yield from _changed_slopes(base, text, same, make)
        for name in ("sigmoid", "tanh"):
            same = [(edge, call) for edge, call in found if call.func.__name__ == name]
            if len(same) > 1:
                yield from _changed_slopes(base, f"every {name}' is {words}", same, make)


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


def _cuts(base: Adjoint) -> Iterator[Fault]:
    """Every k steps nothing is handed back, out of the first step too, or not."""
    states = [edge for edge in base.results if edge.into != base.cell.input]
    for k in EVERY:
        gain = sympy.Piecewise((0, sympy.Eq((STEP + 1) % k, 0)), (1, True))
        cut = [replace(edge, gain=gain) for edge in base.carries]
        if len(cut) > 1 or k > 3:
            yield edge_fault(base, "truncated", f"backpropagation is cut after every {k} steps", *cut)
        text = f"backpropagation is cut after every {k} steps, and no state's gradient is returned"
        yield edge_fault(base, "truncated", text, *cut, *(replace(edge, gain=ZERO) for edge in states))


def _ends(base: Adjoint) -> Iterator[Fault]:
    """A state that is kept but once, and not for every step: going back, its last value is seen everywhere."""
    for state, stored in base.cell.states:
        for names in ((state,), (stored,), (state, stored)):
            kept = {signal(name): signal(end(state)) for name in names}
            made = [(edge, _reading(edge, kept)) for edge in base.edges]
            text = f"going back, the final {state} is read at every step in place of {' and of '.join(names)}"
            changed = [new for old, new in made if new != old]
            if changed:
                yield edge_fault(base, "wrong step", text, *changed)


def _reading(edge: Edge, others: dict[sympy.Symbol, sympy.Symbol]) -> Edge:
    """The edge that reads other signals."""
    match edge:
        case Scale() | Total():
            return replace(edge, factor=edge.factor.xreplace(others))
        case Mix():
            return replace(edge, factor=edge.factor.xreplace(others), weight=edge.weight.xreplace(others))
        case Outer():
            return replace(edge, signal=others.get(signal(edge.signal), signal(edge.signal)).name)
    return edge


def _every_gradient(base: Adjoint) -> Iterator[Fault]:
    """The loss times a constant; and the parameters' gradients a mean over time and the batch."""
    seeds = [edge for edge in base.edges if isinstance(edge, Seed)]
    means = [(gain, f"mean {over}", f"means {over}") for gain, over in MEANS]
    for gain, operator, words in (*means, (-ONE, "sign", "of the wrong sign"), (2 * ONE, "scale", "counted twice")):
        made = [replace(edge, gain=gain) for edge in seeds]
        yield edge_fault(base, operator, f"all gradients, dx and the states' too, are {words}", *made)
    gain, operator, words = means[-1]
    sums = [replace(edge, gain=gain) for edge in base.edges if isinstance(edge, Outer | Total)]
    yield edge_fault(base, operator, f"the parameters' gradients are {words}", *sums)


def _by_kind(base: Adjoint) -> Iterator[Fault]:
    """One line in a loop over the gates: all weights of one signal, all biases."""
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
        *((gain, f"mean {over}", f"is a mean {over}") for gain, over in MEANS),
        *LEFT_OUT,
    )
    for words, edges in groups.items():
        for gain, operator, told in every if len(edges) > 1 else ():
            yield edge_fault(base, operator, f"{words} {told}", *(replace(edge, gain=gain) for edge in edges))


def _passed_back(base: Adjoint) -> Iterator[Fault]:
    """All that comes back to one signal: through no peephole, or from one gate alone."""
    for name in (base.cell.input, *base.cell.state_names):
        back = [edge for edge in base.edges if isinstance(edge, Product) and edge.into == name]
        peepholes = [
            edge for edge in base.edges if isinstance(edge, Scale) and edge.into == name and _peeps(base, edge)
        ]
        if len(peepholes) > 1:
            text = f"no gate passes its cotangent back to {name} through its peephole"
            yield edge_fault(base, "product dropped", text, *(replace(edge, gain=ZERO) for edge in peepholes))
        for kept in back if len(back) > 2 else ():
            text = f"only d{kept.source} is passed back to d{name}: the others are overwritten"
            dropped = [replace(edge, gain=ZERO) for edge in back if edge is not kept]
            yield edge_fault(base, "overwritten", text, *dropped)


def _peeps(base: Adjoint, edge: Scale) -> bool:
    """Whether an edge goes through a weight of one entry for each unit."""
    return not {symbol.name for symbol in edge.factor.free_symbols}.isdisjoint(base.cell.vectors)


def _copied_gates(base: Adjoint) -> Iterator[Fault]:
    """All that is made of one gate's cotangent, made of another's: a line copied, the name not changed."""
    targets = dict.fromkeys(edge.source for edge in base.edges if isinstance(edge, Outer))
    for z in targets:
        mine = [edge for edge in base.edges if isinstance(edge, Outer | Total) and edge.source == z]
        weights = [edge for edge in mine if isinstance(edge, Outer)]
        for other in later(base, z):
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
