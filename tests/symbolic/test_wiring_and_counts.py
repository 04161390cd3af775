"""Jordan as Elman, directions and layers as runs of cells, biases summed and parameters counted."""

from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
from formula_values import value
from hypothesis import given, settings
from hypothesis import strategies as st
from program_bounds import DIGITS
from small_cases import small_case, target
from stepwise import carried_back, forward_names

from rnnproof.catalogue import network
from rnnproof.model.network import Sizes
from rnnproof.symbolic import bind, evaluate, unroll
from rnnproof.symbolic.gate_gradients import gate_gradients
from rnnproof.symbolic.jordan_reduction import as_elman_network
from rnnproof.symbolic.parameters import parameter_count, summed_biases
from rnnproof.symbolic.wiring import layers, two_directions

SIZES = Sizes(T=3, B=1, I=2, H=2, O=3)
FEW = settings(max_examples=20, deadline=None)
gradients_of = cache(gate_gradients)


def column_if_flat(array):
    return array if array.ndim == 2 else array[:, None]


def elman_of(statement, parameters, h_0):
    """The Elman network's arrays and Jordan's initial output, from the statement's equations."""
    names = {name: column_if_flat(array) for name, array in parameters.items()}
    weights = {formula.lhs.name: value(formula.rhs, names) for formula in statement.formulas[:3]}
    arrays = {"W_h": weights["W_E"], "U_h": weights["U_E"], "b_h": weights["b_E"][:, 0]}
    y_0 = (parameters["W_y"] @ h_0[0] + parameters["b_y"])[None]
    return {**arrays, "W_y": parameters["W_y"], "b_y": parameters["b_y"]}, y_0, weights


def whole_numbers(seed, shapes):
    rng = np.random.default_rng(seed)
    return {name: rng.integers(-2, 3, shape).astype(float) for name, shape in shapes.items()}


@FEW
@given(st.sampled_from(("relu", "identity")), st.integers(0, 2**32 - 1))
def test_jordan_cells_equal_elman_cells_in_whole_numbers(activation, seed):
    """Small whole numbers are exact in floats: every output is equal, and step 1 meets the condition derived."""
    page = network(f"jordan:activation={activation}")
    parameters = whole_numbers(seed, page.shapes(SIZES))
    x, h_0 = (whole_numbers(seed + 1, {"x": (3, 1, 2), "h": (1, 2)})[name] for name in ("x", "h"))
    arrays, y_0, weights = elman_of(as_elman_network(page), parameters, h_0)
    condition = as_elman_network(page).formulas[-1]
    known = {n: column_if_flat(a) for n, a in parameters.items()} | weights | {"y_0": y_0.T, "h_0": h_0.T}
    assert np.array_equal(value(condition.lhs, known), value(condition.rhs, known))
    elman = target(network(f"elman:activation={activation},readout=identity"))
    theirs = target(page).run(parameters, x, {"y": y_0})[0]
    assert np.array_equal(theirs, elman.run(arrays, x, {"h": h_0})[0])
    moved = {**arrays, "b_h": arrays["b_h"] + 1}
    if activation == "identity" and np.any(parameters["W_y"].sum(axis=1)):
        assert not np.array_equal(theirs, elman.run(moved, x, {"h": h_0})[0])


def test_the_jordan_conditions_are_those_of_the_coefficients():
    assert [str(f) for f in as_elman_network(network("jordan")).formulas] == [
        "Eq(W_E, W_h)",
        "Eq(U_E, U_h*W_y)",
        "Eq(b_E, U_h*b_y + b_h)",
        "Eq(U_h*(-b_y + y_0), U_E*h_0)",
    ]
    assert "Necessary" in as_elman_network(network("jordan")).conditions[0]
    assert "not necessary" in as_elman_network(network("jordan:activation=relu")).conditions[0]
    assert [as_elman_network(network(n)) for n in ("jordan:readout=tanh", "elman", "lstm")] == [None] * 3


BOTH = [
    f"{cell}:direction=bidirectional,merge={merge}" for cell in ("lstm", "gru", "elman") for merge in ("concat", "sum")
]


