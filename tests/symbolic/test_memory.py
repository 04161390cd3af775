"""The same input and another output: as derived, as the lecture has it, and as the cells compute it."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from formulas import LINEAR, hand_written, value
from hypothesis import given, settings
from hypothesis import strategies as st
from small_cases import target
from witnessed import arrays, bounds, computed, disagreements

from rnnproof.catalogue import lecture, lecture_slots, network
from rnnproof.errors import UsageError, VerificationFailed
from rnnproof.model.network import Sizes
from rnnproof.symbolic import memory
from rnnproof.symbolic.memory import lecture_same_input, p, q, same_input, same_input_witness
from rnnproof.symbolic.word_labels import one_word_two_labels
from rnnproof.usecases.lecture import slots
from rnnproof.usecases.lecture.words import read


def test_it_reads_as_it_should():
    gap, first = same_input(network("lecture")).formulas
    assert str(gap) == "Eq(y[p] - y[q], W_y*U_h*(h[p - 1] - h[q - 1]))"
    assert str(first) == "Eq(-y[1] + y[2], W_y*U_h*(U_h*h[0] + W_h*x[1] - h[0]))"
    (jordan, _) = same_input(network("jordan:activation=identity")).formulas
    assert str(jordan) == "Eq(y[p] - y[q], W_y*U_h*(y[p - 1] - y[q - 1]))"


def test_steps_1_and_2_of_the_lecture_s_example():
    stated = lecture_same_input(network("lecture"))
    assert [list(formula.rhs) for formula in stated.formulas] == [[4, 4], [12, 12], [8, 8]]
    assert [list(step.formula.rhs) for step in stated.steps[1:3]] == [[0, 0], [2, 2]]
    assert "the state `h` is another before step 2" in stated.claim
    assert lecture.SEQUENCE[0] == lecture.SEQUENCE[1]


def test_a_wrong_factor_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "factor_nc", lambda form: 2 * form)
    with pytest.raises(VerificationFailed, match="multiplied out is not"):
        same_input(network("lecture"))


def test_a_formula_that_does_not_account_for_the_lecture_s_numbers_is_refused(monkeypatch):
    right = same_input(network("lecture"))
    gap = right.formulas[0]
    wrong = replace(right, formulas=(sympy.Eq(gap.lhs, 2 * gap.rhs), *right.formulas[1:]))
    monkeypatch.setattr(memory, "same_input", lambda net: wrong)
    with pytest.raises(VerificationFailed, match=r"memory: .*16.* is not .*8"):
        lecture_same_input(network("lecture"))


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LINEAR), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_the_cells_differ_by_what_their_states_before_differ_in(name, units, seed):
    """Small whole numbers, exact in floats; steps 2 and 4 read the same input."""
    net, rng = network(name), np.random.default_rng(seed)
    shapes = net.shapes(Sizes(T=4, B=1, I=2, H=units, O=2))
    floats = {n: rng.integers(-2, 3, shape).astype(float) for n, shape in shapes.items()}
    x = rng.integers(-2, 3, (4, 2)).astype(float)
    x[3] = x[1]
    ((state, _),) = net.step.states
    start = rng.integers(-2, 3, (1, net.state_shapes(Sizes(T=4, B=1, I=2, H=units, O=2))[state][-1])).astype(float)
    outputs, _ = target(net).run(floats, x[:, np.newaxis], {state: start})
    states = [start, *target(net).states(floats, x[:, np.newaxis], {state: start})[state]]
    matrices = {n: sympy.Matrix(a.astype(int)) for n, a in floats.items()}
    vectors = {(state, t): sympy.Matrix(a[0].astype(int)) for t, a in enumerate(states)}
    derived = value(same_input(net).formulas[0].rhs.subs({p: 4, q: 2}), matrices, vectors)
    assert list(map(float, derived)) == (outputs[3] - outputs[1])[0].tolist()


@pytest.mark.parametrize("name", [name for name in hand_written() if same_input_witness(network(name))])
def test_the_cells_at_the_witness_lie_in_both_intervals(name):
    stated, net = same_input_witness(network(name)), network(name)
    given_numbers = arrays(net, stated.steps[1].formula, 2)
    assert (given_numbers["x"][0] == given_numbers["x"][1]).all()
    found = (computed(net, given_numbers, 2),) * 2
    one, other = bounds(stated.steps[2].formula), bounds(stated.steps[3].formula)
    assert disagreements(found, (one, other)) == []
    assert disagreements(found, ((one[0], *other[1:]), (other[0], *one[1:]))) == ["first", "second"]


def test_every_network_that_is_written_by_hand_and_not_linear_has_a_witness():
    assert [name for name in hand_written() if same_input_witness(network(name)) is None] == []


def forgetful(name):
    page = network(name)
    affine = replace(page.cell.equations[0], terms=page.cell.equations[0].terms[:1])
    return replace(page, cell=replace(page.cell, equations=(affine, *page.cell.equations[1:])))


@pytest.mark.parametrize("name", ["elman", "elman:activation=identity", "elman:readout=softmax"])
def test_without_memory_there_is_none(name):
    assert (
        same_input(forgetful(name)) is same_input_witness(forgetful(name)) is lecture_same_input(network(name)) is None
    )


def sentences(length=2):
    words = [[word.component for word in read(text)][:length] for text in lecture_slots.SENTENCES]
    return tuple(slots.one_hot(each).astype(int).tolist() for each in words)


def test_taipei_has_one_label_without_memory_and_two_with_the_lecture_s_weights():
    stated = one_word_two_labels(slots.NETWORK, slots.weights(), sentences(), lecture_slots.SLOTS)
    one_label, first, second, *_ = stated.formulas
    assert str(one_label) == "Implies(Eq(w_1, w_2), Eq(f(w_1) - f(w_2), 0))"
    assert [equation.rhs for equation in first] == [2, 0, 0, 0, 1]
    assert [equation.rhs for equation in second] == [0, 2, 0, 0, 1]
    assert '"destination" in the first and "place of departure" in the second' in stated.claim
    cells = target(slots.NETWORK)
    for sentence, scores in zip(sentences(), (first, second), strict=True):
        x = np.array(sentence, dtype=float)[:, np.newaxis]
        outputs, _ = cells.run(slots.weights(), x, {"h": np.zeros((1, len(slots.UNITS)))})
        assert outputs[-1, 0].tolist() == [float(equation.rhs) for equation in scores]


def test_with_the_memory_s_weights_0_the_network_is_such_a_labeller():
    weights = slots.weights()
    weights["U_h"] = np.zeros_like(weights["U_h"])
    assert one_word_two_labels(slots.NETWORK, weights, sentences(), lecture_slots.SLOTS) is None


def test_words_that_differ_are_refused():
    first, second = sentences()
    with pytest.raises(UsageError, match="expected one word"):
        one_word_two_labels(slots.NETWORK, slots.weights(), (first, second[:1]), lecture_slots.SLOTS)
