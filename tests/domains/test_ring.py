"""The ring Z/p^k: exp and log are homomorphisms, a tangent is a derivative, and nothing leaves it as a float."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnproof.domains.dual import literal, unknown
from rnnproof.domains.execution import execute
from rnnproof.domains.literal import meant, simplest, tiny_as_zero
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import OutOfBudget, Untraceable

RING = Residues(65521, 16)
BIG = st.integers(0, 65521**16 - 1)


def of(*numbers):
    from flint import fmpz

    made = np.empty(len(numbers), dtype=object)
    made[:] = [fmpz(n) for n in numbers]
    return made


def ring():
    return Ring(RING)


def unknowns(where, name, shape, moves=False):
    shadow = np.random.default_rng(len(name)).standard_normal(shape)
    return RingArray(unknown(where, name, shadow, shadow if moves else None))


def same(a, b):
    return bool(np.all(np.equal(a.dual.x, b.dual.x)))


@given(BIG, BIG)
def test_exp_turns_sums_into_products(a, b):
    assert RING.exp(of(a + b))[0] == RING.exp(of(a))[0] * RING.exp(of(b))[0] % RING.modulus


@given(BIG)
def test_exp_is_a_power_of_one_plus_p(a):
    assert RING.exp(of(a))[0] == pow(1 + RING.p, a, int(RING.modulus))


@given(BIG)
def test_log_undoes_exp_but_for_its_last_digit(a):
    assert (RING.log(RING.exp(of(a)))[0] - a) % RING.p ** (RING.k - 1) == 0


@pytest.mark.parametrize(
    ("value", "fraction"),
    [(0.1, Fraction(1, 10)), (1 / 3, Fraction(1, 3)), (-0.7, Fraction(-7, 10)), (1e-8, Fraction(1, 10**8)), (2.5, 2.5)],
)
def test_a_literal_is_the_simplest_fraction_that_rounds_to_it(value, fraction):
    assert simplest(value) == fraction


@given(st.floats(-1e6, 1e6))
def test_the_simplest_fraction_rounds_to_the_float(value):
    assert float(simplest(value)) == value


@pytest.mark.parametrize("c", ["0.9", "0.99", "0.999", "0.9995", "0.95", "0.7", "0.1", "0.75", "0.3333"])
def test_one_less_a_literal_is_one_less_what_it_is_read_as(c):
    assert meant(1 - float(c)) == 1 - Fraction(c)


@given(st.floats(-1e6, 1e6))
def test_other_floats_are_read_as_they_round(value):
    few = 1 - meant(value)
    assert meant(value) == simplest(value) or (few.denominator <= 10**4 and 1 - float(few) == value)


def test_tiny_literals_can_be_read_as_zero():
    assert (tiny_as_zero(1e-7), tiny_as_zero(0.1)) == (0, Fraction(1, 10))


def test_sigmoid_and_tanh_however_written_are_one_number():
    x = unknowns(ring(), "x", (3, 4))
    e = np.exp(-x)
    piecewise = np.where(x > 0, 1 / (1 + e), np.exp(x) / (1 + np.exp(x)))
    assert same(piecewise, 1 / (1 + e))
    assert same(0.5 + 0.5 * np.tanh(0.5 * x), 1 / (1 + e))
    t = np.tanh(0.5 * x)
    assert not same(0.5 + 0.5 * (t + t * 2.0**-60), 1 / (1 + e))


def test_exp_of_a_log_is_resolved():
    x = unknowns(ring(), "x", (5,))
    total = np.exp(x).sum()
    assert same(np.exp(x - np.log(total)), np.exp(x) / total)
    assert same(np.exp(-np.log(1 + np.exp(-x))), 1 / (1 + np.exp(-x)))


def test_exp_of_half_a_log_is_refused():
    x = unknowns(ring(), "x", (5,))
    with pytest.raises(Untraceable, match="exponential of a logarithm"):
        np.exp(0.5 * np.log(np.exp(x).sum()))


@pytest.mark.parametrize(
    ("function", "derivative"),
    [
        (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
        (np.exp, np.exp),
        (lambda x: 1 / x, lambda x: -1 / (x * x)),
        (lambda x: x**3, lambda x: 3 * x * x),
        (np.expm1, np.exp),
        (lambda x: np.log(np.exp(x) + 1), lambda x: 1 / (1 + np.exp(-x))),
    ],
)
def test_the_tangent_is_the_derivative(function, derivative):
    x = unknowns(ring(), "x", (4,), moves=True)
    expected = derivative(x).dual.x * x.dual.d % RING.modulus
    assert np.all(np.equal(function(x).dual.d, expected))


def test_slices_are_views_and_numbers_are_not():
    where = ring()
    a = unknowns(where, "a", (3, 2))
    first, total = a.copy()[0], a.sum()
    view = a[1:]
    view += 1
    assert same(a[1:] - 1, unknowns(where, "a", (3, 2))[1:])
    kept = total
    total += 1
    assert same(kept + 1, total)
    assert same(first, a[0])


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (lambda a: float(a[0]), "as a float"),
        (lambda a: int(a[0]), "as an integer"),
        (lambda a: np.sin(a), r"np\.sin"),
        (lambda a: np.array(a), "ordinary array"),
        (lambda a: bool(a[0]), "truth"),
        (lambda a: a**0.3, "no integer"),
        (lambda a: a[a], "index"),
        (lambda a: a > RingArray(literal(a.ring, a.dual.f)), "equal as floats alone"),
        (lambda a: np.zeros(3).__setitem__(slice(None), a), "ordinary array"),
        (lambda a: np.add(np.zeros(3), a, out=np.zeros(3)), "array of floats"),
        (lambda a: a.astype(int), "astype"),
    ],
)
def test_what_is_not_built_is_refused_by_name_and_line(operation, words):
    a = unknowns(ring(), "a", (3,))
    with pytest.raises(Untraceable, match=words) as refused:
        operation(a)
    assert "test_ring.py:" in str(refused.value)


def test_a_refusal_that_the_code_swallows_is_raised_all_the_same():
    def swallows(where):
        try:
            return float(unknowns(where, "a", ()))
        except Untraceable:
            return 1.0

    with pytest.raises(Untraceable, match="as a float"):
        execute(swallows)


def test_eighty_steps_that_lose_a_digit_each_are_run_again_with_more_digits():
    """Without the guard on the digits the wrong last step would compare as equal to the right one: both are 0."""

    def run(where):
        U, h = unknowns(where, "U", (2, 2)), unknowns(where, "h", (2,))
        for _ in range(80):
            before, h = h, np.tanh(U @ h)
        return same(h, np.tanh(U @ before)), same(h, np.tanh(U @ before * 1.5))

    found, where = execute(run)
    assert found == (True, False)
    assert where.residues.k > 80


def test_an_exact_zero_whose_float_is_noise_needs_no_more_digits():
    def run(where):
        a, b = unknowns(where, "a", (50,)), unknowns(where, "bb", (50,))
        return (a + b) - a - b

    found, where = execute(run)
    assert np.any(found.dual.f)
    assert not np.any(found.dual.x)
    assert where.residues.k < 30


def test_another_prime_is_taken_where_one_divides():
    tried = []

    def run(where):
        tried.append(where.p)
        return RingArray(literal(where, 1)) / RingArray(literal(where, tried[0]))

    execute(run)
    assert len(tried) == 2


def test_a_division_by_zero_is_no_verdict():
    with pytest.raises(Untraceable, match=r"as 0 is.*test_ring\.py:"):
        execute(lambda where: RingArray(literal(where, 1)) / RingArray(literal(where, 0)))


def test_a_run_whose_logarithms_use_up_all_digits_is_run_again_with_more():
    """What goes wrong in it for want of digits is no error of the code."""
    tried = []

    def run(where):
        x = unknowns(where, "x", (2,))
        for _ in range(40):
            x = np.log(np.exp(x) + 1)
        tried.append(where.residues.k)
        return 1 // max(where.residues.k - where.logs, 0)

    found, where = execute(run)
    assert (found, len(tried)) == (0, 2)
    assert where.residues.k - where.logs >= tried[0]


def test_too_much_is_out_of_budget():
    from rnnproof.domains.execution import Budget

    with pytest.raises(OutOfBudget, match="memory"):
        execute(lambda where: unknowns(where, "a", (50,)) + 1, budget=Budget(entries=10))
