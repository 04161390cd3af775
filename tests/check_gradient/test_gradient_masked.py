"""An exp that is 0 or infinite in floats is a unit in the ring: where it took part, the floats must differ too."""

import numpy as np
import pytest

from rnnproof.exact import check_gradient
from rnnproof.model.verdict import Outcome

C = 2.0


def drawn():
    rng = np.random.default_rng(3)
    values = {name: rng.standard_normal((3, 4)) for name in ("Q", "K", "G")}
    return values | {"mask": np.tril(np.ones((3, 3)))}


def weights(Q, K, mask):
    s = Q @ K.T / C + (1 - mask) * -1e9
    e = np.exp(s - s.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def loss(Q, K, mask, G):
    return (weights(Q, K, mask) @ G).sum() + (weights(Q, K, mask) ** 2).sum()


def _backward(Q, K, mask, G, factor):
    a = weights(Q, K, mask)
    da = np.ones((3, 4)) @ G.T + 2 * a
    ds = a * (da - (da * a).sum(axis=1, keepdims=True)) * factor
    return {"Q": ds @ K / C, "K": ds.T @ Q / C}


def right(Q, K, mask, G):
    return _backward(Q, K, mask, G, 1)


def masked(Q, K, mask, G):
    return _backward(Q, K, mask, G, mask)


def wrong(Q, K, mask, G):
    return _backward(Q, K, mask, G, 2 * mask)


def judge(gradient, function=loss, **values):
    values = values or drawn()
    (found,) = check_gradient(function, gradient, values).findings
    return found


def test_a_gradient_that_is_masked_again_is_not_called_wrong():
    found = judge(masked)
    assert found.outcome is Outcome.UNDECIDED, found.message
    assert "exp that underflowed" in found.message
    assert "(test_gradient_masked.py:" in found.message


def test_the_gradient_without_the_mask_is_right_and_a_wrong_one_is_found():
    assert judge(right).outcome is Outcome.PASSED
    assert judge(wrong).outcome is Outcome.FAILED


@pytest.mark.parametrize("scale", [20, 40])
def test_a_saturated_tanh_hides_nothing(scale):
    def function(w):
        return np.tanh(scale * w).sum()

    def gradient(w):
        return {"w": scale * (1 - np.tanh(scale * w) ** 2) * (1 + np.exp(-scale * w))}

    assert np.all(np.tanh(scale * np.ones(2)) == 1)
    found = judge(gradient, function, w=np.ones(2))
    assert found.outcome is Outcome.FAILED


def test_an_exp_that_overflows_is_named():
    def function(w):
        return (1 / (1 + np.exp(-w))).sum()

    def gradient(w):
        s = 1 / (1 + np.exp(-w))
        return {"w": s * (1 - s) + np.exp(w) * s}

    found = judge(gradient, function, w=np.array([-800.0, -750.0]))
    assert found.outcome is Outcome.UNDECIDED, found.message
    assert "exp that overflowed" in found.message
