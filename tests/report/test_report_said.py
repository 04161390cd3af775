"""What is said of several laws at once, and of what a terminal must not be given."""

from report_examples import LAWS, report

from rnnproof.model.verdict import Finding, Outcome
from rnnproof.report.failure import blocks, body
from rnnproof.report.text import closing, reasons
from rnnproof.report.words import visible


def test_what_holds_of_every_law_is_said_of_every_law():
    told = [Finding(law, "float32", Outcome.REFUSED, "the target does not claim float32") for law in LAWS]
    assert reasons(told, several=False) == ["", "every law refused: the target does not claim float32"]
    assert reasons(told[:1], several=False) == ["", "forward.values refused: the target does not claim float32"]


def test_what_was_not_tried_is_said_to_be():
    killed = "the target crashed the interpreter: SIGKILL (Killed)"
    tried = [Finding(law, "float64", Outcome.ERROR, killed, "crash") for law in LAWS[:3]]
    untried = f"not tried, since 3 laws in a row ended so: {killed}"
    rest = [Finding(law, "float64", Outcome.ERROR, untried, "crash") for law in LAWS[3:5]]
    lines = list(blocks([*tried, *rest], several=False))
    assert lines[-2:] == [
        "forward.step, state.handover: the same cause",
        "state.initial, gradient.parameters: not tried, since 3 laws in a row ended so",
    ]


def test_the_time_stands_beside_words():
    counts = [(Outcome.FAILED, 1), (Outcome.ERROR, 1), (Outcome.PASSED, 14), (Outcome.NOT_APPLICABLE, 7)]
    findings = [Finding(f"a.{n}", "float64", outcome) for outcome, many in counts for n in range(many)]
    assert closing(report(*findings)) == [
        "FAILED  1 of 16 laws failed, 1 ended in an error, 14 passed,",
        f"{'        7 not applicable':<75}4.1 s",
    ]


def test_what_would_steer_a_terminal_is_written_out():
    assert visible("größe ≠ 3 \x1b[31mred\x07 a\tb") == "größe ≠ 3 \\x1b[31mred\\x07 a\tb"


def test_a_group_of_exceptions_keeps_its_shape():
    tree = "  + Exception Group Traceback (most recent call last):\n  |   File x\n  | " + "y " * 50
    assert body(tree) == [f"  {line}" for line in tree.splitlines()]


def test_errors_of_different_causes_are_told_apart():
    found = [
        Finding(LAWS[0], "float64", Outcome.ERROR, "run returned None"),
        Finding(LAWS[1], "float64", Outcome.ERROR, "step returned None"),
    ]
    assert [line for line in blocks(found, several=False) if line.endswith("ERROR")] == [
        "forward.values ERROR",
        "forward.step ERROR",
    ]
