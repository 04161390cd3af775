"""How far the lecture's LSTM can be from whole numbers: its gates are never quite open or closed.

With gates I, F, O of exactly 0 or 1 the memory C and the output A are whole numbers. Both runs differ by a telescoping
sum, one factor exchanged at a time, which SymPy derives from the network's own equations: c' - C' is the sum of f (c -
C), C (f - F) and g (i - I). A gate is at most 1 and off by at most eps = sigmoid(-m), where m is the smallest |z| of
any gate; so each step adds at most eps (|C| + |g|) to the memory's error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import factorial

import sympy

from rnnproof.catalogue import lecture_gates as page
from rnnproof.catalogue import network
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Elementwise, signal

GATES = tuple(page.WORDS)
Whole = Mapping[str, Fraction]  # of one step: the value g, C before and after, A, and the gates I, F, O


@dataclass(frozen=True)
class Term:
    """coefficient * (name - NAME): what an error of one signal contributes."""

    coefficient: sympy.Expr
    name: str

    @property
    def difference(self) -> str:
        """c - C."""
        return f"{self.name} - {self.name.upper()}"

    def __str__(self) -> str:
        return f"{self.coefficient} ({self.difference})"


@dataclass(frozen=True)
class Bound:
    """Of one step: what it adds to the memory's error in units of eps, that error, and the output's, at most."""

    added: Fraction
    memory: Fraction
    output: Fraction


def meant(name: str) -> sympy.Symbol:
    """The signal in capitals: what it is where gates are exactly 0 or 1."""
    return signal(name.upper())


@cache
def telescoped(target: str) -> tuple[Term, ...]:
    """The terms whose sum is target - TARGET, derived from the equation; stored signals first, then gates.

    Each factors into a coefficient and a difference; other equations than products of these have no such terms.
    """
    cell = network(page.NETWORK).step
    expression = _equation(cell, target)
    stored = sorted(symbol.name for symbol in expression.free_symbols if symbol.name in ("c", "c'"))
    names = [*stored, *(gate for gate in reversed(GATES) if signal(gate) in expression.free_symbols)]
    terms = []
    for name in names:
        changed = expression.xreplace({signal(name): meant(name)})
        difference = signal(name) - meant(name)
        terms.append(Term(sympy.cancel((expression - changed) / difference), name))
        expression = changed
    return tuple(terms)


def _equation(cell: Cell, target: str) -> sympy.Expr:
    """Its right-hand side in the value g, the gates and the memory."""
    (expression,) = (e.expression for e in cell.equations if isinstance(e, Elementwise) and e.target == target)
    return expression


def size(term: Term, whole: Whole) -> Fraction:
    """The largest |coefficient|: a gate is at most 1, all else is a whole number of this step."""
    known = dict.fromkeys(map(signal, GATES), sympy.Integer(1))
    known |= {signal(name): sympy.Rational(value.numerator, value.denominator) for name, value in whole.items()}
    number = abs(term.coefficient.xreplace(known))
    return Fraction(int(number.p), int(number.q))


def bounds(steps: Sequence[Whole], eps: Fraction) -> tuple[Bound, ...]:
    """|c - C| and |a - A| after each step, from a memory that starts at C exactly."""
    found: list[Bound] = []
    error = Fraction(0)
    for whole in steps:
        sizes = {term.name: size(term, whole) for term in telescoped("c'")}
        added = sum((sizes[gate] for gate in GATES if gate in sizes), Fraction(0))
        error = sizes["c"] * error + eps * added
        shown = {term.name: size(term, whole) for term in telescoped("a")}
        output = shown["c'"] * error + eps * sum(shown[gate] for gate in GATES if gate in shown)
        found.append(Bound(added, error, output))
    return tuple(found)


def sigmoid_below(m: Fraction, terms: int = 64) -> Fraction:
    """An upper bound of sigmoid(-m) = 1 / (1 + e^m) for m >= 0: e^m is at least the sum of its first terms."""
    return 1 / (1 + sum((m**k / factorial(k) for k in range(terms)), Fraction(0)))
