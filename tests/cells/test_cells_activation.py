"""Activations: right at 0 and far out, in their slopes, and in the dtype of their argument."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted import planted
from rounded_arrays import FUNCTION_ERROR

from rnnproof.cells import activation
from rnnproof.cells.activation import ACTIVATIONS, clip, hard_sigmoid, relu, sigmoid, softmax

DTYPES = ("float64", "float32")
ELEMENTWISE = ("tanh", "relu", "sigmoid", "identity")


def slope(name, y):
    return ACTIVATIONS[name].pullback(np.ones_like(y), y)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_at_zero_and_far_out(dtype):
    with np.errstate(all="raise"):
        y = sigmoid(np.array([0, 1e4, -1e4, np.inf, -np.inf], dtype=dtype))
        assert y.tolist() == [0.5, 1, 0, 1, 0]
        assert slope("sigmoid", y).tolist() == [0.25, 0, 0, 0, 0]


def test_the_textbook_sigmoid_overflows_and_is_refused():
    textbook = planted(activation, "0.5 + 0.5 * xp.tanh(0.5 * z)", "1 / (1 + xp.exp(-z))")
    with np.errstate(all="raise"), pytest.raises(FloatingPointError, match="overflow"):
        textbook.sigmoid(np.array([-1e4]))


def test_the_lower_tail_is_zero_where_the_docstring_says_so():
    assert sigmoid(np.array([-40.0])) == 0 and sigmoid(np.array([-22], dtype="float32")) == 0
    assert sigmoid(np.array([-36.0])) > 0 and sigmoid(np.array([-16], dtype="float32")) > 0


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_the_dtype_of_the_argument_is_the_dtype_of_the_result(name, dtype):
    y = ACTIVATIONS[name].value(np.array([[-2, 0, 3]], dtype=dtype), np)
    assert y.dtype == dtype and slope(name, y).dtype == dtype


def test_relu_and_its_slope_at_the_kink():
    y = relu(np.array([-np.inf, -1, -0.0, 0, 2, np.inf, np.nan]))
    np.testing.assert_array_equal(y, [0, 0, 0, 0, 2, np.inf, np.nan])
    assert slope("relu", y[:5]).tolist() == [0, 0, 0, 0, 1]


def test_hard_sigmoid_and_its_slope_by_hand():
    """Slope 1/4: kinks at -2 and 2, where the slope is 0; nan stays nan."""
    hard = hard_sigmoid(0.25)
    y = hard.value(np.array([-np.inf, -2, -1, 0, 1, 2, 1e4, np.nan]), np)
    np.testing.assert_array_equal(y, [0, 0, 0.25, 0.5, 0.75, 1, 1, np.nan])
    assert hard.pullback(np.full(7, 8.0), y[:7]).tolist() == [0, 0, 2, 2, 2, 0, 0]


def test_the_slopes_of_keras_and_torch_differ_at_two_and_three_quarters():
    assert hard_sigmoid(1 / 5).value(np.array(2.75), np) == 1
    assert 0.95 < hard_sigmoid(1 / 6).value(np.array(2.75), np) < 0.96


def test_clip_and_its_slope_by_hand():
    bounded = clip(1.5)
    y = bounded.value(np.array([-np.inf, -1.5, -1, 0, 1, 1.5, 2, np.nan]), np)
    np.testing.assert_array_equal(y, [-1.5, -1.5, -1, 0, 1, 1.5, 1.5, np.nan])
    assert bounded.pullback(np.full(7, 8.0), y[:7]).tolist() == [0, 0, 8, 8, 8, 0, 0]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", [clip(1.5), hard_sigmoid(1 / 6)])
def test_what_is_bounded_keeps_the_dtype_and_lets_no_infinite_cotangent_through(function, dtype):
    y = function.value(np.array([-9, 0, 9], dtype=dtype), np)
    dz = function.pullback(np.array([np.inf, 1, np.nan], dtype=dtype), y)
    assert y.dtype == dz.dtype == dtype and dz[0] == dz[2] == 0 and dz[1] != 0


def test_softmax_by_hand():
    with np.errstate(over="raise", invalid="raise"):
        y = softmax(np.array([[0.0, 0.0], [1e4, 1e4], [1e4, 0.0]]))
    assert y.tolist() == [[0.5, 0.5], [0.5, 0.5], [1, 0]]
    # y (dy - <dy, y>) = 1/2 (2 - 3), 1/2 (4 - 3)
    assert ACTIVATIONS["softmax"].pullback(np.array([2.0, 4.0]), y[0]).tolist() == [-0.5, 0.5]


# A second way to write each, for the wider type in which it is evaluated.
TRUE = {
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: 1 / (2 + np.exp(z) + np.exp(-z))),
    "relu": (lambda z: np.maximum(z, 0), lambda z: 1.0 * (z > 0)),
    "identity": (lambda z: z, np.ones_like),
}


@pytest.mark.parametrize("name", ELEMENTWISE)
@given(seed=st.integers(0, 2**32 - 1), scale=st.sampled_from((0.1, 1, 10, 40)), dtype=st.sampled_from(DTYPES))
def test_values_and_slopes_keep_the_bound_that_the_tests_grant_to_functions(name, seed, scale, dtype):
    z = np.random.default_rng(seed).uniform(-scale, scale, size=1000).astype(dtype)
    wide = z.astype(np.longdouble if dtype == "float64" else np.float64)
    value, derivative = TRUE[name]
    unit = np.finfo(dtype).eps / 2
    y = ACTIVATIONS[name].value(z, np)
    assert np.abs(y - value(wide)).max() <= FUNCTION_ERROR * unit
    assert np.abs(slope(name, y) - derivative(wide)).max() <= FUNCTION_ERROR * unit
