"""The adjoint of a cell as data: one edge per use of a signal, each with a stable identity.

Read backwards through time, the cotangent d(s) of a signal s is the sum of what its edges bring:

    y = f(s, ...), elementwise    d(s) += (df/ds) d(y)           Scale, one per addend of f that uses s
    y = softmax(s)                d(s) += y d(y)                 Scale
                                  d(s) += -y sum_j y_j d(y_j)    Mix
    z = W s + ... + b, affine     d(s) += W^T d(z)               Product
                                  dW += d(z) s^T, db += d(z)     Outer, Total
    s is stored as a state        d(s at t) += d(state at t+1)   Carry
    s is the output               d(s) += the cotangent given    Seed
    what is returned              dx, d(initial state)           Result
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import sympy

from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import UNITS, Affine, Elementwise, Equation, Softmax, signal
from rnnproof.reference.flatten import flatten

STEP, STEPS, BATCH = sympy.symbols("t T B", integer=True)  # what a gain may depend on
ONE = sympy.Integer(1)


@dataclass(frozen=True)
class Scale:
    """d(into) += gain * factor * d(source), entry by entry, at the same step."""

    id: str
    source: str
    into: str
    factor: sympy.Expr
    gain: sympy.Expr = ONE


@dataclass(frozen=True)
class Mix:
    """d(into) += gain * factor * sum along an axis of weight * d(source), at the same step.

    Shapes: all (B,.); the sum is the same for all entries along the axis.
    """

    id: str
    source: str
    into: str
    factor: sympy.Expr
    weight: sympy.Expr
    gain: sympy.Expr = ONE
    axis: int = UNITS


@dataclass(frozen=True)
class Product:
    """d(into) += gain * weight^T d(source) (weight d(source) where it is not transposed)."""

    id: str
    source: str
    into: str
    weight: str
    gain: sympy.Expr = ONE
    transposed: bool = True


@dataclass(frozen=True)
class Outer:
    """d(into) += gain * sum over t and b of d(source) signal^T, for a weight."""

    id: str
    source: str
    into: str
    signal: str
    gain: sympy.Expr = ONE


@dataclass(frozen=True)
class Total:
    """d(into) += gain * sum over t and b of factor * d(source), for a bias or a vector parameter."""

    id: str
    source: str
    into: str
    factor: sympy.Expr = ONE
    gain: sympy.Expr = ONE


@dataclass(frozen=True)
class Carry:
    """d(into) at step t += gain * d(source) at step t+1: a state is the signal stored in it."""

    id: str
    source: str
    into: str
    gain: sympy.Expr = ONE


@dataclass(frozen=True)
class Seed:
    """d(into) += gain * the cotangent given for ``source``: "outputs" at every step, a state at the last.

    ``always``: that of a state at every step, which is a fault.
    """

    id: str
    source: str
    into: str
    gain: sympy.Expr = ONE
    always: bool = False


@dataclass(frozen=True)
class Result:
    """What is returned for ``into`` (the input, or an initial state) is gain * d(source)."""

    id: str
    source: str
    into: str
    gain: sympy.Expr = ONE


Edge = Scale | Mix | Product | Outer | Total | Carry | Seed | Result


@dataclass(frozen=True)
class Adjoint:
    """The edges of a cell, in the order in which a backward pass meets them."""

    cell: Cell  # flattened
    edges: tuple[Edge, ...]

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def inside(self) -> dict[str, tuple[Edge, ...]]:
        """The edges inside a step, by the signal whose cotangent they read, in order."""
        found: dict[str, list[Edge]] = {}
        for edge in self.edges:
            if isinstance(edge, Scale | Mix | Product | Outer | Total):
                found.setdefault(edge.source, []).append(edge)
        return {name: tuple(edges) for name, edges in found.items()}

    @cached_property
    def seeds(self) -> tuple[Seed, ...]:
        """What enters a step from outside."""
        return tuple(edge for edge in self.edges if isinstance(edge, Seed))

    @cached_property
    def carries(self) -> tuple[Carry, ...]:
        """What enters a step from the step after it."""
        return tuple(edge for edge in self.edges if isinstance(edge, Carry))

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """What is returned."""
        return tuple(edge for edge in self.edges if isinstance(edge, Result))

    @cached_property
    def _hash(self) -> int:
        """Worked out once: adjoints are the keys of what is compiled from them."""
        return hash((self.cell, self.edges))


def end(state: str) -> str:
    """A state as it is after the last step, by name: a changed edge may read it at every step."""
    return f"{state} at the end"


def by_source(pulled: Adjoint) -> dict[str, tuple[Edge, ...]]:
    """The edges inside a step, by the signal whose cotangent they read, in order."""
    return pulled.inside


@cache
def adjoint(cell: Cell) -> Adjoint:
    """The adjoint of a cell's step and of its repetition over time, derived equation by equation.

    Reference: the chain rule, one equation at a time; for the recurrence over t, P. J. Werbos,
    Backpropagation through time: what it does and how to do it, Proceedings of the IEEE 78 (1990) 1550-1560.
    """
    flat = flatten(cell)
    edges: list[Edge] = [Seed("outputs", "outputs", flat.output)]
    edges += [Seed(f"final {state}", state, stored) for state, stored in flat.states]
    edges += [Carry(f"carry {state}", state, stored) for state, stored in flat.states]
    for equation in reversed(flat.equations):
        edges += _edges(flat, equation)
    edges += [Result(f"d{name}", name, name) for name in (flat.input, *flat.state_names)]
    return Adjoint(flat, tuple(edges))


def _edges(cell: Cell, equation: Equation) -> list[Edge]:
    if isinstance(equation, Affine):
        return _affine(equation)
    return _elementwise(cell, equation) if isinstance(equation, Elementwise) else _softmax(equation)


def _softmax(equation: Softmax) -> list[Edge]:
    """dy_k / dz_j = y_k - y_k y_k for j = k, and -y_k y_j otherwise: a row's own entry, and all of them together."""
    y, z = signal(equation.target), equation.source
    one = Scale(f"{equation.target}<-{z}", equation.target, z, y)
    return [one, Mix(f"{equation.target}<-{z} together", equation.target, z, -y, y, axis=equation.axis)]


