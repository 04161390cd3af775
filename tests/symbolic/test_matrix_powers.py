"""U^n with n a symbol, against U multiplied n times: singular, nilpotent, with one eigenvalue, with none rational."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rnnproof.catalogue import network
from rnnproof.errors import Unsupported, VerificationFailed
from rnnproof.symbolic import matrix_power
from rnnproof.symbolic.any_length_numbers import two_units
from rnnproof.symbolic.matrix_power import power, power_statement, terms, z

n = sympy.Symbol("n", integer=True, nonnegative=True)
KINDS = {
    "all ones": [[1, 1], [1, 1]],
    "the identity": [[1, 0], [0, 1]],
    "zero": [[0, 0], [0, 0]],
    "nilpotent": [[0, 1], [0, 0]],
    "nilpotent, third order": [[0, 1, 2], [0, 0, 1], [0, 0, 0]],
    "one eigenvalue, not diagonalisable": [[2, 1], [0, 2]],
    "three times one eigenvalue": [[2, 1, 0], [0, 2, 1], [0, 0, 2]],
    "a double and 0": [[2, 1, 0], [0, 2, 0], [0, 0, 0]],
    "a rotation": [[0, -1], [1, 0]],
    "Fibonacci's": [[1, 1], [1, 0]],
    "an irreducible cubic": [[1, 2, 3], [0, 1, 4], [5, 6, 0]],
    "one number": [[-3]],
}


def whole(found, exponent):
    """The power at a whole exponent; of a matrix of whole numbers it is one, so the nearest is it."""
    numbers = [complex(sympy.N(entry, 40)) for entry in power(found, n).subs(n, exponent)]
    assert not any(round(number.imag) for number in numbers)
    return [round(number.real) for number in numbers]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_the_product_of_so_many(kind):
    U = sympy.Matrix(KINDS[kind])
    found = terms(U)
    assert [whole(found, exponent) for exponent in range(7)] == [list(U**exponent) for exponent in range(7)]


def over_all_roots(found, exponent):
    """The same exactly: a sum over a factor's roots is the trace of a polynomial of its companion matrix."""
    total = sympy.zeros(*found[0].matrix.shape)
    for term in {(term.factor, term.order): term for term in found}.values():
        rows = sympy.Matrix.companion(term.factor.monic())
        number = sympy.binomial(exponent, term.order) * z ** max(exponent - term.order, 0)
        total += term.exact.applyfunc(lambda form, by=number, at=rows: at_matrix(form * by, at).trace())
    return list(total)


def at_matrix(form, rows):
    coefficients = sympy.Poly(form, z).all_coeffs()
    return sum((c * rows**p for p, c in enumerate(reversed(coefficients))), sympy.zeros(*rows.shape))


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3), st.integers(0, 2**32 - 1), st.integers(0, 6))
@example(2, 0, 0)
def test_of_any_matrix_of_small_whole_numbers(size, seed, exponent):
    U = sympy.Matrix(np.random.default_rng(seed).integers(-2, 3, (size, size)))
    assert over_all_roots(terms(U), exponent) == list(U**exponent)


def test_at_exponent_0_it_is_the_identity_where_sympy_s_own_is_not():
    """SymPy drops 0^n of ones(2)^n where n is positive, and is then wrong at 0."""
    positive = sympy.Symbol("n", positive=True, integer=True)
    ours = power(terms(sympy.ones(2)), n)
    assert ours.subs(n, 0) == sympy.eye(2) != (sympy.ones(2) ** positive).subs(positive, 0)
    assert ours.subs(n, 3) == sympy.ones(2) * 4


def test_rational_numbers_and_their_statement():
    half = sympy.Rational(1, 2)
    stated = power_statement(sympy.Matrix([[half, 1], [0, -half]]), n, "U")
    assert str(stated.formulas[-1].rhs.tolist()) == "[[(1/2)**n, -(-1/2)**n + (1/2)**n], [0, (-1/2)**n]]"
    assert stated.conditions == ()
    characteristic = stated.steps[0].formula.rhs
    assert sympy.expand(characteristic) == sympy.Symbol("z") ** 2 - sympy.Rational(1, 4)


def with_fault(found, change):
    return (change(found[0]), *found[1:])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [0, -1, 1 + sympy.Rational(1, 2**40)])
def test_a_wrong_residue_is_refused(kind, scale, monkeypatch):
    right = terms(sympy.Matrix(KINDS[kind]))
    wrong = with_fault(right, lambda term: replace(term, exact=term.exact * scale))
    monkeypatch.setattr(matrix_power, "terms", lambda U: wrong)
    if right[0].exact.is_zero_matrix:
        pytest.skip("nothing to scale")
    with pytest.raises(VerificationFailed, match="is no identity"):
        power_statement(sympy.Matrix(KINDS[kind]), n, "U")


def test_a_wrong_quotient_is_refused(monkeypatch):
    right = terms(sympy.Matrix(KINDS["Fibonacci's"]))
    monkeypatch.setattr(matrix_power, "terms", lambda U: with_fault(right, lambda t: replace(t, short=-t.short)))
    with pytest.raises(VerificationFailed, match="the quotient"):
        power_statement(sympy.Matrix(KINDS["Fibonacci's"]), n, "U")


a, b, c, d = (sympy.Symbol(f"U_h[{i},{j}]", real=True) for i in (0, 1) for j in (0, 1))


@cache
def in_symbols():
    return two_units(network("lecture"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=4, max_size=4), st.integers(0, 5))
def test_two_units_in_symbols(entries, exponent):
    """Wherever the condition holds, at any numbers; where it does not, the formula divides by zero."""
    *names, formula = in_symbols().formulas
    at = dict(zip((a, b, c, d), entries, strict=True))
    roots = {name.lhs: sympy.expand(name.rhs.subs(at)) for name in names}
    if len(set(roots.values())) < 2:
        denominators = {sympy.fraction(sympy.together(entry))[1] for entry in formula.rhs.subs(n, 2)}
        assert all(sympy.expand(one.subs(at).subs(roots)) == 0 for one in denominators if one != 1)
        return
    derived = formula.rhs.subs(n, exponent).subs(at).subs(roots)
    assert [sympy.radsimp(sympy.expand(e)) for e in derived] == list(sympy.Matrix(2, 2, entries) ** exponent)


def test_two_units_with_one_eigenvalue_need_a_form_of_their_own():
    units, condition = two_units(network("lecture")).conditions
    assert units.startswith("H is 2 here: ") and two_units(network("lecture")).claim.startswith(
        "With two units in the state"
    )
    assert condition == "The two eigenvalues differ: `4*U_h[0,1]*U_h[1,0] + (U_h[0,0] - U_h[1,1])**2` is not 0."
    U = sympy.Matrix([[a, b], [-((a - d) ** 2) / (4 * b), d]])
    stated = power_statement(U, n, "U")
    assert stated.conditions == ("The eigenvalue `(U_h[0,0] + U_h[1,1])/2` is not 0, or n is at least 2.",)
    at = {a: 3, b: 2, d: 7}
    for exponent in range(5):
        assert stated.formulas[-1].rhs.subs(n, exponent).subs(at) == U.subs(at) ** exponent


def test_larger_matrices_of_symbols_are_refused():
    with pytest.raises(Unsupported, match="no short formula"):
        terms(sympy.Matrix(3, 3, sympy.symbols("a:9")))
    assert two_units(network("elman")) is None
