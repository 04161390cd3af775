"""A statement about a network: what is claimed, how it follows from the equations, and when it holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy

from rnnproof.errors import ModelError


@dataclass(frozen=True)
class Step:
    """One step of a derivation: in words what is done, and the relation or expression that it gives.

    In every sentence about a network, what stands between backquotes is a formula, or the network's name.
    """

    reason: str
    formula: sympy.Basic

    def __post_init__(self) -> None:
        if not isinstance(self.formula, sympy.Basic):
            raise ModelError(f"step {self.reason!r}: expected a SymPy formula, but got {type(self.formula).__name__}")


@dataclass(frozen=True)
class Statement:
    """``claim`` is one sentence that could be cited, ``formulas`` say the same; ``steps`` lead to the last of them.

    ``conditions`` are the side conditions, a sentence each: without them the claim may be false.
    Errors: ModelError for a statement that says nothing or follows from nothing.
    """

    name: str
    claim: str
    formulas: tuple[sympy.Basic, ...]
    steps: tuple[Step, ...]
    conditions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.name and self.claim and self.formulas and self.steps):
            raise ModelError(f"statement {self.name!r}: expected a name, a claim, formulas and the steps to them")
        for formula in self.formulas:
            if not isinstance(formula, sympy.Basic):
                raise ModelError(f"statement {self.name!r}: expected SymPy formulas, but got {type(formula).__name__}")


def listed(names: Sequence[str], last_with: str = "and") -> str:
    """As in a sentence: a, b and c."""
    *others, last = names
    return f"{', '.join(others)} {last_with} {last}" if others else last


def quoted(names: Iterable[object], last_with: str = "and") -> str:
    """The same of formulas or names, each between backquotes."""
    return listed([f"`{name}`" for name in names], last_with)
