"""The text of a report, to the letter."""

import pytest
from report_examples import FORWARD_ONLY, LAWS, NO_GRADIENTS, RIGHT, WRONG, failed, in_both, passed, report

from rnnproof.model.verdict import Finding, Outcome
from rnnproof.report.failure import block, blocks, replayed
from rnnproof.report.text import closing, header, summary, table, text


def test_a_right_target():
    assert (
        text(RIGHT)
        == """\
my.py:LSTM as lstm · float64 · numpy 2.4.6 · seed 0

  forward    values ok   step ok
  state      handover ok   initial ok
  gradient   parameters ok   inputs ok
  numerics   inputs unchanged ok

  50 cases a law; errors up to 0.05 of their bound (forward.values);
  a relative fault of 2e-14 would show (bluntest: forward.values)

PASSED  all 7 laws passed                                                  4.1 s"""
    )


def test_a_wrong_target():
    assert (
        text(WRONG)
        == """\
my.py:LSTM as lstm · float64 · numpy 2.4.6 · seed 0

  forward    values ok   step ok
  state      handover ok   initial ok
  gradient   parameters FAILED   inputs FAILED
  numerics   inputs unchanged ok

  50 cases a law; errors up to 0.05 of their bound (forward.values);
  a relative fault of 2e-14 would show (bluntest: forward.values)

gradient.parameters FAILED                                  (ignored, at case 2)
  dU_f[0,0]: got 0, but should be 0.0123 ± 2e-18
    lstm, T=2 B=1 I=1 H=1, cotangent on the final c alone
    2 of 12 entries differ: dU_f, dW_f
    the forward pass agrees; T=1 agrees
  again: rnnproof replay 7f3a
  on the same case:
    gradient.inputs: dx[0,0,0]: got 0, but should be 0.25 ± 3e-15

FAILED  2 of 7 laws failed, 5 passed                                       4.1 s"""
    )


def test_what_was_not_decided_is_said_with_its_reason_once():
    assert (
        text(FORWARD_ONLY)
        == """\
my.py:LSTM as lstm · float64 · numpy 2.4.6 · seed 0

  forward    values ok   step ok
  state      handover ok   initial undecided
  gradient   parameters n/a   inputs n/a
  numerics   inputs unchanged refused

  50 cases a law; errors up to 0.05 of their bound (forward.values);
  a relative fault of 2e-14 would show (bluntest: forward.values)

state.initial undecided: most entries are smaller than their own bound
gradient.parameters, gradient.inputs not applicable: the target has no grad
numerics.inputs_unchanged refused: run says that it does not do this: no

PASSED  3 of 4 laws passed, 1 undecided, 2 not applicable, 1 refused       4.1 s"""
    )


def test_what_was_noted_of_a_law_that_passed_is_said():
    noted = passed(LAWS[0], message="overflow encountered in exp (my.py, line 8)")
    assert summary(report(noted, passed(LAWS[1])))[:2] == [
        "",
        "forward.values passed, noted: overflow encountered in exp (my.py, line 8)",
    ]


def test_each_dtype_has_its_lines():
    assert (
        text(in_both(report(passed(LAWS[0]), failed(LAWS[1], "h[0]: got 1, but should be 2 ± 1e-9"))))
        == """\
my.py:LSTM as lstm · float64, float32 · numpy 2.4.6 · seed 0

float64
  forward    values ok   step FAILED

  50 cases a law; errors up to 0.05 of their bound (forward.values);
  a relative fault of 2e-14 would show (bluntest: forward.values)

float32
  forward    values ok   step FAILED

  50 cases a law; errors up to 0.05 of their bound (forward.values);
  a relative fault of 2e-14 would show (bluntest: forward.values)

forward.step float64 FAILED                                 (ignored, at case 2)
  h[0]: got 1, but should be 2 ± 1e-9

forward.step float32 FAILED                                 (ignored, at case 2)
  h[0]: got 1, but should be 2 ± 1e-9

FAILED  2 of 4 laws in float64 and float32 failed, 2 passed                4.1 s"""
    )


def test_a_reason_that_holds_in_one_dtype_names_it():
    reason = Finding(LAWS[4], "float32", Outcome.REFUSED, "the target does not claim float32")
    lines = summary(report(passed(LAWS[4]), reason))
    assert lines[:2] == ["", "gradient.parameters float32 refused: the target does not claim float32"]


def test_lines_come_as_soon_as_a_group_is_complete():
    drawn = []

    def found():
        for finding in RIGHT.findings:
            drawn.append(finding.property)
            yield finding

    lines = table(found(), several=False)
    assert next(line for line in lines if line) == "  forward    values ok   step ok"
    assert drawn == ["forward.values", "forward.step", "state.handover"]


ERROR = "run raised ZeroDivisionError: division by zero\n  lstm, T=4\nTraceback (most recent call last):\n  File x"
UNTRIED = "not tried, since 3 laws in a row ended so: run raised ZeroDivisionError: division by zero"


