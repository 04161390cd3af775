"""What a vector worked by hand is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from hand_worked_gradients import Gradient

from rnnproof.model.network import Sizes

Numbers = Any  # nested tuples of exact SymPy numbers


@dataclass(frozen=True)
class Vector:
    """A network, its arguments (parameters, x (T,I), each initial state), and what it must put out (T,.)."""

    network: str
    sizes: Sizes
    arguments: Mapping[str, Numbers]
    outputs: Numbers
    final: Mapping[str, Numbers]
    gradient: Gradient | None = None

    def __str__(self) -> str:
        return self.network


def scaled(*rows: tuple[sympy.Expr, tuple[sympy.Expr, ...]]) -> Numbers:
    """A matrix from (unit, integers) rows: the unit of a row is what its unit's logarithm is."""
    return tuple(tuple(unit * entry for entry in row) for unit, row in rows)
