"""Changes of what an activation is taken of: an addend left out, or added after it; peepholes exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import sympy

from rnnproof.faults.equations import addend_changes, changed
from rnnproof.faults.fault import Fault
from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, signal


def argument_faults(cell: Cell) -> Iterator[Fault]:
    """Every change of one activation's argument, and of the vector parameters in it."""
    for equation in cell.equations:
        if isinstance(equation, Elementwise) and isinstance(equation.expression, Activation):
            yield from _addends(cell, equation, equation.expression)
            yield from _terms(cell, equation, equation.expression)
    yield from _vectors(cell)


def _addends(cell: Cell, equation: Elementwise, call: Activation) -> Iterator[Fault]:
    """Of sigmoid(z + p c): p c left out, changed, or added to the sigmoid."""
    (argument,) = call.args
    target, addends = equation.target, sympy.Add.make_args(argument)
    if len(addends) == 1:
        return
    for operator, text, value in addend_changes(argument, target):
        if value.free_symbols:
            yield Fault(operator, text, changed(cell, Elementwise(target, call.func(value))))
    for addend in addends:
        value = call.func(argument - addend) + addend
        yield _moved(changed(cell, Elementwise(target, value)), str(addend), call, target)


def _terms(cell: Cell, equation: Elementwise, call: Activation) -> Iterator[Fault]:
    """Of tanh(z), z = W x + U h + b: a term that is added to the tanh."""
    affine = next((e for e in cell.equations if isinstance(e, Affine) and signal(e.target) == call.args[0]), None)
    if affine is None:
        return
    for weight, name in affine.terms if len(affine.terms) > 1 else ():
        alone = Affine(f"{weight} {name}", ((weight, name),), rows=affine.rows)
        value = call.func(call.args[0] - signal(alone.target)) + signal(alone.target)
        made = changed(_before(cell, equation.target, alone), Elementwise(equation.target, value))
        yield _moved(made, alone.target, call, equation.target)
    if affine.bias is not None:
        bias = signal(affine.bias)
        vectors = tuple(dict.fromkeys((*cell.vectors, affine.bias)))
        value = call.func(call.args[0] - bias) + bias
        made = changed(replace(cell, vectors=vectors), Elementwise(equation.target, value))
        yield _moved(made, affine.bias, call, equation.target)


def _moved(made: Cell, what: str, call: Activation, target: str) -> Fault:
    return Fault("added after", f"{what} is added after the {call.func.__name__}, not before it, in {target}", made)


def _before(cell: Cell, target: str, more: Equation) -> Cell:
    """The cell with an equation more, just before that of a target."""
    made = [part for one in cell.equations for part in ((more, one) if one.target == target else (one,))]
    return replace(cell, equations=tuple(made))


def _vectors(cell: Cell) -> Iterator[Fault]:
    """One vector parameter in the place of another, and two of them exchanged."""
    shapes, given = cell.parameters, {name: signal(name) for name in cell.vectors}
    for first, second in combinations(given, 2):
        if shapes[first] == shapes[second]:
            both = {given[first]: given[second], given[second]: given[first]}
            yield Fault("wrong weight", f"{first} and {second} are exchanged", _with(cell, both))
            for name, other in ((first, second), (second, first)):
                text = f"{other} in place of {name}"
                yield Fault("wrong weight", text, _with(cell, {given[name]: given[other]}))


def _with(cell: Cell, others: dict[sympy.Symbol, sympy.Symbol]) -> Cell:
    every = (e for e in cell.equations if isinstance(e, Elementwise))
    return changed(cell, *(Elementwise(e.target, e.expression.xreplace(others)) for e in every))
