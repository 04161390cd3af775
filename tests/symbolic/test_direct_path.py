"""The derivative of a step path by path, the direct path, and the linear unit: against both gradients of the cells."""

from dataclasses import replace
from fractions import Fraction
from functools import cache

import mpmath
import numpy as np
import pytest
import sympy
from formula_values import value
from hypothesis import given, settings
from hypothesis import strategies as st
from pinned import without_recurrence
from program_bounds import DIGITS, radii
from small_cases import seeded, small_case, target
from stepwise import forward_names

from rnnproof.autodiff.gradients import gradients as autograd
from rnnproof.catalogue import network
from rnnproof.model.network import Sizes
from rnnproof.symbolic import bind, evaluate, gradients, unroll
from rnnproof.symbolic.direct_path import direct_path, linear_power, step_jacobian
from rnnproof.symbolic.paths import paths
from rnnproof.symbolic.roles import memories

NAMED = ("lstm", "lecture_lstm", "peephole", "gru", "gru:reset=before", "elman", "jordan", "lstm:projection=P")
SIZES = Sizes(T=3, B=1, I=2, H=2, O=2, P=3)
FEW = settings(max_examples=10, deadline=None)
jacobian = cache(step_jacobian)


def looking_at(case, state, k):
    """The case with a loss that is entry k of a final state."""
    final = {name: 0 * d for name, d in case.d_final.items()}
    final[state][0, k] = 1
    return replace(case, d_outputs=0 * case.d_outputs, d_final=final)


def program_values(case, network):
    program = unroll(network, case.sizes)
    return evaluate(program, bind(program, case.row(0)), digits=DIGITS)


def jacobian_over_time(case, statement):
    """d (final states) / d (initial states), the steps' Jacobians multiplied; rows and columns in the states' order."""
    values, cell, whole = program_values(case, case.network), case.network.cell, None
    for t in range(1, case.sizes.T + 1):
        names = forward_names(case, case.network, values, t)
        for formula in statement.formulas:
            names[formula.lhs.name] = value(formula.rhs, names) if formula.rhs.has(sympy.MatrixSymbol) else None
        blocks = [[block(names, cell, case, s, stored) for s in cell.state_names] for _, stored in cell.states]
        step = np.block(blocks)
        whole = step if whole is None else step @ whole
    return whole


def block(names, cell, case, state, stored):
    found = names[f"J_{stored}_{state}"]
    shape = (case.state[dict(map(reversed, cell.states))[stored]].shape[1], case.state[state].shape[1])
    return np.full(shape, mpmath.mpf(0), dtype=object) if found is None else found


def truth(case):
    """SymPy's chain of the unrolled program: its gradients by the initial states, at DIGITS digits, and the radii."""
    program = unroll(case.network, case.sizes)
    cotangents, seeds = seeded(program, case)
    states = [name for state in case.state for name in program.arguments[state]]
    gradient = gradients(program, cotangents, states)
    needed = {name for group in gradient.arguments.values() for name in group}
    given = {name: v for name, v in (bind(program, case.row(0)) | seeds).items() if name in needed}
    values = evaluate(gradient, given, digits=DIGITS)
    names = [name for state in case.state for name in gradient.results[state]]
    radius = radii(gradient, values, case.dtype)
    return [values[name] for name in names], [radius[name] for name in names]


def rows_beyond(case, statement, how):
    """How many entries of the cells' gradients by the initial states leave their derived radius of the product."""
    with mpmath.workdps(DIGITS):
        whole, count, row = jacobian_over_time(case, statement), 0, 0
        for state, array in case.d_final.items():
            for k in range(array.shape[1]):
                one = looking_at(case, state, k)
                got = np.concatenate([how(one)[name][0] for name in case.state])
                for entry, want, radius in zip(got, whole[row], truth(one)[1], strict=True):
                    count += bool(abs(mpmath.mpf(float(entry)) - want) > radius)
                row += 1
        return count


def by_hand(case):
    cotangents = {"outputs": case.d_outputs, "state": case.d_final}
    return target(case.network).grad(case.parameters, case.x, case.state, cotangents)["state"]


def by_autograd(case):
    cotangents = {"outputs": case.d_outputs, "state": case.d_final}
    return autograd(target(case.network).forward, case.parameters, case.x, case.state, cotangents)["state"]


@FEW
@given(st.sampled_from(NAMED), st.integers(0, 2**32 - 1), st.sampled_from((by_hand, by_autograd)))
def test_the_paths_of_all_steps_multiplied_are_the_cells_gradients(name, seed, how):
    case = small_case(name, SIZES, seed)
    assert rows_beyond(case, jacobian(case.network), how) == 0


@pytest.mark.parametrize("name", NAMED)
def test_the_sign_of_each_path_matters(name):
    case, statement = small_case(name, replace(SIZES, T=1), seed=2), jacobian(network(name))
    for k, formula in enumerate(statement.formulas):
        if formula.lhs.name.startswith("P_"):
            less = formula.func(formula.lhs, -formula.rhs, evaluate=False)
            wrong = replace(statement, formulas=(*statement.formulas[:k], less, *statement.formulas[k + 1 :]))
            assert rows_beyond(case, wrong, by_hand) > 0, formula


