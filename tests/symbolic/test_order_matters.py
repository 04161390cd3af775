"""Whether a reordering changes the last output: as the derived condition says, in both directions, on the cells."""

from dataclasses import replace
from functools import cache
from itertools import permutations

import numpy as np
import pytest
import sympy
from formulas import LINEAR, hand_written, value
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small_cases import target
from test_nothing_is_typed import with_sign_changed
from witnessed import bounds, disagreements, rerun

from rnnproof.catalogue import network
from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Sizes
from rnnproof.symbolic import difference
from rnnproof.symbolic.closed_form import matrix
from rnnproof.symbolic.linear import T, k, s
from rnnproof.symbolic.memory import same_input_witness
from rnnproof.symbolic.order_matters import cayley_hamilton, order_matters
from rnnproof.symbolic.order_witness import order_witness


def test_it_reads_as_it_should():
    change, always = order_matters(network("lecture")).formulas
    assert str(change) == "Eq(y[T] - y_exchanged[T], W_y*U_h**(T - s - 1)*(-1 + U_h)*W_h*(-x[s + 1] + x[s]))"
    assert str(always) == "Implies((0 <= k) & (k <= Min(H - 1, T - 2)), Eq(W_y*U_h**k*(-1 + U_h)*W_h, 0))"
    jordan = order_matters(network("jordan:activation=identity")).formulas[1]
    assert str(jordan) == "Implies((0 <= k) & (k <= Min(O - 1, T - 2)), Eq((W_y*U_h)**k*(-1 + W_y*U_h)*W_y*W_h, 0))"


def unindexed(form):
    return form.replace(lambda part: isinstance(part, sympy.Indexed), lambda p: matrix(f"{p.base}_{p.indices[0]}"))


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize(("steps", "first"), [(n, at) for n in (2, 3, 4) for at in range(1, n)])
def test_at_every_number_of_steps_it_is_the_difference_of_the_closed_forms(name, steps, first):
    order = list(range(1, steps + 1))
    order[first - 1 : first + 1] = first + 1, first
    derived = order_matters(network(name)).formulas[0].rhs.subs({T: steps, s: first})
    assert sympy.expand(unindexed(derived)) == difference(network(name), order)[-1]


H = sympy.Symbol("H", integer=True, positive=True)


def test_a_matrix_of_any_size_satisfies_its_characteristic_polynomial():
    """The two steps for every size, with the coefficients of an adjugate of size 4."""
    coefficient, total = (step.formula for step in cayley_hamilton(H)[:2])
    z, m = sympy.symbols("z m", integer=True)
    A = sympy.Matrix(4, 4, range(16)) + sympy.eye(4)
    p, adjugate = A.charpoly(z), (z * sympy.eye(4) - A).adjugate().expand()
    B = [adjugate.applyfunc(lambda form, n=n: form.coeff(z, n)) for n in range(-1, 5)]
    for n in range(5):
        number, one = coefficient.lhs.subs(m, n).args
        assert number.indices == (n,) and one.name == "I"
        assert value(coefficient.rhs.subs(m, n), {"A": A}, {("B", j): each for j, each in enumerate(B, -1)}) == p.nth(
            n
        ) * sympy.eye(4)
    (limits,) = total.lhs.limits
    powers = (
        value(total.lhs.function.args[-1].subs(limits[0], n), {"A": A}, {}) * sympy.eye(4) * p.nth(n) for n in range(5)
    )
    assert limits[1:] == (0, H)
    assert sum(powers, sympy.zeros(4)) == sympy.zeros(4) and total.rhs == 0


def test_powers_from_the_size_on_are_combinations_of_lower_ones():
    for size, step in enumerate(cayley_hamilton(H)[2:], 1):
        A = sympy.Matrix(size, size, lambda i, j: sympy.Symbol(f"a_{i + 1}{j + 1}"))
        gap = step.formula.lhs - step.formula.rhs
        own = gap.subs(sympy.MatrixSymbol("A", size, size), A).doit().as_explicit()
        assert own.applyfunc(sympy.expand) == sympy.zeros(size)


def test_a_wrong_characteristic_polynomial_is_refused(monkeypatch):
    right = sympy.Matrix.charpoly
    monkeypatch.setattr(sympy.MutableDenseMatrix, "charpoly", lambda A: right(2 * A))
    with pytest.raises(VerificationFailed, match="does not satisfy"):
        cayley_hamilton(H)


UNITS = {"H": 2, "O": 2, "I": 2}
LETTERS = {"lecture": "H", "elman:activation=identity": "H", "jordan:activation=identity,bias=false": "O"}
entries = st.sampled_from((-1, 0, 0, 1))


@cache
def condition(page):
    """The largest k, and what must vanish for k = 0 up to it."""
    within, vanishing = order_matters(page).formulas[1].args
    (upper,) = (part for part in within.args if part.lhs == k)
    return upper.rhs, vanishing.lhs


@st.composite
def weights(draw, net):
    """Parameters of -1, 0 and 1, so that many products vanish and floats are exact."""
    shapes = net.shapes(Sizes(T=1, B=1, **UNITS))
    sizes = {name: shape if len(shape) > 1 else (*shape, 1) for name, shape in shapes.items()}
    found = {
        name: sympy.Matrix(*shape, draw(st.lists(entries, min_size=4, max_size=4))[: shape[0] * shape[1]])
        for name, shape in sizes.items()
    }
    if "U_h" in found and draw(st.booleans()):
        found["U_h"] = sympy.eye(2) + found["U_h"] * draw(entries)
    return found


