"""What a suite lets pass as text: each fault with its smallest case, what it takes to see it said once."""

from rnnproof.report.score import table
from rnnproof.usecases.score import looks
from rnnproof.usecases.score.needs import Need
from rnnproof.usecases.score.result import Score, Tried

ONES = (("T", 1), ("B", 1), ("I", 1), ("H", 1))
TWO_STEPS = (("T", 2), ("B", 1), ("I", 1), ("H", 1))
GRADIENT = Need((looks.GRADIENT,), ONES, ("W_h", "x", "the cotangent of the outputs"), (looks.GRADIENT,), ("dW_h",))
LATER = Need((looks.GRADIENT,), TWO_STEPS, ("W_h", "x"), (looks.GRADIENT,), ("dW_h",))
EITHER = Need(
    ("B > 1", "a non-zero initial state or T > 1 or true gradients to compare"),
    ONES,
    ("b_h",),
    (looks.BIASES, "B > 1"),
    (),
)
NONE = Need((), ONES, (), (), ("outputs", "final h", "final c", "dx"))
LONG = "the names of a fault that is said in so many words that it takes more than a line"


def told(*needs, text="a fault"):
    tried = tuple(Tried(text, "one", "conduct", (), "", need) for need in needs)
    return table(Score("suite", "target", "elman", 0, 1, 9, 9, tried))


def test_each_fault_has_its_smallest_case_at_the_margin_and_the_rest_are_counted_by_theirs():
    lines = told(GRADIENT, LATER, GRADIENT, LATER, GRADIENT, LATER)
    assert lines == [
        "  Let pass, by what a test would need to see them, each with its smallest case:",
        "",
        f"  a gradient{'6':>68}",
        f"    a fault{'T=1 B=1 I=1 H=1':>69}",
        f"    a fault{'T=2 B=1 I=1 H=1':>69}",
        f"    a fault{'T=1 B=1 I=1 H=1':>69}",
        "    and 3 more, 2 at T=2 B=1 I=1 H=1, 1 at T=1 B=1 I=1 H=1",
        "      the first case: all zero but W_h, x, the cotangent of the outputs; seen in",
        "        dW_h",
        "",
        "  Every fault, with its smallest case: --report json:FILE",
        "",
    ]
    assert "    and 1 more, at T=1 B=1 I=1 H=1" in told(*[GRADIENT] * 4)


def test_choices_are_told_apart_from_what_is_needed_in_any_case():
    lines = told(EITHER, NONE, text=LONG)
    assert lines[2:8] == [
        f"  B > 1, and a non-zero initial state or T > 1 or true gradients to{'1':>13}",
        "    compare",
        "    the names of a fault that is said in so many words that      T=1 B=1 I=1 H=1",
        "      it takes more than a line",
        "      the case: all zero but b_h",
        "",
    ]
    assert lines[8] == f"  nothing special: true values of any run whose weights and x are not zero{'1':>6}"
    assert lines[-2] == "      the case: all zero; seen in outputs, final h, final c, ..."
    assert all(len(line) <= 80 for line in lines)


def test_what_was_not_looked_for_before_an_interruption_is_told_too():
    assert told(*[None] * 4)[2:] == [
        f"  not looked for yet: the same command goes on{'4':>34}",
        *["    a fault"] * 3,
        "    and 1 more",
        "",
        "  Every fault, with its smallest case: --report json:FILE",
        "",
    ]


def test_nothing_let_pass_is_no_table():
    assert told() == []
