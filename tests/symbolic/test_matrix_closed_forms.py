"""The closed form of a linear network over matrices: as it must read, and equal to the unrolled program."""

from dataclasses import replace
from functools import reduce
from operator import mul

import pytest
import sympy

from rnnproof.catalogue import network
from rnnproof.errors import UsageError
from rnnproof.model.equation import Elementwise, signal, signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import closed_form, expand, unroll
from rnnproof.symbolic.closed_form import formula, matrix

LINEAR = ["lecture", "elman:activation=identity", "elman:activation=identity,readout=identity"]


def test_the_closed_form_reads_latest_input_first():
    forms = closed_form(network("elman:activation=identity"), 3)
    assert formula(forms[0]["h'"]) == "b_h + U_h h_0 + W_h x_1"
    assert formula(forms[2]["h'"]) == ("b_h + U_h b_h + W_h x_3 + U_h^2 b_h + U_h W_h x_2 + U_h^2 W_h x_1 + U_h^3 h_0")
    assert formula(matrix("A") * matrix("B") ** 2 - 3 * matrix("C")) == "-3 C + A B^2"
    assert formula(sympy.Integer(0)) == "0"


@pytest.mark.parametrize("name", LINEAR)
def test_the_closed_form_equals_the_unrolled_program(name):
    net, sizes = network(name), Sizes(T=3, B=1, I=2, H=2, O=3)
    program = unroll(net, sizes)
    shapes = {array: (shape if len(shape) > 1 else (*shape, 1)) for array, shape in net.shapes(sizes).items()}
    shapes |= {f"x_{t}": (sizes.I, 1) for t in range(1, 4)} | {"h_0": (sizes.H, 1)}
    names = {**program.arguments, "h_0": program.arguments["h"]}
    names |= {f"x_{t}": program.arguments["x"][(t - 1) * sizes.I : t * sizes.I] for t in range(1, 4)}
    matrices = {array: sympy.Matrix(*shape, list(map(signal, names[array]))) for array, shape in shapes.items()}
    rows = len(program.results["outputs"]) // 3
    for t, forms in enumerate(closed_form(net, 3)):
        value = sum((product(term, matrices) for term in forms[net.step.output].args), sympy.zeros(rows, 1))
        for k, output in enumerate(program.results["outputs"][t * rows : (t + 1) * rows]):
            assert sympy.expand(value[k] - expand(program, output)) == 0


def product(term, matrices):
    powers = [factor.as_base_exp() for factor in sympy.Mul.make_args(term)]
    return reduce(mul, (matrices[base.name] for base, power in powers for _ in range(power)))


@pytest.mark.parametrize(
    "name",
    [
        "elman",
        "elman:activation=relu",
        "lstm",
        "elman:activation=identity,readout=tanh",
        "elman:activation=identity,readout=softmax",
    ],
)
def test_a_network_that_is_not_linear_is_refused_with_its_equation(name):
    with pytest.raises(UsageError, match=rf"network {name} has no closed form over matrices: .* is not linear"):
        closed_form(network(name), 2)


@pytest.mark.parametrize("expression", ["z_h**2", "z_h + 1", "z_h*h"])
def test_products_and_constants_are_not_linear(expression):
    z_h, h = signals("z_h h")
    written = {"z_h**2": z_h**2, "z_h + 1": z_h + 1, "z_h*h": z_h * h}[expression]
    page = network("elman:activation=identity")
    equations = (page.cell.equations[0], Elementwise("h'", written))
    with pytest.raises(UsageError, match="is not linear"):
        closed_form(replace(page, cell=replace(page.cell, equations=equations)), 1)


def test_a_linear_combination_of_signals_is_linear():
    z_h, h = signals("z_h h")
    page = network("elman:activation=identity,bias=false")
    equations = (page.cell.equations[0], Elementwise("h'", z_h / 2 - 3 * h))
    forms = closed_form(replace(page, cell=replace(page.cell, equations=equations)), 1)
    assert formula(forms[0]["h'"]) == "-3 h_0 + U_h h_0/2 + W_h x_1/2"