def test_the_paths_are_those_that_one_counts_by_hand():
    lstm = network("lstm").cell
    assert [str(path) for path in paths(lstm, "c", "c'")] == ["c -> c'"]
    assert [str(path) for path in paths(lstm, "h", "c'")] == [
        "h -> z_f -> f -> c'",
        "h -> z_g -> g -> c'",
        "h -> z_i -> i -> c'",
    ]
    assert [path.direct for path in paths(network("peephole").cell, "c", "c'")] == [True, False, False]
    assert paths(network("lecture_lstm").cell, "c", "c'")[0].direct
    assert "c -> c' leads" in jacobian(network("lstm")).claim
    assert "none of them leads" in jacobian(network("elman")).claim


@FEW
@given(st.sampled_from(("lstm", "lecture_lstm", "peephole", "gru")), st.integers(0, 2**32 - 1))
def test_without_other_paths_the_derivative_is_the_product(name, seed):
    """Every weight from a state 0: what is left of the cells' own backward pass is the direct path."""
    case = without_recurrence(small_case(name, SIZES, seed))
    assert direct_errors(case, direct_path(case.network).formulas[-1].rhs) == []


def direct_errors(case, product):
    """The units whose gradient of the memory by itself leaves its radius of the product, or meets another unit."""
    (memory,), values = memories(case.network.cell), program_values(case, case.network)
    state, found = memory.state.name, []
    with mpmath.workdps(DIGITS):
        for k in range(SIZES.H):
            one = looking_at(case, state, k)
            got, place = by_hand(one)[state][0], [name for name in case.state for _ in range(SIZES.H)].index(state) + k
            error = abs(mpmath.mpf(float(got[k])) - product_at(product, values, k))
            if error > truth(one)[1][place] or np.count_nonzero(np.delete(got, k)):
                found.append(k)
    return found


def product_at(product, values, k):
    """A product over t of signals s(t), at the values of a program's lines s[t][k]."""
    (variable, first, _), total = product.limits[0], mpmath.mpf(1)
    for t in range(int(first), SIZES.T + 1):
        factor = product.function.subs(variable, t)
        names = {call: f"{call.func.__name__}[{t}][{k}]" for call in factor.atoms(sympy.Function)}
        total *= mpmath.mpf(sympy.N(factor.xreplace({call: values[name] for call, name in names.items()}), DIGITS))
    return total


def test_another_product_is_refused():
    case = without_recurrence(small_case("lstm", SIZES, seed=1))
    product = direct_path(case.network).formulas[-1].rhs
    (t, _, last) = product.limits[0]
    for wrong in (sympy.Product(product.function, (t, 2, last)), sympy.Product(sympy.Function("i")(t), (t, 1, last))):
        assert direct_errors(case, wrong) == list(range(SIZES.H))


def test_the_direct_path_is_all_there_is_where_no_gate_sees_the_state():
    assert [str(direct_path(network(n)).formulas[-1].rhs.function) for n in ("mingru", "mgu", "gru")] == [
        "1 - z(t)",
        "1 - f(t)",
        "z(t)",
    ]
    assert direct_path(network("mingru")).conditions[0].startswith("No other path")
    assert direct_path(network("lstm")).conditions[0].startswith("It is one term")


def test_a_linear_unit_explodes_or_vanishes_as_the_cells_do():
    """The cells' own gradient over 999 steps: within (1 + u)^n - 1, n the roundings, and it has the three digits."""
    statement = linear_power(network("lecture"))
    assert [str(formula.rhs) for formula in statement.formulas] == ["U_h**(T - 1)", "2.08e+4", "4.36e-5"]
    for formula in statement.formulas[1:]:
        w, steps = float(formula.lhs.point[0]), int(formula.lhs.point[1]) - 1
        parameters = {"W_h": np.ones((1, 1)), "U_h": np.array([[w]]), "b_h": np.zeros(1)}
        cotangents = {"outputs": np.zeros((steps, 1, 1)), "state": {"h": np.ones((1, 1))}}
        cells = target(network("elman:activation=identity"))
        got = cells.grad(parameters, np.zeros((steps, 1, 1)), {"h": np.ones((1, 1))}, cotangents)["state"]["h"][0, 0]
        exact = Fraction(w) ** steps
        allowed = (1 + Fraction(1, 2**53)) ** (2 * steps) - 1
        assert abs(Fraction(got) - exact) <= allowed * exact
        assert mpmath.nstr(mpmath.mpf(float(got)), 3) == mpmath.nstr(mpmath.mpf(float(formula.rhs)), 3)


@pytest.mark.parametrize("name", ["elman", "lstm", "jordan:readout=tanh", "elman:activation=relu"])
def test_no_power_is_said_of_what_is_not_linear(name):
    assert linear_power(network(name)) is None