def _affine(equation: Affine) -> list[Edge]:
    edges: list[Edge] = []
    used = [weight for weight, _ in equation.terms]
    for n, (weight, name) in enumerate(equation.terms):
        which = f", use {used[: n + 1].count(weight)}" if used.count(weight) > 1 else ""
        edges.append(Product(f"{equation.target}<-{name} by {weight}{which}", equation.target, name, weight))
        edges.append(Outer(f"d{weight} from {equation.target}{which}", equation.target, weight, name))
    if equation.bias is not None:
        edges.append(Total(f"d{equation.bias} from {equation.target}", equation.target, equation.bias))
    return edges


def _elementwise(cell: Cell, equation: Elementwise) -> list[Edge]:
    edges: list[Edge] = []
    for name in equation.uses:
        for addend in sympy.Add.make_args(equation.expression):
            factor = _derivative(addend, equation, name)
            if factor == 0:
                continue
            where = "" if addend == equation.expression else f" in {addend}"
            if name in cell.vectors:
                edges.append(Total(f"d{name} from {equation.target}{where}", equation.target, name, factor))
            else:
                edges.append(Scale(f"{equation.target}<-{name}{where}", equation.target, name, factor))
    return edges


def _derivative(addend: sympy.Expr, equation: Elementwise, name: str) -> sympy.Expr:
    """d addend / d name, an activation's value written as the signal that already holds it."""
    factor = sympy.diff(addend, signal(name))
    if isinstance(equation.expression, Activation):
        factor = factor.xreplace({equation.expression: signal(equation.target)})
    return factor
