"""The three kinds of equation a recurrent cell is made of, as data.

An affine equation is a target, its (weight, signal) pairs and an optional bias: z = sum of W s + b.
An elementwise equation is a target and an expression of signals and vector parameters.
A softmax is a target and a signal: the one kind in which the entries of a row meet without a weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import sympy

from rnnproof.errors import ModelError
from rnnproof.model.activation import Activation

ROWS = ("I", "H", "O", "P")  # the dimension letters that a target's size may have
UNITS, BATCH = -1, -2  # the axes of a signal (B,.)


def signals(names: str) -> tuple[sympy.Symbol, ...]:
    """Real symbols for the signals named, in order: ``i, f = signals("i f")``."""
    return tuple(sympy.Symbol(name, real=True) for name in names.split())


def signal(name: str) -> sympy.Symbol:
    """The symbol of one signal."""
    return sympy.Symbol(name, real=True)


@dataclass(frozen=True)
class Affine:
    """target = sum over (weight, signal) of weight @ signal, plus the bias.

    Shapes: the target has ``rows`` entries (a dimension letter); weight (rows, size of its signal); bias (rows,).
    """

    target: str
    terms: tuple[tuple[str, str], ...]
    bias: str | None = None
    rows: str = "H"

    def __post_init__(self) -> None:
        if not self.terms:
            raise ModelError(f"equation {self.target}: expected at least one (weight, signal) pair, but got none")
        if self.rows not in ROWS:
            raise ModelError(f"equation {self.target}: rows={self.rows!r}; expected one of {', '.join(ROWS)}")

    @property
    def uses(self) -> tuple[str, ...]:
        """The signals on the right-hand side."""
        return tuple(dict.fromkeys(name for _, name in self.terms))

    def __str__(self) -> str:
        products = [f"{weight} {name}" for weight, name in self.terms]
        return f"{self.target} = " + " + ".join(products + ([self.bias] if self.bias else []))


@dataclass(frozen=True)
class Elementwise:
    """target = expression, entry by entry."""

    target: str
    expression: sympy.Expr

    def __post_init__(self) -> None:
        if not isinstance(self.expression, sympy.Expr):
            kind = type(self.expression).__name__
            raise ModelError(f"equation {self.target}: expected a SymPy expression, but got {kind}")
        for part in sympy.preorder_traversal(self.expression):
            if (refused := _refused(part)) is not None:
                raise ModelError(f"equation {self.target}: {part} is {refused}")

    @cached_property
    def uses(self) -> tuple[str, ...]:
        """The symbols on the right-hand side: signals and vector parameters, sorted by name."""
        return tuple(sorted(symbol.name for symbol in self.expression.free_symbols))

    def __str__(self) -> str:
        return f"{self.target} = {self.expression}"


@dataclass(frozen=True)
class Softmax:
    """target_k = exp(source_k) / sum over j of exp(source_j), for the entries k of each row.

    ``axis`` is what j runs along, UNITS; along BATCH it is a fault. ``shifted``: the largest source_j is subtracted
    from all of them first, which changes no value and keeps exp from overflowing.
    """

    target: str
    source: str
    axis: int = UNITS
    shifted: bool = True

    def __post_init__(self) -> None:
        if not self.source:
            raise ModelError(f"equation {self.target}: expected the name of a signal, but got none")
        if self.axis not in (UNITS, BATCH):
            raise ModelError(f"equation {self.target}: axis={self.axis}; expected {UNITS}, the units, or {BATCH}")

    @property
    def uses(self) -> tuple[str, ...]:
        """The signal on the right-hand side."""
        return (self.source,)

    def __str__(self) -> str:
        return f"{self.target} = softmax({self.source})"


def _refused(part: sympy.Expr) -> str | None:
    """What a part of an elementwise equation is that none may have, and what is expected; None for any other."""
    if part.is_Symbol:
        return None if part == signal(part.name) else "not a real symbol; expected one made by model.equation.signals"
    if part.is_number:
        return None if part.is_real and part.is_finite else "not a finite real number"
    if part.is_Pow and not (part.exp.is_Integer and part.exp > 0):
        return "no positive integer power; expected e.g. reciprocal(z) or exp(z) of model.activation"
    if part.is_Add or part.is_Mul or part.is_Pow or isinstance(part, Activation):
        return None
    return "not built here; expected sums, products, powers and functions of model.activation (not SymPy's own)"


Equation = Affine | Elementwise | Softmax
