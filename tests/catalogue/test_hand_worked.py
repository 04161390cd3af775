"""Each catalogue page against its hand-worked vector, exactly; and wrong pages, which the vector refuses."""

from dataclasses import replace

import pytest
import sympy
from hand_worked import VECTORS, Vector

from rnnproof.catalogue import NETWORKS, network
from rnnproof.catalogue.options import NUMBER, POSITIVE
from rnnproof.model.activation import clipped, hard_sigmoid, reciprocal, relu, sigmoid, tanh
from rnnproof.model.equation import Elementwise, signal, signals
from rnnproof.model.network import Network
from rnnproof.symbolic import bind, evaluate, evaluate_exactly, gradients, unroll

BY_NAME = {vector.network: vector for vector in VECTORS}


def flat(numbers):
    return [entry for part in numbers for entry in flat(part)] if isinstance(numbers, tuple) else [numbers]


def is_zero(number) -> bool:
    """Exactly: hyperbolic tangents written by exponentials, everything over one denominator, multiplied out."""
    numerator, _ = sympy.fraction(sympy.together(number.rewrite(sympy.exp)))
    return sympy.expand(numerator) == 0


def told_from_zero(number) -> bool:
    """By fifty digits: the wrong pages' numbers are too unwieldy to be simplified exactly."""
    return abs(number.evalf(60)) > sympy.Rational(1, 10**40)


def differences(vector: Vector, page: Network, evaluated) -> dict[str, object]:
    """What the page gives less what the vector says, for every output and final state."""
    program = unroll(page, vector.sizes)
    values = evaluated(program, bind(program, vector.arguments))
    expected = {"outputs": vector.outputs, **vector.final}
    assert set(program.results) == set(expected)
    names = [name for array in expected for name in program.results[array]]
    return {name: values[name] - number for name, number in zip(names, flat(tuple(expected.values())), strict=True)}


@pytest.mark.parametrize("vector", VECTORS, ids=str)
def test_a_page_gives_its_hand_worked_numbers(vector):
    found = differences(vector, network(vector.network), evaluate_exactly)
    assert [name for name, number in found.items() if not is_zero(number)] == []


@pytest.mark.parametrize("vector", [v for v in VECTORS if v.gradient], ids=str)
def test_the_gradient_of_a_page_gives_its_hand_worked_numbers(vector):
    program = unroll(network(vector.network), vector.sizes)
    cotangents = dict(zip(program.results["outputs"], flat(vector.gradient.outputs), strict=True))
    for state, d_final in vector.gradient.final.items():
        for name, d in zip(program.results[state], d_final, strict=True):
            cotangents[name] = cotangents.get(name, 0) + d
    gradient = gradients(program, cotangents)
    values = evaluate_exactly(gradient, bind(gradient, vector.arguments))
    for array, expected in vector.gradient.expected.items():
        got = [values[name] for name in gradient.results[array]]
        assert [sympy.expand(a - b) for a, b in zip(got, flat(expected), strict=True)] == [0] * len(got), array


def test_every_network_and_every_option_has_a_vector():
    """Each value that changes the function, and a number where any will do; without biases is the same with zeros."""
    found = {(name.partition(":")[0], *option) for name in BY_NAME for option in network(name).options}
    assert {network(vector.network).name.partition(":")[0] for vector in VECTORS} == set(NETWORKS)
    for name, page in NETWORKS.items():
        for key, values in page.options.items():
            for value in values[1:] if key != "bias" else ():
                fits = {one for one in found if value in (NUMBER, POSITIVE, one[2]) and one[:2] == (name, key)}
                assert fits, (name, key, value)


def with_equation(page: Network, target: str, expression: sympy.Expr, **changes: object) -> Network:
    """The page with one equation replaced."""
    equations = tuple(
        Elementwise(target, expression) if equation.target == target else equation for equation in page.cell.equations
    )
    return replace(page, cell=replace(page.cell, equations=equations, **changes))


def with_stored(page: Network, **stored: str) -> Network:
    states = tuple((state, stored.get(state, source)) for state, source in page.cell.states)
    return replace(page, cell=replace(page.cell, states=states))


def sign_changed(page):
    f, c, i, g = signals("f c i g")
    return with_equation(page, "c'", f * c - i * g)


def gates_swapped(page):
    f, c, i, g = signals("f c i g")
    return with_equation(page, "c'", i * c + f * g)


