"""Gradients of a straight-line program: SymPy's derivative of each line, chained backwards.

Each distinct form of line is differentiated once; its derivative is then written with the line's own names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

import sympy

from rnnproof.domains.algebra import as_exact
from rnnproof.errors import UsageError, nearest
from rnnproof.model.activation import Activation
from rnnproof.model.equation import signal
from rnnproof.symbolic.program import Line, Program, leading_to


def gradient(program: Program, output: str, weight: str) -> Program:
    """d output / d weight, both scalars by name, as a straight-line program; its last line is the gradient.

    Errors: UsageError for an output that no line defines, or a weight that is no argument of the program.
    """
    return gradients(program, {output: 1}, (weight,))


def gradients(program: Program, cotangents: Mapping[str, Any], by: Collection[str] | None = None) -> Program:
    """The vector-Jacobian product: d (sum of cotangent * name) / d argument, for all arguments or ``by``.

    A cotangent is a number or an expression; the line of a gradient is called d<name>, as dW_i[0,0], and
    d<name> of a line is that sum's total derivative by it. The results are grouped as the arguments are.
    Errors: UsageError for a name that the program does not have.
    """
    every = [name for group in program.arguments.values() for name in group]
    _known(cotangents, [line.name for line in program.lines] + every, "output")
    _known(by or (), every, "argument")
    wanted = set(every if by is None else by)
    seeds = {name: as_exact(cotangent) for name, cotangent in cotangents.items()}
    lines = leading_to(program.lines, seeds)
    groups = {array: tuple(n for n in names if n in wanted) for array, names in program.arguments.items()}
    groups = {array: names for array, names in groups.items() if names}
    results = {array: tuple(f"d{name}" for name in names) for array, names in groups.items()}
    adjoint = _adjoint(lines, seeds, wanted, [name for names in groups.values() for name in names])
    used = leading_to(lines + tuple(adjoint), [name for names in results.values() for name in names])
    return Program(used, {**program.arguments, **_free(seeds, lines, every)}, results)


def _adjoint(
    lines: tuple[Line, ...], seeds: Mapping[str, sympy.Expr], wanted: set[str], order: Iterable[str]
) -> list[Line]:
    """A line for each line that leads from the arguments wanted to the seeds, then one for each argument."""
    moving = _depending(lines, wanted)
    terms: dict[str, list[sympy.Expr]] = defaultdict(list, {name: [seed] for name, seed in seeds.items()})
    adjoint: list[Line] = []
    for line in reversed(lines):
        if line.name not in moving or not terms[line.name]:
            continue
        adjoint.append(Line(f"d{line.name}", sympy.Add(*terms[line.name])))
        d = signal(adjoint[-1].name)
        for symbol, partial in partials(line):
            if symbol.name in moving:
                terms[symbol.name].append(d * partial)
    return adjoint + [Line(f"d{name}", sympy.Add(*terms[name])) for name in order]


def partials(line: Line) -> list[tuple[sympy.Symbol, sympy.Expr]]:
    """SymPy's derivative of the line by each symbol it uses; the line's own value appears by its name."""
    symbols = sorted(line.expression.free_symbols, key=lambda symbol: str(symbol.name))
    places = _places(len(symbols))
    form = line.expression.xreplace(dict(zip(symbols, places, strict=True)))
    names = dict(zip(places, symbols, strict=True))
    if isinstance(form, Activation):
        names[form] = signal(line.name)
    derivatives = _derivatives(form, places)
    return [(symbol, d.xreplace(names)) for symbol, d in zip(symbols, derivatives, strict=True)]


@cache
def _derivatives(form: sympy.Expr, places: tuple[sympy.Symbol, ...]) -> tuple[sympy.Expr, ...]:
    return tuple(form.diff(place) for place in places)


@cache
def _place(position: int) -> sympy.Symbol:
    return sympy.Dummy(f"p{position}", real=True)


def _places(count: int) -> tuple[sympy.Symbol, ...]:
    return tuple(map(_place, range(count)))


def _depending(lines: tuple[Line, ...], wanted: set[str]) -> set[str]:
    """The names whose values move when an argument that is wanted does."""
    moving = set(wanted)
    for line in lines:
        if not moving.isdisjoint(line.uses):
            moving.add(line.name)
    return moving


def _free(seeds: Mapping[str, sympy.Expr], lines: tuple[Line, ...], arguments: list[str]) -> dict[str, tuple[str, ...]]:
    """The symbols of the cotangents that are no names of the program: further arguments of the gradient."""
    known = {line.name for line in lines} | set(arguments)
    names = sorted({symbol.name for seed in seeds.values() for symbol in seed.free_symbols} - known)
    return {"cotangents": tuple(names)} if names else {}


def _known(names: Iterable[str], known: list[str], what: str) -> None:
    for name in names:
        if name not in known:
            raise UsageError(f"unknown {what} {name!r}{nearest(name, known)}")
