"""autograd over the hand-written forward passes; that the backward passes agree is a test of the cells."""

import autograd.numpy as anp
import numpy as np
import pytest

from rnnproof.autodiff import gradients
from rnnproof.cells import plain_target

TARGETS = [
    plain_target("lstm"),
    plain_target("elman"),
    plain_target("elman", activation="relu", readout="softmax"),
]
NAMED = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.network)


def arguments(target, T=3, B=2, I=2, H=3, O=2, scale=1.0, dtype="float64"):
    rng = np.random.default_rng(0)
    columns = {
        "W_y": H,
        **{name: I if name[0] == "W" else H for name in target.parameters if name[-1] != "y"},
    }

    def draw(*shape):
        return (scale * rng.normal(size=shape)).astype(dtype)

    params = {}
    for name in target.parameters:
        rows = O if name[-1] == "y" else H
        params[name] = draw(rows) if name[0] == "b" else draw(rows, columns[name])
    state = {name: draw(B, H) for name in ("hc" if target.network == "lstm" else "h")}
    cotangents = {
        "outputs": draw(T, B, O if "W_y" in params else H),
        "state": {name: draw(B, H) for name in state},
    }
    return params, draw(T, B, I), state, cotangents


def leaves(found):
    return [found["x"], *found["params"].values(), *found["state"].values()]


def test_the_slope_of_a_square():
    """L = <dy, x^2>, so dL/dx = 2 x dy: a forward pass of two lines is enough."""

    def forward(params, x, state, xp=np):
        return (xp.square(x) * params["a"], state), None

    x, dy = np.array([1.0, -3.0]), np.array([5.0, 7.0])
    found = gradients(forward, {"a": np.array(2.0)}, x, {}, {"outputs": dy, "state": {}})
    assert found["x"].tolist() == [20, -84] and found["params"]["a"] == 5 * 1 + 7 * 9


@NAMED
def test_the_forward_pass_is_the_same_to_the_last_bit_in_both_namespaces(target):
    params, x, state, _ = arguments(target)
    (outputs, final), _ = target.forward(params, x, state)
    (traced, traced_final), _ = target.forward(params, x, state, xp=anp)
    np.testing.assert_equal((traced, traced_final), (outputs, final), strict=True)


@NAMED
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_shapes_and_dtypes_are_those_of_the_arguments(target, dtype):
    params, x, state, cotangents = arguments(target, dtype=dtype)
    found = gradients(target.forward, params, x, state, cotangents)
    for gradient, argument in zip(leaves(found), leaves({"x": x, "params": params, "state": state}), strict=True):
        assert gradient.shape == argument.shape and gradient.dtype == argument.dtype


@NAMED
def test_of_an_empty_sequence_only_the_state_has_a_gradient(target):
    *given, cotangents = arguments(target, T=0)
    found = gradients(target.forward, *given, cotangents)
    np.testing.assert_equal(found["state"], cotangents["state"])
    assert not any(gradient.any() for gradient in found["params"].values())
    assert found["x"].shape == given[1].shape


@NAMED
def test_saturated_gates_have_finite_gradients_and_raise_no_warning(target):
    found = gradients(target.forward, *arguments(target, scale=1e3))
    assert all(np.isfinite(gradient).all() for gradient in leaves(found))


@pytest.mark.parametrize("target", TARGETS[:2], ids=lambda target: target.network)
def test_a_cotangent_on_one_final_state_alone_reaches_its_initial_state(target):
    *given, cotangents = arguments(target)
    for name in given[2]:
        alone = {key: d if key == name else np.zeros_like(d) for key, d in cotangents["state"].items()}
        silent = {"outputs": np.zeros_like(cotangents["outputs"]), "state": alone}
        assert gradients(target.forward, *given, silent)["state"][name].any()
