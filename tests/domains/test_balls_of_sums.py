"""Sums and products of arrays: the exact result, and that of every order of summation, lies in the ball."""

from fractions import Fraction

import numpy as np
import pytest
from balls import DTYPES, balls, floats, outside, rounded_within
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.domains.bounded import Bounded, exact, inflate, rows, stacked
from rnnproof.domains.formats import FORMATS, U64
from rnnproof.domains.sums import Sum, one, total
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine
from rnnproof.reference.rounding import forward

MANY = settings(max_examples=60, deadline=None)
CELL = Cell("affine", (Affine("z", (("W", "x"), ("U", "h")), "b"),), (("h", "z"),), "z")


def ball_of(x, h, parameters, dtype) -> Bounded:
    """z = W x + U h + b for one row."""
    tape = forward(CELL, parameters, x[np.newaxis, np.newaxis], {"h": Bounded(h.value[None], h.radius[None])}, dtype)
    return tape.outputs[0][0]


def terms_of(x, h, parameters, row):
    """The pairs of factors that are multiplied and added up in one row of z."""
    p = parameters
    return [*zip(p["W"][row], x, strict=True), *zip(p["U"][row], h, strict=True), (p["b"][row], 1.0)]


def left_to_right(products):
    result = products[0]
    for product in products[1:]:
        result = result + product
    return result


def pairwise(products):
    if len(products) == 1:
        return products[0]
    middle = len(products) // 2
    return pairwise(products[:middle]) + pairwise(products[middle:])


def small_first(products):
    return left_to_right(sorted(products, key=abs))


def large_first(products):
    return left_to_right(sorted(products, key=abs, reverse=True))


ORDERS = (left_to_right, pairwise, small_first, large_first, lambda p: left_to_right(p[::-1]))


def sums_in_floats(pairs, halves, dtype):
    """The same sum as a target may do it: any order; products fused into the sum; the bias in two halves."""
    kind = np.dtype(dtype).type
    rounded = [(kind(w), kind(s)) for w, s in pairs]
    products = [w * s for w, s in rounded]
    first = kind(halves * pairs[-1][0])
    split = [*products[:-1], first, products[-1] - first]
    yield from (order(products) for order in ORDERS)
    if first + (products[-1] - first) == products[-1]:
        yield from (order(split) for order in ORDERS)
    fused = kind(0)
    for w, s in rounded:
        fused = kind(np.longdouble(w) * np.longdouble(s) + np.longdouble(fused))
    yield fused
    yield kind(sum(np.longdouble(w) * np.longdouble(s) for w, s in rounded))


@st.composite
def affine(draw, dtype):
    """Numbers of every size, from below the subnormal numbers' square root to 2^20; in float16 to 2^5."""
    inputs, hidden, largest = draw(st.integers(1, 3)), draw(st.integers(1, 3)), 2.0 ** (5 if dtype == "float16" else 20)
    tiny = [2.0**-14, -(2.0**-12)] if dtype == "float16" else [2.0**-80, -(2.0**-60)]
    numbers = floats(dtype, largest) | st.sampled_from([0.0, 1.0, *tiny])

    def array(*shape):
        return np.array([draw(numbers) for _ in range(int(np.prod(shape)))]).reshape(shape)

    parameters = {"W": array(hidden, inputs), "U": array(hidden, hidden), "b": array(hidden)}
    return array(inputs), draw(balls(dtype, largest, hidden)), parameters


