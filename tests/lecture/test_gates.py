"""The lecture's LSTM by hand: its numbers, the bound, and what is refused."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest
import sympy

from rnnproof.catalogue import lecture_gates as page
from rnnproof.errors import VerificationFailed
from rnnproof.model.equation import Elementwise
from rnnproof.usecases.lecture import gates, gates_bound, gates_text, show_gates
from rnnproof.usecases.lecture.gates import agree, gated, within
from rnnproof.usecases.lecture.gates_bound import Term, sigmoid_below, telescoped


@pytest.fixture(scope="module")
def run():
    return gated()


def transforms(**changed):
    return {**page.TRANSFORMS, **changed}


def test_the_lecture_s_numbers(run):
    assert [step["C'"] for step in run.whole] == [3, 7, 7, 7, 0]
    assert [step["A"] for step in run.whole] == [0, 0, 0, 7, 0]


def test_every_witness_is_within_the_bound(run):
    assert [witness.name for witness in run.witnesses] == ["SymPy at 50 digits", "the NumPy cells", "the reference"]
    for witness in run.witnesses:
        for numbers, meant, most in ((witness.memory, "C'", "memory"), (witness.output, "A", "output")):
            for number, step, bound in zip(numbers, run.whole, run.bounds, strict=True):
                assert abs(number - step[meant]) < getattr(bound, most) + witness.radius


def test_the_bound_is_the_sum_over_the_steps(run):
    """eps (|C| + |x_1|) at each step: 3, 4 + 3, 2 + 7, 1 + 7 and 3 + 7."""
    assert [bound.added for bound in run.bounds] == [3, 7, 9, 8, 10]
    assert [bound.memory / run.eps for bound in run.bounds] == [3, 10, 19, 27, 37]
    assert [bound.output / run.eps for bound in run.bounds] == [6, 17, 26, 34, 37]
    assert Fraction(1, 1000) < run.bounds[-1].memory < Fraction(2, 1000)


def test_the_bound_is_not_idle(run):
    """At step 4 the memory is off by more than a third of it."""
    assert abs(run.signals[3]["c"] - 7) > run.bounds[3].memory / 3


@pytest.mark.parametrize("m", [0, 1, Fraction(7, 2), 10, 30])
def test_eps_is_above_the_sigmoid_and_close(m):
    with mpmath.workdps(60):
        true = 1 / (1 + mpmath.exp(mpmath.mpf(Fraction(m).numerator) / Fraction(m).denominator))
        above = sigmoid_below(Fraction(m))
        value = mpmath.mpf(above.numerator) / above.denominator
        assert true * (1 - mpmath.mpf(10) ** -50) <= value <= true * (1 + mpmath.mpf(10) ** -6)


def test_the_telescoping_sum_is_the_difference():
    for target in ("c'", "a"):
        expression = gates_bound._equation(gates.NETWORK.step, target)
        capitals = {symbol: sympy.Symbol(symbol.name.upper(), real=True) for symbol in expression.free_symbols}
        capitals = {symbol: big for symbol, big in capitals.items() if symbol.name != "g"}
        total = sum(
            term.coefficient * (sympy.Symbol(term.name, real=True) - sympy.Symbol(term.name.upper(), real=True))
            for term in telescoped(target)
        )
        assert sympy.expand(expression - expression.xreplace(capitals) - total) == 0
    assert [str(term) for term in telescoped("c'")] == ["f (c - C)", "C (f - F)", "g (i - I)"]
    assert [str(term) for term in telescoped("a")] == ["o (c' - C')", "C' (o - O)"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"i": ((0, -100, 0), -10)}, r"step 1: the input gate should be open, but z_i = -110"),
        ({"f": ((0, 100, 0), -10)}, r"step 3: the forget gate should be open, but z_f = -10"),
        ({"f": ((0, 0, 100), 10)}, r"step 5: the forget gate should be closed, but z_f = 10"),
        ({"o": ((0, 100, 0), -10)}, r"step 1: the output gate should be closed, but z_o = 90"),
        ({"o": ((0, 0, 10), -10)}, r"step 4: the output gate should be open, but z_o = 0"),
        ({"g": ((0, 0, 1), 0)}, r"step 1, memory: SymPy at 50 digits: 0\.0, but should be 3 within"),
        ({"g": ((1, 0, 0), 1)}, r"step 1, memory: SymPy at 50 digits: 4\.0, but should be 3 within"),
        ({"i": ((0, 100, 0), -1)}, r"gates off by up to 2\.7e-01, the bound .* is too wide"),
    ],
)
def test_a_wrong_weight_is_refused(changed, message):
    with pytest.raises(VerificationFailed, match=message):
        gated(transforms(**changed))


def test_a_wrong_bound_is_refused(run):
    halved = [replace(bound, memory=bound.memory / 4, output=bound.output / 4) for bound in run.bounds]
    with pytest.raises(VerificationFailed, match=r"step 1, output: SymPy .*, but should be 0 within 6\.81e-05"):
        within(run.witnesses[0], run.whole, halved)


def test_an_eps_below_the_sigmoid_is_refused(monkeypatch):
    monkeypatch.setattr(gates, "sigmoid_below", lambda m: sigmoid_below(m + 1))
    with pytest.raises(
        VerificationFailed, match=r"step 1: the output gate is 4\.5\d+e-05, but should be 0 within 1\.7e-05"
    ):
        gated()


def test_witnesses_that_differ_are_refused(run):
    sympys, cells, reference = run.witnesses
    agree((sympys, cells, reference))
    off = replace(cells, output=(*cells.output[:3], cells.output[3] + Fraction(1, 10**9), cells.output[4]))
    with pytest.raises(
        VerificationFailed, match=r"step 4, output: the NumPy cells: 6\.9995\d+, but the reference: 6\.9995"
    ):
        agree((sympys, off, reference))


class WithoutReset:
    def __init__(self, cells):
        self.cells = cells

    def run(self, params, x, state):
        return self.cells.run({**params, "W_f": 0 * params["W_f"]}, x, state)

    def states(self, params, x, state):
        return self.cells.states({**params, "W_f": 0 * params["W_f"]}, x, state)


def test_cells_that_compute_otherwise_are_refused(monkeypatch):
    right = gates.plain_target
    monkeypatch.setattr(gates, "plain_target", lambda *names, **options: WithoutReset(right(*names, **options)))
    with pytest.raises(
        VerificationFailed, match=r"step 2, memory: the NumPy cells: 6\.9998\d+, but the reference: 7\.0, "
    ):
        gated()


def test_another_equation_has_another_bound(monkeypatch):
    """The statement is derived: c' = g i + c o in the catalogue would be another sum."""
    cell = gates.NETWORK.step
    wrong = [
        Elementwise(e.target, e.expression.xreplace({sympy.Symbol("f", real=True): sympy.Symbol("o", real=True)}))
        if isinstance(e, Elementwise) and e.target == "c'" else e
        for e in cell.equations
    ]  # fmt: skip
    monkeypatch.setattr(gates_bound, "_equation", lambda cell, target: next(
        e.expression for e in wrong if e.target == target))  # fmt: skip
    telescoped.cache_clear()
    assert [str(term) for term in telescoped("c'")] == ["o (c - C)", "C (o - O)", "g (i - I)"]
    telescoped.cache_clear()


def test_what_is_shown():
    text = show_gates()
    assert max(map(len, text.splitlines())) <= 80
    assert "4     (1, 0, 1)   0.00005  0.99995  1.00000  6.9998    6.9995   6.9995\n" in text
    assert "    c' - C' = f (c - C) + C (f - F) + g (i - I)\n" in text
    assert "    |c' - C'| <= |c - C| + eps (|C| + |g|)\n    |a - A| <= |c' - C'| + eps |C'|\n" in text
    assert "    eps = sigmoid(-10) = 1 / (1 + e^10) <= 4.54e-05\n" in text
    assert "    eps (3 + 7 + 9 + 8 + 10) = 37 eps <= 1.68e-03\n" in text
    assert "C, 3 7 7 7 0, and A, 0 0 0 7 0." in " ".join(text.split())


def test_a_bound_is_rounded_up():
    assert gates_text.above(Fraction(1, 3)) == "3.34e-01"
    assert gates_text.above(Fraction(10001, 10**7)) == "1.01e-03"


def test_a_term_says_what_it_is():
    assert str(Term(sympy.Symbol("f"), "c")) == "f (c - C)"
