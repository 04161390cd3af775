"""More changes of a cell's equations: what a diagnosis looks for beside the bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

import sympy

from rnnproof.faults.equations import bias_added, changed
from rnnproof.faults.fault import Fault
from rnnproof.faults.groups import affines, same_operands
from rnnproof.model.activation import Activation, clipped, reciprocal, relu, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, signal


def wider_equations(cell: Cell) -> Iterator[Fault]:
    """Operands of another step, complements exchanged, biases moved, halves of packed arrays in another order.

    And activations that no network of the catalogue has.
    """
    yield from _operands(cell)
    yield from _every_bias_twice(cell)
    yield from _other_activations(cell)
    yield from _exchanged(cell)
    yield from _moved_biases(cell)
    yield from _part_orders(cell)


def _operands(cell: Cell) -> Iterator[Fault]:
    """A weight that multiplies another signal of the same size, known by then."""
    sizes = cell.dimensions
    known = [cell.input, *cell.state_names]
    for equation in cell.equations:
        for weight, name in equation.terms if isinstance(equation, Affine) else ():
            for other in known:
                both_states = {name, other} <= {*cell.state_names}  # the bank has those
                if other != name and sizes[other] == sizes[name] and not both_states:
                    terms = tuple((w, other if w == weight else s) for w, s in equation.terms)  # type: ignore[union-attr]
                    text = f"{weight} multiplies {other} in {equation.target}, not {name}"
                    yield Fault("wrong signal", text, changed(cell, replace(equation, terms=terms)))  # type: ignore[arg-type]
        known.append(equation.target)


def _every_bias_twice(cell: Cell) -> Iterator[Fault]:
    biased = [equation for equation in affines(cell) if equation.bias is not None]
    if len(biased) > 1:
        for equation in biased:
            cell = bias_added(cell, equation, 1)
        yield Fault("bias twice", "every bias is counted twice", cell)


def other_activations(call: Activation) -> Iterator[tuple[str, sympy.Expr]]:
    """(name, expression) of what else people take for a sigmoid, tanh or relu of an argument."""
    (z,) = call.args
    yield "the leaky relu of slope 1/100", relu(z) - relu(-z) / 100
    yield "z sigmoid(z)", z * sigmoid(z)
    yield "the softsign z/(1 + |z|)", z * reciprocal(1 + relu(z) + relu(-z))
    yield f"{call.func.__name__}({call.func.__name__}(z))", call.func(call)
    if isinstance(call, tanh):
        yield "the hard tanh, z clipped to ±1,", clipped(z, sympy.Integer(1))
        yield "1.7159 tanh(2 z/3)", sympy.Rational(17159, 10000) * tanh(2 * z / 3)


def _other_activations(cell: Cell) -> Iterator[Fault]:
    """In one place, and wherever the same activation stands; and one on top of what has none."""
    every = [e for e in cell.equations if isinstance(e, Elementwise)]
    for e in every:
        for kind in (tanh, sigmoid, relu) if not isinstance(e.expression, Activation) else ():
            text = f"{e.target} is the {kind.__name__} of what it should be"
            yield Fault("activation added", text, changed(cell, Elementwise(e.target, kind(e.expression))))
    calls = sorted({call for e in every for call in e.expression.atoms(sigmoid, tanh, relu)}, key=str)
    for kind in (sigmoid, tanh, relu):
        same = [call for call in calls if isinstance(call, kind)]
        for part in [[call] for call in same] + ([same] if len(same) > 1 else []):
            where = f"every {kind.__name__}" if len(part) > 1 else str(part[0])
            for choice in zip(*map(other_activations, part), strict=True):
                table = {call: made for call, (_, made) in zip(part, choice, strict=True)}
                made = [Elementwise(e.target, e.expression.xreplace(table)) for e in every]
                yield Fault("activation replaced", f"{choice[0][0]} in place of {where}", changed(cell, *made))


def _exchanged(cell: Cell) -> Iterator[Fault]:
    """s and 1 - s exchanged wherever both stand in an equation."""
    for equation in cell.equations:
        if isinstance(equation, Elementwise):
            for name in equation.uses:
                symbol = signal(name)
                if equation.expression.has(1 - symbol):
                    made = equation.expression.xreplace({symbol: 1 - symbol})
                    one = Elementwise(equation.target, made)
                    text = f"{name} and 1 - {name} are exchanged"
                    text = f"{text} in {one.target}"
                    yield Fault("complement", text, changed(cell, one))


def _moved_biases(cell: Cell) -> Iterator[Fault]:
    """A bias outside the product that its equation's value goes into, r s + b in place of r (s + b)."""
    biased = {e.target: e for e in cell.equations if isinstance(e, Affine) and e.bias is not None}
    for equation in cell.equations:
        if isinstance(equation, Elementwise) and isinstance(equation.expression, Activation):
            for name in sorted({*equation.uses} & {*biased}):
                yield from _moved(cell, equation.target, equation.expression, biased[name])


def _moved(cell: Cell, target: str, call: Activation, affine: Affine) -> Iterator[Fault]:
    (argument,) = call.args
    slope, bias = sympy.diff(argument, signal(affine.target)), str(affine.bias)
    if slope.free_symbols and signal(affine.target) not in slope.free_symbols:
        made = Elementwise(target, call.func(argument + (1 - slope) * signal(bias)))
        vectors = tuple(dict.fromkeys((*cell.vectors, bias)))
        text = f"{bias} is added in {target} outside the product with {slope}"
        yield Fault("bias moved", text, changed(replace(cell, vectors=vectors), made))


def _part_orders(cell: Cell) -> Iterator[Fault]:
    """The weights of one signal, or the biases, read in another order of the gates than the rest."""
    for gates in same_operands(affines(cell)):
        letters = [gate.target.rpartition("z_")[2] for gate in gates]
        parts = [*(f"the weights of {name}" for _, name in gates[0].terms), "the biases"]
        for n, words in enumerate(parts):
            for order in permutations(range(len(gates))):
                if order != tuple(range(len(gates))):
                    made = [_with_part(gate, gates[k], n) for gate, k in zip(gates, order, strict=True)]
                    packed = " ".join(letters[k] for k in order)
                    text = f"{words} are read in the order {packed}, not {' '.join(letters)}"
                    yield Fault("gate order", text, changed(cell, *made))


def _with_part(gate: Affine, other: Affine, n: int) -> Equation:
    if n == len(gate.terms):
        return replace(gate, bias=other.bias)
    terms = tuple((other.terms[k][0] if k == n else weight, name) for k, (weight, name) in enumerate(gate.terms))
    return replace(gate, terms=terms)