@FEW
@given(st.sampled_from(BOTH), st.integers(0, 2**32 - 1))
def test_both_directions_are_a_forward_run_beside_a_flipped_one(name, seed):
    case = small_case(name, SIZES, seed)
    one = target(network(name.partition(":")[0]))
    ahead, back = (
        one.run(of(case.parameters, way), x, of(case.state, way))[0]
        for way, x in (("0.forward.", case.x), ("0.backward.", case.x[::-1]))
    )
    whole = target(case.network).run(case.parameters, case.x, case.state)[0]
    merged = np.concatenate((ahead, back[::-1]), axis=2) if "concat" in name else ahead + back[::-1]
    assert np.array_equal(whole, merged)
    unflipped = np.concatenate((ahead, back), axis=2) if "concat" in name else ahead + back
    assert not np.array_equal(whole, unflipped)
    assert str(two_directions(case.network).formulas[-1].rhs.args[1].args[0]) == "T - t + 1"


def of(arrays, prefix):
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


@FEW
@given(st.sampled_from(("lstm:layers=2", "gru:layers=3", "elman:layers=2")), st.integers(0, 2**32 - 1))
def test_a_stack_of_cells_is_their_composition(name, seed):
    case = small_case(name, replace(SIZES, I=2), seed)
    whole = target(case.network).run(case.parameters, case.x, case.state)[0]
    order = range(case.network.layers)
    assert np.array_equal(whole, one_after_another(case, order))
    assert not np.array_equal(whole, one_after_another(case, reversed(order)))
    composed = layers(case.network).formulas[-1].rhs
    assert str(composed).count("(") == case.network.layers


def one_after_another(case, order):
    """The outputs of the layers in this order, each reading those of the one before."""
    one, read = target(case.network.single_layer), case.x
    for layer in order:
        prefix = f"{layer}.forward."
        read = one.run(of(case.parameters, prefix), read, of(case.state, prefix))[0]
    return read


def test_wiring_is_said_where_there_is_some():
    assert two_directions(network("lstm")) is layers(network("lstm")) is None
    turned = two_directions(network("elman:direction=bidirectional")).formulas
    assert str(turned[1]) == "Eq(flipped 0.backward.h(t), tanh(flipped 0.backward.z_h(t)))"


@FEW
@given(st.sampled_from(("lstm", "gru", "gru:reset=before", "elman", "peephole")), st.integers(1, 4), st.integers(1, 4))
def test_the_parameters_are_as_many_as_said(name, I, H):
    statement, sizes = parameter_count(network(name)), Sizes(T=1, B=1, I=I, H=H)
    arrays = network(name).shapes(sizes)
    if statement is None:
        assert name == "elman"
        return
    count = sum(int(np.prod(shape)) for shape in arrays.values())
    elman = sum(int(np.prod(shape)) for shape in network("elman").shapes(sizes).values())
    symbols = {"N_Elman": elman, "I": I, "H": H}
    right = statement.formulas[0].rhs
    assert right.subs({symbol: symbols[symbol.name] for symbol in right.free_symbols}) == count


def test_how_many_parameters_in_elman_networks():
    said = {name: str(parameter_count(network(name)).formulas[0].rhs) for name in ("lstm", "gru", "peephole", "mgu")}
    assert said == {"lstm": "4*N_Elman", "gru": "H + 3*N_Elman", "peephole": "3*H + 4*N_Elman", "mgu": "2*N_Elman"}


@FEW
@given(st.integers(0, 2**32 - 1))
def test_b_hn_has_another_gradient_than_b_n_by_the_factor_derived(seed):
    case = small_case("gru", replace(SIZES, T=1), seed)
    apart = summed_biases(case.network).formulas[-1]
    found, program = carried_back(case, d_of=gradients_of), unroll(case.network, case.sizes)
    with mpmath.workdps(DIGITS):
        values = evaluate(program, bind(program, case.row(0)), digits=DIGITS)
        names = forward_names(case, case.network, values, 1) | {"db_n": found["b_n"]}
        pairs = zip(value(apart.rhs, names).ravel(), found["b_hn"].ravel(), strict=True)
        assert all(abs(a - b) < mpmath.mpf(10) ** (10 - DIGITS) for a, b in pairs)
        assert all(a != b for a, b in zip(found["b_n"].ravel(), found["b_hn"].ravel(), strict=True))


def test_both_halves_of_a_bias_have_the_gradient_of_the_whole():
    said = [str(formula) for formula in summed_biases(network("lstm")).formulas]
    assert said[:2] == ["Eq(db_i_1, dz_i)", "Eq(db_i_2, dz_i)"] and len(said) == 8
    assert str(summed_biases(network("gru")).formulas[-1]) == "Eq(db_hn, HadamardProduct(db_n, r))"
    assert summed_biases(network("lstm:bias=false")) is None
