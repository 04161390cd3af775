"""Changes of several equations at once, and of how the signals are wired: one line in a loop, one packed array."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from rnnproof.faults.equations import changed, replacements
from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise


def group_faults(cell: Cell) -> Iterator[Fault]:
    """Every group change, every other order of the gates, every other wiring of states and output."""
    yield from _groups(cell)
    yield from _gate_orders(cell)
    yield from _wiring(cell)


def affines(cell: Cell) -> list[Affine]:
    """The affine equations of a cell."""
    return [equation for equation in cell.equations if isinstance(equation, Affine)]


def _groups(cell: Cell) -> Iterator[Fault]:
    every = affines(cell)
    if len(every) > 1 and any(e.bias for e in every):
        yield Fault("bias missing", "every bias is missing", changed(cell, *(replace(e, bias=None) for e in every)))
    for name in (cell.input, *cell.state_names):
        others = {e: tuple(term for term in e.terms if term[1] != name) for e in every}
        touched = [replace(e, terms=terms) for e, terms in others.items() if terms and terms != e.terms]
        if len(touched) > 1:
            yield Fault("term missing", f"{name} is missing from every gate", changed(cell, *touched))
    for activation in (sigmoid, tanh):
        calls = {c for e in cell.equations if isinstance(e, Elementwise) for c in e.expression.atoms(activation)}
        if len(calls) > 1:
            yield from _every(cell, activation, sorted(calls, key=str))


def _every(cell: Cell, activation: type[Activation], calls: list[Activation]) -> Iterator[Fault]:
    """One activation replaced wherever it stands."""
    choices = [list(replacements(call)) for call in calls]
    for n, (operator, words, _) in enumerate(choices[0]):
        table = {call: choice[n][2] for call, choice in zip(calls, choices, strict=True)}
        made = [
            Elementwise(e.target, e.expression.xreplace(table))
            for e in cell.equations
            if isinstance(e, Elementwise) and e.expression.atoms(activation)
        ]
        yield Fault(operator, f"every {activation.__name__} is replaced: {words}", changed(cell, *made))


def _gate_orders(cell: Cell) -> Iterator[Fault]:
    """The parameters of a layer's gates in another order, as in arrays packed by another convention."""
    for gates in same_operands(affines(cell)):
        layer, _, _ = gates[0].target.rpartition("z_")
        names = [gate.target.removeprefix(f"{layer}z_") for gate in gates]
        which = f"the gates of {layer.removesuffix('.')}" if layer else "the gates"
        for order in permutations(range(len(gates))):
            if order == tuple(range(len(gates))):
                continue
            made = [replace(gates[n], target=gate.target) for n, gate in zip(order, gates, strict=True)]
            packed = " ".join(names[n] for n in order)
            text = f"{which} are read in the order {packed}, not {' '.join(names)}"
            yield Fault("gate order", text, changed(cell, *made))


def same_operands(equations: list[Affine]) -> Iterator[list[Affine]]:
    """The affine equations that read the same signals, together."""
    for signature in dict.fromkeys(map(_signature, equations)):
        yield [equation for equation in equations if _signature(equation) == signature]


def _signature(equation: Affine) -> tuple[object, ...]:
    return equation.uses, equation.rows, equation.bias is None


def _wiring(cell: Cell) -> Iterator[Fault]:
    """Another signal stored as a state, or put out."""
    sizes = cell.dimensions
    stored = [signal_ for _, signal_ in cell.states]
    for n, (state, kept) in enumerate(cell.states):
        for other in (s for s in (*stored, state) if s != kept and sizes[s] == sizes[kept]):
            states = (*cell.states[:n], (state, other), *cell.states[n + 1 :])
            words = "is never updated" if other == state else f"stores {other}, not {kept}"
            yield Fault("wiring", f"the state {state} {words}", replace(cell, states=states))
    for other in (*stored, *cell.state_names):
        if other != cell.output and sizes[other] == sizes[cell.output]:
            yield Fault("wiring", f"the output is {other}, not {cell.output}", replace(cell, output=other))