def test_an_error_is_told_once_with_the_targets_traceback_as_it_is():
    long = ERROR + " y" * 60
    found = [Finding(law, "float64", Outcome.ERROR, long, cases=1) for law in LAWS[:2]]
    found.append(Finding(LAWS[2], "float64", Outcome.ERROR, UNTRIED))
    assert list(blocks(found, several=False)) == [
        "",
        "forward.values ERROR                                                 (at case 1)",
        "  run raised ZeroDivisionError: division by zero",
        "    lstm, T=4",
        "  Traceback (most recent call last):",
        "    File x" + " y" * 60,
        "",
        "forward.step: the same cause",
        "state.handover: not tried, since 3 laws in a row ended so",
    ]


def test_suspicious_is_printed_and_passes():
    message = "the second call with the same arguments: the results differ in their last bits"
    leak = Finding("state.repeat", "float64", Outcome.SUSPICIOUS, message, "leak", 50, 50, bound="rigorous")
    lines = text(report(passed(LAWS[0]), leak)).splitlines()
    assert lines[3] == "  state      repeat suspicious"
    assert lines[-4:] == [
        "state.repeat suspicious                      (leak, rigorous bound, in 50 cases)",
        "  the second call with the same arguments: the results differ in their last bits",
        "",
        "PASSED  1 of 2 laws passed, 1 suspicious                                   4.1 s",
    ]


def test_a_live_object_is_replayed_on_a_target_and_a_store_is_named():
    anonymous = failed(LAWS[0], "y[0]: got 1", replay="0123", counterexample={"target": None})
    assert list(blocks([anonymous], False, " --store d"))[-1] == "  again: rnnproof replay 0123 TARGET --store d"


@pytest.mark.parametrize(
    ("findings", "asked", "line"),
    [
        ((), None, "UNDECIDED  nothing was decided: no law was looked at"),
        ((passed(LAWS[0]),), None, "PASSED  1 of 1 law passed"),
        ((passed(LAWS[0]),), 7, "INTERRUPTED  after 1 of 7 laws: 1 passed"),
        ((), 7, "INTERRUPTED  after 0 of 7 laws"),
        ((Finding("a.b", None, Outcome.ERROR, "x"),) * 2, None, "ERROR  all 2 laws ended in an error"),
        (
            tuple(Finding(law, "float64", Outcome.REFUSED, NO_GRADIENTS) for law in LAWS),
            None,
            "UNDECIDED  nothing was decided: 7 refused",
        ),
        ((Finding("a.b", None, Outcome.UNDECIDED, "x"),), None, "UNDECIDED  1 of 1 law undecided"),
        ((Finding("a.b", None, Outcome.PROVED),), None, "PASSED  1 of 1 law proved"),
    ],
)
def test_the_last_line(findings, asked, line):
    assert closing(report(*findings), asked) == [f"{line:<75}4.1 s"]


def test_our_own_cells_are_named_once_and_a_dialect_is_told():
    own = report(passed(LAWS[0]))
    named = header(own.__class__("numpy:elman:activation=relu", "elman:activation=relu", ()), ["float64"])
    assert named == ["numpy:elman:activation=relu · float64 · seed 0"]
    torch = own.__class__("torch.nn:LSTM", "lstm", (), "torch:lstm", {"torch": "2.13.0"})
    assert header(torch, []) == ["torch.nn:LSTM as lstm · dialect torch:lstm · torch 2.13.0 · seed 0"]
    unnamed = own.__class__("x:y", "lstm", (), "Dialect(arrays={'W': Stack('i f g o', of='W', axis=0)})")
    assert header(unnamed, []) == ["x:y as lstm · dialect of its own · seed 0"]


def test_the_second_of_two_biases_is_explained():
    lines = list(blocks([failed(LAWS[0], "db_g@bias_hh_l0[0]: got 1, but should be 2 ± 1e-9")], several=False))
    assert "  b_g is the sum of two biases; this is the gradient of the second, bias_hh_l0" in lines


@pytest.mark.parametrize("one", [RIGHT, WRONG, FORWARD_ONLY, in_both(RIGHT), in_both(WRONG), in_both(FORWARD_ONLY)])
def test_no_line_is_longer_than_80_columns(one):
    assert max(map(len, text(one).splitlines())) <= 80


def test_a_long_message_is_folded():
    lines = list(blocks([failed(LAWS[0], "outputs " + "far " * 40)], several=False))
    assert max(map(len, lines)) <= 80
    assert " ".join(line.strip() for line in lines[2:]) == ("outputs " + "far " * 40).strip()


def test_what_became_of_a_counterexample():
    document = {"property": "forward.values", "dtype": "float64", "network": "lstm"}
    assert replayed(document, "STILL FAILS", "y[0]: got 1\n  lstm, T=1") == [
        "STILL FAILS  forward.values float64, as lstm",
        "  y[0]: got 1",
        "    lstm, T=1",
    ]


def test_a_long_name_and_what_is_beside_it_are_two_lines():
    one = Finding(
        "gradient.parameters", "float32", Outcome.SUSPICIOUS, "m", "ill-conditioned", 50, 50, bound="probabilistic"
    )
    head, when, *_ = block(one, several=True)
    assert head == "gradient.parameters float32 suspicious"
    assert when == f"{'(ill-conditioned, probabilistic bound, in 50 cases)':>80}"