@MANY
@given(st.data(), st.sampled_from(DTYPES), st.floats(-1, 1), st.sampled_from([0.5, 0.25, 0.75]))
def test_every_sum_of_products_lies_in_the_ball(data, dtype, at, halves):
    x, h, parameters = data.draw(affine(dtype))
    ball = ball_of(x, h, parameters, FORMATS[dtype])
    state = np.asarray(rounded_within(h, at, dtype), np.float64)
    for row in range(len(state)):
        pairs = terms_of(x, state, parameters, row)
        assert not outside(ball, row, sum(Fraction(float(w)) * Fraction(float(s)) for w, s in pairs))
        with np.errstate(all="ignore"):
            found = [float(z) for z in sums_in_floats(pairs, halves, dtype)]
        assert [z for z in found if outside(ball, row, z)] == []


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_single_product_is_rounded_once(dtype):
    """One input, one unit, no recurrence worth the name: z = w x, rounded in the format, exact in the truth."""
    kind = np.dtype(dtype).type
    w, x = kind(1) / kind(3), kind(1) / kind(7)
    parameters = {"W": np.array([[w]], float), "U": np.zeros((1, 1)), "b": np.zeros(1)}
    ball = ball_of(np.array([x], float), exact(np.zeros(1)), parameters, FORMATS[dtype])
    assert not outside(ball, 0, float(w * x)) and not outside(ball, 0, Fraction(float(w)) * Fraction(float(x)))
    assert outside(ball, 0, float(w * x) * (1 + 64 * FORMATS[dtype].roundoff))


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_that_underflow_stay_inside(dtype):
    tiny = {"float32": 2.0**-80, "float64": 2.0**-540, "float16": 2.0**-13, "bfloat16": 2.0**-70}[dtype]
    parameters = {"W": np.full((1, 3), tiny), "U": np.full((1, 1), tiny), "b": np.zeros(1)}
    ball = ball_of(np.full(3, 0.75 * tiny), exact(np.array([tiny])), parameters, FORMATS[dtype])
    assert ball.radius[0] < 2.0**9 * FORMATS[dtype].subnormal
    true = 3 * Fraction(0.75) * Fraction(tiny) ** 2 + Fraction(tiny) ** 2
    assert not outside(ball, 0, true) and not outside(ball, 0, 0.0)


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_sum_with_a_term_left_out_is_outside(dtype):
    rng = np.random.default_rng(0)
    parameters = {"W": rng.uniform(0.5, 1, (3, 2)), "U": rng.uniform(0.5, 1, (3, 3)), "b": rng.uniform(0.5, 1, 3)}
    parameters = {name: value.astype(dtype).astype(float) for name, value in parameters.items()}
    x, h = np.array([0.5, -0.25]), np.array([1.0, -0.5, 0.75])
    ball = ball_of(x, exact(h), parameters, FORMATS[dtype])
    for row in range(3):
        pairs = [(Fraction(float(w)), Fraction(float(s))) for w, s in terms_of(x, h, parameters, row)]
        assert not outside(ball, row, sum(w * s for w, s in pairs))
        assert all(outside(ball, row, sum(w * s for w, s in pairs if (w, s) != left)) for left in pairs)


@MANY
@given(st.lists(st.floats(0, 1e300), min_size=1, max_size=40))
def test_an_inflated_sum_is_an_upper_bound(numbers):
    total_in_floats = left_to_right([np.float64(number) for number in numbers])
    if np.isfinite(total_in_floats):
        assert Fraction(float(inflate(total_in_floats, len(numbers)))) >= sum(map(Fraction, numbers))
        assert inflate(total_in_floats, len(numbers)) <= total_in_floats * (1 + (len(numbers) + 16) * 5 * U64)


@MANY
@given(st.data(), st.sampled_from(DTYPES), st.integers(2, 5), st.floats(-1, 1))
def test_a_sum_of_balls_in_any_order(data, dtype, count, at):
    terms = [data.draw(balls(dtype, 2.0 ** (8 if dtype == "float16" else 40), 1)) for _ in range(count)]
    together = one(terms[0])
    for term in terms[1:]:
        together.add(one(term))
    ball = together.ball(FORMATS[dtype])
    numbers = [rounded_within(term, at, dtype)[0] for term in terms]
    assert not outside(ball, 0, sum(Fraction(float(number)) for number in numbers))
    assert [order for order in ORDERS if outside(ball, 0, float(order(numbers)))] == []


def test_one_term_alone_is_not_rounded_and_a_product_is():
    ball = Bounded(np.array([[3.0]]), np.array([[0.5]]))
    assert one(ball).ball(FORMATS["float32"]).radius == 0.5
    product = Sum(ball.value, ball.radius, ball.magnitude, 1, 1).ball(FORMATS["float32"])
    assert 0.5 + 3.5 * 2.0**-24 <= product.radius[0, 0] <= 0.5 + 3.6 * 2.0**-24


def test_rows_are_added_up():
    ball = Bounded(np.arange(6.0).reshape(3, 2), np.full((3, 2), 0.25))
    summed = total(ball)
    assert summed.value.tolist() == [6.0, 9.0]
    assert summed.radius.tolist() == [0.75, 0.75]
    assert summed.size.tolist() == [6.75, 9.75]
    assert (summed.terms, summed.products) == (3, 0)


def test_steps_are_joined_along_a_new_axis_or_as_rows():
    balls_of_steps = [Bounded(np.full((2, 1), float(t)), np.full((2, 1), t / 2)) for t in range(3)]
    assert stacked(balls_of_steps).value[:, 1, 0].tolist() == [0, 1, 2]
    assert rows(balls_of_steps).radius[:, 0].tolist() == [0, 0, 0.5, 0.5, 1, 1]
