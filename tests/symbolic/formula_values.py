"""A statement's formulas at numbers: columns (n,1) and matrices as NumPy arrays of mpmath numbers.

An expression in plain symbols is evaluated entry by entry, one in matrices as matrices; made apart from the
package's own evaluation, for the tests alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from operator import add, matmul, mul
from typing import Any

import mpmath
import numpy as np
import sympy
from program_bounds import VALUE
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.special import OneMatrix

from rnnproof.model.activation import Activation, step

FUNCTIONS = {kind: np.frompyfunc(value, 1, 1) for kind, value in VALUE.items()}
FUNCTIONS |= {sympy.exp: np.frompyfunc(mpmath.exp, 1, 1), sympy.Abs: abs}
FUNCTIONS[step] = np.frompyfunc(lambda z: mpmath.mpf(bool(z > 0)), 1, 1)


def value(formula: sympy.Basic, names: Mapping[str, Any]) -> Any:
    """The formula's value where its names have these values."""
    if isinstance(formula, (sympy.Symbol, sympy.MatrixSymbol)):
        return names[formula.name]
    if formula.is_Rational:
        return mpmath.mpf(int(formula.p)) / int(formula.q)
    if isinstance(formula, OneMatrix):
        return mpmath.mpf(1)
    if isinstance(formula, ElementwiseApplyFunction):
        return FUNCTIONS[formula.function.expr.func](value(formula.expr, names))
    parts = [value(part, names) for part in formula.args]
    if isinstance(formula, sympy.Transpose):
        return parts[0].T
    if isinstance(formula, sympy.DiagMatrix):
        return np.diag(parts[0][:, 0])
    if isinstance(formula, sympy.MatMul) or (formula.is_Mul and not formula.is_commutative):
        return reduce(lambda a, b: matmul(a, b) if np.ndim(a) and np.ndim(b) else a * b, parts)
    if isinstance(formula, (Activation, sympy.exp, sympy.Abs)):
        return FUNCTIONS[formula.func](parts[0])
    if isinstance(formula, (sympy.Pow, sympy.HadamardPower)):
        return parts[0] ** int(formula.exp)
    operation = {sympy.Add: add, sympy.MatAdd: add, sympy.Mul: mul, sympy.HadamardProduct: mul}
    return reduce(operation[type(formula)], parts)


def column(numbers: Any) -> Any:
    """A row of numbers as a column of mpmath numbers, exactly."""
    return np.array([[mpmath.mpf(float(n) if isinstance(n, np.floating) else n)] for n in numbers], dtype=object)
