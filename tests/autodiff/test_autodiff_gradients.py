"""autograd over the hand-written forward passes; that the backward passes agree is a test of the cells."""

from functools import partial

import autograd.numpy as anp
import numpy as np
import pytest

from rnnproof.autodiff import gradients
from rnnproof.cells import plain_target

NETWORKS = (
    ("lstm", {}),
    ("elman", {}),
    ("elman", {"activation": "relu", "readout": "softmax"}),
    ("lstm", {"coupled": "input", "projection": "P", "recurrent": "hard_sigmoid", "clip": "1/2"}),
    ("peephole", {}),
    ("gru", {}),
    ("gru", {"reset": "before"}),
    ("lecture_lstm", {}),
    ("jordan", {"activation": "tanh", "readout": "sigmoid"}),
    ("gru", {"layers": "2", "direction": "bidirectional", "merge": "product"}),
)
TARGETS = [plain_target(name, **options) for name, options in NETWORKS]
NAMED = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.network)


def arguments(target, T=3, B=2, I=3, H=3, scale=1.0, dtype="float64"):
    """O = P = H = I, so that every W and U is square."""
    rng = np.random.default_rng(0)

    def draw(*shape):
        return (scale * rng.normal(size=shape)).astype(dtype)

    def parameter(name):
        kind = name.rpartition(".")[2][0]
        return draw(H, I) if kind == "W" else draw(H, H) if kind == "U" else draw(H)

    params = {name: parameter(name) for name in target.parameters}
    state = {name: draw(B, H) for name in target.memory}
    cotangents = {"outputs": draw(T, B, H), "state": {name: draw(B, H) for name in state}}
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
def test_lengths_are_bound_beforehand_and_the_padding_has_no_gradient(target):
    params, x, state, cotangents = arguments(target)
    forward = partial(target.forward, lengths=np.array([1, 3]))
    traced = forward(params, x, state, xp=anp)[0]
    np.testing.assert_equal(traced, forward(params, x, state)[0], strict=True)
    found = gradients(forward, params, x, state, cotangents)
    assert not found["x"][1:, 0].any() and found["x"][1:, 1].any()


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


@pytest.mark.parametrize("target", [t for t in TARGETS if "relu" not in t.network], ids=lambda target: target.network)
def test_a_cotangent_on_one_final_state_alone_reaches_its_initial_state(target):
    *given, cotangents = arguments(target)
    for name in given[2]:
        alone = {key: d if key == name else np.zeros_like(d) for key, d in cotangents["state"].items()}
        silent = {"outputs": np.zeros_like(cotangents["outputs"]), "state": alone}
        assert gradients(target.forward, *given, silent)["state"][name].any()
