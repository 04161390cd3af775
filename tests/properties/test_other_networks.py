"""Plain targets of networks that divide, cut off and project: right ones pass, exactly too, and wrong ones do not."""

import numpy as np
import pytest
from undiagnosed import verify

from rnnproof.adapters.resolve import resolve
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact, forward
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill


def sigmoid(z):
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-z))


class MinLSTM:
    """The gates divided by their sum, forward and backward."""

    def parts(self, params, x_t):
        z_f, z_i = (x_t @ params[f"W_{k}"].T + params[f"b_{k}"] for k in "fi")
        return sigmoid(z_f), sigmoid(z_i), x_t @ params["W_n"].T + params["b_n"]

    def shares(self, f, i):
        return f / (f + i), i / (f + i)

    def run(self, params, x, state):
        h, outputs, self.tape = state["h"], [], []
        for x_t in x:
            f, i, n = self.parts(params, x_t)
            forget, take = self.shares(f, i)
            self.tape.append((x_t, f, i, n, h))
            h = forget * h + take * n
            outputs.append(h)
        return np.stack(outputs), {"h": h}

    def grad(self, params, x, state, cotangents):
        self.run(params, x, state)
        dh, found, dx = cotangents["state"]["h"], {name: np.zeros_like(p) for name, p in params.items()}, []
        for (x_t, f, i, n, h), d in zip(reversed(self.tape), cotangents["outputs"][::-1], strict=True):
            dh, total = dh + d, f + i
            new = (f * h + i * n) / total
            by_gate = {
                "f": dh * (h - new) / total * f * (1 - f),
                "i": dh * (n - new) / total * i * (1 - i),
                "n": dh * i / total,
            }
            for k, dz in by_gate.items():
                found[f"W_{k}"] = found[f"W_{k}"] + dz.T @ x_t
                found[f"b_{k}"] = found[f"b_{k}"] + dz.sum(axis=0)
            dx.append(sum(dz @ params[f"W_{k}"] for k, dz in by_gate.items()))
            dh = dh * f / total
        return {"params": found, "x": np.stack(dx[::-1]), "state": {"h": dh}}


class MinLSTMByTanh(MinLSTM):
    """Its gates are 0 from -38 on, where those by exp are so from -746 on."""

    def parts(self, params, x_t):
        z_f, z_i = (x_t @ params[f"W_{k}"].T + params[f"b_{k}"] for k in "fi")
        return 0.5 * (1 + np.tanh(z_f / 2)), 0.5 * (1 + np.tanh(z_i / 2)), x_t @ params["W_n"].T + params["b_n"]


class NotNormalised(MinLSTM):
    def shares(self, f, i):
        return f, i


class QuotientNotDifferentiated(MinLSTM):
    """A backward pass that takes the sum of the gates for a constant."""

    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        found["params"]["b_f"] = found["params"]["b_f"] * (1 + 2.0**-30)
        return found


