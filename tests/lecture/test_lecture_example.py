"""The lecture's example: the published numbers, derived and computed, and shown."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Sizes
from rnnproof.usecases.lecture import Row, agree, derived, lecture, show
from rnnproof.usecases.lecture import worked as module


@pytest.fixture(scope="module")
def example():
    return lecture()


def test_the_run_has_the_lecture_s_numbers(example):
    assert example.rows == (
        Row(1, before=(0, 0), input=(1, 1), hidden=(2, 2), output=(4, 4), after=(2, 2)),
        Row(2, before=(2, 2), input=(1, 1), hidden=(6, 6), output=(12, 12), after=(6, 6)),
        Row(3, before=(6, 6), input=(2, 2), hidden=(16, 16), output=(32, 32), after=(16, 16)),
    )


def test_the_reordered_run_has_the_lecture_s_numbers(example):
    assert example.order == (3, 2, 1)
    assert example.reordered == (
        Row(1, before=(0, 0), input=(2, 2), hidden=(4, 4), output=(8, 8), after=(4, 4)),
        Row(2, before=(4, 4), input=(1, 1), hidden=(10, 10), output=(20, 20), after=(10, 10)),
        Row(3, before=(10, 10), input=(1, 1), hidden=(22, 22), output=(44, 44), after=(22, 22)),
    )


def test_the_closed_form_is_that_of_any_weights(example):
    assert dict(example.closed_form) == {
        "hidden_1": "W_h x_1",
        "hidden_2": "W_h x_2 + U_h W_h x_1",
        "hidden_3": "W_h x_3 + U_h W_h x_2 + U_h^2 W_h x_1",
        "output_1": "W_y W_h x_1",
        "output_2": "W_y W_h x_2 + W_y U_h W_h x_1",
        "output_3": "W_y W_h x_3 + W_y U_h W_h x_2 + W_y U_h^2 W_h x_1",
    }


def test_where_the_order_makes_a_difference(example):
    assert [(d.step, d.output, d.reordered, d.closed_form) for d in example.differences] == [
        (1, (4, 4), (8, 8), "W_y W_h x_1 - W_y W_h x_3"),
        (2, (12, 12), (20, 20), "W_y U_h W_h x_1 - W_y U_h W_h x_3"),
        (3, (32, 32), (44, 44), "W_y W_h x_3 - W_y W_h x_1 + W_y U_h^2 W_h x_1 - W_y U_h^2 W_h x_3"),
    ]


def test_every_number_is_exact(example):
    for row in example.rows + example.reordered:
        for column in (row.before, row.input, row.hidden, row.output, row.after):
            assert all(type(number) is Fraction for number in column)


def test_what_is_shown(example):
    text = show(example)
    assert max(map(len, text.splitlines())) <= 80
    assert "1     (0, 0)         (1, 1)  (2, 2)    (4, 4)    (2, 2)\n" in text
    assert "2     (2, 2)         (1, 1)  (6, 6)    (12, 12)  (6, 6)\n" in text
    assert "3     (6, 6)         (2, 2)  (16, 16)  (32, 32)  (16, 16)\n" in text
    assert "Steps 1 and 2 read the same input (1, 1), and put out (4, 4) and (12, 12):\n" in text
    assert "before one the memory holds (0, 0), before the other (2, 2).\n" in text
    assert "    output_3 = W_y W_h x_3 + W_y U_h W_h x_2 + W_y U_h^2 W_h x_1\n" in text
    assert "3     (10, 10)       (1, 1)  (22, 22)  (44, 44)  (22, 22)\n" in text
    assert "The outputs differ at steps 1, 2 and 3: order counts where there is memory.\n" in text
    assert "    step 2: W_y U_h W_h x_1 - W_y U_h W_h x_3\n" in text
    assert "x + U_h h" in text


def test_what_is_shown_where_nothing_differs(example):
    text = show(replace(example, differences=(), rows=example.rows[:1]))
    assert "No output differs." in text
    assert "read the same input" not in text


def test_tables_that_differ_are_refused(example):
    agree(example.rows, example.rows)
    wrong = (*example.rows[:2], replace(example.rows[2], output=(Fraction(32), Fraction(33))))
    with pytest.raises(
        VerificationFailed, match=r"step 3, output: the NumPy cells give \(32, 33\), but should give \(32, 32\)"
    ):
        agree(example.rows, wrong)


class TwiceTheReadout:
    def __init__(self, cells):
        self.cells, self.states = cells, cells.states

    def run(self, params, x, state):
        outputs, final = self.cells.run(params, x, state)
        return 2 * outputs, final


def test_cells_that_compute_other_numbers_are_refused(monkeypatch):
    right = module.plain_target
    monkeypatch.setattr(module, "plain_target", lambda *names, **options: TwiceTheReadout(right(*names, **options)))
    with pytest.raises(
        VerificationFailed, match=r"step 1, output: the NumPy cells give \(8, 8\), but should give \(4, 4\)"
    ):
        lecture()


def test_other_weights_are_worked_exactly_too():
    """h_1 = (1/2)(1) + (1/3)(3) = 3/2 and h_2 = (1/2)(2) + (1/3)(3/2) = 3/2; y = 7 h."""
    net = network("lecture")
    arrays = {"W_h": [[Fraction(1, 2)]], "U_h": [[Fraction(1, 3)]], "W_y": [[7]], "x": [[1], [2]], "h": np.array([3])}
    rows = derived(net, Sizes(T=2, B=1, I=1, H=1, O=1), arrays)
    half = Fraction(1, 2)
    assert [(row.before, row.hidden, row.output) for row in rows] == [
        ((3,), (3 * half,), (21 * half,)),
        ((3 * half,), (3 * half,), (21 * half,)),
    ]
