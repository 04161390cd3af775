"""The reference's balls against the symbolic programs at fifty digits: the true value lies in every ball."""

from dataclasses import replace

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from program_bounds import DIGITS
from small_cases import ELMAN, LSTM, OTHERS, seeded, small_case, small_cases

from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.model.case import Cotangents
from rnnproof.model.equation import Elementwise, signals
from rnnproof.model.network import Sizes
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import adjoint
from rnnproof.symbolic import bind, evaluate, gradients, unroll

FEW = settings(max_examples=50, deadline=None)


def outside(ball, names, values) -> list[str]:
    """The names whose true value is not in its ball."""
    with mpmath.workdps(DIGITS):
        entries = zip(names, ball.value.ravel(), ball.radius.ravel(), strict=True)
        return [
            name
            for name, value, radius in entries
            if abs(mpmath.mpf(float(value)) - mpmath.mpf(values[name])) > mpmath.mpf(float(radius))
        ]


def tape(case):
    cell, form = case.network.step, FORMATS[case.dtype]
    wide = {name: array.astype(float) for name, array in case.parameters.items()}
    state = {name: exact(s.astype(float)) for name, s in case.state.items()}
    return rounding.forward(cell, wide, case.x.astype(float), state, form)


def forward_outside(case, truth) -> list[str]:
    program, balls = unroll(truth, case.sizes), tape(case)
    values = evaluate(program, bind(program, case.row(0)))
    found = outside(balls.outputs, program.results["outputs"], values)
    for name, ball in balls.final.items():
        found += outside(ball, program.results[name], values)
    return found


def gradient_outside(case, truth) -> list[str]:
    program = unroll(truth, case.sizes)
    cotangents, seeds = seeded(program, case)
    gradient = gradients(program, cotangents)
    values = evaluate(gradient, bind(gradient, case.row(0)) | seeds)
    d_final = {name: d.astype(float) for name, d in case.d_final.items()}
    pulled = adjoint(case.network.step)
    balls = rounding.backward(pulled, tape(case), Cotangents(case.d_outputs.astype(float), d_final))
    arrays = {**balls.parameters, "x": balls.x, **balls.state}
    assert set(arrays) == set(gradient.results)
    return [name for array, names in gradient.results.items() for name in outside(arrays[array], names, values)]


@FEW
@given(small_cases(ELMAN + LSTM, steps=3, rows=1))
def test_every_output_and_final_state_lies_in_its_ball(case):
    assert forward_outside(case, case.network) == []


@FEW
@given(small_cases(ELMAN + LSTM, steps=3, rows=1))
def test_every_gradient_lies_in_its_ball(case):
    assert gradient_outside(case, case.network) == []


@FEW
@given(small_cases(OTHERS, steps=2, rows=1))
def test_of_the_other_networks_too(case):
    assert forward_outside(case, case.network) == []
    assert gradient_outside(case, case.network) == []


f, c, i, g = signals("f c i g")


@pytest.mark.parametrize("wrong", [f * c - i * g, f * c * (1 + sympy.Rational(1, 2**30)) + i * g])
def test_another_truth_lies_outside(wrong):
    case = small_case("lstm", Sizes(T=2, B=1, I=2, H=2), seed=3)
    cell = case.network.cell
    equations = tuple(Elementwise("c'", wrong) if e.target == "c'" else e for e in cell.equations)
    changed = replace(case.network, cell=replace(cell, equations=equations))
    assert forward_outside(case, case.network) == gradient_outside(case, case.network) == []
    assert set(forward_outside(case, changed)) == {*("h[1][0]", "h[1][1]", "h[2][0]", "h[2][1]", "c[2][0]", "c[2][1]")}
    assert "dW_f[0,0]" in gradient_outside(case, changed)
