"""float16 and bfloat16: right code passes, wrong code fails, and who computes in a lower format is told so."""

import numpy as np
import pytest
import scaled_lstms
import truncated_lstms
from undiagnosed import verify

from rnnproof.adapters.resolve import resolve
from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import FORMATS
from rnnproof.errors import UsageError
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.precision import computed_in
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.examine import examine_law

HALF = ("float16", "bfloat16")
LAWS = ("forward.values", "forward.step", "state.final", "gradient.parameters", "gradient.state", "numerics.dtype")


def sigmoid(z):
    with np.errstate(over="ignore"):
        return (1 / (1 + np.exp(-z))).astype(z.dtype)


class Elman:
    """h' = tanh(W x + U h + b), each result rounded to the format of the arguments."""

    claims = {"dtypes": ["float64", "float32", "float16", "bfloat16"]}

    def z(self, params, x, h):
        return (x @ params["W_h"].T + h @ params["U_h"].T + params["b_h"]).astype(x.dtype)

    def run(self, params, x, state):
        self.h = [state["h"]]
        for x_t in x:
            self.h.append(np.tanh(self.z(params, x_t, self.h[-1])))
        return np.stack(self.h[1:]), {"h": self.h[-1]}

    def grad(self, params, x, state, cotangents):
        kind, dh = x.dtype, cotangents["state"]["h"]
        found = {name: np.zeros(value.shape, np.float32) for name, value in params.items()}
        dx = np.zeros_like(x)
        for t in reversed(range(len(x))):
            dh = self.joined(dh, cotangents["outputs"][t])
            dz = (dh * (1 - self.h[t + 1] * self.h[t + 1])).astype(kind)
            found["W_h"] += dz.T @ x[t]
            found["U_h"] += dz.T @ self.h[t]
            found["b_h"] += dz.sum(axis=0)
            dx[t] = dz @ params["W_h"]
            dh = (dz @ params["U_h"]).astype(kind)
        return {"params": {n: v.astype(kind) for n, v in found.items()}, "x": dx, "state": {"h": dh}}

    def joined(self, carried, own):
        return (carried + own).astype(own.dtype)


class BiasTwice(Elman):
    def z(self, params, x, h):
        return (x @ params["W_h"].T + h @ params["U_h"].T + 2 * params["b_h"]).astype(x.dtype)


class CarryDropped(Elman):
    def joined(self, carried, own):
        return own


class WiderThanClaimed(Elman):
    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs.astype(np.float32), final


def found(target, dtype, laws=LAWS, network="elman", examples=12):
    report = verify(target, network, dtype=dtype, properties=list(laws), max_examples=examples)
    return {finding.property: finding for finding in report.findings}


@pytest.mark.parametrize("dtype", HALF)
def test_a_right_network_passes(dtype):
    assert {finding.outcome for finding in found(Elman, dtype).values()} == {Outcome.PASSED}


@pytest.mark.parametrize("dtype", HALF)
def test_wrong_mathematics_fails(dtype):
    forward = found(BiasTwice, dtype, ["forward.values", "forward.step", "numerics.rounding"])
    assert {finding.outcome for finding in forward.values()} == {Outcome.FAILED}
    backward = found(CarryDropped, dtype, ["gradient.parameters", "gradient.state"])
    assert {finding.outcome for finding in backward.values()} == {Outcome.FAILED}


@pytest.mark.parametrize("target", ["numpy:lstm", "numpy:gru", "numpy:elman:readout=softmax", "torch.nn:LSTM"])
@pytest.mark.parametrize("dtype", HALF)
def test_hand_written_cells_and_pytorch_pass_where_they_are_asked(target, dtype):
    if target.startswith("torch"):
        pytest.importorskip("torch")
    laws = ("forward.values", "forward.step", "gradient.parameters", "numerics.dtype")
    outcomes = {f.outcome for f in found(target, dtype, laws, None, 4).values()}
    assert outcomes <= {Outcome.PASSED, Outcome.UNDECIDED} and Outcome.PASSED in outcomes


def test_formats_of_few_digits_are_looked_at_on_request_alone():
    claims = resolve("numpy:lstm").implementation.claims
    assert claims.dtypes == ("float64", "float32") and claims.on_request == HALF


@pytest.mark.parametrize("dtype", HALF)
def test_another_dtype_than_claimed_is_said_in_a_sentence(dtype):
    finding = found(WiderThanClaimed, dtype, ["numerics.dtype"])["numerics.dtype"]
    assert finding.outcome is Outcome.FAILED and finding.kind == "dtype"
    assert finding.message.startswith(f"outputs: got float32, but should be {dtype}  [elman, ")


def computing_in(inside):
    """An Elman network that rounds its arguments, computes in a lower format, and returns the one that it was given."""

    def run(params, x, state):
        below = {name: value.astype(inside) for name, value in params.items()}
        outputs, final = Elman().run(below, x.astype(inside), {"h": state["h"].astype(inside)})
        return outputs.astype(x.dtype), {"h": final["h"].astype(x.dtype)}

    return type("Below", (), {"claims": {"dtypes": ["float64", "float32"]}, "run": staticmethod(run)})


