"""What stays bounded: the hand-written cells inside each derived bound, and networks that break it when changed."""

from dataclasses import replace

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from program_bounds import DIGITS, radii
from small_cases import small_case, target

from rnnproof.catalogue import network
from rnnproof.domains.algebra import as_exact
from rnnproof.model.activation import definition, hard_sigmoid, relu, sigmoid, tanh
from rnnproof.model.equation import Elementwise, signal, signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import bind, evaluate, unroll
from rnnproof.symbolic.invariants import gate_bounds, memory_bound, output_bounds
from rnnproof.symbolic.limits import limit
from rnnproof.symbolic.ranges import Range, range_of

MEMORY = (
    *("lstm", "lecture_lstm", "lecture_lstm:h=identity", "peephole"),
    *("gru", "gru:reset=before", "lstm:coupled=input"),
)
PUT_OUT = (*MEMORY, "elman", "elman:activation=sigmoid")
STEPS = sympy.Symbol("T", integer=True, nonnegative=True)
SMALL = Sizes(T=4, B=1, I=2, H=2)
FEW = settings(max_examples=30, deadline=None)
f, c, i, g, o, c_new, x, y, z = signals("f c i g o c' x y z")


def scaled(case, scale):
    """Weights, inputs and states ten times as large, and more: gates near their ends, states far outside [-1, 1]."""
    times = {name: scale * array for name, array in case.parameters.items()}
    return replace(case, parameters=times, state={name: scale * array for name, array in case.state.items()})


def bound_after(statement, state, start, T):
    """The statement's bound of |state_T|, exactly, from |state_0|."""
    at_start = {abs(signal(f"{state}_0")): abs(as_exact(float(start)))}
    return statement.formulas[-1].rhs.xreplace(at_start).subs(STEPS, T)


def state_of(statement):
    return next(iter(statement.formulas[-1].lhs.free_symbols)).name.removesuffix("_T")


def beyond(case, statement):
    """How many states of a run of the hand-written cells exceed the bound by more than the run's own radius."""
    program, name = unroll(case.network, case.sizes), state_of(statement)
    radius = radii(program, evaluate(program, bind(program, case.row(0))), case.dtype)
    states = target(case.network).states(case.parameters, case.x, case.state)[name][:, 0]
    count = 0
    for t, row in enumerate(states, 1):
        for k, entry in enumerate(row):
            allowed = bound_after(statement, name, case.state[name][0, k], t)
            excess = abs(as_exact(float(entry))) - allowed
            with mpmath.workdps(DIGITS):
                count += bool(mpmath.mpf(int(excess.p)) / int(excess.q) > radius[f"{name}[{t}][{k}]"])
    return count


@FEW
@given(st.sampled_from(MEMORY), st.integers(0, 2**32 - 1), st.sampled_from((1, 4, 30)))
def test_the_memory_of_the_hand_written_cells_stays_inside_its_bound(name, seed, scale):
    case = scaled(small_case(name, SMALL, seed), scale)
    assert beyond(case, memory_bound(case.network)) == 0


@FEW
@given(st.sampled_from(PUT_OUT), st.integers(0, 2**32 - 1), st.sampled_from((1, 30)))
def test_outputs_stay_inside_their_bound_in_floats_with_or_equal(name, seed, scale):
    statement = output_bounds(network(name))
    if statement is None:
        return
    case = scaled(small_case(name, SMALL, seed), scale)
    outputs = target(case.network).run(case.parameters, case.x, case.state)[0]
    assert np.all(abs(outputs) <= float(statement.formulas[0].rhs))


def test_a_float_does_reach_the_end_that_no_real_number_reaches():
    assert output_bounds(network("elman")).formulas[0] == sympy.Lt(abs(signal("h'")), 1)
    case = scaled(small_case("elman", SMALL, seed=1), 100)
    assert np.any(abs(target(case.network).run(case.parameters, case.x, case.state)[0]) == 1)


def with_expression(page, name, expression):
    equations = tuple(Elementwise(name, expression) if e.target == name else e for e in page.cell.equations)
    return replace(page, cell=replace(page.cell, equations=equations))


def test_a_bound_too_small_is_refused():
    """Half a step's growth, or 9/10 of the largest, is exceeded."""
    case = scaled(small_case("lstm", SMALL, seed=3), 4)
    right = memory_bound(case.network)
    halved = right.formulas[-1].subs(STEPS, STEPS / 2)
    less = [replace(right, formulas=(*right.formulas[:-1], wrong)) for wrong in (halved, scaled_bound(right))]
    assert [beyond(saturated(case), statement) > 0 for statement in (right, *less)] == [False, True, True]


