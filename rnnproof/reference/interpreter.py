"""A cell's equations, and their adjoint edge by edge, in any number system that has what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial, reduce
from operator import add, mul
from typing import Any

import numpy as np
import sympy

from rnnproof.errors import Unsupported
from rnnproof.model.activation import Activation
from rnnproof.model.case import Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Softmax
from rnnproof.model.trace import Gradients
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEP,
    STEPS,
    Adjoint,
    Edge,
    Mix,
    Outer,
    Product,
    Scale,
    Total,
    by_source,
    end,
)
from rnnproof.reference.flatten import flatten

Values = dict[str, Any]  # name -> array of the number system
Function = Callable[["Numbers", Mapping[str, Any], Any], Any]


@dataclass(frozen=True)
class Numbers:
    """What equations are made of, beside + - * and whole powers of arrays.

    ``activations``: functions of an array, by name; ``softmax(z, axis)``; ``rational(like, q)``, a number q of the
    system of ``like``; ``matrix(W)``, a matrix made ready for ``product(rows, matrix)`` = rows @ W.
    """

    activations: Mapping[str, Callable[[Any], Any]]
    softmax: Callable[[Any, int], Any]
    rational: Callable[[Any, sympy.Rational], Any]
    matrix: Callable[[Any], Any]
    product: Callable[[Any, Any], Any]


@dataclass(frozen=True, eq=False)
class Tape:
    """Every signal at every step, and the states before it; T >= 1."""

    cell: Cell
    parameters: Values
    steps: list[Values]

    @property
    def outputs(self) -> Any:
        """The outputs (T,B,.)."""
        return np.stack([step[self.cell.output] for step in self.steps])

    @property
    def final(self) -> Values:
        """The states after the last step."""
        return {name: self.steps[-1][stored] for name, stored in self.cell.states}

    def states(self) -> Values:
        """Each state after every step, (T,B,.)."""
        return {name: np.stack([step[stored] for step in self.steps]) for name, stored in self.cell.states}


def forward(numbers: Numbers, unflattened: Cell, parameters: Values, x: Any, state: Mapping[str, Any]) -> Tape:
    """Run the cell over x (T,B,I), T >= 1."""
    cell = flatten(unflattened)
    turned = {name: numbers.matrix(parameters[name].T) for name in _weights(cell)}
    now: Values = {**state, **{name: parameters[name] for name in cell.vectors}}
    tape: list[Values] = []
    for x_t in x:
        now = now | {cell.input: x_t}
        for equation in cell.equations:
            if isinstance(equation, Affine):
                total = reduce(add, (numbers.product(now[name], turned[weight]) for weight, name in equation.terms))
                now[equation.target] = total if equation.bias is None else total + parameters[equation.bias]
            elif isinstance(equation, Softmax):
                now[equation.target] = numbers.softmax(now[equation.source], equation.axis)
            else:
                now[equation.target] = evaluate(numbers, equation.expression, now, x_t)
        tape.append(now)
        now = now | {name: now[stored] for name, stored in cell.states}
    return Tape(cell, parameters, tape)


def _weights(cell: Cell) -> set[str]:
    return {weight for equation in cell.equations if isinstance(equation, Affine) for weight, _ in equation.terms}


def evaluate(numbers: Numbers, expression: sympy.Expr, env: Mapping[str, Any], like: Any) -> Any:
    """An elementwise expression at arrays of the system that ``like`` is of."""
    return _function(expression)(numbers, env, like)


@cache
def _function(expression: sympy.Expr) -> Function:
    """The expression as a function: SymPy is asked once what it is made of."""
    if expression.is_Symbol:
        name = expression.name
        return lambda numbers, env, like: env[name]
    if expression.is_Rational:
        return lambda numbers, env, like: numbers.rational(like, expression)
    if expression.is_Add or expression.is_Mul:
        join, parts = add if expression.is_Add else mul, [_function(part) for part in expression.args]
        return lambda numbers, env, like: reduce(join, [part(numbers, env, like) for part in parts])
    if expression.is_Pow and expression.exp.is_Integer:
        base, exponent = _function(expression.base), int(expression.exp)
        return lambda numbers, env, like: base(numbers, env, like) ** exponent
    if isinstance(expression, Activation):
        kind, argument = expression.func.__name__, _function(expression.args[0])
        return lambda numbers, env, like: numbers.activations[kind](argument(numbers, env, like))
    raise Unsupported(f"{expression} is not executed in this number system yet")


def backward(numbers: Numbers, pulled: Adjoint, run: Tape, cotangents: Cotangents) -> tuple[Gradients, list[Values]]:
    """The vector-Jacobian product of the run on the tape, edge by edge; the cotangent of every signal at every step.

    Cotangents may be many: a first axis of them, everything has that is returned.
    Shapes: cotangents of the outputs (T,B,.) or (K,T,B,.), of a final state (B,.) or (K,B,.).
    """
    tape, parameters = run.steps, run.parameters
    steps, cell, inside = len(tape), pulled.cell, by_source(pulled)
    straight = {name: numbers.matrix(parameters[name]) for name in _weights(cell)}
    zero = partial(_zero, numbers, cotangents.outputs.shape[:-3])
    sums = {name: zero(value) for name, value in parameters.items()}
    ends = {end(name): tape[-1][stored] for name, stored in cell.states if stored in tape[-1]}
    received: list[Values] = []
    dx: list[Any] = []
    carried: Values = {}
    for t in reversed(range(steps)):
        give = partial(_into, numbers, t=t, steps=steps, rows=len(tape[t][cell.input]))
        now: Values = {}
        for seed in pulled.seeds:
            if seed.source == "outputs":
                give(now, seed, cotangents.outputs[..., t, :, :])
            elif t == steps - 1 or seed.always:
                give(now, seed, cotangents.state[seed.source])
        for carry in pulled.carries if t < steps - 1 else ():
            give(now, carry, carried[carry.source])
        values = tape[t] | ends
        for equation in reversed(cell.equations):
            for edge in inside.get(equation.target, ()) if equation.target in now else ():
                kept = sums if isinstance(edge, Outer | Total) else now
                give(kept, edge, _pulled(numbers, edge, now[equation.target], values, parameters, straight))
        received.append(now)
        carried = {name: now[name] if name in now else zero(tape[t][name]) for name in cell.state_names}
        returned: Values = {}
        for result in pulled.results:
            give(returned, result, now[result.source] if result.source in now else zero(tape[t][result.source]))
        dx.append(returned.pop(cell.input))
    return Gradients(sums, np.stack(dx[::-1], axis=-3), returned), received[::-1]


def _zero(numbers: Numbers, leading: tuple[int, ...], like: Any) -> Any:
    zero = np.zeros_like(like) + numbers.rational(like, sympy.Integer(0))
    return np.stack([zero] * leading[0]) if leading else zero


def _pulled(numbers: Numbers, edge: Edge, d: Any, values: Values, parameters: Values, straight: Values) -> Any:
    """What an edge inside a step makes of its source's cotangent d."""
    match edge:
        case Scale(factor=factor):
            return evaluate(numbers, factor, values, d) * d
        case Mix(factor=factor, weight=weight, axis=axis):
            weighted = evaluate(numbers, weight, values, d) * d
            return evaluate(numbers, factor, values, d) * weighted.sum(axis=axis, keepdims=True)
        case Product(weight=weight, transposed=transposed):
            return numbers.product(d, straight[weight] if transposed else numbers.matrix(parameters[weight].T))
        case Outer(signal=signal):
            return numbers.product(d.swapaxes(-1, -2), numbers.matrix(values[signal]))
        case Total(factor=factor):
            return (evaluate(numbers, factor, values, d) * d).sum(axis=-2)
    raise Unsupported(f"{edge} is not an edge inside a step")


@cache
def _gain(gain: sympy.Expr, t: int, steps: int, rows: int) -> sympy.Rational:
    """A gain, an expression in t, T and B, at one step."""
    return sympy.Rational(gain.subs({STEP: t, STEPS: steps, BATCH: rows}))


def _into(numbers: Numbers, sums: Values, edge: Edge, value: Any, t: int, steps: int, rows: int) -> None:
    """d(into) += gain value."""
    if edge.gain is not ONE:
        value = numbers.rational(value, _gain(edge.gain, t, steps, rows)) * value
    sums[edge.into] = sums[edge.into] + value if edge.into in sums else value
