"""Layers as one cell: at each step a layer reads what the layer below put out at that step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Equation, Softmax, signal


def prefixed(cell: Cell, prefix: str, input: str) -> Cell:
    """The cell with ``prefix`` before the name of every signal, state and parameter, reading the signal ``input``."""
    signals = (*cell.state_names, *cell.vectors, *(equation.target for equation in cell.equations))
    names = {name: prefix + name for name in signals} | {cell.input: input}
    return replace(
        cell,
        equations=tuple(renamed(equation, names, prefix) for equation in cell.equations),
        states=tuple((names[state], names[stored]) for state, stored in cell.states),
        output=names[cell.output],
        input=input,
        vectors=tuple(names[vector] for vector in cell.vectors),
    )


def renamed(equation: Equation, names: Mapping[str, str], prefix: str = "") -> Equation:
    """The equation with other names for its signals, where ``names`` has one, and ``prefix`` before its parameters."""
    target = names.get(equation.target, equation.target)
    if isinstance(equation, Affine):
        terms = tuple((prefix + weight, names.get(name, name)) for weight, name in equation.terms)
        bias = None if equation.bias is None else prefix + equation.bias
        return replace(equation, target=target, terms=terms, bias=bias)
    if isinstance(equation, Softmax):
        return replace(equation, target=target, source=names.get(equation.source, equation.source))
    table = {signal(name): signal(names[name]) for name in equation.uses if name in names}
    return Elementwise(target, equation.expression.xreplace(table))


def above(below: Cell, cell: Cell, prefix: str) -> Cell:
    """``below``, and on top of it the cell, prefixed, reading what is put out below, as one cell."""
    top = prefixed(cell, prefix, below.output)
    return replace(
        below,
        equations=below.equations + top.equations,
        states=below.states + top.states,
        output=top.output,
        vectors=below.vectors + top.vectors,
    )
