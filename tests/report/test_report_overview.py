"""Several targets on a page."""

from dataclasses import replace

from report_examples import FORWARD_ONLY, LAWS, RIGHT, WRONG, in_both, passed, report

from rnnproof.model.event import Refusal
from rnnproof.model.report import Matrix
from rnnproof.report.overview import closing, refusals, rows, sure, unfit, wrong
from rnnproof.report.text import header

LONG = "numpy:elman:activation=identity,readout=identity,bias=false"


def test_a_target_has_a_line_for_each_dtype():
    assert rows(in_both(RIGHT)) == [
        "my.py:LSTM as lstm                   float64  7 passed",
        "                                     float32  7 passed",
    ]


def test_what_is_not_passed_is_counted():
    assert rows(FORWARD_ONLY) == [
        "my.py:LSTM as lstm                   float64  3 passed, 1 undecided,",
        "                                              2 not applicable, 1 refused",
    ]


def test_a_long_name_has_a_line_of_its_own():
    named = replace(RIGHT, target=LONG, network=LONG.removeprefix("numpy:"))
    assert rows(named) == [LONG, "                                     float64  7 passed"]


def test_a_long_name_is_cut_at_its_commas():
    own = report(passed(LAWS[0]))
    options = "direction=bidirectional,layers=2,merge=product,padding=repeat,bias=false,coupled=input"
    ordered = f"lstm:{','.join(sorted(options.split(',')))}"
    (first, second) = header(own.__class__(f"numpy:lstm:{options}", ordered, ()), ["float64"])
    assert f"{first}{second.strip()}" == f"numpy:lstm:{options} · float64 · seed 0"
    found = header(own.__class__("my.py:Mine", ordered, ()), ["float64"])
    assert found[0].startswith("my.py:Mine as lstm:bias=false,") and found[0].endswith(",")
    for lines in (found, [first, second], rows(own.__class__("my.py:Mine", ordered, own.findings))):
        assert max(map(len, lines)) <= 80


def test_a_target_that_cannot_be_verified_says_why():
    assert unfit("torch.nn:LSTM", "torch cannot be imported: ImportError\n  more") == [
        "torch.nn:LSTM cannot be verified: torch cannot be imported: ImportError",
        "  more",
    ]


def test_only_what_is_wrong_is_told_below():
    assert list(wrong(RIGHT)) == []
    lines = list(wrong(WRONG))
    assert lines[:3] == [
        "",
        "my.py:LSTM as lstm",
        "",
    ]
    assert lines[3].startswith("gradient.parameters FAILED ")


REFUSED = Refusal("state.final", "h and c are exchanged", True, "final h: exchanged")
FULL = Refusal(
    "forward.values", "the bias b_o is counted twice", True, "outputs[0,0,0]: got 1, but should be 2\n  lstm"
)


def test_planted_faults_are_counted_and_one_message_is_shown_in_full():
    assert refusals([REFUSED, FULL]) == [
        "",
        "2 laws, 2 planted faults refused",
        "",
        "One of them, in our LSTM: the bias b_o is counted twice",
        "forward.values refuses it:",
        "  outputs[0,0,0]: got 1, but should be 2",
        "    lstm",
    ]


def test_a_planted_fault_that_is_not_refused_is_named():
    missed = Refusal("state.repeat", "state is kept between calls", False, "")
    assert refusals([REFUSED, missed]) == [
        "",
        "2 laws, 1 planted fault refused, the others NOT REFUSED:",
        "  state.repeat: state is kept between calls",
    ]
    assert refusals([]) == []


def test_how_sure_is_said_in_each_dtype():
    assert sure([in_both(RIGHT), FORWARD_ONLY]) == [
        "",
        "float64",
        "  50 cases a law; errors up to 0.05 of their bound (forward.values);",
        "  a relative fault of 2e-14 would show (bluntest: forward.values)",
        "",
        "float32",
        "  50 cases a law; errors up to 0.05 of their bound (forward.values);",
        "  a relative fault of 2e-14 would show (bluntest: forward.values)",
    ]


def test_the_last_line():
    def last(*reports, interrupted=False):
        return closing(Matrix(reports), 42.71, interrupted)

    assert last(RIGHT, FORWARD_ONLY).startswith("PASSED  2 targets: 10 laws passed, 1 undecided, 2 not applicable, ")
    assert last(RIGHT) == f"{'PASSED  1 target: 7 laws passed':<74}42.7 s"
    assert last(RIGHT, WRONG).startswith("FAILED  2 targets: 2 laws failed, 12 passed ")
    assert last(RIGHT, interrupted=True).startswith("INTERRUPTED  1 target: 7 laws passed ")
    assert last().startswith("UNDECIDED  0 targets: nothing was looked at ")
