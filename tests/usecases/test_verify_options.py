"""What can be asked of verify, and what it says to what cannot."""

import json

import numpy as np
import pytest

import rnnproof
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.verify import verify


class Right:
    """h' = tanh(W_h x + U_h h + b_h), forward only."""

    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = np.tanh(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])
            outputs.append(h)
        return np.stack(outputs), {"h": h}


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"properties": ["forward.value"]}, UsageError, "unknown property 'forward.value'; did you mean forward"),
        ({"properties": ["proof.step"]}, Unsupported, "property proof.step is not built yet"),
        ({"dtype": "float128"}, UsageError, "unknown dtype 'float128'; known are float64, float32, float16, bfloat16"),
        ({"dtype": "float8"}, UsageError, "unknown dtype 'float8'; known are float64, float32, float16, bfloat16"),
        ({"profile": "slow"}, UsageError, "unknown profile 'slow'; known are quick, thorough"),
        ({"max_examples": 0}, UsageError, "max-examples is 0; expected at least 1"),
        ({"network": "ellman"}, UsageError, "unknown network 'ellman'; did you mean elman?"),
        ({"network": "gru:padding=none"}, UsageError, "padding='none'; expected one of zero, repeat, run"),
        ({"network": None}, UsageError, "network"),
        ({"network": 3}, UsageError, "network is an int; expected the name of one, such as lstm or gru:reset=before"),
        ({"dialect": 7}, UsageError, "dialect is an int; expected a Dialect, or the name of one: plain, torch:lstm"),
        ({"properties": "forward.value"}, UsageError, "unknown property 'forward.value'; did you mean forward"),
        ({"properties": 3}, UsageError, 'properties is an int; expected a name such as "forward.values", a list of'),
        ({"properties": [3]}, UsageError, "properties holds an int; expected a name such as"),
        ({"properties": []}, UsageError, "properties names nothing; expected a name such as"),
        ({"dtype": []}, UsageError, 'dtype names nothing; expected a name such as "float64"'),
        ({"dtype": float}, UsageError, 'dtype is a type; expected a name such as "float64", a list of names, or None'),
        ({"seed": "a"}, UsageError, "seed is 'a'; expected a whole number"),
        ({"seed": None}, UsageError, "seed is None; expected a whole number"),
        ({"seed": True}, UsageError, "seed is True; expected a whole number"),
        ({"max_examples": 2.5}, UsageError, "max_examples is 2.5; expected a whole number"),
        ({"profile": 2}, UsageError, "profile is 2; expected one of quick, thorough"),
    ],
)
def test_what_cannot_be_asked_is_said(options, kind, words):
    for ask in (verify, rnnproof.verify, rnnproof.testing.conformance):
        with pytest.raises(kind) as caught:
            ask(Right, **({"network": "elman"} | options))
        assert words in str(caught.value)


def test_one_name_is_as_a_list_of_one_and_numpys_numbers_are_numbers():
    report = verify(Right, "elman", properties="forward.values", max_examples=np.int64(2), seed=np.uint8(3))
    assert [(f.property, f.cases) for f in report.findings] == [("forward.values", 2)]
    assert json.dumps(report.to_json()["seed"]) == "3"


def test_where_no_dtype_that_was_asked_for_is_claimed_nothing_is_decided():
    """An exact law has no dtype, so it says nothing about the one that was asked for."""
    report = verify(Right, "elman", dtype="float32", properties=["forward.values", "exact.forward"])
    assert {(f.dtype, f.outcome, f.message) for f in report.findings} == {
        ("float32", Outcome.REFUSED, "the target does not claim float32"),
        (None, Outcome.REFUSED, "the target does not claim float32"),
    }
    assert report.exit_code == 2
    both = verify(Right, "elman", dtype=["float64", "float32"], properties=["exact.forward"], max_examples=2)
    assert [f.outcome for f in both.findings] == [Outcome.PASSED]


def test_a_dtype_that_is_not_claimed_is_refused_by_name():
    report = verify(Right, "elman", dtype="float32", properties=["forward.values"])
    (finding,) = report.findings
    assert (finding.outcome, finding.message) == (Outcome.REFUSED, "the target does not claim float32")
    assert report.exit_code == 2 and not report.ok


def test_a_dtype_that_is_asked_for_twice_is_looked_at_once():
    report = verify(Right, "elman", dtype=["float64", "float64"], properties=["forward.values"], max_examples=2)
    assert [finding.dtype for finding in report.findings] == ["float64"]


def test_the_number_of_cases_is_what_was_asked_for():
    report = verify(Right, "elman", max_examples=7)
    counted = {(f.dtype, f.cases) for f in report.findings if f.outcome is Outcome.PASSED}
    assert counted == {("float64", 7), (None, 6)}


def test_properties_are_found_in_the_order_of_the_table():
    report = verify(Right, "elman", max_examples=2, properties=["state.final", "forward.values"])
    assert [finding.property for finding in report.findings] == ["forward.values", "state.final"]


def test_gradients_that_are_not_returned_are_not_applicable():
    report = verify(Right, "elman", max_examples=2, properties=["gradient.inputs"])
    assert [(f.outcome, f.message) for f in report.findings] == [(Outcome.NOT_APPLICABLE, "the target has no grad")]


def test_sizes_that_cannot_show_a_law_are_said():
    class Single(Right):
        claims = {"sizes": {"B": 1}}

    (finding,) = verify(Single, "elman", properties="batch.permutation", max_examples=2).findings
    assert finding.outcome is Outcome.NOT_APPLICABLE
    assert finding.message == ("no case could be drawn: no case of the only sizes that it can have, B=1, can show this")


def test_an_exception_is_an_error_with_the_targets_own_traceback():
    class Raises(Right):
        def run(self, params, x, state):
            raise ValueError("no such weight")

    (finding,) = verify(Raises, "elman", properties=["forward.values"]).findings
    assert finding.outcome is Outcome.ERROR
    assert finding.message.count("ValueError: no such weight") == 2  # what it said, and its traceback
    assert finding.message.count("Traceback (most recent call last):") == 1
    assert "rnnproof/usecases" not in finding.message


def test_not_implemented_is_refused():
    class Declines(Right):
        def run(self, params, x, state):
            raise NotImplementedError("T=4")

    (finding,) = verify(Declines, "elman", properties=["forward.values"]).findings
    assert finding.outcome is Outcome.REFUSED
    assert "T=4" in finding.message


def test_raise_for_failure_shows_the_failures():
    class Wrong(Right):
        def run(self, params, x, state):
            outputs, final = super().run(params, x, state)
            return 2 * outputs, final

    report = verify(Wrong, "elman", properties=["forward.values"])
    with pytest.raises(AssertionError, match=r"forward.values failed \[float64\]") as caught:
        report.raise_for_failure()
    assert "but should be" in str(caught.value)
    verify(Right, "elman", max_examples=2).raise_for_failure()
