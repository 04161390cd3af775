"""Names that say whose gradient a value is; and that say it of nothing else."""

import pytest

from rnnproof.usecases.gradients.names import base_of, is_gradient, is_name, plain, returned


@pytest.mark.parametrize(
    "label", ["dWxh", "d_Wxh", "grad_Wxh", "gradWxh", "Wxh_grad", "nabla_Wxh", "dLdWxh", "self.dWxh", "g['dWxh']"]
)
def test_a_name_that_says_whose_gradient_it_is(label):
    assert base_of(label, ["Why", "Wxh", "b"]) == "Wxh"


@pytest.mark.parametrize("label", ["Wxh", "hs[-1]", "loss", "dWxh / N", "delta_Wxh", "Wxh_g", "dwxh", "", "x.T @ dWxh"])
def test_a_name_that_does_not(label):
    assert base_of(label, ["Why", "Wxh", "b"]) is None


def test_an_argument_of_that_name_is_its_own():
    assert base_of("dd", ["d", "dd"]) == "d"
    assert base_of("d", ["d", "dd"]) is None


def two(flag):
    if flag:
        return 1, 2

    def inner():
        return 3, 4

    loss, dW = inner()
    return loss, dW


def agreed(flag):
    if flag:
        dW, db = 1, 2
        return dW, db
    dW, other = 3, 4
    return dW, other


def test_the_names_of_a_return_statement():
    assert returned(two, 2) == ("", "")
    assert returned(agreed, 2) == ("dW", "")
    assert returned(agreed, 3) == ("", "", "")
    assert returned(len, 1) == ("",)
    assert returned(lambda W: W, 1) == ("",)


def test_what_is_a_name():
    assert plain("self.grads['W']") == "W"
    assert plain("a + b") == ""
    assert all(map(is_name, ("W", "self.W", "hs[len(x) - 1]", "b-1 of a dict?")))
    assert not any(map(is_name, ("x.T @ d", "2 * dW", "np.dot(a, b)")))
    assert all(map(is_gradient, ("grad", "dtheta", "x.T @ d", "g")))
    assert not any(map(is_gradient, ("scores", "h", "self.probs", "hs[-1]")))
