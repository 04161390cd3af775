"""Signals as columns and weights as matrices of symbolic size: z = W x + b over SymPy's matrices.

An elementwise expression is written either of one unit, i (1 - i), or of the whole column, with products entry by
entry.
"""

from __future__ import annotations

from functools import reduce

import sympy

from rnnproof.model.activation import Activation
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine


def size(letters: str) -> sympy.Expr:
    """The number that dimension letters stand for: I, H, and 2 H for "2H"."""
    return sympy.Integer(letters[:-1] or 1) * sympy.Symbol(letters[-1], integer=True, positive=True)


def column(name: str, rows: sympy.Expr) -> sympy.MatrixSymbol:
    """The symbol of a signal's or a bias' column. Shapes: (rows, 1)."""
    return sympy.MatrixSymbol(name, rows, 1)


def column_of(cell: Cell, name: str) -> sympy.MatrixSymbol:
    """A signal, state, input or vector parameter of the cell as a column."""
    return column(name, size(cell.dimensions[name]))


def weight_of(cell: Cell, name: str) -> sympy.MatrixSymbol:
    """A parameter of the cell as a matrix; a bias as a column."""
    rows, *columns = map(size, cell.parameters[name])
    return sympy.MatrixSymbol(name, rows, *(columns or [1]))


def affine(cell: Cell, equation: Affine) -> sympy.MatrixExpr:
    """The right-hand side over matrices: W x + U h + b."""
    products = [weight_of(cell, weight) * column_of(cell, name) for weight, name in equation.terms]
    return sympy.MatAdd(*products, *([weight_of(cell, equation.bias)] if equation.bias else []))


def entrywise(expression: sympy.Expr, rows: sympy.Expr) -> sympy.MatrixExpr:
    """An expression of one unit as one of the whole column: (1 - z) d is (1 - z) o d, o entry by entry."""
    if expression.is_Symbol:
        return column(expression.name, rows)
    if expression.is_number:
        return expression * sympy.OneMatrix(rows, 1)
    if expression.is_Add:
        return sympy.MatAdd(*(entrywise(term, rows) for term in expression.args))
    if expression.is_Mul:
        return _product(expression, rows)
    if expression.is_Pow:
        return sympy.HadamardPower(entrywise(expression.base, rows), expression.exp)
    return _applied(expression, rows)


def _product(expression: sympy.Expr, rows: sympy.Expr) -> sympy.MatrixExpr:
    number, factors = expression.as_coeff_mul()
    columns = [entrywise(factor, rows) for factor in factors]
    return number * reduce(sympy.hadamard_product, columns)


def _applied(call: Activation, rows: sympy.Expr) -> sympy.MatrixExpr:
    place = sympy.Dummy("u", real=True)
    (argument,) = call.args
    return entrywise(argument, rows).applyfunc(sympy.Lambda(place, call.func(place)))