def scaled_bound(statement):
    formula = statement.formulas[-1]
    return sympy.Le(formula.lhs, sympy.Rational(9, 10) * formula.rhs, evaluate=False)


def saturated(case):
    """All gates open and the value 1 in every step: the memory grows by almost 1."""
    biases = {name: 30 + 0 * array if name.startswith("b") else 0 * array for name, array in case.parameters.items()}
    return replace(case, parameters=biases)


def said(statement):
    return None if statement is None else [str(formula) for formula in statement.formulas]


def test_which_bounds_hold_for_which_networks():
    growing = ["Abs(c') < Abs(c) + 1", "Abs(c_T) <= T + Abs(c_0)"]
    mean = ["Abs(h') < Max(1, Abs(h))", "Abs(h_T) <= Max(1, Abs(h_0))"]
    assert [said(memory_bound(network(name))) for name in ("lstm", "peephole", "lecture_lstm")] == [growing] * 3
    assert [said(memory_bound(network(name))) for name in ("gru", "gru:reset=before", "mgu")] == [mean] * 3
    assert said(memory_bound(network("lstm:coupled=forget"))) == [line.replace("h", "c") for line in mean]
    assert [memory_bound(network(n)) for n in ("elman", "mingru", "minlstm", "lecture_lstm:g=identity")] == [None] * 4
    assert said(output_bounds(network("lstm"))) == said(output_bounds(network("elman"))) == ["Abs(h') < 1"]
    assert output_bounds(network("elman:activation=relu")) is None
    assert said(output_bounds(network("lstm:clip=1/2"))) == ["Abs(h') < tanh(1/2)", "Abs(c') <= 1/2"]
    assert said(gate_bounds(network("gru"))) == ["0 < r", "r < 1", "0 < z", "z < 1"]
    assert said(gate_bounds(network("lstm:recurrent=hard_sigmoid")))[:2] == ["0 <= i", "i <= 1"]
    assert gate_bounds(network("elman:activation=sigmoid,readout=sigmoid")) is None


@pytest.mark.parametrize("wrong", [2 * f * c + i * g, f * c + i * z, -f * c + i * g, f * c + 2 * i * g])
def test_another_equation_has_another_bound_or_none(wrong):
    page = with_expression(network("lstm"), "c'", wrong.xreplace({z: signal("z_g")}))
    assert memory_bound(page) is None


RANGES = [
    (sigmoid(z), (0, 1), (False, False)),
    (tanh(z) * sigmoid(y), (-1, 1), (False, False)),
    (1 - tanh(z) ** 2, (0, 1), (False, True)),
    (relu(z), (0, sympy.oo), (True, False)),
    (hard_sigmoid(z, sympy.Rational(1, 5)), (0, 1), (True, True)),
    (z - relu(z - 2) + relu(-z - 2), (-2, 2), (True, True)),
    (3 * sigmoid(z) - 1, (-1, 2), (False, False)),
    (sigmoid(z) + z, (-sympy.oo, sympy.oo), (False, False)),
]


@pytest.mark.parametrize(("expression", "ends", "attained"), RANGES)
def test_a_range_is_that_of_the_function(expression, ends, attained):
    found = range_of(expression, {})
    assert (found.low, found.high) == ends
    assert (found.low_attained, found.high_attained) == attained


@given(st.sampled_from([r for r in RANGES if r[0].free_symbols <= {z}]), st.fractions(-40, 40, max_denominator=8))
def test_no_value_lies_outside_its_range(row, at):
    expression, (low, high), _ = row
    value = expression.subs(z, as_exact(at)).replace(lambda p: isinstance(p, (sigmoid, tanh, relu)), definition)
    assert low <= value.evalf(30) <= high


def test_what_a_range_starts_from_is_used():
    assert (
        range_of(
            x * y, {"x": Range(sympy.Integer(0), sympy.Integer(2)), "y": Range(sympy.Integer(-1), sympy.Integer(3))}
        ).high
        == 6
    )


@pytest.mark.parametrize(
    ("expression", "end", "value"),
    [
        (sigmoid(z), sympy.oo, 1),
        (1 - relu(1 - relu(z / 5 + sympy.Rational(1, 2))), -sympy.oo, 0),
        (1 - relu(1 - relu(z / 5 + sympy.Rational(1, 2))), sympy.oo, 1),
        (sigmoid(z - relu(z - 1) + relu(-z - 1)), sympy.oo, sigmoid(sympy.Integer(1))),
        (y * sigmoid(-z) + x, sympy.oo, x),
        (tanh(x) * tanh(2 * z + 1), -sympy.oo, -tanh(x)),
    ],
)
def test_limits(expression, end, value):
    assert limit(expression, z, end) == value
