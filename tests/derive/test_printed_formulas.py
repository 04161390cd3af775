"""Formulas mean on paper what they are: brackets where two kinds of product meet, no word of SymPy's."""

import re

import pytest
import sympy
from written_documents import KEPT, NETWORKS

from rnnproof.usecases.derive.names import Names
from rnnproof.usecases.derive.printer import Printer

H = sympy.Symbol("H", integer=True, positive=True)
U, a, b = sympy.MatrixSymbol("U_n", H, H), sympy.MatrixSymbol("h", H, 1), sympy.MatrixSymbol("r", H, 1)


@pytest.mark.parametrize(
    ("formula", "printed"),
    [
        (sympy.MatMul(U, sympy.HadamardProduct(a, b)), r"U_{n} (h \odot r)"),
        (sympy.HadamardProduct(sympy.MatMul(U, a), b), r"(U_{n} h) \odot r"),
        (sympy.MatMul(U, a + b), "U_{n} (h + r)"),
        (sympy.MatMul(U.applyfunc(sympy.Abs), a), r"\lvert U_{n} \rvert h"),
    ],
)
def test_two_kinds_of_product_are_told_apart(formula, printed):
    assert Printer(Names(frozenset())).doprint(formula) == printed


@pytest.mark.parametrize("name", NETWORKS)
def test_no_function_goes_by_the_name_it_has_in_a_program(name):
    text = (KEPT / f"{name}.md").read_text(encoding="utf-8")
    formulas = re.findall(r"\$\$(.*?)\$\$", text, re.DOTALL) + re.findall(r"\$([^$]+)\$", text)
    assert formulas and not [each for each in formulas if re.search(r"Abs|Hadamard|Lambda|applyfunc", each)]
