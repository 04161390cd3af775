"""A softmax inside a recurrence: its two edges as written by hand, edits of them, and what it is in floats."""

from dataclasses import replace

import numpy as np
import pytest
from cases_and_balls import of_cell
from test_reference_edges import edited

from rnnproof.domains.execution import execute
from rnnproof.domains.floating import softmax
from rnnproof.model.cell import Cell
from rnnproof.model.equation import BATCH, Affine, Softmax, signal
from rnnproof.properties.exact import lift
from rnnproof.reference.adjoint import ONE, Mix, Scale, adjoint
from rnnproof.reference.exact import ExactReference
from rnnproof.reference.forward import forward
from rnnproof.reference.network import Changed
from rnnproof.strategies.cases import Draw, fill

CELL = Cell("attention", (Affine("z", (("W", "x"), ("U", "y")), "b"), Softmax("y'", "z")), (("y", "y'"),), "y'")
NETWORK = of_cell(CELL)
Y = signal("y'")
ONE_STEP = Draw(1, 3, 2, 3, 2, 2, 5, "typical", 12)


def case(draw=ONE_STEP, dtype="float64"):
    return fill(NETWORK, draw, dtype)


def test_the_two_edges():
    own, mix = (edge for edge in adjoint(CELL).edges if isinstance(edge, Scale | Mix))
    assert own == Scale("y'<-z", "y'", "z", Y)
    assert mix == Mix("y'<-z together", "y'", "z", -Y, Y)


def by_hand(y, d):
    return y * (d - (y * d).sum(axis=-1, keepdims=True))


EDITS = {
    "nothing": (None, {}, by_hand),
    "the sum missing": ("y'<-z together", {"gain": 0 * ONE}, lambda y, d: y * d),
    "the sum doubled": ("y'<-z together", {"gain": 2 * ONE}, lambda y, d: 2 * by_hand(y, d) - y * d),
    "the sum of dy alone": (
        "y'<-z together",
        {"weight": ONE},
        lambda y, d: y * (d - d.sum(axis=-1, keepdims=True)),
    ),
    "the sum not multiplied": (
        "y'<-z together",
        {"factor": -ONE},
        lambda y, d: y * d - (y * d).sum(axis=-1, keepdims=True),
    ),
    "the sum over the batch": (
        "y'<-z together",
        {"axis": BATCH},
        lambda y, d: y * (d - (y * d).sum(axis=0, keepdims=True)),
    ),
    "its own entry missing": ("y'<-z", {"gain": 0 * ONE}, lambda y, d: by_hand(y, d) - y * d),
    "its own entry not multiplied": ("y'<-z", {"factor": ONE}, lambda y, d: by_hand(y, d) - y * d + d),
}


def unequal_in_the_ring(edit, expected) -> list[str]:
    """The gradients of one step that are not those of dz = expected(y, dy), exactly."""
    edge_id, change, _ = EDITS[edit]
    pulled = adjoint(CELL) if edge_id is None else edited(adjoint(CELL), edge_id, **change)

    def run(ring):
        lifted = lift(case(), ring)
        trace = lifted.run(lifted.build(ExactReference("edited", Changed(pulled=pulled))), pulled=True)
        d = lifted.cotangents.outputs[0] + lifted.cotangents.state["y"]
        dz = expected(trace.outputs[0], d)
        right = {
            "W": dz.T @ lifted.x[0],
            "U": dz.T @ lifted.state["y"],
            "b": dz.sum(axis=0),
            "x": (dz @ lifted.parameters["W"])[None],
            "y": dz @ lifted.parameters["U"],
        }
        found = {**trace.gradients.parameters, "x": trace.gradients.x, **trace.gradients.state}
        assert found.keys() == right.keys()
        return [n for n in right if np.any((found[n].dual.x - right[n].dual.x) % ring.residues.modulus != 0)]

    return execute(run)[0]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_acts_as_it_says_exactly(edit):
    assert unequal_in_the_ring(edit, EDITS[edit][2]) == []
    assert edit == "nothing" or unequal_in_the_ring(edit, by_hand) == ["W", "U", "b", "x", "y"]


def ran(equation, dtype="float64"):
    """(z, y) of one step in floats."""
    one = case(dtype=dtype)
    cell = replace(CELL, equations=(CELL.equations[0], equation))
    P, state = ({n: v.astype(dtype) for n, v in part.items()} for part in (one.parameters, one.state))
    tape = forward(cell, P, one.x.astype(dtype), state)
    return tape.signals["z"][0], tape.signals["y'"][0]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_in_floats_it_is_the_softmax_of_rows_and_its_faults_are_what_they_say(dtype):
    z, y = ran(Softmax("y'", "z"), dtype)
    e = np.exp(z - z.max(axis=1, keepdims=True))
    assert y.dtype == z.dtype == np.dtype(dtype) and np.array_equal(y, e / e.sum(axis=1, keepdims=True))
    z, y = ran(Softmax("y'", "z", axis=BATCH), dtype)
    e = np.exp(z - z.max(axis=0))
    assert np.array_equal(y, e / e.sum(axis=0))
    z, y = ran(Softmax("y'", "z", shifted=False), dtype)
    assert np.array_equal(y, np.exp(z) / np.exp(z).sum(axis=1, keepdims=True))


def test_the_largest_is_subtracted_so_that_nothing_overflows():
    far = np.array([[1000.0, 999.0], [-1000.0, -1000.0]])
    with np.errstate(all="raise"):
        near = softmax(np.array([[1.0, 0.0], [0.0, 0.0]]))
        assert np.array_equal(softmax(far), near) and near[1].tolist() == [0.5, 0.5]
    with np.errstate(all="ignore"):
        assert np.isnan(softmax(far, shifted=False)).any()
