"""A case checks every array that it is given, and is cut along time and batch."""

from dataclasses import replace

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.errors import ModelError
from rnnproof.model.case import Case, Cotangents, first_steps, last_steps, rows, with_cotangents
from rnnproof.model.network import Sizes

SIZES = Sizes(T=4, B=3, I=2, H=5, O=6)
NETWORK = network("elman:readout=tanh")
RIGHT = {
    "parameter W_h": (5, 2),
    "parameter U_h": (5, 5),
    "parameter b_h": (5,),
    "parameter W_y": (6, 5),
    "parameter b_y": (6,),
    "input x": (4, 3, 2),
    "initial state h": (3, 5),
    "cotangent outputs": (4, 3, 6),
    "cotangent of the final state h": (3, 5),
}


def build(shapes=RIGHT, **options) -> Case:
    """A case whose arrays count up from 0, each from another hundred."""
    arrays = {
        name: (100 * n + np.arange(np.prod(shape, dtype=int))).astype(float).reshape(shape)
        for n, (name, shape) in enumerate(shapes.items())
    }
    parameters = {name.split()[1]: value for name, value in arrays.items() if name.startswith("parameter")}
    cotangents = Cotangents(arrays["cotangent outputs"], {"h": arrays["cotangent of the final state h"]})
    state = {"h": arrays["initial state h"]}
    return Case(NETWORK, SIZES, parameters, arrays["input x"], state, cotangents, **options)


@pytest.mark.parametrize("array", RIGHT)
@pytest.mark.parametrize("how", [lambda s: (*s[::-1], 1), lambda s: s[1:], lambda s: (s[0] + 1, *s[1:]), lambda s: ()])
def test_an_array_of_a_wrong_shape_is_refused(array, how):
    assert str(build()) == "elman:readout=tanh, T=4 B=3 I=2 H=5, float64"
    wrong = how(RIGHT[array])
    with pytest.raises(ModelError) as refused:
        build({**RIGHT, array: wrong})
    assert str(refused.value) == f"{array}: got shape {wrong}, expected {RIGHT[array]}"


def test_names_that_are_missing_or_unknown_are_refused():
    case = build()
    spoiled = {"W_z" if name == "W_y" else name: value for name, value in case.parameters.items()}
    with pytest.raises(ModelError) as refused:
        replace(case, parameters=spoiled)
    assert str(refused.value) == "parameter: missing W_y; unknown W_z; expected W_h, U_h, b_h, W_y, b_y"
    with pytest.raises(ModelError, match="initial state: missing h; expected h"):
        replace(case, state={})
    with pytest.raises(ModelError, match="cotangent of the final state: unknown c; expected h"):
        state = {**case.cotangents.state, "c": case.state["h"]}
        replace(case, cotangents=Cotangents(case.cotangents.outputs, state))


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        ([4, 4], "lengths: got shape (2,), expected (3,)"),
        ([4, 5, 0], "lengths: got 4, 5, 0; expected each from 0 to T=4"),
        ([-1, 4, 0], "lengths: got -1, 4, 0; expected each from 0 to T=4"),
        ([1.5, 4, 0], "lengths: got 1.5, 4.0, 0.0; expected whole numbers"),
        ([True, True, False], "lengths: got True, True, False; expected whole numbers"),
    ],
)
def test_lengths_are_checked(lengths, message):
    assert build(lengths=np.array([4, 0, 2])).lengths.tolist() == [4, 0, 2]
    with pytest.raises(ModelError) as refused:
        build(lengths=np.array(lengths))
    assert str(refused.value) == message


def test_an_unknown_format_is_refused():
    assert build(dtype="float32").dtype == "float32"
    with pytest.raises(ModelError, match="dtype 'float61': expected one of float64, float32"):
        build(dtype="float61")


def test_one_cotangent_alone():
    case = build()
    full = case.cotangents
    assert with_cotangents(case, None) is full
    alone = with_cotangents(case, "outputs")
    assert np.array_equal(alone.outputs, full.outputs) and not alone.state["h"].any()
    alone = with_cotangents(case, "h")
    assert np.array_equal(alone.state["h"], full.state["h"]) and not alone.outputs.any()


def test_a_case_is_cut_along_time():
    case = build()
    first, state = first_steps(case, 3), {"h": case.state["h"] + 1}
    assert first.sizes == replace(SIZES, T=3)
    assert np.array_equal(first.x, case.x[:3])
    assert np.array_equal(first.cotangents.outputs, case.cotangents.outputs[:3])
    last = last_steps(case, 3, state)
    assert last.sizes == replace(SIZES, T=1)
    assert np.array_equal(last.x, case.x[3:])
    assert np.array_equal(last.cotangents.outputs, case.cotangents.outputs[3:])
    assert np.array_equal(last.state["h"], state["h"])


def test_rows_of_the_batch_are_taken_in_the_order_asked_for():
    case = build(lengths=np.array([4, 0, 2]))
    taken = rows(case, np.array([2, 0]))
    assert taken.sizes == replace(SIZES, B=2)
    assert taken.lengths.tolist() == [2, 4]
    assert np.array_equal(taken.x[:, 0], case.x[:, 2]) and np.array_equal(taken.x[:, 1], case.x[:, 0])
    assert np.array_equal(taken.state["h"], case.state["h"][[2, 0]])
    assert np.array_equal(taken.cotangents.outputs, case.cotangents.outputs[:, [2, 0]])
    assert np.array_equal(taken.cotangents.state["h"], case.cotangents.state["h"][[2, 0]])
    assert taken.parameters is case.parameters
