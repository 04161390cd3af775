"""Ragged batches: each row as if it were alone, whatever stands in the padding."""

from dataclasses import replace

import numpy as np
import pytest
from cell_bounds import beyond, enclose, flat
from cell_cases import case, options_of
from variants import EVERY, target

from rnnproof.autodiff import gradients
from rnnproof.cells import plain_target
from rnnproof.errors import UsageError

LENGTHS = (2, 5, 0, 3)
NAMED = pytest.mark.parametrize("network", EVERY)


def ragged(network):
    return case(target(network), T=5, B=4, lengths=LENGTHS)


def results(subject, drawn):
    arguments, lengths = drawn.arguments, drawn.lengths
    return flat(subject.run(*arguments, lengths=lengths), subject.grad(*arguments, drawn.cotangents, lengths=lengths))


def row(drawn, b):
    """Row b alone, as long as it is."""
    n = drawn.lengths[b]
    outputs, state = drawn.cotangents["outputs"][:n, b : b + 1], drawn.cotangents["state"]
    cotangents = {"outputs": outputs, "state": {name: d[b : b + 1] for name, d in state.items()}}
    state = {name: s[b : b + 1] for name, s in drawn.state.items()}
    return type(drawn)(drawn.params, drawn.x[:n, b : b + 1], state, cotangents)


@NAMED
def test_a_row_is_that_row_alone(network):
    subject, drawn = target(network), ragged(network)
    whole = results(subject, drawn)
    for b, n in enumerate(LENGTHS):
        alone = row(drawn, b)
        bounds = enclose(subject, alone, "float64")
        mine = {
            "outputs": whole["outputs"][:n, b : b + 1],
            "dx": whole["dx"][:n, b : b + 1],
            **{f"final {name}": whole[f"final {name}"][b : b + 1] for name in subject.memory},
            **{f"d{name}": whole[f"d{name}"][b : b + 1] for name in subject.memory},
        }
        assert not beyond(mine, results(subject, alone), bounds)
        assert not whole["outputs"][n:, b].any() and not whole["dx"][n:, b].any()


@NAMED
@pytest.mark.parametrize("number", [np.nan, np.inf, 1e300])
def test_what_stands_in_the_padding_changes_no_bit(network, number):
    subject, drawn = target(network), ragged(network)
    with np.errstate(all="raise", under="ignore"):
        found = results(subject, drawn.with_padding(number))
    np.testing.assert_equal(found, results(subject, drawn.with_padding(0.0)), strict=True)


def test_zeros_made_by_multiplication_let_a_nan_through_and_are_refused():
    """Why the padding is never touched: 0 nan is nan."""
    drawn = ragged("elman").with_padding(np.nan)
    multiplied = drawn.x * (np.arange(5)[:, np.newaxis] < drawn.lengths)[:, :, np.newaxis]
    assert np.isnan(multiplied).any() and not np.isnan(results(target("elman"), drawn)["outputs"]).any()


@NAMED
def test_a_row_of_length_zero_ends_where_it_starts(network):
    subject, drawn = target(network), ragged(network)
    found = results(subject, drawn)
    for name in subject.memory:
        assert (found[f"final {name}"][2] == drawn.state[name][2]).all()
        assert (found[f"d{name}"][2] == drawn.cotangents["state"][name][2]).all()


@NAMED
def test_no_row_has_a_step(network):
    subject = target(network)
    drawn = replace(case(subject, T=3, B=2), lengths=np.array([0, 0]))
    found = results(subject, drawn.with_padding(np.nan))
    assert not any(found[name].any() for name in ("outputs", "dx", *(f"d{p}" for p in subject.parameters)))
    assert all((found[f"final {name}"] == drawn.state[name]).all() for name in subject.memory)


@NAMED
def test_full_lengths_are_as_none(network):
    subject, drawn = target(network), case(target(network), T=4, B=3)
    full = replace(drawn, lengths=np.array([4, 4, 4], dtype=np.uint8))
    np.testing.assert_equal(results(subject, full), results(subject, drawn), strict=True)


@pytest.mark.parametrize("network", ["lstm", "jordan", "gru:layers=2", "elman:readout=tanh"])
def test_states_stay_what_they_were_in_the_padding(network):
    subject, drawn = target(network), ragged(network)
    states = subject.states(*drawn.arguments, lengths=drawn.lengths)
    outputs, final = subject.run(*drawn.arguments, lengths=drawn.lengths)
    for name, every in states.items():
        assert every.shape[0] == 5
        for b, n in enumerate(LENGTHS):
            assert (every[n:, b] == final[name][b]).all()
            assert n == 0 or (every[n - 1, b] == final[name][b]).all()
    if network == "lstm":
        valid = (np.arange(5)[:, np.newaxis] < drawn.lengths)[:, :, np.newaxis]
        np.testing.assert_equal(outputs, np.where(valid, states["h"], 0))


