"""The closed form for any number of steps: as it reads, at every number of steps, and as the cells compute it."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from formulas import LINEAR, value
from hypothesis import given, settings
from hypothesis import strategies as st
from small_cases import target

from rnnproof.catalogue import lecture, network
from rnnproof.domains.algebra import as_exact
from rnnproof.errors import VerificationFailed
from rnnproof.model.equation import Elementwise, signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import closed_form
from rnnproof.symbolic.any_length import General, any_length, general_term, proved
from rnnproof.symbolic.any_length_numbers import lecture_for_any_length, with_numbers
from rnnproof.symbolic.closed_form import matrix
from rnnproof.symbolic.linear import T, at, distributed, k, recurrence


def test_it_reads_as_it_should():
    (state,) = any_length(network("elman:activation=identity")).formulas
    assert str(state) == "Eq(h[T], U_h**T*h[0] + Sum(U_h**(T - k)*(W_h*x[k] + b_h), (k, 1, T)))"
    state, output = any_length(network("lecture")).formulas
    assert str(state) == "Eq(h[T], U_h**T*h[0] + Sum(U_h**(T - k)*W_h*x[k], (k, 1, T)))"
    assert str(output) == "Eq(y[T], W_y*U_h**T*h[0] + Sum(W_y*U_h**(T - k)*W_h*x[k], (k, 1, T)))"


@pytest.mark.parametrize("name", ["elman", "lstm", "elman:activation=identity,direction=backward", "jordan", "mingru"])
def test_a_network_that_is_not_linear_or_has_no_next_step_has_none(name):
    assert any_length(network(name)) is lecture_for_any_length(network(name)) is None


def test_a_step_that_keeps_nothing_of_the_state_has_none():
    page, (z_h,) = network("elman:activation=identity"), signals("z_h")
    affine = replace(page.cell.equations[0], terms=page.cell.equations[0].terms[:1])
    cell = replace(page.cell, equations=(affine, Elementwise("h'", z_h)))
    assert any_length(replace(page, cell=cell)) is None


def unindexed(form):
    """h[0] as the symbol h_0 of the closed form for a given number of steps."""
    return form.replace(lambda part: isinstance(part, sympy.Indexed), lambda p: matrix(f"{p.base}_{p.indices[0]}"))


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("steps", range(5))
def test_at_every_number_of_steps_it_is_the_closed_form_unrolled(name, steps):
    net = network(name)
    state, output = any_length(net).formulas[0], any_length(net).formulas[-1]
    ((memory, stored),) = net.step.states
    form = unindexed(state.rhs.subs(T, steps).doit())
    if steps == 0:
        assert form == matrix(f"{memory}_0")
        return
    forms = closed_form(net, steps)[-1]
    assert sympy.expand(form) == forms[stored]
    assert sympy.expand(unindexed(output.rhs.subs(T, steps).doit())) == forms[net.step.output]


def faulty(general):
    yield General(general.first, general.term.subs(k, k - 1))
    yield General(general.first.subs(T, T + 1), general.term)
    yield General(general.first, -general.term)
    yield General(general.first, 2 * general.term)
    yield General(0 * general.first, general.term)
    yield General(general.first, general.term.subs(T, 2 * T - k))


def test_the_induction_refuses_a_form_that_is_wrong():
    net = network("lecture")
    letters, general, _ = general_term(recurrence(net), net)
    assert len(proved(letters, general)) == 2
    wrong = list(faulty(general))
    for form in wrong:
        with pytest.raises(VerificationFailed, match="no identity by induction"):
            proved(letters, form)
    assert len(wrong) == 6


def test_every_step_of_the_induction_is_an_identity():
    base, step = any_length(network("lecture")).steps[-3:-1]
    assert base.formula.rhs.doit() == base.formula.lhs
    for steps in range(4):
        left, right = (side.subs(T, steps).doit() for side in step.formula.args)
        assert distributed(left) == distributed(right)


def test_a_power_of_a_singular_matrix_is_not_taken_apart():
    A, u = matrix("A"), at("u", k)
    assert distributed(A * A ** (T - k) * u) == A ** (T - k + 1) * u
    assert distributed(A ** (T - k) * (u + u)) == 2 * A ** (T - k) * u


def test_the_lecture_s_example_for_any_number_of_steps():
    output, *steps = lecture_for_any_length(network("lecture")).formulas
    assert str(output.rhs.tolist()) == str([["2*Sum(2**(T - k)*(x[k, 1] + x[k, 2]), (k, 1, T))"]] * 2).replace("'", "")
    assert [step.rhs.tolist() for step in steps] == [[[4], [4]], [[12], [12]], [[32], [32]]]


def integers(rng, *shape):
    return sympy.Matrix(rng.integers(-2, 3, shape))


def numbers(net, sizes, rng):
    """Small whole numbers, so that floats are exact; biases as columns."""
    shapes = net.shapes(sizes)
    return {name: integers(rng, *(shape if len(shape) > 1 else (*shape, 1))) for name, shape in shapes.items()}


def computed(net, values, x, start):
    """The outputs of the hand-written cells, (T,O), as the exact numbers that the floats are."""
    floats = {name: np.array(m.tolist(), dtype=float) for name, m in values.items()}
    floats = {name: a[:, 0] if name.startswith("b") else a for name, a in floats.items()}
    ((memory, _),) = net.step.states
    state = {memory: np.array(start.T.tolist(), dtype=float)}
    outputs, _ = target(net).run(floats, x[:, np.newaxis].astype(float), state)
    return [[as_exact(float(entry)) for entry in step] for step in outputs[:, 0]]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LINEAR), st.integers(0, 5), st.integers(1, 3), st.integers(0, 2**32 - 1))
def test_the_linear_cells_compute_it_exactly(name, steps, units, seed):
    net, rng = network(name), np.random.default_rng(seed)
    sizes = Sizes(T=steps, B=1, I=2, H=units, O=2)
    values = numbers(net, sizes, rng)
    start, x = integers(rng, next(iter(net.state_shapes(sizes).values()))[-1], 1), rng.integers(-2, 3, (steps, 2))
    vectors = {(recurrence(net).input, t): sympy.Matrix(row) for t, row in enumerate(x, 1)}
    vectors |= {(recurrence(net).state, 0): start}
    if steps:
        derived = value(any_length(net).formulas[-1].rhs.subs(T, steps), values, vectors)
        assert list(derived) == computed(net, values, x, start)[-1]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(LINEAR), st.integers(1, 2), st.integers(0, 2**32 - 1))
def test_with_numbers_for_weights_and_a_symbol_for_the_steps_too(name, units, seed):
    net, rng = network(name), np.random.default_rng(seed)
    sizes = Sizes(T=3, B=1, I=2, H=units, O=units)
    values, start, x = numbers(net, sizes, rng), integers(rng, units, 1), rng.integers(-2, 3, (3, 2))
    _, *steps = with_numbers(net, values, start, tuple(map(tuple, x.tolist()))).formulas
    derived = [[sympy.expand(sympy.radsimp(entry)) for entry in step.rhs] for step in steps]
    assert derived == computed(net, values, x, start)


def test_the_lecture_s_weights_are_those_of_the_page():
    values = [step.rhs for step in lecture_for_any_length(network("lecture")).formulas[1:]]
    ones = {name: sympy.ones(2, 2) for name in ("W_h", "U_h", "W_y")}
    assert [list(v) for v in values] == computed(
        network("lecture"), ones, np.array(lecture.SEQUENCE), sympy.zeros(2, 1)
    )
