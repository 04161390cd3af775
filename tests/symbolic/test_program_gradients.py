"""Gradients of programs: against SymPy's derivative of the whole expression, written out in full."""

import pytest
import sympy

from rnnproof.catalogue import network
from rnnproof.errors import UsageError
from rnnproof.model.activation import relu, step, tanh
from rnnproof.model.equation import signal, signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import Line, Program, bind, evaluate, expand, gradient, gradients, unroll
from rnnproof.symbolic.gradient import partials

SMALL = Sizes(T=2, B=1, I=1, H=2, O=1)


def arguments(program: Program) -> list[str]:
    return [name for names in program.arguments.values() for name in names]


@pytest.mark.parametrize("name", ["elman", "elman:activation=relu,readout=sigmoid", "lecture"])
def test_the_chained_gradient_is_the_derivative_of_the_whole_expression(name):
    program = unroll(network(name), SMALL)
    output = program.results["outputs"][-1]
    whole = expand(program, output)
    chained = gradients(program, {output: 1})
    for argument in arguments(program):
        assert sympy.expand(expand(chained, f"d{argument}") - whole.diff(signal(argument))) == 0, argument


def test_the_same_for_an_lstm():
    program = unroll(network("lstm"), Sizes(T=2, B=1, I=1, H=1))
    whole = expand(program, "h[2][0]")
    chained = gradients(program, {"h[2][0]": 1})
    for argument in arguments(program):
        assert sympy.expand(expand(chained, f"d{argument}") - whole.diff(signal(argument))) == 0, argument


def test_one_gradient_is_its_last_line_and_holds_only_what_leads_to_it():
    program = unroll(network("elman"), Sizes(T=2, B=1, I=1, H=1))
    one = gradient(program, "h[2][0]", "W_h[0,0]")
    assert str(one).splitlines()[4:] == [
        "dh[2][0] = 1",
        "dz_h[2][0] = dh[2][0]*(1 - h[2][0]**2)",
        "dh[1][0] = U_h[0,0]*dz_h[2][0]",
        "dz_h[1][0] = dh[1][0]*(1 - h[1][0]**2)",
        "dW_h[0,0] = dz_h[1][0]*x[1][0] + dz_h[2][0]*x[2][0]",
    ]
    assert one.results == {"W_h": ("dW_h[0,0]",)}
    early = gradient(program, "h[1][0]", "b_h[0]")
    assert [line.name for line in early.lines] == ["z_h[1][0]", "h[1][0]", "dh[1][0]", "dz_h[1][0]", "db_h[0]"]


def test_one_gradient_equals_that_of_all_at_once():
    program = unroll(network("lstm"), Sizes(T=2, B=1, I=2, H=1))
    arrays = {name: [sympy.Rational(k + 1, 7) for k in range(len(g))] for name, g in program.arguments.items()}
    every = gradients(program, {"c[2][0]": 1})
    for weight in ("W_f[0,1]", "U_g[0,0]", "c[0][0]", "x[1][1]"):
        one = gradient(program, "c[2][0]", weight)
        assert expand(one, f"d{weight}") == expand(every, f"d{weight}")
    values = evaluate(every, bind(program, arrays))
    assert abs(values["dW_o[0,0]"]) > sympy.Rational(1, 10**6)  # o of step 1 reaches c of step 2 through h


def test_what_an_output_does_not_depend_on_has_gradient_zero():
    program = unroll(network("lstm"), Sizes(T=1, B=1, I=1, H=1))
    assert str(gradient(program, "c[1][0]", "W_o[0,0]")) == "dW_o[0,0] = 0"
    assert str(gradient(unroll(network("elman"), SMALL), "h[1][0]", "x[2][0]")) == "dx[2][0] = 0"


def test_cotangents_are_summed_and_may_be_symbols():
    program = unroll(network("elman:activation=identity,bias=false"), Sizes(T=2, B=1, I=1, H=1))
    alpha = signal("alpha")
    both = gradients(program, {"h[1][0]": alpha, "h[2][0]": 3}, ["x[1][0]", "h[0][0]"])
    assert both.arguments["cotangents"] == ("alpha",)
    assert both.results == {"x": ("dx[1][0]",), "h": ("dh[0][0]",)}
    W, U = signals("W_h[0,0] U_h[0,0]")
    assert sympy.expand(expand(both, "dx[1][0]") - (alpha * W + 3 * U * W)) == 0
    assert sympy.expand(expand(both, "dh[0][0]") - (alpha * U + 3 * U**2)) == 0


def test_the_lines_of_a_gradient_grow_linearly():
    def count(T: int) -> int:
        program = unroll(network("lstm"), Sizes(T=T, B=1, I=1, H=1))
        return len(gradients(program, {f"h[{T}][0]": 1}).lines)

    assert count(20) - count(10) == count(30) - count(20) == 10 * 23


@pytest.mark.parametrize(
    ("output", "weight", "message"),
    [
        ("h[3][0]", "W_h[0,0]", r"unknown output 'h\[3\]\[0\]'; did you mean h\["),
        ("h[2][0]", "W_h[0,9]", r"unknown argument 'W_h\[0,9\]'; did you mean W_h\[0,0\]\?"),
        ("h[2][0]", "z_h[1][0]", r"unknown argument 'z_h\[1\]\[0\]'"),
    ],
)
def test_an_unknown_name_is_told_with_the_nearest(output, weight, message):
    with pytest.raises(UsageError, match=message):
        gradient(unroll(network("elman"), SMALL), output, weight)


def test_a_derivative_is_written_with_the_line_s_own_name():
    z, a, b = signals("z a b")
    assert partials(Line("t", tanh(z))) == [(z, 1 - signal("t") ** 2)]
    assert partials(Line("t", relu(z))) == [(z, step(z))]
    assert partials(Line("t", a * b**2 - z)) == [(a, b**2), (b, 2 * a * b), (z, -1)]
    assert partials(Line("t", sympy.Integer(3))) == []
