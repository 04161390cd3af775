"""A statement's formula with numbers in it: matrices for parameters, columns for the vectors x[t] and h[t].

Made apart from what derives the formulas: sums, products and whole powers of what stands there, in their order.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import mul
from typing import Any

import sympy
from small_cases import written_by_hand

from rnnproof.catalogue import NETWORKS, network
from rnnproof.symbolic.linear import Vector

LINEAR = (
    "lecture",
    "elman:activation=identity",
    "elman:activation=identity,readout=identity",
    "jordan:activation=identity",
    "jordan:activation=identity,bias=false",
)


def value(form: Any, matrices: Mapping[str, Any], vectors: Mapping[tuple[str, int], Any]) -> Any:
    """The matrix, column or number that a formula over matrices is; sums are written out."""
    if isinstance(form, sympy.Sum):
        (k, first, last), term = form.limits[0], form.function
        terms = [value(term.subs(k, n), matrices, vectors) for n in range(int(first), int(last) + 1)]
        return reduce(_plus, terms, sympy.Integer(0))
    if isinstance(form, Vector):
        return vectors[str(form.base), int(form.indices[0])]
    if form.is_Number:
        return form
    if form.is_Symbol:
        return matrices[form.name]
    if form.is_Pow:
        return value(form.base, matrices, vectors) ** int(form.exp)
    parts = [value(part, matrices, vectors) for part in form.args]
    return reduce(_plus if form.is_Add else mul, parts)


def _plus(a: Any, b: Any) -> Any:
    """a + b, a number standing for that multiple of the identity; 0 for no matrix at all."""
    if not a.is_Matrix and not b.is_Matrix:
        return a + b
    if not a.is_Matrix or not b.is_Matrix:
        number, matrix = (b, a) if a.is_Matrix else (a, b)
        return matrix if number == 0 else matrix + number * sympy.eye(matrix.rows)
    return a + b


WIRED = (
    "elman:activation=relu,readout=softmax",
    "lstm:projection=P,clip=1/2",
    "elman:layers=2,readout=identity",
    "gru:direction=backward",
    "lstm:direction=bidirectional",
    "gru:layers=2,direction=bidirectional,merge=product",
    "elman:direction=bidirectional,merge=mean,readout=tanh",
    "jordan:layers=2,direction=backward",
)


def hand_written() -> list[str]:
    """Every network of the catalogue that has a hand-written cell, and some of its wirings."""
    return [name for name in (*NETWORKS, *WIRED) if written_by_hand(network(name))]
