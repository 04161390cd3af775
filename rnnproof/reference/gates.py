"""Affine equations in balls: those that stand together and have the same operands as one product for each operand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import Format
from rnnproof.domains.sums import Sum, into, rounded, total
from rnnproof.model.case import Array, Arrays
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Softmax


@dataclass(frozen=True, eq=False)
class Gates:
    """Affine equations whose terms have the same signals in the same order."""

    equations: tuple[Affine, ...]

    @property
    def operands(self) -> tuple[str, ...]:
        """The signal of each term."""
        return tuple(name for _, name in self.equations[0].terms)


Group = Gates | Elementwise | Softmax


@cache
def groups(flat: Cell) -> tuple[Group, ...]:
    """The equations in their order, neighbours with the same operands together."""
    found: list[Group] = []
    for equation in flat.equations:
        before = found[-1] if found else None
        if not isinstance(equation, Affine):
            found.append(equation)
        elif isinstance(before, Gates) and before.operands == tuple(name for _, name in equation.terms):
            found[-1] = Gates((*before.equations, equation))
        else:
            found.append(Gates((equation,)))
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Weights:
    """Gates at given parameters. Shapes: each weight (rows, size of its operand), the biases (rows,)."""

    gates: Gates
    stacked: tuple[Array, ...]
    bias: Array
    rows: Mapping[str, slice]

    @cached_property
    def spreads(self) -> tuple[Array, ...]:
        """|W| of every weight."""
        return tuple(np.abs(weight) for weight in self.stacked)

    @cached_property
    def products(self) -> int:
        """How many products a row sums."""
        return sum(weight.shape[1] for weight in self.stacked)

    @cached_property
    def terms(self) -> int:
        """How many terms a row sums: the products, and two halves of a bias."""
        return self.products + self._halves

    @property
    def parts(self) -> int:
        """Of how many sums a row may be put together: the product of each operand, and two halves of a bias."""
        return len(self.stacked) + self._halves

    @property
    def _halves(self) -> int:
        return 2 * any(equation.bias is not None for equation in self.gates.equations)


def stack(gates: Gates, parameters: Arrays) -> Weights:
    """The weights of each term, and the biases, of all the equations on top of each other."""
    sizes = [len(parameters[equation.terms[0][0]]) for equation in gates.equations]
    ends = np.cumsum([0, *sizes]).tolist()
    terms = zip(*(equation.terms for equation in gates.equations), strict=True)
    weights = tuple(np.concatenate([parameters[weight] for weight, _ in term]) for term in terms)
    biases = [
        np.zeros(n) if e.bias is None else parameters[e.bias] for e, n in zip(gates.equations, sizes, strict=True)
    ]
    rows = {e.target: slice(a, b) for e, a, b in zip(gates.equations, ends, ends[1:], strict=False)}
    return Weights(gates, weights, np.concatenate(biases), rows)


def affine(weights: Weights, now: Mapping[str, Bounded], form: Format) -> dict[str, Bounded]:
    """z = sum of W s + b, with n u (sum of |W||s| + |b|) for n products and two halves of a bias, in any order."""
    value, size = weights.bias, np.abs(weights.bias)
    radius: Array = np.zeros(())
    for weight, spread, name in zip(weights.stacked, weights.spreads, weights.gates.operands, strict=True):
        ball = now[name]
        value = value + ball.value @ weight.T
        radius = radius + ball.radius @ spread.T
        size = size + ball.magnitude @ spread.T
    z = rounded(value, radius, size, weights.terms, weights.products, form, weights.parts)
    return {target: z.columns(rows) for target, rows in weights.rows.items()}


def size(weights: Weights, now: Mapping[str, Bounded]) -> Array:
    """The sum of |W||s| + |b|, which no partial sum exceeds, in whatever order."""
    operands = (now[name].magnitude for name in weights.gates.operands)
    return np.abs(weights.bias) + sum(m @ spread.T for m, spread in zip(operands, weights.spreads, strict=True))


def pull_back(weights: Weights, dz: Bounded) -> list[tuple[str, Sum]]:
    """W^T d(z) for the signal of each term, all the targets together or each by itself. Shapes: dz (...,B,rows)."""
    rows, gates = dz.value.shape[-1], len(weights.rows)
    return [
        (name, Sum(dz.value @ weight, dz.radius @ spread, dz.magnitude @ spread, rows, rows, gates))
        for weight, spread, name in zip(weights.stacked, weights.spreads, weights.gates.operands, strict=True)
    ]


def sum_up(weights: Weights, operands: Sequence[Bounded], dz: Bounded, sums: dict[str, Sum]) -> None:
    """dW += d(z) s^T for each term, and db += d(z). Shapes: operands (T B,.), dz (...,T B,rows)."""
    turned = Bounded(dz.value.swapaxes(-1, -2), dz.radius.swapaxes(-1, -2))
    count = dz.value.shape[-2]
    for k, seen in enumerate(operands):
        outer = Sum(
            turned.value @ seen.value,
            turned.radius @ seen.magnitude + np.abs(turned.value) @ seen.radius,
            turned.magnitude @ seen.magnitude,
            count,
            count,
        )
        for equation in weights.gates.equations:
            into(sums, equation.terms[k][0], outer.part(weights.rows[equation.target]))
    for equation in weights.gates.equations:
        if equation.bias is not None:
            into(sums, equation.bias, total(dz.columns(weights.rows[equation.target])))
