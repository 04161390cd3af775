"""Equations without weights and their adjoint edges compiled to NumPy functions, common subexpressions shared."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import sympy

from rnnproof.domains.floating import FUNCTIONS, softmax
from rnnproof.model.case import Array
from rnnproof.model.equation import Elementwise, Softmax, signal
from rnnproof.reference.adjoint import ONE, Adjoint, Mix, Scale, Total
from rnnproof.reference.stages import WeightlessStage, stages

Assignments = list[tuple[sympy.Symbol, sympy.Expr]]
# What is no function of one entry, as symbols in an expression.
SOFTMAX, SUM = sympy.Function("softmax"), sympy.Function("sum_along")


def sum_along(values: Array, axis: int) -> Array:
    """The sum along an axis, which is kept."""
    return np.asarray(values.sum(axis=axis, keepdims=True))


CALLS = {**FUNCTIONS, "softmax": softmax, "sum_along": sum_along}


@dataclass(frozen=True)
class Compiled:
    """A function of the arrays named ``arguments`` that returns a list of the arrays named ``results``."""

    arguments: tuple[str, ...]
    results: tuple[str, ...]
    function: Callable[..., list[object]]


def cotangent(name: str) -> str:
    """The name under which the cotangent of a signal is kept."""
    return f"d({name})"


def gain_of(edge_id: str) -> str:
    """The name under which the gain of an edited edge is passed at each step."""
    return f"gain({edge_id})"


@cache
def compile_forward(stage: WeightlessStage) -> Compiled:
    """The values of a stage's targets from those of the signals and vector parameters it uses."""
    assignments = [(signal(e.target), _value(e)) for e in stage.equations]
    targets = tuple(equation.target for equation in stage.equations)
    return _compile(assignments, targets)


def _value(equation: Elementwise | Softmax) -> sympy.Expr:
    if isinstance(equation, Elementwise):
        return equation.expression
    return SOFTMAX(signal(equation.source), equation.axis, int(equation.shifted))


@cache
def compile_backward(adjoint: Adjoint, position: int, incoming: frozenset[str]) -> Compiled:
    """The cotangents that a stage passes on, from those in ``incoming`` and the values on the tape.

    The results, named s, are d(s) for every signal s from before the stage, complete with what came in for it, and the
    entries of the vector parameters' gradients at this step.
    """
    stage = stages(adjoint.cell)[position]
    if not isinstance(stage, WeightlessStage):
        raise TypeError(f"stage {position} has weights")
    own = {equation.target for equation in stage.equations}
    edges = tuple(e for e in adjoint.edges if isinstance(e, Scale | Mix | Total) and e.source in own)
    return _compile_stage(stage, edges, incoming)


@cache  # by what it is made of: two adjoints that differ elsewhere share it
def _compile_stage(
    stage: WeightlessStage, edges: tuple[Scale | Mix | Total, ...], incoming: frozenset[str]
) -> Compiled:
    own = {equation.target for equation in stage.equations}
    sums: dict[str, sympy.Expr] = {name: signal(cotangent(name)) for name in sorted(incoming)}
    assignments: Assignments = []
    for equation in reversed(stage.equations):
        total = sums.pop(equation.target, None)
        if total is not None:
            _pull_back(edges, equation, total, sums, assignments)
    passed = {name: value for name, value in sums.items() if name not in own}
    assignments += [(sympy.Symbol(f"result {name}"), value) for name, value in passed.items()]
    return _compile(assignments, tuple(f"result {name}" for name in passed), rename=tuple(passed))


def _pull_back(
    edges: tuple[Scale | Mix | Total, ...],
    equation: Elementwise | Softmax,
    total: sympy.Expr,
    sums: dict[str, sympy.Expr],
    made: Assignments,
) -> None:
    """Add what the edges of one equation bring to the sums of the signals it uses."""
    received = sympy.Symbol(f"received {equation.target}", real=True)
    made.append((received, total))
    for edge in edges:
        if edge.source == equation.target:
            gain = ONE if edge.gain == ONE else sympy.Symbol(gain_of(edge.id), real=True)
            passed = SUM(edge.weight * received, edge.axis) if isinstance(edge, Mix) else received
            sums[edge.into] = sums.get(edge.into, 0) + gain * edge.factor * passed


def _compile(assignments: Assignments, results: Iterable[str], rename: tuple[str, ...] | None = None) -> Compiled:
    """Straight-line code: the assignments in order, then the results, with further common subexpressions."""
    wanted = tuple(results)
    made = {symbol: sympy.Symbol(f"v{n}", real=True) for n, (symbol, _) in enumerate(assignments)}
    used = set().union(*(value.free_symbols for _, value in assignments)) - set(made)
    arguments = sorted(used, key=lambda symbol: symbol.name)
    plain = {symbol: sympy.Symbol(f"a{n}", real=True) for n, symbol in enumerate(arguments)} | made
    body = [(plain[symbol], value.xreplace(plain)) for symbol, value in assignments]
    shared, reduced = sympy.cse([value for _, value in body], symbols=sympy.numbered_symbols("s"), order="none")
    lines = _ordered([*shared, *((name, value) for (name, _), value in zip(body, reduced, strict=True))])
    by_name = {symbol.name: name for symbol, name in made.items()}
    function = sympy.lambdify(
        [plain[symbol] for symbol in arguments],
        [by_name[name] for name in wanted],
        modules=[CALLS, "numpy"],
        cse=lambda expressions: (lines, expressions),
    )
    return Compiled(tuple(symbol.name for symbol in arguments), rename or wanted, function)


def _ordered(lines: Assignments) -> Assignments:
    """The assignments sorted so that each stands after those it uses (sharing may have moved one up)."""
    defined = {name for name, _ in lines}
    done: set[sympy.Symbol] = set()
    ordered: Assignments = []
    waiting = list(lines)
    while waiting:
        ready = [line for line in waiting if not (line[1].free_symbols & defined) - done]
        ordered += ready
        done |= {name for name, _ in ready}
        waiting = [line for line in waiting if line[0] not in done]
    return ordered
