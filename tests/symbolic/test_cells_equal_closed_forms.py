"""The hand-written NumPy cells against the symbolic programs at fifty digits, inside the derived bound."""

from dataclasses import replace
from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import given, reject, settings
from program_bounds import DIGITS, KinkError, radii
from small_cases import ELMAN, LSTM, SmallCase, seeded, small_case, small_cases, target

from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.equation import Elementwise, signals
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import bind, evaluate, gradients, unroll

FEW = settings(max_examples=50, deadline=None)


def ratios(names: tuple[str, ...], got: Any, values: Any, radius: Any) -> list[float]:
    """|got - true value| / radius for each name; 0/0, an exact result that is exact, counts as 0."""
    with mpmath.workdps(DIGITS):
        errors = [abs(mpmath.mpf(float(g)) - mpmath.mpf(values[n])) for n, g in zip(names, got.ravel(), strict=True)]
        return [float(e / radius[n]) if e else 0.0 for n, e in zip(names, errors, strict=True)]


def forward_ratios(case: SmallCase, truth: Network) -> list[float]:
    """Of every output and final state that the cells compute."""
    program = unroll(truth, case.sizes)
    outputs, final = target(case.network).run(case.parameters, case.x, case.state)
    found: list[float] = []
    for b in range(case.sizes.B):
        values = evaluate(program, bind(program, case.row(b)))
        radius = radii(program, values, case.dtype)
        for array, got in {"outputs": outputs[:, b], **{name: s[b] for name, s in final.items()}}.items():
            found += ratios(program.results[array], got, values, radius)
    return found


def gradient_ratios(case: SmallCase, truth: Network) -> list[float]:
    """Of every gradient entry, for cotangents on the outputs and on each final state, in a batch of one row."""
    program = unroll(truth, case.sizes)
    cotangents, seeds = seeded(program, case)
    gradient = gradients(program, cotangents)
    values = evaluate(gradient, bind(gradient, case.row(0)) | seeds)
    radius = radii(gradient, values, case.dtype)
    cotangent_arrays = {"outputs": case.d_outputs, "state": case.d_final}
    got = target(case.network).grad(case.parameters, case.x, case.state, cotangent_arrays)
    arrays = {**got["params"], "x": got["x"], **got["state"]}
    assert set(arrays) == set(gradient.results)
    return [
        ratio for array, names in gradient.results.items() for ratio in ratios(names, arrays[array], values, radius)
    ]


@FEW
@given(small_cases(ELMAN, steps=6, rows=2))
def test_elman_cells_compute_the_closed_form(case):
    assert max(forward_ratios(case, case.network)) <= 1


@FEW
@given(small_cases(LSTM, steps=3, rows=2))
def test_lstm_cells_compute_the_closed_form(case):
    assert max(forward_ratios(case, case.network)) <= 1


@FEW
@given(small_cases(ELMAN, steps=6, rows=1))
def test_elman_cells_compute_the_gradient_of_the_closed_form(case):
    try:
        assert max(gradient_ratios(case, case.network)) <= 1
    except KinkError:
        reject()


@FEW
@given(small_cases(LSTM, steps=3, rows=1))
def test_lstm_cells_compute_the_gradient_of_the_closed_form(case):
    assert max(gradient_ratios(case, case.network)) <= 1


def with_expression(page: Network, target_name: str, expression: Any) -> Network:
    equations = tuple(
        Elementwise(target_name, expression) if equation.target == target_name else equation
        for equation in page.cell.equations
    )
    return replace(page, cell=replace(page.cell, equations=equations))


f, c, i, g, o, c_new, z_h, z_o = signals("f c i g o c' z_h z_o")
TINY = 1 + sympy.Rational(1, 2**30)  # a fault of one in a billion
WRONG = [
    ("lstm", "c'", f * c - i * g),
    ("lstm", "c'", i * c + f * g),
    ("lstm", "h'", o * c_new),
    ("lstm", "o", tanh(z_o)),
    ("elman", "h'", sigmoid(z_h)),
    ("elman", "h'", tanh(z_h) * TINY),
    ("lstm", "c'", f * c * TINY + i * g),
    ("lstm", "h'", o * tanh(c_new) + tanh(c_new) ** 9 / 2**30),
]


@pytest.mark.parametrize(("name", "equation", "expression"), WRONG)
def test_the_bound_refuses_a_changed_equation(name, equation, expression):
    case = small_case(name, Sizes(T=3, B=1, I=2, H=3), seed=1)
    wrong = with_expression(case.network, equation, expression)
    assert max(forward_ratios(case, case.network)) <= 1 < max(forward_ratios(case, wrong))
    assert max(gradient_ratios(case, case.network)) <= 1 < max(gradient_ratios(case, wrong))
