"""What can depend on what: the derived pattern against autograd's derivatives of every hand-written cell."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import sympy
from formulas import hand_written
from small_cases import target
from witnessed import arrays, sizes

from rnnproof.autodiff import gradients as autograd
from rnnproof.catalogue import NETWORKS, network
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import reach as reaching
from rnnproof.symbolic.dependence import STEPS, dependence, dependence_with_lengths, n, relation, s, t
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.not_zero import derivative
from rnnproof.symbolic.reach import AFTER, BEFORE, SAME, Lags, reached, through
from rnnproof.symbolic.witness import used_by

LOWER, UPPER, FULL, DIAGONAL = {BEFORE, SAME}, {AFTER, SAME}, {BEFORE, SAME, AFTER}, {SAME}
ONE_STEP = [
    "elman",
    "elman:readout=softmax",
    "lstm:projection=P",
    "gru",
    "minlstm",
    "mingru",
    "jordan",
    "elman:layers=3",
]


@pytest.mark.parametrize("name", [*ONE_STEP, "lecture", "elman:padding=run"])
def test_in_one_direction_it_is_lower_triangular(name):
    stated = dependence(network(name))
    assert reached(network(name))[0] == LOWER and stated.conditions == ()
    assert str(stated.formulas[0]) == "Implies(s > t, Eq(Derivative(y_t(x_s), x_s), 0))"
    assert [[entry != 0 for entry in row] for row in stated.formulas[1].tolist()] == np.tri(3, dtype=bool).tolist()


@pytest.mark.parametrize("name", ["gru:direction=backward", "lstm:direction=backward,layers=2"])
def test_from_the_end_it_is_upper_triangular(name):
    stated = dependence(network(name))
    assert reached(network(name))[0] == UPPER and stated.conditions == ()
    assert str(stated.formulas[0]) == "Implies(s < t, Eq(Derivative(y_t(x_s), x_s), 0))"


@pytest.mark.parametrize("merge", ["concat", "sum", "mean", "product"])
@pytest.mark.parametrize("layers", [1, 2])
def test_in_both_directions_it_is_full(merge, layers):
    stated = dependence(network(f"elman:layers={layers},direction=bidirectional,merge={merge},readout=identity"))
    (pattern,) = stated.formulas
    assert list(pattern) == [derivative(a, b) for a in (1, 2, 3) for b in (1, 2, 3)]
    assert "full" in stated.claim and stated.conditions == ()


def own(equations, states, output):
    page = network("elman")
    return replace(page, cell=replace(page.cell, equations=equations, states=states, output=output))


h, z, late, kept = signals("h z late kept")


def test_without_memory_it_is_diagonal():
    net = own((Affine("z", (("W", "x"),)), Elementwise("h'", z**2)), (("h", "h'"),), "h'")
    assert reached(net)[0] == DIAGONAL
    assert [list(dependence(net).formulas[1].row(k)).count(0) for k in range(3)] == [2, 2, 2]
    assert str(dependence(net).formulas[0]) == "Implies(Ne(s, t), Eq(Derivative(y_t(x_s), x_s), 0))"


def test_a_state_that_stores_a_state_is_followed_through():
    """The output is what came in two steps ago, and nothing else; at three steps that is y_3 by x_1 alone."""
    net = own((Affine("z", (("W", "x"),)), Elementwise("y", late * 1)), (("kept", "z"), ("late", "kept")), "y")
    found = reaching.reach(net.cell)
    assert found.later == (frozenset({"kept"}), frozenset({"late"}), frozenset(), frozenset())
    stated = dependence(net)
    assert str(stated.formulas[0]) == "Implies(Ne(t, s + 2), Eq(Derivative(y_t(x_s), x_s), 0))"
    assert stated.conditions == ()


def test_two_states_that_take_turns_are_reached_every_second_step():
    """h is made from g, g from h: an output sees its own input, those two steps before, four steps before, ..."""
    turns = (Affine("z", (("W", "x"), ("U", "g"))), Affine("v", (("V", "h"),)))
    stated = dependence(own(turns, (("h", "z"), ("g", "v")), "z"))
    where = stated.formulas[0].args[0]
    steps = [(a, b) for a in range(1, 8) for b in range(1, 8)]
    assert [where.subs({t: a, s: b}) == sympy.false for a, b in steps] == [
        b <= a and (a - b) % 2 == 0 for a, b in steps
    ]
    assert stated.conditions == ()


DELAYED = (Affine("z", (("W", "x"),)), Elementwise("y", kept * 1))  # puts out what the step before read


@pytest.mark.parametrize("direction", ["forward", "backward", "bidirectional"])
@pytest.mark.parametrize("layers", [1, 2, 3])
@pytest.mark.parametrize("name", ["elman", "lstm", "delayed", "no memory"])
def test_no_line_of_the_program_leads_from_an_input_to_an_output_that_it_cannot_reach(name, layers, direction):
    page = {
        "delayed": own(DELAYED, (("kept", "z"),), "y"),
        "no memory": own((Affine("z", (("W", "x"),)), Elementwise("h'", z**2)), (("h", "h'"),), "h'"),
    }.get(name) or network(name)
    net = replace(page, layers=layers, direction=direction)
    allowed = derived(relation(reached(net)[0]))
    program = unroll_any(net, Sizes(T=4, B=1, I=1, H=1))
    outputs = np.array(program.results["outputs"]).reshape(4, -1)
    lead = [[any(f"x[{b}][0]" in used_by(program, y) for y in outputs[a]) for b in range(1, 5)] for a in range(4)]
    assert not (np.array(lead) & ~allowed).any()
    assert name == "delayed" or (np.array(lead) == allowed).all()


def test_one_step_on_and_then_one_back_is_where_it_began():
    """As a delayed cell read in both directions, twice: y_2 is made from x_2 through its neighbours."""
    assert through(frozenset({BEFORE}), frozenset({AFTER})) == FULL
    assert through(frozenset({SAME}), frozenset({BEFORE})) == {BEFORE}
    assert through(frozenset({BEFORE}), frozenset({BEFORE})) == {Lags(2, 1)}
    net = replace(own(DELAYED, (("kept", "z"),), "y"), direction="bidirectional")
    assert reached(net)[0] == {Lags(1), Lags(1, ahead=True)} and reached(replace(net, layers=2))[0] == FULL


def test_an_output_that_nothing_reaches_has_no_statement():
    net = own((Affine("z", (("W", "h"),)), Elementwise("h'", z + 0)), (("h", "h'"),), "h'")
    assert reached(net)[0] == set() and dependence(net) is dependence_with_lengths(net) is None


def slopes(net, length, seed, steps=4, lengths=None):
    """Which |d y_t / d x_s| autograd finds above 0, over all units, of the hand-written forward pass."""
    rng = np.random.default_rng(seed)
    at = Sizes(T=steps, B=1, I=2, H=2, O=2, P=2)
    params = {name: rng.normal(size=shape) for name, shape in net.shapes(at).items()}
    state = {name: rng.normal(size=shape) for name, shape in net.state_shapes(at).items()}
    x = rng.normal(size=(steps, 1, 2))
    forward = target(net).forward
    forward = forward if lengths is None else partial(forward, lengths=np.array([lengths]))
    rows = []
    for a in range(steps):
        d = np.zeros(at.shape(("T", "B", net.output_size)))
        d[a] = rng.normal(size=d[a].shape)
        none = {name: np.zeros_like(value) for name, value in state.items()}
        found = autograd(forward, params, x, state, {"outputs": d, "state": none})
        rows.append([bool(np.any(found["x"][b] != 0)) for b in range(steps)])
    return np.array(rows)


def derived(places, steps=4, **values):
    """The pattern that a relation of t and s says, with steps from 1."""
    pairs = [[(a, b) for b in range(1, steps + 1)] for a in range(1, steps + 1)]
    return np.array([[bool(places.subs({t: a, s: b, **values})) for a, b in row] for row in pairs])


def seen(net, **more):
    """Over a few draws: a unit that is cut off at one point is not at another."""
    return np.any([slopes(net, 4, seed, **more) for seed in range(5)], axis=0)


@pytest.mark.parametrize("name", hand_written())
def test_autograd_finds_the_pattern_in_every_hand_written_cell(name):
    net = network(name)
    assert seen(net).tolist() == derived(relation(reached(net)[0])).tolist()


RAGGED = [
    f"{name}{':' if ':' not in name else ','}padding={padding}"
    for name in ("elman", "lstm", "gru:direction=backward", "elman:layers=2,direction=bidirectional,readout=tanh")
    for padding in ("zero", "repeat", "run")
    if padding != "run" or "direction" not in name
]


@pytest.mark.parametrize("name", RAGGED)
@pytest.mark.parametrize("length", [1, 2, 4])
def test_autograd_finds_it_in_rows_that_end(name, length):
    net = network(name)
    where = dependence_with_lengths(net).formulas[0].args[0]
    pattern = ~derived(where, **{}) if where.free_symbols <= {t, s} else ~derived(where.subs(n, length))
    assert seen(net, lengths=length).tolist() == pattern.tolist()


@pytest.mark.parametrize(
    ("name", "other"), [("elman", "elman:direction=backward"), ("lstm", "lstm:direction=bidirectional")]
)
def test_the_pattern_of_another_network_is_refused(name, other):
    assert seen(network(name)).tolist() != derived(relation(reached(network(other))[0])).tolist()


@pytest.mark.parametrize("name", ["elman:padding=zero", "elman:padding=repeat"])
def test_the_pattern_of_another_length_is_refused(name):
    where = dependence_with_lengths(network(name)).formulas[0].args[0]
    assert seen(network(name), lengths=2).tolist() != (~derived(where.subs(n, 3))).tolist()


@pytest.mark.parametrize("name", hand_written())
def test_autograd_s_derivatives_at_the_witness_are_not_zero_and_have_the_derived_sign(name):
    net, stated = network(name), dependence(network(name))
    points = [step.formula for step in stated.steps if "Exact" in step.reason]
    shown = [step.formula for step in stated.steps if "are not 0" in step.reason]
    assert sum(map(len, shown)) == np.count_nonzero(derived(relation(reached(net)[0]), STEPS))
    for point, bounds in zip(points, shown, strict=True):
        numbers = arrays(net, point, STEPS)
        for bound in bounds:
            ((slope, low, high),) = {parts(bound)}
            assert low > 0 or high < 0
            assert (1 if low > 0 else -1) in signs(net, numbers, *pair(slope))


def parts(bound):
    """The derivative, and the numbers that it lies between."""
    relations = bound.args if isinstance(bound, sympy.And) else (bound,)
    ends = sorted(side for one in relations for side in one.args if side.is_Number)
    (slope,) = bound.atoms(sympy.Derivative)
    return slope, ends[0], ends[-1]


def pair(slope):
    """t and s of the derivative d y_t / d x_s."""
    return (int(str(name).partition("_")[2]) for name in (slope.expr.func, *slope.variables))


def signs(net, numbers, a, b):
    """Of autograd's d y_a / d x_b, one for each entry of the output."""
    params = {name: numbers[name] for name in net.parameters}
    state = {name: numbers[name][np.newaxis] for name in net.states}
    none = {name: np.zeros_like(value) for name, value in state.items()}
    shape = sizes(STEPS).shape(("T", "B", net.output_size))
    found = set()
    for entry in range(shape[-1]):
        d = np.zeros(shape)
        d[a - 1, 0, entry] = 1
        cotangents = {"outputs": d, "state": none}
        slope = autograd(target(net).forward, params, numbers["x"][:, np.newaxis], state, cotangents)["x"]
        found.add(int(np.sign(slope[b - 1, 0, 0])))
    return found


def test_every_network_of_the_catalogue_has_a_pattern_with_nothing_left_open():
    assert [name for name in NETWORKS if dependence(network(name)).conditions != ()] == []
    assert [name for name in NETWORKS if len(dependence_with_lengths(network(name)).conditions) != 2] == []
