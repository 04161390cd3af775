"""The gate gradients in closed form: against the hand-written backward pass, autograd, and SymPy's own chain."""

from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
import pytest
from hypothesis import given, reject, settings
from program_bounds import DIGITS, KinkError, radii
from small_cases import OTHERS, seeded, small_case, small_cases, target, written_by_hand
from stepwise import carried_back

from rnnproof.autodiff.gradients import gradients as autograd
from rnnproof.catalogue import network
from rnnproof.model.network import Sizes
from rnnproof.symbolic import bind, evaluate, gradients, unroll
from rnnproof.symbolic.gate_gradients import gate_gradients

NAMED = ("lstm", "lecture_lstm", "peephole", "gru", "gru:reset=before")
EVERY = (*NAMED, "elman", "elman:activation=relu,readout=softmax", "elman:readout=sigmoid", *OTHERS)
# The tests' own bound knows a relu of one name alone.
OTHER = tuple(
    name
    for name in EVERY
    if name not in NAMED and "clip" not in name and "hard" not in name and written_by_hand(network(name))
)
FEW = settings(max_examples=15, deadline=None)
derived = cache(gate_gradients)


def truth(case):
    """The gradients by SymPy's derivative of each line of the unrolled program: the program, and its values."""
    program = unroll(case.network, case.sizes)
    cotangents, seeds = seeded(program, case)
    gradient = gradients(program, cotangents)
    return gradient, evaluate(gradient, bind(gradient, case.row(0)) | seeds, digits=DIGITS)


def differing(case, formulas=None):
    """The arrays whose entries by the formulas are not those by SymPy's chain, to all digits but the last ten."""
    program, values = truth(case)
    found = carried_back(case, d_of=formulas or derived)
    with mpmath.workdps(DIGITS):
        return [array for array, names in program.results.items() if not same(found[array].ravel(), names, values)]


def same(got, names, values):
    """Both are of far fewer than 10^10 operations, each rounded at DIGITS digits or more, on numbers of this size."""
    want = [mpmath.mpf(values[name]) for name in names]
    scale = max(abs(number) for number in (*want, *got, 1))
    return all(abs(g - w) < scale * mpmath.mpf(10) ** (10 - DIGITS) for g, w in zip(got, want, strict=True))


def beyond(case, gradient):
    """The arrays of a float gradient with an entry beyond its derived radius of the formulas' value."""
    program, values = truth(case)
    radius = radii(program, values, case.dtype)
    found = carried_back(case, d_of=derived)
    arrays = {**gradient["params"], "x": gradient["x"], **gradient["state"]}
    with mpmath.workdps(DIGITS):
        return [
            array
            for array, names in program.results.items()
            for got, want, name in zip(np.ravel(arrays[array]), found[array].ravel(), names, strict=True)
            if abs(mpmath.mpf(float(got)) - want) > radius[name]
        ]


@pytest.mark.parametrize("name", EVERY)
def test_the_formulas_are_the_derivative_of_the_unrolled_program(name):
    sizes = Sizes(T=2, B=1, I=2, H=3, O=2, P=2)
    assert differing(small_case(name, sizes, seed=3)) == []


@FEW
@given(small_cases(NAMED, steps=3, rows=1))
def test_hand_written_backward_passes_compute_the_formulas(case):
    cotangents = {"outputs": case.d_outputs, "state": case.d_final}
    assert beyond(case, target(case.network).grad(case.parameters, case.x, case.state, cotangents)) == []


@FEW
@given(small_cases(NAMED, steps=3, rows=1))
def test_autograd_computes_the_formulas(case):
    cells = target(case.network)
    cotangents = {"outputs": case.d_outputs, "state": case.d_final}
    assert beyond(case, autograd(cells.forward, case.parameters, case.x, case.state, cotangents)) == []


@FEW
@given(small_cases(OTHER, steps=2, rows=1))
def test_backward_passes_of_the_other_cells_compute_the_formulas(case):
    cotangents = {"outputs": case.d_outputs, "state": case.d_final}
    try:
        assert beyond(case, target(case.network).grad(case.parameters, case.x, case.state, cotangents)) == []
    except KinkError:
        reject()


@pytest.mark.parametrize("name", NAMED)
def test_a_formula_with_its_sign_changed_is_refused(name):
    case = small_case(name, Sizes(T=2, B=1, I=2, H=2), seed=1)
    statement = derived(case.network)
    for k, formula in enumerate(statement.formulas):
        changed = formula.func(formula.lhs, -formula.rhs, evaluate=False)
        wrong = replace(statement, formulas=(*statement.formulas[:k], changed, *statement.formulas[k + 1 :]))
        assert differing(case, lambda _, wrong=wrong: wrong) != [], formula


@pytest.mark.parametrize("name", NAMED)
def test_a_backward_pass_off_by_one_in_a_million_is_refused(name):
    case = small_case(name, Sizes(T=2, B=1, I=2, H=2), seed=1)
    cotangents = {"outputs": case.d_outputs, "state": case.d_final}
    right = target(case.network).grad(case.parameters, case.x, case.state, cotangents)
    for parameter, array in right["params"].items():
        assert parameter in beyond(case, {**right, "params": right["params"] | {parameter: array * (1 + 1e-6)}})


def formulas(name):
    return [f"{formula.lhs} = {formula.rhs}" for formula in derived(network(name)).formulas]


def test_the_lstm_s_are_those_of_the_books():
    assert formulas("lstm")[:8] == [
        "dc' = dc'_later + dh'*o*(1 - tanh(c')**2)",
        "dz_o = dh'*o*(1 - o)*tanh(c')",
        "dz_g = dc'*i*(1 - g**2)",
        "dz_f = c*dc'*f*(1 - f)",
        "dz_i = dc'*g*i*(1 - i)",
        "dW_i = dz_i*x.T",
        "dU_i = dz_i*h.T",
        "db_i = dz_i",
    ]
    assert formulas("lstm")[-3:-1] == ["dh = U_f.T*dz_f + U_g.T*dz_g + U_i.T*dz_i + U_o.T*dz_o", "dc = dc'*f"]


def test_the_reset_gate_stands_before_or_after_the_product():
    after, before = formulas("gru"), formulas("gru:reset=before")
    assert {"ds = dh'*r*(1 - n**2)*(1 - z)", "dU_n = ds*h.T", "db_hn = ds"} <= set(after)
    assert {"ds = U_n.T*dz_n", "dz_r = ds*h*r*(1 - r)", "dU_n = dz_n*s.T"} <= set(before)


def test_every_step_is_named_and_leads_to_a_formula():
    statement = derived(network("peephole"))
    steps = [step.formula for step in statement.steps]
    assert all(formula in steps for formula in statement.formulas)
    assert len({step.reason for step in statement.steps}) > len(statement.formulas)


def test_both_directions_have_the_formulas_of_one_layer():
    assert derived(network("lstm:direction=bidirectional")).formulas == derived(network("lstm")).formulas
    assert "t + 1" in derived(network("lstm:direction=bidirectional")).conditions[-1]