def test_a_step_of_some_rows():
    subject, drawn = target("gru"), case(target("gru"), T=1, B=3)
    every, _ = subject.step(drawn.params, drawn.x[0], drawn.state)
    output, state = subject.step(drawn.params, drawn.x[0], drawn.state, lengths=np.array([1, 0, 1]))
    assert not output[1].any() and (state["h"][1] == drawn.state["h"][1]).all()
    bounds = enclose(subject, replace(drawn, lengths=np.array([1, 0, 1])), "float64")
    rows = [0, 2]
    assert not beyond({"outputs": output[rows]}, {"outputs": every[rows]}, {"outputs": bounds["outputs"][0][rows]})


@pytest.mark.parametrize("network", ["gru", "elman:readout=softmax", "gru:layers=2,direction=bidirectional"])
def test_the_last_valid_output_is_repeated(network):
    name, options = options_of(network)
    zero, repeat = target(network), plain_target(name, **options, padding="repeat")
    drawn = ragged(network)
    outputs, final = repeat.run(*drawn.arguments, lengths=drawn.lengths)
    zeros, final_of_zero = zero.run(*drawn.arguments, lengths=drawn.lengths)
    np.testing.assert_equal(final, final_of_zero)
    for b, n in enumerate(LENGTHS):
        assert (outputs[:n, b] == zeros[:n, b]).all()
        assert (outputs[n:, b] == (zeros[n - 1, b] if n else 0)).all()
    assert repeat.network.endswith("padding=repeat")
    np.testing.assert_equal(repeat.run(*drawn.arguments), zero.run(*drawn.arguments))


def test_the_cotangents_of_repeated_outputs_belong_to_the_last_valid_one():
    """In whole numbers, where nothing rounds: by hand and by autograd the same."""
    subject = plain_target("elman", activation="identity", readout="identity", padding="repeat")
    drawn = ragged("elman:activation=identity,readout=identity")

    def whole(array):
        return np.round(2 * array)

    params, state, d_state = (
        {name: whole(array) for name, array in arrays.items()}
        for arrays in (drawn.params, drawn.state, drawn.cotangents["state"])
    )
    cotangents = {"outputs": whole(drawn.cotangents["outputs"]), "state": d_state}

    def forward(params, x, state, xp=np):
        return subject.forward(params, x, state, lengths=drawn.lengths, xp=xp)

    by_hand = subject.grad(params, whole(drawn.x), state, cotangents, lengths=drawn.lengths)
    np.testing.assert_equal(by_hand, gradients(forward, params, whole(drawn.x), state, cotangents))


@pytest.mark.parametrize("network", ["gru", "elman:readout=softmax", "lstm:layers=2", "jordan"])
def test_a_cell_that_runs_on_puts_out_what_it_computes_and_ends_where_the_row_ends(network):
    name, options = options_of(network)
    runs_on = plain_target(name, **options, padding="run")
    drawn = ragged(network)
    endless = replace(drawn, lengths=None)
    outputs, final = runs_on.run(*drawn.arguments, lengths=drawn.lengths)
    bounds, own_end = enclose(target(network), endless, "float64"), enclose(target(network), drawn, "float64")
    assert not beyond({"outputs": outputs}, {"outputs": bounds["outputs"].value}, bounds)
    found = {f"final {name}": value for name, value in final.items()}
    assert not beyond(found, {name: bound.value for name, bound in own_end.items()}, own_end)
    assert outputs[2:, 0].all()
    with_nan = replace(drawn, x=drawn.with_padding(np.nan).x)
    spoilt, same = runs_on.run(*with_nan.arguments, lengths=drawn.lengths)
    assert np.isnan(spoilt[2:, 0]).all()
    np.testing.assert_equal(same, final)


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([1, 2], "expected 3 whole numbers, one for each row"),
        (2, "expected 3 whole numbers"),
        ([[1, 2, 3]], "expected 3 whole numbers"),
        ([1.0, 2.0, 3.0], "expected 3 whole numbers"),
        ([True, True, False], "expected 3 whole numbers"),
        ([1, -1, 2], r"\[1, -1, 2\]: expected numbers from 0 to 4, the steps of x"),
        ([1, 5, 2], r"\[1, 5, 2\]: expected numbers from 0 to 4"),
    ],
)
def test_lengths_that_are_none_are_refused(lengths, message):
    subject = target("gru")
    drawn = case(subject, T=4, B=3)
    with pytest.raises(UsageError, match=message):
        subject.run(*drawn.arguments, lengths=lengths)
    with pytest.raises(UsageError, match=message):
        subject.grad(*drawn.arguments, drawn.cotangents, lengths=np.array(lengths))