@pytest.mark.parametrize(
    ("claimed", "inside"),
    [("float64", "float32"), ("float64", "float16"), ("float32", "float16"), ("float32", "bfloat16")],
)
def test_a_lower_format_inside_is_found_and_named(claimed, inside):
    finding = found(computing_in(inside), claimed, ["numerics.rounding"])["numerics.rounding"]
    assert finding.outcome is Outcome.FAILED and finding.kind == "precision"
    note = f"computed in {inside}; {claimed} is claimed: every number is {inside}'s, and right as such"
    assert finding.message.splitlines()[-1].strip() == note


def test_every_law_that_fails_for_its_precision_says_so():
    laws = ["forward.values", "forward.step", "state.final"]
    below = Bench(resolve(computing_in("float32"), "elman"), "float64", 0)
    assert all("computed in float32; float64" in examine_law(BY_ID[law], below, 1).message for law in laws)
    bench = Bench(resolve(scaled_lstms.Single, "lstm"), "float64", 0)
    single = examine_law(BY_ID["gradient.parameters"], bench, 1)
    assert "computed in float32; float64 is claimed" in single.message


def judged(got, true, radius=1e-9):
    got, true = np.array(got), np.array(true)
    return got, Bounded(true, np.full_like(true, radius)), np.abs(got - true) > radius


@pytest.mark.parametrize(
    ("got", "true", "lower"),
    [
        ([0.1015625, 0.203125], [0.1, 0.2], "bfloat16"),
        ([0.10000000149011612, 0.20000000298023224], [0.1, 0.2], "float32"),
        ([0.1015625, 0.2], [0.1, 0.2], None),  # an entry that no lower format has
        ([0.10000000149011612, 0.3], [0.1, 0.2], None),
        ([0.75, 0.203125], [0.7421875, 0.2], None),  # of the first nothing can be told: it should be short
        ([0.4921875], [0.49609375], None),
    ],
)
def test_numbers_that_should_be_short_tell_no_format(got, true, lower):
    assert computed_in([judged(got, true)], FORMATS["float64"]) == lower


def test_a_failure_made_small_does_not_become_one_of_precision():
    """What a cut backward pass returns on a case of simple numbers are simple numbers, near the true ones."""
    bench = Bench(resolve(truncated_lstms.CutAfterSix, "lstm"), "float64", 0)
    finding = examine_law(BY_ID["gradient.parameters"], bench, 50)
    assert (finding.outcome, finding.kind) == (Outcome.FAILED, "value")


def test_a_wrong_bias_is_no_lower_format():
    finding = found(BiasTwice, "float32", ["numerics.rounding"])["numerics.rounding"]
    assert finding.outcome is Outcome.FAILED and finding.kind != "precision"


def test_what_cannot_be_told_is_undecided_and_counted():
    """A bound of a whole run that is wider than its numbers: a cell whose state grows at each of twelve steps."""
    long = type("Long", (Elman,), {"claims": {"dtypes": ["bfloat16"], "sizes": {"T": 12, "H": 8}}})
    finding = found(long, "bfloat16", ["gradient.inputs"], examples=3)["gradient.inputs"]
    assert finding.outcome is Outcome.UNDECIDED


def test_own_weights_that_are_no_numbers_or_beyond_the_format_are_said():
    torch = pytest.importorskip("torch")
    layer = torch.nn.LSTM(2, 3)
    with torch.no_grad():
        layer.weight_hh_l0[1, 2] = 1e5
    finding = found(layer, "float16", ["forward.values"], None)["forward.values"]
    assert finding.outcome is Outcome.REFUSED
    assert finding.message == "its own U_i[1,2] is 100000, and float16 ends at 65504"
    with torch.no_grad():
        layer.weight_hh_l0[1, 2] = float("nan")
    with pytest.raises(UsageError, match=r"^its own weight_hh_l0\[1,2\] is nan; expected finite numbers$"):
        resolve(layer)


def test_an_instance_in_bfloat16_is_looked_at_in_bfloat16():
    torch = pytest.importorskip("torch")
    claims = resolve(torch.nn.GRU(2, 3).bfloat16()).implementation.claims
    assert claims.dtypes == ("bfloat16",) and set(claims.on_request) == {"float64", "float32", "float16"}


def test_what_this_machine_does_not_do_is_refused_in_a_sentence():
    torch = pytest.importorskip("torch")

    class Missing(torch.nn.LSTM):
        def forward(self, x, hx=None):
            if x.dtype == torch.float16:
                raise RuntimeError("\"addmm_impl_cpu_\" not implemented for 'Half'")
            return super().forward(x, hx)

    finding = found(Missing, "float16", ["forward.values"], "lstm")["forward.values"]
    assert finding.outcome is Outcome.REFUSED
    told = "torch does not do this format on this machine: \"addmm_impl_cpu_\" not implemented for 'Half'"
    assert finding.message == told
