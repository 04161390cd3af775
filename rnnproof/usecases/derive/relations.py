"""Relations, what is said of several of them, and sets, as LaTeX that GitHub renders."""

from __future__ import annotations

import sympy
from sympy.printing.latex import LatexPrinter

from rnnproof.usecases.derive.typeset import SIGNS, between_ends


class RelationPrinter(LatexPrinter):  # type: ignore[misc]
    """SymPy's LaTeX; where a relation holds stands behind it."""

    def _print_Relational(self, expr: sympy.Basic) -> str:
        return f"{self._print(expr.lhs)} {SIGNS[expr.rel_op]} {self._print(expr.rhs)}"

    def _print_Tuple(self, expr: sympy.Basic) -> str:
        return r", \quad ".join(map(self._print, expr.args))

    def _print_And(self, expr: sympy.Basic) -> str:
        return between_ends(expr, self._print) or r" \text{ and } ".join(self._logical(part) for part in expr.args)

    def _print_Or(self, expr: sympy.Basic) -> str:
        return r" \text{ or } ".join(self._logical(part) for part in expr.args)

    def _logical(self, part: sympy.Basic) -> str:
        return f"({self._print(part)})" if isinstance(part, (sympy.And, sympy.Or)) else str(self._print(part))

    def _print_Implies(self, expr: sympy.Basic) -> str:
        where, what = (self._print(part) for part in expr.args)
        return rf"{what} \quad\text{{where}}\quad {where}"

    def _print_Piecewise(self, expr: sympy.Basic) -> str:
        cases = (rf"{self._print(value)} & {self._where(where)}" for value, where in expr.args)
        return r"\begin{cases} " + r" \\ ".join(cases) + r" \end{cases}"

    def _where(self, condition: sympy.Basic) -> str:
        return r"\text{otherwise}" if condition == sympy.true else rf"\text{{if }} {self._print(condition)}"

    def _print_BooleanTrue(self, expr: sympy.Basic) -> str:
        return r"\text{always}"

    def _print_BooleanFalse(self, expr: sympy.Basic) -> str:
        return r"\text{never}"

    def _print_FiniteSet(self, expr: sympy.Basic) -> str:
        return rf"\lbrace {', '.join(map(self._print, expr.args))} \rbrace"

    def _print_EmptySet(self, expr: sympy.Basic) -> str:
        return r"\emptyset"