def left(page, values, steps):
    """The products of the condition, at this number of steps."""
    largest, product = condition(page)
    units = {symbol: UNITS[symbol.name] for symbol in largest.free_symbols - {T}}
    return [value(product.subs(k, n), values, {}) for n in range(int(largest.subs({T: steps, **units})) + 1)]


def last(net, values, x, start):
    floats = {name: np.array(m.tolist(), dtype=float) for name, m in values.items()}
    floats = {name: a[:, 0] if name.startswith("b") else a for name, a in floats.items()}
    ((memory, _),) = net.step.states
    outputs, _ = target(net).run(floats, x[:, np.newaxis].astype(float), {memory: start.astype(float)})
    return outputs[-1, 0].tolist()


@st.composite
def linear_cases(draw):
    net = network(draw(st.sampled_from(sorted(LETTERS))))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return net, draw(weights(net)), draw(st.integers(2, 5)), rng


@settings(max_examples=80, deadline=None)
@given(linear_cases())
def test_no_reordering_changes_the_last_output_where_the_products_vanish(case):
    net, values, steps, rng = case
    assume(not any(any(product) for product in left(net, values, steps)))
    assert unchanged(net, values, steps, rng)


def unchanged(net, values, steps, rng):
    """Whether no reordering of some inputs changes the last output."""
    x, start = rng.integers(-2, 3, (steps, 2)), rng.integers(-2, 3, (1, 2))
    outputs = [last(net, values, x[list(order)], start) for order in permutations(range(steps))]
    return all(output == outputs[0] for output in outputs)


@settings(max_examples=80, deadline=None)
@given(linear_cases())
def test_some_exchange_changes_it_where_one_does_not_and_by_what_is_derived(case):
    net, values, steps, rng = case
    found = left(net, values, steps)
    assume(any(any(product) for product in found))
    n, column = next((n, j) for n, product in enumerate(found) for j in range(2) if any(product[:, j]))
    x, start = rng.integers(-2, 3, (steps, 2)), rng.integers(-2, 3, (1, 2))
    first = steps - 1 - n
    x[first - 1] = x[first] + np.eye(2, dtype=int)[column]
    order = list(range(steps))
    order[first - 1 : first + 1] = first, first - 1
    one, other = (last(net, values, inputs, start) for inputs in (x, x[order]))
    assert [a - b for a, b in zip(one, other, strict=True)] == list(map(float, found[n][:, column]))
    assert one != other


def test_fewer_powers_than_the_size_do_not_suffice():
    """With two units, V (U - I) W = 0 alone leaves V U (U - I) W, which three steps can see."""
    net = network("lecture")
    values = {"U_h": sympy.Matrix([[2, 1], [0, 2]]), "W_h": sympy.Matrix([[1, 0], [-1, 0]])}
    values["W_y"] = sympy.Matrix([[1, 0], [0, 0]])
    first, second = (value(condition(net)[1].subs(k, n), values, {}) for n in (0, 1))
    assert first.is_zero_matrix and not second.is_zero_matrix
    rng = np.random.default_rng(0)
    assert [any(any(one) for one in left(net, values, steps)) for steps in (2, 3, 4)] == [False, True, True]
    assert unchanged(net, values, 2, rng) and not unchanged(net, values, 3, rng)


@pytest.mark.parametrize("name", ["lecture", "elman:activation=identity"])
def test_a_condition_derived_from_a_page_with_a_sign_changed_is_refused_by_the_cells(name):
    """h' = -(W x + U h): there -U - I has to vanish, and with U = -I it does; the cells say otherwise."""
    net, wrong = network(name), with_sign_changed(network(name), "h'")
    shapes = net.shapes(Sizes(T=1, B=1, **UNITS))
    values = {n: sympy.ones(*(shape if len(shape) > 1 else (*shape, 1))) for n, shape in shapes.items()}
    values |= {"U_h": -sympy.eye(2), "W_h": sympy.eye(2)} | ({"W_y": sympy.eye(2)} if "W_y" in values else {})
    assert not any(any(product) for product in left(wrong, values, 3))
    assert any(any(product) for product in left(net, values, 3))
    assert not unchanged(net, values, 3, np.random.default_rng(1))


@pytest.mark.parametrize("name", [name for name in hand_written() if order_witness(network(name))])
def test_the_cells_at_the_witness_lie_in_both_intervals(name):
    stated, net = order_witness(network(name)), network(name)
    order = (1, 3, 2) if net.direction == "backward" else (2, 1, 3)
    found = rerun(net, stated.steps[0].formula, 3, order)
    one, other = bounds(stated.steps[1].formula), bounds(stated.steps[2].formula)
    assert disagreements(found, (one, other)) == []
    assert disagreements(found, (other, one)) == ["first", "second"]
    assert found[0].output != found[1].output


def test_linear_networks_need_no_witness_and_there_is_none_where_the_order_changes_nothing():
    assert order_witness(network("lecture")) is None
    page = network("elman")
    affine = replace(page.cell.equations[0], terms=page.cell.equations[0].terms[:1])
    forgetful = replace(page, cell=replace(page.cell, equations=(affine, *page.cell.equations[1:])))
    assert order_witness(forgetful) is None


@pytest.mark.parametrize("derive", [order_witness, same_input_witness])
def test_of_a_linear_network_without_a_closed_form_that_is_said(derive):
    stack, bent = (derive(network(f"elman:activation={name},layers=2")) for name in ("identity", "relu"))
    assert [condition for condition in stack.conditions if condition.startswith("Every equation is linear, but")] != []
    assert bent.conditions == ("Rational numbers, computed exactly.",) and "differ" in bent.claim
    assert "rounded outwards" in derive(network("elman")).conditions[0]
