"""What is written around the parts of a formula: brackets, signs, the order of the terms of a sum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import sympy

SIGNS = {"==": "=", "<": r"\lt", "<=": r"\le", ">": r"\gt", ">=": r"\ge", "!=": r"\ne"}


def terms(expression: sympy.Basic) -> list[sympy.Basic]:
    """The terms of a sum as one writes them: numbers, products, single names, and last what has a minus; T - s - 1."""
    if expression.is_integer and any(term.is_Symbol for term in expression.args):
        return sorted(expression.args, key=lambda term: (_is_number(term), negative(term)))
    return sorted(
        expression.args, key=lambda term: (negative(term), not _is_number(term), bool(term.is_Symbol), -_power(term))
    )


def _power(term: sympy.Basic) -> int:
    """The exponent of a matrix that begins a product, A^2 v; 0 for any other."""
    first = term.args[0] if term.is_Mul and not term.is_commutative else None
    if first is None or not isinstance(first, sympy.Symbol | sympy.Pow):
        return 0
    exponent = first.as_base_exp()[1]
    return int(exponent) if exponent.is_Integer else 0


def _is_number(term: sympy.Basic) -> bool:
    return bool(term.is_Number) or isinstance(term, sympy.matrices.expressions.special.OneMatrix)


def negative(term: sympy.Basic) -> bool:
    """Whether it is written with a minus before it."""
    if isinstance(term, sympy.MatMul):
        return bool(term.args[0].is_Number and term.args[0] < 0)
    return bool(isinstance(term, sympy.Expr) and not term.is_Matrix and term.could_extract_minus_sign())


def below_a_line(factor: sympy.Expr) -> bool:
    """Whether a factor is written below the line of a fraction."""
    return bool(factor.is_Pow and factor.exp.could_extract_minus_sign() and factor.exp.is_number)


def joined(parts: Iterator[str]) -> str:
    """Terms with their signs between them."""
    text = ""
    for part in parts:
        text += part if not text else f" - {part[1:].lstrip()}" if part.startswith("-") else f" + {part}"
    return text


def bracketed(text: str) -> str:
    """(text)."""
    return f"({text})"


def enclosed(text: str) -> str:
    """In brackets, if it has an exponent or is no single name."""
    single = "^" not in text and " " not in text and "'" not in text
    return text if single or re.fullmatch(r"\\[a-z]+\([^()]*\)", text) else bracketed(text)


def between_ends(expr: sympy.Basic, shown: Callable[[sympy.Basic], str]) -> str | None:
    """low <= name < high as one chain; None where it is none."""
    if len(expr.args) != 2 or not all(isinstance(part, sympy.Le | sympy.Lt) for part in expr.args):
        return None
    one, other = expr.args
    low, high = (one, other) if one.rhs == other.lhs else (other, one)
    if low.rhs != high.lhs:
        return None
    return rf"{shown(low.lhs)} {SIGNS[low.rel_op]} {shown(low.rhs)} {SIGNS[high.rel_op]} {shown(high.rhs)}"


def _continues(low: sympy.Basic, high: sympy.Basic) -> bool:
    both = all(isinstance(each, sympy.Le | sympy.Lt) for each in (low, high))
    return both and low.rhs == high.lhs and bool(low.lhs.is_number and high.rhs.is_number)


def chained(formulas: Sequence[sympy.Basic]) -> list[sympy.Basic]:
    """The formulas, low < name and name < high as one where they follow each other."""
    found: list[sympy.Basic] = []
    for formula in formulas:
        if found and _continues(found[-1], formula):
            found[-1] = sympy.And(found[-1], formula, evaluate=False)
        else:
            found.append(formula)
    return found
