"""A straight-line program at numbers, line by line: exactly, or to as many digits as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mpmath
import numpy as np
import sympy

from rnnproof.domains.algebra import GUARD, as_decimal, as_exact, decimal, exact
from rnnproof.errors import UsageError
from rnnproof.symbolic.program import Program


def evaluate(program: Program, values: Mapping[str, Any], digits: int = 50) -> dict[str, sympy.Float]:
    """Every name of the program as a decimal number; each operation is rounded ten digits below ``digits``.

    ``values`` gives each argument by name: integers, fractions, floats (taken exactly) or SymPy numbers.
    Errors: UsageError for an argument that is missing or unknown.
    """
    _complete(program, values)
    with mpmath.workdps(digits + GUARD):
        known = {name: as_decimal(value) for name, value in values.items()}
        for line in program.lines:
            known[line.name] = decimal(line.expression, known)
        return {name: sympy.Float(value, digits + GUARD) for name, value in known.items()}


def evaluate_exactly(program: Program, values: Mapping[str, Any]) -> dict[str, sympy.Expr]:
    """Every name of the program as an exact SymPy number; the activation of a logarithm is a rational one.

    Errors: UsageError for an argument that is missing or unknown.
    """
    _complete(program, values)
    known = {name: as_exact(value) for name, value in values.items()}
    for line in program.lines:
        known[line.name] = exact(line.expression, known)
    return known


def bind(program: Program, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the program's arguments, from arrays (or nested sequences) by name, in C order.

    Shapes: as the network's parameters; x (T,I); each state (rows,). Cotangents are given by their own names.
    Errors: UsageError for an array with another number of entries.
    """
    values: dict[str, Any] = {}
    for name, array in arrays.items():
        names = program.arguments.get(name, (name,))
        flat = np.array(array, dtype=object).ravel()
        if len(flat) != len(names):
            raise UsageError(f"{name}: got {len(flat)} entries, expected {len(names)}")
        values |= dict(zip(names, flat, strict=True))
    return values


def _complete(program: Program, values: Mapping[str, Any]) -> None:
    expected = [name for group in program.arguments.values() for name in group]
    missing = [name for name in expected if name not in values]
    unknown = sorted(set(values) - set(expected))
    if missing or unknown:
        problem = f"no value for {missing[0]}" if missing else f"unknown argument {unknown[0]}"
        raise UsageError(f"{problem}; expected {len(expected)} values, {expected[0]} to {expected[-1]}")
