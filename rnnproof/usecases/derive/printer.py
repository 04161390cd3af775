r"""Formulas as LaTeX that GitHub renders, the network's own names in them.

Products entry by entry are written with \odot between two signals.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from rnnproof.model.activation import Activation, reciprocal
from rnnproof.model.recognised import clip, hardsigmoid
from rnnproof.usecases.derive.names import Names
from rnnproof.usecases.derive.relations import RelationPrinter
from rnnproof.usecases.derive.typeset import below_a_line, bracketed, enclosed, joined, terms

FUNCTIONS = {
    "sigmoid": r"\sigma",
    "tanh": r"\tanh",
    "relu": r"\operatorname{relu}",
    "step": r"\operatorname{step}",
    "exp": r"\exp",
}


def _bare(factor: sympy.Basic) -> str:
    """The name of a signal, of its entry, or of it at a step; nothing for what is none."""
    if isinstance(factor, AppliedUndef):
        return type(factor).__name__.removeprefix(FLIPPED)
    return str(factor.name).partition("[")[0] if factor.is_Symbol else ""


FLIPPED = "flipped "  # what a function of the time is called when it is read from its end
LARGE, DECIMALS = 9999, 10**18  # above the one a denominator that divides the other is written as a decimal


class Printer(RelationPrinter):
    """SymPy's LaTeX, with a network's names; ``odot`` writes products of signals entry by entry."""

    def __init__(self, names: Names, odot: bool = False) -> None:
        super().__init__({"order": "none", "mat_delim": "[", "mat_str": "matrix"})
        self.names, self._odot = names, odot
        self._between = r" \odot " if odot else " "

    def _rank(self, factor: sympy.Basic) -> tuple[bool, bool, bool, bool, bool]:
        """Cotangents, weights, gates, other names, functions, sums: as one writes by hand, dc' i (1 - i), W x."""
        bare = _bare(factor)
        gate = bare in self.names.gates or (
            factor.is_Add and any(_bare(part) in self.names.gates for part in factor.atoms(sympy.Symbol, AppliedUndef))
        )
        cotangent = bare.startswith("d") and bare not in self.names.known
        weight = bare.rpartition(".")[2][:1].isupper() or bare in self.names.known - self.names.signals
        return (not cotangent, not weight, not gate, isinstance(factor, Activation), bool(factor.is_Add))

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "plain") -> str:
        return self.names.latex(expr.name)

    def _print_Dummy(self, expr: sympy.Symbol) -> str:
        return str(expr.name)

    def _print_MatrixSymbol(self, expr: sympy.MatrixSymbol, style: str = "plain") -> str:
        return self.names.latex(expr.name)

    def _print_IndexedBase(self, expr: sympy.Basic) -> str:
        return self.names.latex(str(expr.label))

    def _print_Indexed(self, expr: sympy.Basic) -> str:
        base = self.names.latex(str(expr.base.label))
        step, *entry = (self._print(index) for index in expr.indices)
        below = f"_{{{','.join(entry)}}}" if entry else ""
        return f"{enclosed(base)}^{{({step})}}{below}"

    _print_Vector = _print_Indexed  # noqa: N815 (SymPy looks for a method of this name)

    def _print_Coefficient(self, expr: sympy.Basic) -> str:
        return f"{expr.base.label}_{{{self._print(expr.indices[0])}}}"

    def _print_Pow(self, expr: sympy.Expr) -> str:
        base = self._print(expr.base)
        if (expr.exp.is_Rational and expr.exp.is_negative) or expr.exp == sympy.Rational(1, 2):
            return str(super()._print_Pow(expr))
        plain = expr.base.is_Symbol and "^" not in base and "'" not in base
        simple = (
            plain
            or (isinstance(expr.base, Activation) and not isinstance(expr.base, reciprocal))
            or (expr.base.is_Integer and expr.base >= 0)
        )
        entrywise = r"\odot " if self._odot else ""
        return f"{base if simple else bracketed(base)}^{{{entrywise}{self._print(expr.exp)}}}"

    def _print_Mul(self, expr: sympy.Expr) -> str:
        number, factors = expr.as_coeff_mul()
        if below := [factor for factor in factors if isinstance(factor, reciprocal)]:
            above = sympy.Mul(abs(number), *(factor for factor in factors if factor not in below))
            under = self._between.join(self._factor(factor.args[0]) for factor in below)
            line = under[1:-1] if len(below) == 1 and below[0].args[0].is_Add else under
            return rf"{'- ' * bool(number < 0)}\frac{{{self._print(above)}}}{{{line}}}"
        whole = [factor for factor in factors if not below_a_line(factor)]
        if (
            len(whole) < len(factors)
            or not number.is_Rational
            or (number.q != 1 and len(factors) == 1 and not factors[0].is_Add and not self._odot)
        ):
            return str(super()._print_Mul(expr)) if not self._odot else self._quotient(expr)
        sign, size = ("- ", -number) if number < 0 else ("", number)
        ordered = sorted(factors, key=self._rank) if expr.is_commutative else factors
        shown = self._between.join(self._factor(factor) for factor in ordered)
        between = " " if self._odot else self._between
        return f"{sign}{shown}" if size == 1 else f"{sign}{self._print(size)}{between}{shown}"

    def _quotient(self, expr: sympy.Expr) -> str:
        above, below = sympy.fraction(expr)
        return rf"\frac{{{self._print(above)}}}{{{self._print(below)}}}"

    def _factor(self, factor: sympy.Expr) -> str:
        shown = self._print(factor)
        return bracketed(shown) if factor.is_Add or shown.startswith("-") else shown

    def _print_Add(self, expr: sympy.Expr, order: Any = None) -> str:
        return joined(bracketed(self._print(term)) if term.is_Add else self._print(term) for term in terms(expr))

    def _print_MatAdd(self, expr: sympy.MatrixExpr) -> str:
        return joined(self._print(term) for term in terms(expr))

    def _print_MatMul(self, expr: sympy.MatrixExpr) -> str:
        parts = [self._matrix_factor(factor, sympy.HadamardProduct) for factor in expr.args]
        if parts[0] in ("-1", "- 1"):
            return f"- {' '.join(parts[1:])}"
        return " ".join(parts)

    def _matrix_factor(self, factor: sympy.Basic, other: type[sympy.Basic]) -> str:
        """In brackets if it is a sum, or a product of the other kind."""
        shown = self._print(factor)
        return bracketed(shown) if isinstance(factor, (sympy.MatAdd, sympy.Add, other)) else shown

    def _print_HadamardProduct(self, expr: sympy.MatrixExpr) -> str:
        return r" \odot ".join(self._matrix_factor(factor, sympy.MatMul) for factor in expr.args)

    def _print_HadamardPower(self, expr: sympy.MatrixExpr) -> str:
        base = self._print(expr.args[0])
        return f"{enclosed(base)}^{{\\odot {self._print(expr.args[1])}}}"

    def _print_OneMatrix(self, expr: sympy.MatrixExpr) -> str:
        return "1"

    def _print_Transpose(self, expr: sympy.MatrixExpr) -> str:
        base = self._print(expr.args[0])
        return f"{enclosed(base)}^{{\\top}}"

    def _print_DiagMatrix(self, expr: sympy.MatrixExpr) -> str:
        return rf"\operatorname{{diag}}({self._print(expr.args[0])})"

    def _print_ElementwiseApplyFunction(self, expr: sympy.MatrixExpr) -> str:
        name = type(expr.function.expr).__name__
        if name == "Abs":
            return rf"\lvert {self._print(expr.expr)} \rvert"
        if name == reciprocal.__name__:
            return rf"\frac{{1}}{{{self._print(expr.expr)}}}"
        return f"{FUNCTIONS.get(name, name)}({self._print(expr.expr)})"

    def _print_Function(self, expr: sympy.Expr, exp: Any = None) -> str:
        name = type(expr).__name__
        if name == "reciprocal":
            return rf"\frac{{1}}{{{self._print(expr.args[0])}}}"
        if isinstance(expr, (hardsigmoid, clip)):
            z, number = map(self._print, expr.args)
            return rf"\operatorname{{{name}}}_{{{number}}}({z})"
        if self._of_step(expr):
            bare, step = name.removeprefix(FLIPPED), self._print(expr.args[0])
            return r"\operatorname{flipped} " * (bare != name) + self.names.at(bare, step)
        shown = FUNCTIONS.get(name) or self._applied(expr)
        text = f"{shown}({', '.join(map(self._print, expr.args))})"
        return text if exp is None else f"{text}^{{{exp}}}"

    def _of_step(self, expr: sympy.Expr) -> bool:
        """Whether it is a signal at a step: h(T)."""
        return _bare(expr) in self.names.signals and len(expr.args) == 1 and bool(expr.args[0].is_integer)

    def _applied(self, expr: sympy.Expr) -> str:
        return self.names.latex(type(expr).__name__)

    def _print_exp(self, expr: sympy.Expr, exp: Any = None) -> str:
        return rf"\exp({self._print(expr.args[0])})"

    _print_ExpBase = _print_exp  # noqa: N815

    def _print_Exp1(self, expr: sympy.Expr) -> str:
        return r"\exp(1)"

    def _print_tanh(self, expr: sympy.Expr, exp: Any = None) -> str:
        return self._print_Function(expr, exp)

    def _print_Abs(self, expr: sympy.Expr, exp: Any = None) -> str:
        return rf"\lvert {self._print(expr.args[0])} \rvert"

    def _print_Derivative(self, expr: sympy.Expr) -> str:
        function = expr.expr
        shown = self._applied(function) if isinstance(function, sympy.core.function.AppliedUndef) else None
        if self._of_step(function):
            shown = self._print(function)
        elif shown is not None and len(function.args) == 1 and function.args[0] not in expr.variables:
            shown = f"{shown}({self._print(function.args[0])})"
        (by,) = expr.variables
        return rf"\frac{{\partial {shown or self._print(function)}}}{{\partial {self._print(by)}}}"

    def _print_Subs(self, expr: sympy.Basic) -> str:
        at = ", ".join(f"{self._print(a)} = {self._print(b)}" for a, b in zip(expr.variables, expr.point, strict=True))
        return rf"\left[\, {self._print(expr.expr)} \,\right]_{{{at}}}"

    def _print_Limit(self, expr: sympy.Basic) -> str:
        inner, z, end = (self._print(part) for part in expr.args[:3])
        return rf"\lim_{{{z} \to {end}}} {inner}"

    def _print_Rational(self, expr: sympy.Rational) -> str:
        sign = "- " if expr.p < 0 else ""
        if expr.q > LARGE and DECIMALS % expr.q == 0:
            return f"{Decimal(int(expr.p)) / Decimal(int(expr.q)):f}"
        return rf"{sign}\frac{{{abs(expr.p)}}}{{{expr.q}}}" if expr.q != 1 else str(expr.p)

    def _print_Identity(self, expr: sympy.Basic) -> str:
        return "I"