def bias_twice(page):
    o, b_o = signals("z_o b_o")
    return with_equation(page, "o", sigmoid(o + b_o), vectors=("b_o",))


def no_tanh_on_the_way_out(page):
    o, c_new = signals("o c'")
    return with_equation(page, "h'", o * c_new)


def activation_stored_too_early(page):
    return with_stored(page, h="z_h")


def another_activation(page):
    return with_equation(page, "h'", -tanh(-2 * signal("z_h")))


def other(target, expression):
    """The page in which an equation has this expression, of signals and of peepholes."""
    return lambda page: with_equation(page, target, expression)


z, n, h, f, i, o, c, s, r, c_new, z_i, z_f, z_o, z_y, p_o, p_f = signals("z n h f i o c s r c' z_i z_f z_o z_y p_o p_f")


def read_out_by(activation):
    """The page with another readout."""
    return lambda page: replace(page, readout=network(f"elman:readout={activation}").readout)


WRONG_PAGES = [
    ("elman:readout=softmax", read_out_by("sigmoid")),
    ("elman:readout=softmax", read_out_by("identity")),
    ("elman:readout=sigmoid", read_out_by("softmax")),
    ("jordan", other("y'", 2 * z_y)),
    ("jordan", other("h", signal("z_h"))),
    ("jordan:activation=relu,readout=sigmoid", lambda page: with_stored(page, y="z_y")),
    ("lecture_lstm", other("a", c_new * o)),
    ("lecture_lstm", other("c'", signal("g") * f + c * i)),
    ("lstm:coupled=input", other("i", f)),
    ("lstm:coupled=forget", other("f", i)),
    ("lstm:forget_offset=1", other("a_f", z_f)),
    ("lstm:forget_offset=1", other("a_f", z_f - 1)),
    ("lstm:recurrent=hard_sigmoid", other("i", z_i / 5 + sympy.Rational(1, 2))),
    ("lstm:recurrent=hard_sigmoid", other("o", relu(z_o / 5 + sympy.Rational(1, 2)))),
    ("lstm:recurrent=hard_sigmoid", other("f", hard_sigmoid(z_f, sympy.Rational(1, 6)))),
    ("lstm:recurrent=hard_sigmoid,slope=1/6", other("f", hard_sigmoid(z_f, sympy.Rational(1, 5)))),
    ("lstm:clip=1", other("c'", s)),
    ("lstm:clip=1", other("c'", clipped(s, sympy.Integer(2)))),
    ("lstm:clip=1", lambda page: with_stored(page, c="s")),
    ("lstm:clip=1,clip_place=gates", other("i", sigmoid(z_i))),
    ("lstm:clip=1,clip_place=gates", other("o", sigmoid(z_o))),
    ("lstm:projection=P", other("m", o * c_new)),
    ("peephole", other("o", sigmoid(z_o + p_o * c))),
    ("peephole", other("f", sigmoid(z_f - p_f * c))),
    ("peephole:coupled=input", other("i", f)),
    ("peephole:coupled=forget", other("f", i)),
    ("gru", other("h'", (1 - z) * h + z * n)),
    ("gru", other("n", tanh(signal("z_n") + s))),
    ("gru:reset=before", other("s", h)),
    ("gru:reset=before", other("h'", (1 - z) * h + z * n)),
    ("mgu", other("s", h)),
    ("mgu", other("h'", f * h + (1 - f) * n)),
    ("mingru", other("h'", z * h + (1 - z) * n)),
    ("minlstm", other("h'", f * h + i * n)),
    ("minlstm", other("h'", (i * h + f * n) * reciprocal(f + i))),
    ("lstm", sign_changed),
    ("lstm", gates_swapped),
    ("lstm", bias_twice),
    ("lstm", no_tanh_on_the_way_out),
    ("elman", activation_stored_too_early),
    ("elman", another_activation),
    ("elman:activation=relu", activation_stored_too_early),
]


@pytest.mark.parametrize(("name", "wrong"), WRONG_PAGES)
def test_a_wrong_page_is_refused(name, wrong):
    right, page = network(name), wrong(network(name))
    assert not any(map(told_from_zero, differences(BY_NAME[name], right, evaluate).values()))
    assert any(map(told_from_zero, differences(BY_NAME[name], page, evaluate).values()))
