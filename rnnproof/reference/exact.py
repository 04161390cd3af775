"""The reference in the ring Z/p^k: the same equations and the same edges, executed one by one on exact numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from operator import add, mul
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.dual import Dual, fraction, literal
from rnnproof.domains.dual_functions import exp, reciprocal, sigmoid, softmax, tanh
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_ufuncs import chosen, compared
from rnnproof.errors import Unsupported
from rnnproof.model.activation import Activation
from rnnproof.model.case import Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Softmax
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference.adjoint import (
    BATCH,
    ONE,
    STEP,
    STEPS,
    Adjoint,
    Carry,
    Edge,
    Mix,
    Outer,
    Product,
    Result,
    Scale,
    Seed,
    Total,
    by_source,
)
from rnnproof.reference.flatten import flatten
from rnnproof.reference.network import Changed, System, run_network

CLAIMS = Claims(lengths=True)
Values = dict[str, Any]  # name -> RingArray
Gain = Callable[[Edge], sympy.Rational]


@dataclass(frozen=True, eq=False)
class ExactSubject:
    """A network at parameters of the ring; one of its readings may be changed."""

    network: Network
    changed: Changed | None
    parameters: Values

    def run(self, x: Any, state: Any, lengths: Any = None, cotangents: Cotangents | None = None) -> Trace:
        """Forward, and backward where cotangents are given. Shapes: x (T,B,I), T >= 1."""
        if state is None:
            raise Unsupported("the reference needs an initial state")
        return run_network(RING, self.network, self.changed, self.parameters, x, state, lengths, cotangents)

    @property
    def step(self) -> Step | None:
        """None."""
        return None


@dataclass(frozen=True)
class ExactReference:
    """A network's equations and their adjoint's edges in the ring; of one reading they may be changed."""

    name: str
    changed: Changed | None = None
    claims: Claims = CLAIMS

    @property
    def in_ring(self) -> ExactReference:
        """Itself."""
        return self

    @property
    def own(self) -> None:
        """None."""
        return None

    def build(self, network: Network, parameters: Any, dtype: str) -> ExactSubject:
        """The subject at these parameters."""
        del dtype
        return ExactSubject(network, self.changed, parameters)


@dataclass(frozen=True, eq=False)
class ExactTape:
    """Every signal at every step, and the states before it."""

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


def forward(unflattened: Cell, parameters: Values, x: Any, state: Mapping[str, Any]) -> ExactTape:
    """Run the cell over x (T,B,I), T >= 1."""
    cell = flatten(unflattened)
    now: Values = {**state, **{name: parameters[name] for name in cell.vectors}}
    tape: list[Values] = []
    for x_t in x:
        now = now | {cell.input: x_t}
        for equation in cell.equations:
            if isinstance(equation, Affine):
                total = reduce(add, (now[name] @ parameters[weight].T for weight, name in equation.terms))
                now[equation.target] = total if equation.bias is None else total + parameters[equation.bias]
            elif isinstance(equation, Softmax):
                now[equation.target] = RingArray(softmax(now[equation.source].dual, equation.axis))
            else:
                now[equation.target] = evaluate(equation.expression, now, x.ring)
        tape.append(now)
        now = now | {name: now[stored] for name, stored in cell.states}
    return ExactTape(cell, parameters, tape)


def evaluate(expression: sympy.Expr, env: Mapping[str, Any], ring: Ring) -> Any:
    """An elementwise expression at numbers of the ring."""
    if expression.is_Symbol:
        return env[expression.name]
    if expression.is_Rational:
        return rational(ring, expression)
    if expression.is_Add or expression.is_Mul:
        return reduce(add if expression.is_Add else mul, (evaluate(part, env, ring) for part in expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        return evaluate(expression.base, env, ring) ** int(expression.exp)
    if isinstance(expression, Activation):
        value = evaluate(expression.args[0], env, ring)
        return RingArray(ACTIVATIONS[expression.func.__name__](value.dual))
    raise Unsupported(f"{expression} is not executed exactly yet")


def rational(ring: Ring, value: sympy.Rational) -> RingArray:
    """A rational number in the ring."""
    return RingArray(fraction(ring, Fraction(int(value.p), int(value.q))))


def _step(a: Dual) -> Dual:
    """1 where the shadow is positive, else 0."""
    positive = compared(a, literal(a.ring, 0), np.greater)
    return literal(a.ring, np.where(positive, 1, 0))


def _relu(a: Dual) -> Dual:
    return chosen(compared(a, literal(a.ring, 0), np.greater), a, literal(a.ring, 0))


ACTIVATIONS = {"tanh": tanh, "sigmoid": sigmoid, "exp": exp, "reciprocal": reciprocal, "relu": _relu, "step": _step}


def backward(pulled: Adjoint, run: ExactTape, cotangents: Cotangents) -> Gradients:
    """The vector-Jacobian product of the run on the tape, edge by edge."""
    tape, parameters = run.steps, run.parameters
    steps, cell = len(tape), pulled.cell
    sums = {name: np.zeros_like(value) for name, value in parameters.items()}
    dx: list[Any] = []
    carried: Values = {}
    for t in reversed(range(steps)):
        gain = partial(_gain, t=t, steps=steps, rows=len(tape[t][cell.input]))
        now: Values = {}
        for edge in pulled.edges:
            if isinstance(edge, Seed) and edge.source == "outputs":
                _into(now, edge, gain, cotangents.outputs[t])
            elif isinstance(edge, Seed) and t == steps - 1:
                _into(now, edge, gain, cotangents.state[edge.source])
            elif isinstance(edge, Carry) and t < steps - 1:
                _into(now, edge, gain, carried[edge.source])
        for equation in reversed(cell.equations):
            for edge in by_source(pulled).get(equation.target, ()) if equation.target in now else ():
                kept = sums if isinstance(edge, Outer | Total) else now
                _into(kept, edge, gain, _pulled(edge, now[equation.target], tape[t], parameters))
        carried = {name: now.get(name, np.zeros_like(tape[t][name])) for name in cell.state_names}
        dx.append(_returned(pulled, cell.input, now.get(cell.input, np.zeros_like(tape[t][cell.input])), gain))
    first = partial(_gain, t=0, steps=steps, rows=len(tape[0][cell.input]))
    state = {e.into: _times(first, e, carried[e.source]) for e in _results(pulled) if e.source in carried}
    return Gradients(sums, np.stack(dx[::-1]), state)


def _pulled(edge: Edge, received: Any, values: Values, parameters: Values) -> Any:
    """What an edge inside a step makes of its source's cotangent."""
    match edge:
        case Scale(factor=factor):
            return evaluate(factor, values, received.ring) * received
        case Mix(factor=factor, weight=weight, axis=axis):
            weighted = evaluate(weight, values, received.ring) * received
            return evaluate(factor, values, received.ring) * weighted.sum(axis=axis, keepdims=True)
        case Product(weight=weight, transposed=transposed):
            return received @ (parameters[weight] if transposed else parameters[weight].T)
        case Outer(signal=signal):
            return received.T @ values[signal]
        case Total(factor=factor):
            return (evaluate(factor, values, received.ring) * received).sum(axis=0)
    raise Unsupported(f"{edge} is not an edge inside a step")


def _returned(pulled: Adjoint, name: str, value: Any, gain: Gain) -> Any:
    (result,) = [edge for edge in _results(pulled) if edge.source == name]
    return _times(gain, result, value)


def _results(pulled: Adjoint) -> list[Result]:
    return [edge for edge in pulled.edges if isinstance(edge, Result)]


def _into(sums: Values, edge: Edge, gain: Gain, value: Any) -> None:
    """d(into) += gain value."""
    term = _times(gain, edge, value)
    sums[edge.into] = sums[edge.into] + term if edge.into in sums else term


def _times(gain: Gain, edge: Edge, value: Any) -> Any:
    return value if edge.gain == ONE else rational(value.ring, gain(edge)) * value


def _gain(edge: Edge, t: int, steps: int, rows: int) -> sympy.Rational:
    return sympy.Rational(edge.gain.subs({STEP: t, STEPS: steps, BATCH: rows}))


def _zeros(like: Any, shape: tuple[int, ...]) -> RingArray:
    return RingArray(literal(like.ring, np.zeros(shape, dtype=int)))


RING = System(forward, backward, _zeros)
