"""No formula is typed: one sign changed in a page changes each statement about it, or leaves none to make."""

from dataclasses import replace
from functools import cache

import pytest
import sympy
from test_nothing_is_typed import with_sign_changed

from rnnproof.catalogue import NETWORKS, network
from rnnproof.errors import ModelError
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Network
from rnnproof.symbolic import statements_of_gates
from rnnproof.symbolic.direct_path import direct_path, linear_power, step_jacobian
from rnnproof.symbolic.elman_reduction import as_elman_step
from rnnproof.symbolic.gate_gradients import gate_gradients
from rnnproof.symbolic.gates import gate_effects
from rnnproof.symbolic.invariants import gate_bounds, memory_bound, output_bounds
from rnnproof.symbolic.jordan_reduction import as_elman_network
from rnnproof.symbolic.keeping import keeps, overwrites
from rnnproof.symbolic.parameters import summed_biases
from rnnproof.symbolic.statements_of_gates import GATE_STATEMENTS
from rnnproof.symbolic.wiring import layers, two_directions

GATES = {"lstm": "i f o", "lecture_lstm": "i f o", "peephole": "i f o", "gru": "r z", "gru:reset=before": "r z"}
STORED = {"lstm": "c'", "lecture_lstm": "c'", "peephole": "c'", "gru": "h'", "gru:reset=before": "h'"}
PUT_OUT = {"lstm": "h'", "lecture_lstm": "a", "peephole": "h'", "gru": "h'", "gru:reset=before": "h'"}
# What each statement is about, by network; a sign changed there must show.
ABOUT = [
    *((gate_effects, name, gate) for name, every in GATES.items() for gate in every.split()),
    *((gate_bounds, name, gate) for name, every in GATES.items() for gate in every.split()),
    *((statement, name, STORED[name]) for name in GATES for statement in (gate_effects, keeps, memory_bound)),
    *((gate_effects, name, PUT_OUT[name]) for name in GATES),
    *((direct_path, name, STORED[name]) for name in GATES),
    *((statement, "elman", "h'") for statement in (overwrites, output_bounds, step_jacobian)),
    *((output_bounds, name, PUT_OUT[name]) for name in ("lstm", "lecture_lstm", "peephole")),
    *((as_elman_step, name, equation) for name, equation in PUT_OUT.items() if name != "lecture_lstm"),
    *((as_elman_step, name, STORED[name]) for name in ("lstm", "peephole")),
    *((as_elman_network, "jordan", equation) for equation in ("h", "y'")),
    (linear_power, "lecture", "h'"),
    (two_directions, "lstm:direction=bidirectional", "c'"),
    (layers, "gru:layers=2", "h'"),
    (summed_biases, "gru", "n"),
]
ELEMENTWISE = [
    (name, equation.target)
    for name in (*GATES, "elman", "jordan", "mgu", "mingru", "minlstm")
    for equation in network(name).cell.equations
    if isinstance(equation, Elementwise)
]


def called(part):
    return getattr(part, "__name__", str(part))


@cache
def of_page(statement, name):
    return statement(network(name))


@pytest.mark.parametrize(("statement", "name", "equation"), ABOUT, ids=called)
def test_a_sign_changed_changes_each_statement_about_the_equation(statement, name, equation):
    right, wrong = of_page(statement, name), statement(with_sign_changed(network(name), equation))
    assert right is not None
    assert wrong is None or (wrong.formulas, wrong.steps) != (right.formulas, right.steps)


@pytest.mark.parametrize(("name", "equation"), ELEMENTWISE)
def test_a_sign_changed_anywhere_changes_the_gradients(name, equation):
    wrong = gate_gradients(with_sign_changed(network(name), equation))
    assert of_page(gate_gradients, name).formulas != wrong.formulas


f, c, i, g, z, n, h, o, c_new, z_f = signals("f c i g z n h o c' z_f")
INSIDE = [
    ("lstm", "c'", f * c - i * g, (gate_effects, keeps, memory_bound, gate_gradients, step_jacobian, as_elman_step)),
    ("gru", "h'", (1 + z) * n + z * h, (gate_effects, memory_bound, gate_gradients, step_jacobian, as_elman_step)),
    ("gru", "h'", (1 - z) * n - z * h, (gate_effects, keeps, memory_bound, direct_path, gate_gradients)),
    ("lstm", "f", sigmoid(-z_f), (gate_effects, gate_bounds, gate_gradients, step_jacobian)),
    ("lstm", "h'", o * tanh(-c_new), (gate_effects, output_bounds, gate_gradients, step_jacobian, as_elman_step)),
]


