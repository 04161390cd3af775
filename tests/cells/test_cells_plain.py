"""The contract of a plain target: run, grad, step, states, claims; and nothing else shows through."""

import subprocess
import sys

import numpy as np
import pytest
from cell_cases import case, options_of, outputs_of_a_layer, shape_of
from variants import EVERY, target

from rnnproof.cells import CELLS, plain_target
from rnnproof.errors import Unsupported, UsageError

NAMED = pytest.mark.parametrize("target", [target(network) for network in EVERY], ids=lambda target: target.network)
STEPWISE = pytest.mark.parametrize(
    "target", [t for t in map(target, EVERY) if t.stepwise], ids=lambda target: target.network
)


def assert_same(first, second):
    np.testing.assert_equal(first, second, strict=True)


def everything(target, drawn):
    arguments, lengths = drawn.arguments, drawn.lengths
    states = target.states(*arguments, lengths=lengths) if target.stepwise else {}
    return (
        target.run(*arguments, lengths=lengths),
        target.grad(*arguments, drawn.cotangents, lengths=lengths),
        states,
    )


@NAMED
def test_shapes_and_names(target):
    drawn = case(target, T=4, B=3, I=2, H=5, O=4)
    (outputs, final), found, states = everything(target, drawn)
    own, top = outputs_of_a_layer(target, 5, 4)
    assert outputs.shape == ((4, 3, 4) if "W_y" in target.parameters else (4, 3, top))
    state_shape = {name: (3, 5 if name[-1] == "c" else own) for name in target.memory}
    assert {name: value.shape for name, value in final.items()} == state_shape
    if target.stepwise:
        assert {name: value.shape for name, value in states.items()} == {n: (4, *s) for n, s in state_shape.items()}
    assert {name: g.shape for name, g in found["params"].items()} == {
        name: shape_of(target, name, 2, 5, 4) for name in target.parameters
    }
    assert {name: g.shape for name, g in found["state"].items()} == state_shape
    assert found["x"].shape == drawn.x.shape


@NAMED
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_every_result_has_the_dtype_claimed(target, dtype):
    assert dtype in target.claims["dtypes"]
    (outputs, final), found, states = everything(target, case(target).cast(dtype))
    results = [outputs, found["x"]]
    results += [*final.values(), *states.values(), *found["params"].values(), *found["state"].values()]
    assert {result.dtype.name for result in results} == {dtype}


@NAMED
def test_an_empty_sequence_ends_where_it_starts(target):
    drawn = case(target, T=0)
    (outputs, final), found, states = everything(target, drawn)
    assert outputs.shape[0] == 0 and all(len(value) == 0 for value in states.values())
    assert_same(final, drawn.state)
    assert_same(found["state"], drawn.cotangents["state"])
    assert not any(gradient.any() for gradient in found["params"].values())


@STEPWISE
def test_the_last_state_is_the_final_state_and_a_step_is_a_run_of_one(target):
    drawn = case(target)
    (outputs, final), _, states = everything(target, drawn)
    assert_same({name: value[-1] for name, value in states.items()}, final)
    first = target.run(drawn.params, drawn.x[:1], drawn.state)
    output, state = target.step(drawn.params, drawn.x[0], drawn.state)
    assert_same((output, state), (first[0][0], first[1]))
    assert output.shape == outputs.shape[1:]


@NAMED
def test_calls_leave_nothing_behind(target):
    drawn, other = case(target), case(target, seed=1)
    before = everything(target, drawn)
    everything(target, other)
    assert_same(everything(target, drawn), before)


@NAMED
def test_arguments_are_untouched_and_their_layout_changes_no_bit(target):
    drawn, twin = case(target), case(target)

    def turn(array):
        turned = np.asfortranarray(array)
        turned.flags.writeable = False
        return turned

    def turned(arrays):
        return {name: turn(array) for name, array in arrays.items()}

    cotangents = {"outputs": turn(drawn.cotangents["outputs"]), "state": turned(drawn.cotangents["state"])}
    strange = type(drawn)(turned(drawn.params), turn(drawn.x), turned(drawn.state), cotangents)
    assert_same(everything(target, strange), everything(target, drawn))
    assert_same(drawn.arguments, twin.arguments)
    assert_same(drawn.cotangents, twin.cotangents)


