"""What gates do, and what can be kept: the hand-written cells with gates at exactly 0 and 1, to the last bit."""

from dataclasses import replace
from functools import cache

import mpmath
import numpy as np
import pytest
from formula_values import value
from hypothesis import given, settings
from hypothesis import strategies as st
from pinned import moved, pinned, signal_of, without_recurrence
from program_bounds import DIGITS, radii
from small_cases import small_case, small_cases, target
from stepwise import forward_names

from rnnproof.catalogue import network
from rnnproof.domains.algebra import entries
from rnnproof.model.equation import Affine, Elementwise, signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import bind, evaluate, unroll
from rnnproof.symbolic.elman_reduction import as_elman_step
from rnnproof.symbolic.gates import effects_of, gate_effects
from rnnproof.symbolic.keeping import keeps, overwrites
from rnnproof.symbolic.keeping import settings as settings_of
from rnnproof.symbolic.roles import gates, memories

GATED = ("lstm", "lecture_lstm", "peephole", "gru", "gru:reset=before", "lstm:coupled=input", "peephole:coupled=forget")
FEW = settings(max_examples=25, deadline=None)
SMALL = Sizes(T=1, B=2, I=2, H=2)
f, c, i, g, o, c_new, h, n, z = signals("f c i g o c' h n z")


@cache
def effects(name):
    """Each effect on something that the cells return."""
    cell = network(name).cell
    seen = {cell.output, *(stored for _, stored in cell.states)}
    return [effect for gate in gates(cell) for effect in effects_of(cell, gate) if effect.target in seen]


def result(case, effect):
    """What the hand-written cells return for the effect's signal."""
    cell = case.network.cell
    outputs, final = target(case.network).run(case.parameters, case.x, case.state)
    return outputs[-1] if effect.target == cell.output else final[dict(map(reversed, cell.states))[effect.target]]


def pinned_bias(case, gate):
    return {e.bias for e in case.network.cell.equations if isinstance(e, Affine) and e.target == gate.z.name}


LOST = [(name, k, s) for name in GATED for k, effect in enumerate(effects(name)) for s, _ in effect.lost]


@FEW
@given(st.sampled_from(LOST), st.integers(0, 2**32 - 1), st.sampled_from(("float64", "float32")))
def test_what_a_gate_shuts_out_changes_no_bit_and_changes_it_where_the_gate_is_between(chosen, seed, dtype):
    name, k, lost = chosen
    effect = effects(name)[k]
    case = without_recurrence(small_case(name, SMALL, seed, dtype))
    at_end, between = (pinned(case, {effect.gate.name: at}) for at in (effect.value, None))
    bias = pinned_bias(case, effect.gate)
    assert np.array_equal(result(at_end, effect), result(moved(at_end, lost, bias), effect))
    assert not np.array_equal(result(between, effect), result(moved(between, lost, bias), effect))


def excess(case, effect):
    """The largest error of the cells against the effect's formula, over its derived radius, in row 0."""
    program = unroll(case.network, case.sizes)
    values = evaluate(program, bind(program, case.row(0)), digits=DIGITS)
    radius = radii(program, values, case.dtype)
    stored = {source: state for state, source in case.network.cell.states}
    got = result(case, effect)[0]
    with mpmath.workdps(DIGITS):
        want = value(effect.result, forward_names(case, case.network, values, 1))
        want = np.broadcast_to(want, (len(got), 1))[:, 0]
        names = entries(f"{stored.get(effect.target, effect.target)}[1]", got.shape)
        return max(
            float(abs(mpmath.mpf(float(a)) - b) / radius[name]) if a != b else 0.0
            for a, b, name in zip(got, want, names, strict=True)
        )


@FEW
@given(st.sampled_from([(name, k) for name in GATED for k in range(len(effects(name)))]), st.integers(0, 2**32 - 1))
def test_the_cells_compute_what_is_derived_with_the_gate_at_its_end(chosen, seed):
    name, k = chosen
    effect = effects(name)[k]
    assert excess(pinned(small_case(name, SMALL, seed), {effect.gate.name: effect.value}), effect) <= 1


def with_expression(page, name, expression):
    equations = tuple(Elementwise(name, expression) if e.target == name else e for e in page.cell.equations)
    return replace(page, cell=replace(page.cell, equations=equations))


@pytest.mark.parametrize("wrong", [f * c - i * g, i * c + f * g, f * c + i * g**2])
def test_an_effect_of_another_equation_is_refused(wrong):
    page = with_expression(network("lstm"), "c'", wrong)
    case = small_case("lstm", SMALL, seed=1)
    found = [e for gate in gates(page.cell) for e in effects_of(page.cell, gate) if e.target == "c'"]
    assert max(excess(pinned(case, {e.gate.name: e.value}), e) for e in found) > 1


KEPT = [name for name in GATED if keeps(network(name)) is not None]


@FEW
@given(small_cases(tuple(KEPT), steps=6, rows=2))
def test_what_is_stored_is_kept_to_the_last_bit(case):
    for memory in memories(case.network.cell):
        state = memory.state.name
        for setting in settings_of(memory, keeping=True):
            kept = pinned(case, {gate.name: at for gate, at in setting.items()})
            final = target(case.network).run(kept.parameters, kept.x, kept.state)[1]
            assert np.array_equal(final[state], case.state[state])
        for setting in settings_of(memory, keeping=False):
            other = pinned(case, {gate.name: at for gate, at in setting.items()})
            final = target(case.network).run(other.parameters, other.x, other.state)[1]
            assert not np.array_equal(final[state], case.state[state])