class StableMinLSTM(MinLSTM):
    """f / (f + i) without a quotient of two numbers that may both be zero."""

    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            z_f, z_i = (x_t @ params[f"W_{k}"].T + params[f"b_{k}"] for k in "fi")
            odds = np.logaddexp(0, -z_i) - np.logaddexp(0, -z_f)  # log(f / i)
            h = sigmoid(odds) * h + sigmoid(-odds) * (x_t @ params["W_n"].T + params["b_n"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}


class OverflowingMinLSTM(StableMinLSTM):
    """exp(z)/(1+exp(z)): NaN where z is large, and there the true value is known."""

    def run(self, params, x, state):
        outputs, final = MinLSTM.run(self, params, x, state)
        with np.errstate(all="ignore"):
            e = np.exp(x[-1] @ params["W_f"].T + params["b_f"])
            poison = 0 * (e / (1 + e))
        return outputs, {"h": final["h"] + poison}


class Hard:
    """lstm:recurrent=hard_sigmoid,clip=1/2,projection=P, as one writes it with np.clip."""

    slope, clip = 0.2, 0.5

    def run(self, params, x, state):
        h, c, outputs = state["h"], state["c"], []
        for x_t in x:
            z = {k: x_t @ params[f"W_{k}"].T + h @ params[f"U_{k}"].T + params[f"b_{k}"] for k in "ifgo"}
            i, f, o = (np.clip(self.slope * z[k] + 0.5, 0, 1) for k in "ifo")
            c = np.clip(f * c + i * np.tanh(z["g"]), -self.clip, self.clip)
            h = (o * np.tanh(c)) @ params["W_p"].T
            outputs.append(h)
        return np.stack(outputs), {"h": h, "c": c}


class OtherSlope(Hard):
    slope = 1 / 6


class NotClipped(Hard):
    clip = 50


class ClippedAtTen(Hard):
    clip = 10


HARD_AT_TEN = "lstm:recurrent=hard_sigmoid,clip=10,projection=P"
HARD = "lstm:recurrent=hard_sigmoid,clip=1/2,projection=P"


def judge(law, target, name, seed=7):
    resolved = resolve(target, name)
    case = fill(resolved.network, Draw(3, 3, 2, 3, 2, 2, seed, "typical", 12), "float64")
    return law(start(case, resolved.implementation)).outcome


@pytest.mark.parametrize(
    ("law", "target", "name"),
    [
        (exact.forward, MinLSTM, "minlstm"),
        (exact.gradient, MinLSTM, "minlstm"),
        (exact.gradient, MinLSTMByTanh, "minlstm"),
        (exact.forward, Hard, HARD),
        (exact.forward, ClippedAtTen, HARD_AT_TEN),
        (forward.values, ClippedAtTen, HARD_AT_TEN),
        (forward.values, MinLSTM, "minlstm"),
        (forward.values, MinLSTMByTanh, "minlstm"),
        (forward.values, StableMinLSTM, "minlstm"),
        (forward.values, Hard, HARD),
    ],
)
def test_right_code_passes(law, target, name):
    assert [judge(law, target, name, seed) for seed in (7, 8, 9)] == [Outcome.PASSED] * 3


@pytest.mark.parametrize(
    ("law", "target", "name"),
    [
        (exact.forward, NotNormalised, "minlstm"),
        (exact.gradient, QuotientNotDifferentiated, "minlstm"),
        (exact.forward, OtherSlope, HARD),
        (exact.forward, NotClipped, HARD),
        (exact.forward, NotClipped, HARD_AT_TEN),
        (forward.values, NotClipped, HARD_AT_TEN),
        (forward.values, NotNormalised, "minlstm"),
        (forward.values, OtherSlope, HARD),
        (forward.values, NotClipped, HARD),
    ],
)
def test_wrong_code_fails(law, target, name):
    assert judge(law, target, name) is Outcome.FAILED


@pytest.mark.parametrize(
    ("target", "outcome", "kind"),
    [
        (StableMinLSTM, Outcome.UNDECIDED, "overflow"),
        (MinLSTMByTanh, Outcome.SUSPICIOUS, "overflow"),
        (OverflowingMinLSTM, Outcome.FAILED, "overflow"),
    ],
)
def test_a_quotient_of_two_zeros_is_not_called_right(target, outcome, kind):
    """Where both gates are 0 in floats nothing is known, and NaN there is told; where it is known, NaN is wrong."""
    with np.errstate(all="ignore"):
        report = verify(target, "minlstm", dtype="float64", properties=["forward.saturation"], max_examples=8)
    (finding,) = report.findings
    assert (finding.outcome, finding.kind) == (outcome, kind)
    if target is MinLSTMByTanh:
        assert "got nan, but nothing is known of the true value" in finding.message


def test_a_projected_state_is_judged_under_its_own_name():
    """h (B,P) and c (B,H) differ in size: nothing is exchanged, and nothing breaks in asking."""
    (finding,) = verify(Hard, HARD, dtype="float64", properties=["state.final"], max_examples=5).findings
    assert (finding.outcome, finding.message) == (Outcome.PASSED, "")
    (finding,) = verify(NotClipped, HARD, dtype="float64", properties=["state.final"], max_examples=5).findings
    assert finding.outcome is Outcome.FAILED and "exchanged" not in finding.message