@pytest.mark.parametrize("network", ["lstm", "elman:readout=tanh", "gru", "jordan", "gru:layers=2,direction=backward"])
def test_without_bias_is_with_zero_bias(network):
    with_zero = target(network)
    name, options = options_of(network)
    without = plain_target(name, **options, bias="false")
    assert set(with_zero.parameters) > set(without.parameters)
    drawn = case(without)
    zeros = {p: np.zeros(2 if p == "b_y" else 3) for p in with_zero.parameters if p not in drawn.params}
    padded = type(drawn)({**drawn.params, **zeros}, drawn.x, drawn.state, drawn.cotangents)
    run, found, states = everything(without, drawn)
    zero_run, zero_found, zero_states = everything(with_zero, padded)
    assert_same((run, states, found["x"]), (zero_run, zero_states, zero_found["x"]))
    assert set(found["params"]) == set(without.parameters)
    assert_same(found["params"], {p: zero_found["params"][p] for p in without.parameters})


@pytest.mark.parametrize("scale", [1e3, 1e4])
@NAMED
def test_saturated_gates_are_finite_and_raise_no_warning(target, scale):
    drawn = case(target, scale=scale)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        (outputs, _), found, _ = everything(target, drawn)
    assert np.isfinite(outputs).all()
    assert all(np.isfinite(gradient).all() for gradient in found["params"].values())


def test_every_name_in_the_table_is_built_with_its_defaults():
    assert {name: build().network for name, build in CELLS.items()} == {name: name for name in CELLS}


def test_parameters_that_are_missing_or_unknown_are_refused():
    target = plain_target("elman")
    drawn = case(target)
    with pytest.raises(Unsupported, match="elman: the parameters have no 'b_h'; expected exactly U_h, W_h, b_h"):
        target.run({name: drawn.params[name] for name in ("W_h", "U_h")}, drawn.x, drawn.state)
    with pytest.raises(Unsupported, match="elman: unknown 'W_x' among the parameters; expected exactly U_h, W_h, b_h"):
        target.run({**drawn.params, "W_x": drawn.x}, drawn.x, drawn.state)


def test_states_that_are_missing_or_unknown_are_refused():
    target = plain_target("lstm", layers="2")
    drawn = case(target)
    names = "0.forward.c, 0.forward.h, 1.forward.c, 1.forward.h"
    with pytest.raises(Unsupported, match=f"lstm:layers=2: the states have no '0.forward.c'; expected exactly {names}"):
        target.run(drawn.params, drawn.x, {})
    with pytest.raises(Unsupported, match=f"lstm:layers=2: unknown 'c' among the states; expected exactly {names}"):
        target.run(drawn.params, drawn.x, {**drawn.state, "c": drawn.x[0]})


def wrong_weight(drawn):
    return {**drawn.params, "W_h": drawn.params["W_h"][:, :-1]}, drawn.x, drawn.state


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda one: (one.params, one.x, None), "elman: the states are None; expected a dict of h"),
        (lambda one: (None, one.x, one.state), "elman: the parameters are None; expected a dict of U_h, W_h, b_h"),
        (lambda one: (one.params, None, one.state), "elman: x is None; expected an array \\(T, B, I\\)"),
        (lambda one: (one.params, one.x[0], one.state), "elman: x is of shape .*; expected an array"),
        (
            lambda one: (one.params, one.x, {"h": one.state["h"][1:]}),
            "elman: state h is of shape .*; expected 3 rows, as x has",
        ),
        (wrong_weight, "elman: x .*, W_h .* do not fit together: "),
    ],
)
def test_what_has_no_such_shape_is_refused_in_a_sentence(wrong, message):
    target = plain_target("elman")
    with pytest.raises(UsageError, match=message):
        target.run(*wrong(case(target)))


def test_a_network_that_reads_from_the_end_has_no_step_and_no_states():
    for direction in ("backward", "bidirectional"):
        target = plain_target("gru", direction=direction)
        drawn = case(target)
        with pytest.raises(NotImplementedError, match="no step"):
            target.step(drawn.params, drawn.x[0], drawn.state)
        with pytest.raises(NotImplementedError, match="no states"):
            target.states(*drawn.arguments)


def test_the_cells_import_numpy_and_nothing_else():
    heavy = "autograd sympy hypothesis torch scipy"
    code = f"import rnnproof.cells, sys; print([m for m in '{heavy}'.split() if m in sys.modules])"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert finished.stdout.strip() == "[]"