def test_every_gated_cell_written_by_hand_can_keep_and_which_gates_it_takes():
    assert list(GATED) == KEPT
    said = {
        name: [str(setting) for m in memories(network(name).cell) for setting in settings_of(m, keeping=True)]
        for name in GATED
    }
    assert said["lstm"] == said["lecture_lstm"] == said["peephole"] == ["{i: 0, f: 1}"]
    assert said["gru"] == said["gru:reset=before"] == ["{z: 1}"]
    assert said["lstm:coupled=input"] == ["{f: 1}"]
    assert kept_by("mgu") == ["{f: 0}"]
    assert kept_by("minlstm") == ["{i: 0}"]


def kept_by(name):
    return [str(setting) for memory in memories(network(name).cell) for setting in settings_of(memory, keeping=True)]


def formulas(statement):
    places = [(formula.lhs.expr, formula.lhs.variables[0], formula.lhs.point[0]) for formula in statement.formulas]
    return [f"{e} at {g} = {v}: {formula.rhs}" for (e, g, v), formula in zip(places, statement.formulas, strict=True)]


def test_the_lstm_s_gates_do_what_they_are_named_for():
    assert formulas(gate_effects(network("lstm"))) == [
        "c*f + g*i at i = 0: c*f",
        "c*f + g*i at i = 1: c*f + g",
        "c*f + g*i at f = 0: g*i",
        "c*f + g*i at f = 1: c + g*i",
        "o*tanh(c') at o = 0: 0",
        "o*tanh(c') at o = 1: tanh(c')",
    ]
    assert "o does not enter c': whatever it does, that is kept." in gate_effects(network("lstm")).conditions


@pytest.mark.parametrize("name", ["elman", "elman:readout=sigmoid", "jordan", "lecture"])
def test_a_plain_network_has_no_gate_and_keeps_nothing_by_one(name):
    assert gate_effects(network(name)) is None
    assert keeps(network(name)) is None


@given(st.sampled_from(("relu", "identity")), st.integers(0, 2**32 - 1))
def test_relu_and_identity_keep_their_state_with_the_weights_derived(activation, seed):
    page = network(f"elman:activation={activation}")
    case = small_case(page.name, Sizes(T=4, B=1, I=2, H=3), seed)
    assert [str(e) for e in overwrites(page).formulas] == [
        "Eq(Derivative(h'(z_h), h), 0)",
        "Contains(U_h[j,j], {1})",
        "Eq(a, 0)",
    ]
    parameters = {"W_h": 0 * case.parameters["W_h"], "U_h": np.eye(3), "b_h": np.zeros(3)}
    h_0 = {"h": abs(case.state["h"])}
    assert np.array_equal(target(page).run(parameters, case.x, h_0)[1]["h"], h_0["h"])
    other = {**parameters, "U_h": np.eye(3) * 0.5}
    assert not np.array_equal(target(page).run(other, case.x, h_0)[1]["h"], h_0["h"])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_a_squashed_unit_gives_back_no_interval(activation):
    """tanh(u h + a) - h and its sigmoid have at most three zeros: of a hundred states, three at the most are kept."""
    page = network(f"elman:activation={activation}")
    assert str(overwrites(page).formulas[-1]) == "Contains(U_h[j,j], EmptySet)"
    states = np.linspace(-0.95, 0.95, 100)[:, None]
    for u, a in np.random.default_rng(1).uniform(-3, 3, (50, 2)):
        parameters = {"W_h": np.zeros((1, 1)), "U_h": np.array([[u]]), "b_h": np.array([a])}
        stored = target(page).run(parameters, np.zeros((1, 100, 1)), {"h": states})[1]["h"]
        assert np.sum(stored == states) <= 3


def test_far_is_far_enough():
    with np.errstate(over="ignore"):
        assert [1 / (1 + np.exp(-np.float32(signal_of(at)))) for at in (0, 1)] == [0, 1]


def test_what_is_seen_through_other_signals_is_told_from_what_is_not_seen():
    claims = {name: gate_effects(network(name)).claim for name in ("lstm", "gru", "peephole")}
    assert "at `f = 0`, `c'` is `g*i` and does not depend on `c`;" in claims["lstm"]
    assert "at `f = 0`, `c'` is `g*i` and depends on `c` only through `i`;" in claims["peephole"]
    assert "and depends on `h` only through `r` and `s`;" in claims["gru"]


def test_a_gate_that_is_clipped_is_not_put_where_it_cannot_come():
    clipped = network("lstm:clip=3,clip_place=gates")
    assert keeps(clipped) is None and as_elman_step(clipped) is None
    hard = network("lstm:recurrent=hard_sigmoid")  # reaches both ends
    assert keeps(hard) is not None and as_elman_step(hard) is not None


def test_what_is_divided_by_must_not_be_0():
    assert "`f` is not 0: it is divided by." in keeps(network("minlstm")).conditions
    assert not any("divided" in condition for condition in keeps(network("lstm")).conditions)