@pytest.mark.parametrize(("name", "target", "expression", "statements"), INSIDE)
def test_a_sign_inside_an_expression_changes_the_statements_about_it(name, target, expression, statements):
    page = network(name)
    equations = tuple(Elementwise(target, expression) if e.target == target else e for e in page.cell.equations)
    wrong = replace(page, cell=replace(page.cell, equations=equations))
    for statement in statements:
        changed, right = statement(wrong), of_page(statement, name)
        assert changed is None or (changed.formulas, changed.steps) != (right.formulas, right.steps)


OWN = {"x": "u", "c": "m", "c'": "m'", "h": "s", "h'": "s'", "f": "keep", "i": "write", "o": "show"}


def renamed(name: str) -> str:
    return OWN.get(name, name)


def with_other_names(page: Network) -> Network:
    """The same cell as a user might write it, with names of its own."""
    table = {symbol: signals(renamed(symbol.name))[0] for e in page.cell.equations for symbol in symbols(e)}
    equations = tuple(
        replace(e, target=renamed(e.target), terms=tuple((w, renamed(s)) for w, s in e.terms))
        if isinstance(e, Affine)
        else Elementwise(renamed(e.target), e.expression.xreplace(table))
        for e in page.cell.equations
    )
    states = tuple((renamed(state), renamed(stored)) for state, stored in page.cell.states)
    return Network("mine", Cell("mine", equations, states, renamed(page.cell.output), renamed(page.cell.input)))


def symbols(equation):
    return equation.expression.free_symbols if isinstance(equation, Elementwise) else set()


def test_a_user_s_own_cell_has_the_same_statements_in_its_own_names():
    lstm, mine = network("lstm"), with_other_names(network("lstm"))
    assert [s(mine) is None for s in GATE_STATEMENTS] == [s(lstm) is None for s in GATE_STATEMENTS]
    assert "at `write = 0`, `m'` is `keep*m` and does not depend on `g`" in gate_effects(mine).claim
    assert str(memory_bound(mine).formulas[-1]) == "Abs(m_T) <= T + Abs(m_0)"
    assert "product over the steps t of `keep`" in direct_path(mine).claim
    assert "With write = 1, keep = 0 and show = 1" in as_elman_step(mine).claim
    assert "Eq(dm, dm'*keep)" in map(str, gate_gradients(mine).formulas)


def test_a_cell_of_another_kind_has_those_that_apply():
    """A gate of two affine maps that mixes the memory with a new value: k m + (1 - k) tanh(v)."""
    a, b, k, m, v = signals("a b k m v")
    equations = (
        Affine("a", (("A", "u"),), "b_a"),
        Affine("b", (("B", "m"),)),
        Affine("v", (("V", "u"), ("R", "m")), "b_v"),
        Elementwise("k", sigmoid(a + b)),
        Elementwise("m'", k * m + (1 - k) * tanh(v)),
    )
    mixer = Network("mixer", Cell("mixer", equations, (("m", "m'"),), "m'", "u"))
    assert str(memory_bound(mixer).formulas[-1]) == "Abs(m_T) <= Max(1, Abs(m_0))"
    assert "with k = 1, m is stored again" in keeps(mixer).claim
    assert [str(formula) for formula in as_elman_step(mixer).formulas[1:]][:4] == [
        "Eq(z_h, R*m + V*u + b_v)",
        "Eq(W_h, V)",
        "Eq(U_h, R)",
        "Eq(b_h, b_v)",
    ]
    assert "Eq(dm, HadamardProduct(dm', k) + B.T*db + R.T*dv)" in map(str, gate_gradients(mixer).formulas)


def test_a_name_that_is_another_s_derivative_is_refused():
    equations = (Affine("z", (("W", "x"), ("U", "h")), "b"), Elementwise("dz", tanh(signals("z")[0])))
    with pytest.raises(ModelError, match="cell odd: dz is a name of its own; expected the derivative by z"):
        gate_gradients(Network("odd", Cell("odd", equations, (("h", "dz"),), "dz")))


@pytest.mark.parametrize("name", NETWORKS)
def test_every_statement_of_every_network_is_whole(name):
    """Its last step leads to its last formula, and nothing in it has been decided away to true or false."""
    for statement in filter(None, (make(network(name)) for make in GATE_STATEMENTS)):
        assert statement.formulas[-1] in [step.formula for step in statement.steps], statement.name
        everything = [*statement.formulas, *(step.formula for step in statement.steps)]
        assert not any(formula in (sympy.true, sympy.false) for formula in everything), statement.name


def test_every_function_of_a_network_is_listed():
    listed = {make.__name__ for make in GATE_STATEMENTS}
    assert len(listed) == len(GATE_STATEMENTS) == 16
    assert listed <= set(vars(statements_of_gates))
