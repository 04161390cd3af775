"""When verify reads a target as its behaviour says, and what it says of one that is another network."""

from operator import itemgetter

import numpy as np
import pytest

import rnnproof
from rnnproof.adapters.resolve import resolve
from rnnproof.model.event import Found
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.options import Options
from rnnproof.usecases.read_as import Readings
from rnnproof.usecases.verify import examine

ERROR = Finding("forward.values", "float64", Outcome.ERROR, "run raised KeyError: 'A'")
VALUES = {"properties": "forward.values", "max_examples": 4}


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def unpacked(params, x, state):
    """Its names are nowhere behind a bracket."""
    A, B = itemgetter("A", "B")(params)
    h, outputs = state["h"], []
    for x_t in x:
        h = np.tanh(x_t @ A + h @ B)
        outputs.append(h)
    return np.stack(outputs), {"h": h}


def gru(params, x, state):
    h, outputs = state["h"], []
    for x_t in x:
        z_x, z_h = ({g: v @ params[f"{m}_{g}"].T for g in "rzn"} for m, v in (("W", x_t), ("U", h)))
        r, z = (sigmoid(z_x[g] + z_h[g] + params[f"b_{g}"]) for g in "rz")
        n = np.tanh(z_x["n"] + params["b_n"] + r * (z_h["n"] + params["b_hn"]))
        h = n + z * (h - n)
        outputs.append(h)
    return np.stack(outputs), {"h": h}


def test_arrays_that_are_asked_for_in_any_way_are_read():
    report = rnnproof.verify(unpacked, "elman:bias=false", **VALUES)
    assert report.ok
    assert report.dialect.startswith("inferred: Dialect(arrays={'A': Stack('h', of='W', axis=1, transpose=True)")


def test_another_network_is_named_in_each_finding():
    findings = rnnproof.verify(gru, "lstm", properties=["forward.values", "forward.order"], max_examples=4).findings
    assert {(each.outcome.value, each.message) for each in findings} == {
        (
            "error",
            "this is not lstm: it behaves as gru; verify it with --network gru\n  as lstm, run raised KeyError: 'W_r'",
        )
    }


def as_states(params, x, state):
    (h,) = state
    raise ValueError(h)


def canonical(params, x, state):
    raise ValueError(params["W_h"].shape, params.get("b_h"), state["h"])


def looked_for(params, x, state):
    raise ValueError(params.get("weights"))


@pytest.mark.parametrize(
    ("target", "asks"),
    [(unpacked, True), (as_states, True), (looked_for, True), (canonical, False)],
    ids=["other arrays", "states as a tuple", "get", "canonical names"],
)
def test_what_raises_is_read_anew_only_if_it_asks_for_other_names(target, asks):
    assert Readings().wanted(resolve(target, "elman"), ERROR) is asks


class FirstIsWrong:
    """Wrong in the first of its calls alone."""

    calls = 0

    def run(self, params, x, state):
        self.calls += 1
        h, outputs = state["h"], []
        for x_t in x:
            h = np.tanh(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            outputs.append(h)
        return np.stack(outputs) + (self.calls == 1), {"h": h}


def test_no_run_comes_before_those_of_the_laws():
    target, options = resolve(FirstIsWrong(), "elman"), Options(("forward.values",), max_examples=4)
    found = [
        event.finding.outcome for event in examine(target, options, readings=Readings()) if isinstance(event, Found)
    ]
    assert found == [Outcome.FAILED]
