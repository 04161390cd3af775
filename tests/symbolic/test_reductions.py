"""A gated network as an Elman network: the hand-written cells with their gates pinned, and how nearly without."""

from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy
from formula_values import value
from hypothesis import given, settings
from hypothesis import strategies as st
from pinned import pinned
from program_bounds import DIGITS, radii
from small_cases import small_case, target
from stepwise import forward_names

from rnnproof.catalogue import network
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import bind, evaluate, unroll
from rnnproof.symbolic.elman_reduction import as_elman_step

REDUCED = ("lstm", "peephole", "gru", "gru:reset=before", "lstm:coupled=input", "lstm:coupled=forget")
NEAR = ("lstm", "peephole", "gru", "gru:reset=before", "mgu", "lstm:coupled=forget")
SIZES = Sizes(T=3, B=1, I=2, H=2, O=3)
FEW = settings(max_examples=20, deadline=None)
step_of = cache(as_elman_step)


def setting(statement):
    """The gates and their values, from the first step of the derivation."""
    place = statement.steps[0].formula.lhs
    return {gate.name: at for gate, at in zip(place.variables, place.point, strict=True)}


def elman_with(activation):
    """An Elman network with another activation of z_h."""
    equations = (Affine("z_h", (("W_h", "x"), ("U_h", "h")), "b_h"), Elementwise("h'", activation))
    return Network("elman with it", Cell("elman with it", equations, (("h", "h'"),), "h'"))


def largest_ratio(case, statement):
    """The cells, their gates pinned, against the Elman network that the statement makes of them: error over radius."""
    gated = pinned(case, setting(statement))
    page = elman_with(statement.formulas[0].rhs)
    matrices = {name: column_if_flat(array) for name, array in gated.parameters.items()}
    with mpmath.workdps(DIGITS):
        exact = {name: np.frompyfunc(mpmath.mpf, 1, 1)(array) for name, array in matrices.items()}
        weights = {e.lhs.name: value(e.rhs, exact) for e in statement.formulas[2:5]}
        program = unroll(page, case.sizes)
        arguments = weights | {"x": case.x[:, 0], "h": case.state["h"][0]}
        values = evaluate(
            program, bind(program, {name: as_numbers(array) for name, array in arguments.items()}), digits=DIGITS
        )
        own = unroll(case.network, case.sizes)
        radius = radii(own, evaluate(own, bind(own, gated.row(0)), digits=DIGITS), "float64")
        outputs = target(case.network).run(gated.parameters, gated.x, gated.state)[0].ravel()
        pairs = zip(outputs, program.results["outputs"], strict=True)
        return max(float(abs(mpmath.mpf(float(got)) - values[name]) / radius[name]) for got, name in pairs)


def column_if_flat(array):
    return array if array.ndim == 2 else array[:, None]


def as_numbers(array):
    return [sympy.Float(n, DIGITS) if isinstance(n, mpmath.mpf) else float(n) for n in np.ravel(array)]


@FEW
@given(st.sampled_from(REDUCED), st.integers(0, 2**32 - 1))
def test_pinned_gates_make_the_cells_an_elman_network(name, seed):
    assert largest_ratio(small_case(name, SIZES, seed), step_of(network(name))) <= 1


@pytest.mark.parametrize("name", REDUCED)
def test_another_activation_or_weight_is_refused(name):
    case, right = small_case(name, SIZES, seed=1), step_of(network(name))
    for k, formula in enumerate(right.formulas[:5]):
        if k != 1:  # the second defines what the first is of
            wrong = formula.func(formula.lhs, sympy.Rational(1001, 1000) * formula.rhs, evaluate=False)
            statement = replace(right, formulas=(*right.formulas[:k], wrong, *right.formulas[k + 1 :]))
            assert largest_ratio(case, statement) > 1 >= largest_ratio(case, right), formula


def test_which_activation_each_has():
    said = {name: str(step_of(network(name)).formulas[0].rhs) for name in (*REDUCED, "mgu")}
    assert {said[name] for name in REDUCED if not name.startswith("gru")} == {"tanh(tanh(z_h))"}
    assert said["gru"] == said["gru:reset=before"] == said["mgu"] == "tanh(z_h)"
    assert setting(step_of(network("lstm"))) == {"i": 1, "f": 0, "o": 1}
    assert setting(step_of(network("gru"))) == {"r": 1, "z": 0}
    assert "Eq(b_h, b_hn + b_n)" in map(str, step_of(network("gru")).formulas)
    assert [as_elman_step(network(n)) for n in ("elman", "mingru", "minlstm", "lecture_lstm")] == [None] * 4


def nearness(case, page=None):
    """(|h' - f(z)|, the statement's bound) for each unit, at DIGITS digits, one step."""
    statement, page = step_of(case.network), page or case.network
    program = unroll(page, case.sizes)
    with mpmath.workdps(DIGITS):
        values = evaluate(program, bind(program, case.row(0)), digits=DIGITS)
        names = forward_names(case, page, values, 1)
        names["z_h"] = value(statement.formulas[1].rhs, names)
        for formula in statement.formulas:
            if isinstance(formula, sympy.Eq) and formula.lhs.name.startswith("moved_"):
                names[formula.lhs.name] = value(formula.rhs, names)
        bound = statement.formulas[-1]
        return list(zip(value(bound.lhs, names).ravel(), value(bound.rhs, names).ravel(), strict=True))


@FEW
@given(
    st.sampled_from(("lstm", "peephole", "gru", "lstm:coupled=forget")), st.integers(0, 2**32 - 1), st.integers(0, 20)
)
def test_gates_near_their_ends_leave_it_as_near_as_the_bound_says(name, seed, far):
    case = towards(small_case(name, replace(SIZES, T=1), seed), far)
    assert all(error <= bound for error, bound in nearness(case))


def towards(case, far):
    """The case with biases that drive each gate of the setting towards its value."""
    at = setting(step_of(case.network))
    signs = {f"b_{gate}": far if value == 1 else -far for gate, value in at.items()}
    biases = {name: case.parameters[name] + change for name, change in signs.items()}
    return replace(case, parameters={**case.parameters, **biases})


def test_the_bound_goes_to_zero_and_is_broken_by_another_equation():
    case = small_case("gru", replace(SIZES, T=1), seed=1)
    assert max(bound for _, bound in nearness(towards(case, 80))) < 1e-30
    z, h, n = signals("z h n")
    wrong = tuple(
        Elementwise("h'", (1 - z) * n + z * h + n / 2) if e.target == "h'" else e for e in case.network.cell.equations
    )
    page = replace(case.network, cell=replace(case.network.cell, equations=wrong))
    assert any(error > bound for error, bound in nearness(towards(case, 20), page))
