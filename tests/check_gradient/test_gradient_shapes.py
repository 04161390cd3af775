"""From-scratch code in the shapes that are about runs unedited: right code passes, one changed line is refused."""

import numpy as np
import pytest
from gradient_files import CODE, changed, checked

from rnnproof.adapters.loading import load
from rnnproof.exact import check_gradient
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.gradients import derivative


@pytest.mark.parametrize("name", CODE)
def test_right_code_passes(name):
    found = checked(name)
    assert (found.outcome, found.bound, found.property) == (Outcome.PASSED, "exact", "exact.gradient"), found.message
    assert found.message.startswith("equal to the derivative, exactly: d")


FAULTS = [
    ("module_globals", "dh = np.dot(Why.T, dy) + dhnext", "dh = np.dot(Why.T, dy)", "dWxh["),
    ("module_globals", "(1 - hs[t] * hs[t]) * dh", "(1 - hs[t]) * dh", "dWxh["),
    ("class_attributes", "dh_next = self.W.T @ dz", "dh_next = self.W @ dz", "dU["),
    ("class_attributes", "self.dc += do", "self.dc = do", "dc["),
    (
        "column_vectors",
        "delta = (activations[-1] - y) * sigmoid_prime(zs[-1])",
        "delta = activations[-1] - y",
        "dbiases",
    ),
    ("layout_ndt", "dc = dnext_c + dnext_h * o", "dc = dnext_h * o", "dx["),
    ("layout_ndt", "da.dot(Wh.T), dc * f,", "da.dot(Wh.T), dc * i,", "dx["),
    ("one_hot", "dy = (probabilities[t] - y[t]) / (T * B)", "dy = (probabilities[t] - y[t]) / B", "exactly 3 times"),
    ("one_hot", "(1 - h[t + 1] ** 2)", "(1 - h[t] ** 2)", "dparams.W_xh["),
    ("adagrad_inside", "dz = (Why.T @ dy + dh_next) *", "dz = (Why.T @ dy) *", "dWxh["),
    ("adagrad_inside", "dby += dy", "dby = dy", "dby["),
    ("sgd_inside", "dh = dz @ self.Wh.T", "dh = dz @ self.Wh", "dWx["),
    ("sgd_inside", "dbh += dz.sum(0)", "dbh += 2 * dz.sum(0)", "1/10 times the derivative: bh"),
    ("float32_buffers", "dh = dh + hs[t + 1] - y[t]", "dh = hs[t + 1] - y[t]", "dW["),
    ("clipping", "du += dz * h[t]", "du += dz * h[t + 1]", "du["),
    ("carried_state", "dh = self.U.T @ dz", "dh = self.U @ dz", "dW["),
    ("piecewise_sigmoid", "(dWn, dUn, dn, r * h)", "(dWn, dUn, dn, h)", "dUn["),
    ("piecewise_sigmoid", "dh = dh * z + drh * r", "dh = dh * z + drh", "dWr["),
    ("relu", "dhidden[hidden == 0] = 0", "pass", "dW1["),
]


@pytest.mark.parametrize(("name", "old", "new", "words"), FAULTS)
def test_one_changed_line_is_refused(name, old, new, words, tmp_path):
    found = checked(name, changed(name, old, new, tmp_path))
    assert (found.outcome, found.bound) == (Outcome.FAILED, "exact"), found.message
    assert words in found.message


def test_a_fault_that_no_float_can_show_is_found(tmp_path):
    found = checked(
        "class_attributes", changed("class_attributes", "self.dc += do", "self.dc += do + do / 2**70", tmp_path)
    )
    assert found.outcome is Outcome.FAILED
    assert "differs exactly, though both are" in found.message


def test_an_active_clip_is_told_from_an_inactive_one(tmp_path):
    assert "inactive clip (clipping.py:" in checked("clipping").message
    found = checked("clipping", arguments="reached")
    assert (found.outcome, found.kind) == (Outcome.SUSPICIOUS, "clip")
    assert found.message.startswith("equal where the clip at clipping.py:")
    wrong = changed("clipping", "dh = dz * u", "dh = dz * w", tmp_path)
    assert checked("clipping", wrong, arguments="reached").outcome is Outcome.FAILED


def test_the_factor_of_an_update_is_told():
    assert "descent by exactly 1/20 times the derivative: Wx, Wh, Wy, bh, by" in checked("sgd_inside").message
    assert "Adagrad by exactly 1/10 times the derivative: Wxh, Whh, Why, bh, by" in checked("adagrad_inside").message


def test_an_update_that_climbs_is_refused(tmp_path):
    uphill = changed("adagrad_inside", "param += -learning_rate", "param += learning_rate", tmp_path)
    found = checked("adagrad_inside", uphill)
    assert (found.outcome, found.kind) == (Outcome.FAILED, "scale")
    assert found.message.startswith("the update goes up the loss")


def test_what_was_read_how_is_told():
    assert "taken as it is (zeros and ones): x, y" in checked("one_hot").message
    assert "taken as it is (integers): inputs, targets" in checked("module_globals").message
    assert "no gradient was returned for: hprev" in checked("module_globals").message
    assert "changed, not looked at: h" in checked("carried_state").message


def long(V=6, H=4, T=40):
    """Arguments of the network in a module, at a length whose logarithms cost more digits than there are at first."""
    rng = np.random.default_rng(1)
    shapes = {"Wxh": (H, V), "Whh": (H, H), "Why": (V, H), "bh": (H, 1), "by": (V, 1), "hprev": (H, 1)}
    texts = {name: rng.integers(V, size=T).tolist() for name in ("inputs", "targets")}
    return {**{name: rng.normal(scale=0.1, size=shape) for name, shape in shapes.items()}, **texts, "vocab_size": V}


@pytest.mark.parametrize(("new", "outcome"), [("dby += dy", Outcome.PASSED), ("dby = dy", Outcome.FAILED)])
def test_as_many_logarithms_as_there_are_steps(new, outcome, tmp_path):
    module = load(str(changed("module_globals", "dby += dy", new, tmp_path)))
    (finding,) = check_gradient(module.loss_fun, module.loss_fun, long()).findings
    assert finding.outcome is outcome, finding.message


def test_of_a_large_array_the_first_wrong_entry_is_found_by_halves(tmp_path, monkeypatch):
    monkeypatch.setattr(derivative, "PATIENCE", 0.0)
    wrong = changed("one_hot", 'grads["b_y"] += dy.sum(axis=0)', 'grads["b_y"][1:] += dy.sum(axis=0)[1:]', tmp_path)
    found = checked("one_hot", wrong)
    assert found.outcome is Outcome.FAILED
    assert found.message.startswith("dparams.b_y[0]: got 0, but should be")
    assert "at least 1 of 4 entries differ: dparams.b_y" in found.message
    again = changed("one_hot", 'grads["b_y"] += dy.sum(axis=0)', 'grads["b_y"][:3] += dy.sum(axis=0)[:3]', tmp_path)
    assert checked("one_hot", again).message.startswith("dparams.b_y[3]: got 0, but should be")


def test_where_time_is_short_a_difference_is_told_without_more(tmp_path, monkeypatch):
    monkeypatch.setattr(derivative.Derivative, "has_time", lambda self, runs: False)
    found = checked("module_globals", changed("module_globals", "dby += dy", "dby += 4 * dy", tmp_path))
    assert (found.outcome, found.message.partition("[")[0]) == (Outcome.FAILED, "dby")
