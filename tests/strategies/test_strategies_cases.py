"""Drawn cases cannot hide a bug: exact numbers, no zeros, no two biases alike, every size from one on."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnproof.catalogue import network
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.domains.split import split
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal
from rnnproof.model.network import Network
from rnnproof.reference import rounding
from rnnproof.strategies.cases import RANGES, Draw, draws, fill, first_draw, large_draws, own_sizes, with_own_weights
from rnnproof.strategies.regimes import EVERY, HUGE, ORDINARY, REGIMES
from rnnproof.strategies.search import sample

LSTM = network("lstm")
MANY = settings(max_examples=60, deadline=None)
NETWORKS = ("lstm", "elman:readout=tanh", "elman:activation=relu,bias=false")


@st.composite
def drawn(draw, regimes=ORDINARY):
    """(case, its draw) of any network, in either format."""
    dtype = draw(st.sampled_from(["float64", "float32"]))
    one = draw(draws(regimes, dtype, {}))
    return fill(network(draw(st.sampled_from(NETWORKS))), one, dtype), one


def arrays_of(case):
    named = {**case.parameters, "x": case.x, "d_outputs": case.cotangents.outputs}
    named |= {f"initial {name}": value for name, value in case.state.items()}
    return named | {f"d_final {name}": value for name, value in case.cotangents.state.items()}


def vectors_of(case):
    return [value for value in case.parameters.values() if value.ndim == 1]


def pre_activations(case):
    """|z| of every affine equation at every step."""
    state = {name: exact(value) for name, value in case.state.items()}
    tape = rounding.forward(case.network.step, case.parameters, case.x, state, FORMATS[case.dtype])
    affine = [e.target for e in case.network.step.equations if isinstance(e, Affine)]
    return np.abs(np.concatenate([ball.value.ravel() for name in affine for ball in tape.signals[name]]))


@MANY
@given(st.one_of(drawn(EVERY), drawn(HUGE)))
def test_every_number_is_a_multiple_of_the_granularity_and_exact_in_the_format(case_and_draw):
    case, draw = case_and_draw
    for name, value in arrays_of(case).items():
        scaled = value * 2.0**draw.q
        assert np.array_equal(scaled, np.round(scaled)), name
        assert np.array_equal(value.astype(case.dtype).astype(np.float64), value), name


@MANY
@given(st.one_of(drawn(EVERY), drawn(HUGE)))
def test_both_halves_of_every_bias_are_exact_and_not_zero(case_and_draw):
    case, _ = case_and_draw
    for value in vectors_of(case):
        first, second = split(value.astype(case.dtype))
        assert np.all(first != 0) and np.all(second != 0)
        assert np.array_equal(first.astype(float) + second.astype(float), value)
        assert np.array_equal((first + second).astype(float), value)


@MANY
@given(st.one_of(drawn(), drawn(HUGE)))
def test_no_number_is_zero_but_states_and_inputs_of_the_regime_zero(case_and_draw):
    case, draw = case_and_draw
    for name, value in arrays_of(case).items():
        if name.startswith("initial"):
            assert np.all((value == 0) == (draw.regime == "zero")), name
        elif name != "x" or draw.regime != "zero":
            assert np.all(value != 0), name


@MANY
@given(drawn())
def test_no_two_biases_can_stand_for_each_other(case_and_draw):
    case, _ = case_and_draw
    biases = np.concatenate([*vectors_of(case), []])
    assert len(np.unique(biases)) == len(biases)


@pytest.mark.parametrize("q", [4, 5])
def test_biases_are_distinct_even_where_there_are_hardly_as_many_numbers(q):
    """Twenty biases up to 1/2 in steps of 1/16: eight of each sign, so that some move outwards."""
    draw = Draw(T=1, B=1, I=1, H=5, O=1, P=1, seed=1, regime="vanishing", q=q)
    biases = np.concatenate(vectors_of(fill(LSTM, draw, "float64")))
    assert len(biases) == len(np.unique(biases)) == 20


@MANY
@given(drawn())
def test_the_sizes_are_those_drawn_and_within_their_ranges(case_and_draw):
    case, draw = case_and_draw
    assert (case.sizes.T, case.sizes.B, case.sizes.I, case.sizes.H) == (draw.T, draw.B, draw.I, draw.H)
    for letter, drawn_from in RANGES.items():
        assert getattr(case.sizes, letter) in drawn_from
    assert (case.regime, case.network.output_size) == (draw.regime, "O" if "W_y" in case.parameters else "H")


@MANY
@given(drawn(), st.integers(0, 2**32 - 1))
def test_the_same_seed_fills_the_same_arrays_and_another_others(case_and_draw, seed):
    case, draw = case_and_draw
    again = arrays_of(fill(case.network, draw, case.dtype))
    assert [n for n, value in arrays_of(case).items() if not np.array_equal(value, again[n])] == []
    if seed != draw.seed:
        other = arrays_of(fill(case.network, replace(draw, seed=seed), case.dtype))
        assert any(not np.array_equal(value, other[n]) for n, value in arrays_of(case).items())


def test_many_draws_visit_every_size_and_regime():
    found = sample(draws(ORDINARY, "float64", {}), 900, 0)
    for letter, drawn_from in RANGES.items():
        assert {getattr(draw, letter) for draw in found} == set(drawn_from), letter
    assert set(range(1, 17)) <= {draw.H for draw in found}
    assert {draw.regime for draw in found} == set(ORDINARY)
    assert min(draw.q for draw in found) == 4 and max(draw.q for draw in found) > 20
    assert any(draw.I != draw.H for draw in found)


def test_a_size_that_a_target_has_of_its_own_is_kept():
    found = sample(draws(ORDINARY, "float32", {"H": (7,), "I": (2, 9)}), 100, 0)
    assert {draw.H for draw in found} == {7} and {draw.I for draw in found} == {2, 9}
    assert first_draw(ORDINARY, "float64", {"H": (7,)}).H == 7


def test_the_large_draws_fill_blocks_and_leave_a_rest_and_two_are_square_or_a_single_row():
    sizes = [(draw.T, draw.B, draw.I, draw.H) for draw in large_draws(ORDINARY, "float64", {})]
    assert sizes == [(3, 5, 17, 19), (3, 2, 3, 3), (3, 1, 2, 3), (2, 4, 8, 16), (20, 2, 2, 3)]
    fixed = large_draws(ORDINARY, "float64", {"H": (4, 7), "I": (2,), "B": (1,)})
    assert [(draw.T, draw.B, draw.I, draw.H) for draw in fixed] == [(T, 1, 2, 7) for T in (3, 3, 3, 2, 20)]


def test_the_first_draw_is_the_plain_one():
    draw = first_draw(ORDINARY, "float64", {})
    assert (draw.T, draw.B, draw.I, draw.H, draw.regime) == (4, 3, 2, 3, "typical")
    assert first_draw(HUGE, "float64", {}).regime == "huge" and first_draw(HUGE, "float64", {}).q <= 6


# --- what each regime promises -------------------------------------------------------------------


def of_regime(regime, name="lstm", dtype="float64", count=60):
    found = sample(draws((regime,), dtype, {}), count, 0)
    return [fill(network(name), draw, dtype) for draw in found]


@pytest.mark.parametrize("name", ["lstm", "gru:layers=2,direction=bidirectional"])
@pytest.mark.parametrize("regime", [*ORDINARY, *HUGE])
def test_no_number_is_larger_than_its_regime_says(regime, name):
    largest = REGIMES[regime]
    for case in of_regime(regime, name):
        step = 2.0**-4
        assert np.abs(case.x).max() <= max(largest.x, step)
        assert all(np.abs(v).max() <= max(largest.state, step) for v in case.state.values())
        biases = sum(value.size for value in case.parameters.values() if value.ndim == 1)
        for parameter, value in case.parameters.items():
            if value.ndim == 1:
                assert np.abs(value).max() <= largest.b + biases * step  # those that had to move apart
            else:
                top = (largest.U if parameter.rpartition(".")[2][0] == "U" else largest.W) / np.sqrt(value.shape[1])
                assert np.abs(value).max() <= max(top, step)


def test_typical_pre_activations_reach_four():
    reached = [pre_activations(case).max() for case in of_regime("typical")]
    assert 3 <= np.median(reached) <= 5
    assert np.mean(np.concatenate([pre_activations(case) for case in of_regime("typical")]) < 4) > 0.8


def test_saturated_pre_activations_saturate():
    """The largest is beyond 8, where 1 - sigmoid is below 2^-11 and 1 - tanh below 2^-21."""
    assert np.median([pre_activations(case).max() for case in of_regime("saturated")]) > 8


def test_huge_pre_activations_reach_ten_thousand_and_no_further_than_single_precision_can_hold():
    reached = [pre_activations(case).max() for case in of_regime("huge", dtype="float32")]
    assert max(reached) > 1e4 and np.median(reached) > 2e3
    assert max(reached) < 2.0**16


def test_exploding_and_vanishing_gradients_do():
    """How far the gradient by the initial state is from the cotangent given for the final one, T=12, no activation."""

    def growth(regime):
        found = []
        for draw in sample(draws((regime,), "float64", {"T": (12,), "H": (4,)}), 20, 0):
            case = fill(network("elman:activation=identity"), draw, "float64")
            given_d = case.cotangents.state["h"]
            carried = given_d @ np.linalg.matrix_power(case.parameters["U_h"], 12)
            found.append(np.linalg.norm(carried) / np.linalg.norm(given_d))
        return np.median(found)

    assert growth("exploding") > 2.0**6 and growth("vanishing") < 2.0**-12


def test_in_the_regime_zero_the_state_is_zero_and_half_of_the_inputs_or_all():
    found = of_regime("zero")
    assert not any(value.any() for case in found for value in case.state.values())
    nonzero = [np.count_nonzero(case.x) / case.x.size for case in found]
    assert 0.3 < np.mean([share for share in nonzero if share]) < 0.7
    assert 0 in nonzero
    assert not any(np.signbit(case.x[case.x == 0]).any() for case in found)  # a report shows them as 0


# --- the weights of an instance ------------------------------------------------------------------


def test_an_instances_own_weights_are_rounded_to_the_format():
    rng = np.random.default_rng(0)
    own = {name: rng.normal(size=shape) for name, shape in LSTM.shapes(of_regime("typical")[0].sizes).items()}
    case = with_own_weights(of_regime("typical", dtype="float32")[0], own)
    for name, value in case.parameters.items():
        assert np.array_equal(value, own[name].astype(np.float32).astype(np.float64))
    assert own_sizes(LSTM, own) == {"H": (len(own["b_i"]),), "I": (own["W_i"].shape[1],)}


def test_a_cell_with_a_vector_parameter_is_drawn_too():
    z, p = signal("z"), signal("p")
    equations = (Affine("z", (("W", "x"), ("U", "h")), "b"), Elementwise("h'", p * z))
    page = Network("mine", Cell("mine", equations, (("h", "h'"),), "h'", vectors=("p",)))
    case = fill(page, first_draw(ORDINARY, "float64", {}), "float64")
    assert case.parameters["p"].shape == (3,)
    assert len(np.unique(np.concatenate(vectors_of(case)))) == 6
