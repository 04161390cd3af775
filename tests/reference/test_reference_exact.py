"""The reference in the ring: its adjoint is the dual number derivative of its forward pass, with no tolerance."""

import numpy as np
import pytest
from cases_and_balls import OTHERS

from rnnproof.catalogue import network
from rnnproof.domains.execution import execute
from rnnproof.faults.bank import find
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.lifted import lift
from rnnproof.properties.own import _loss
from rnnproof.reference.exact import ExactReference
from rnnproof.reference.network import Changed
from rnnproof.strategies.cases import Draw, fill
from rnnproof.strategies.regimes import RAGGED

NETWORKS = (
    *("lstm", "lstm:bias=false", "elman", "elman:activation=relu", "elman:activation=sigmoid,readout=tanh"),
    "elman:readout=softmax",
    *OTHERS,
)


PADDED = (
    *("lstm", "elman:padding=repeat", "lstm:padding=run", "elman:layers=2,readout=tanh,padding=run"),
    "gru:direction=bidirectional,merge=product,padding=repeat",
)


def both(name, pulled=None, regime="typical"):
    """(sum of gradient times direction, derivative of the loss in that direction), exactly."""
    case = fill(network(name), Draw(4, 3, 2, 3, 2, 2, 5, regime, 12), "float64")
    reference = ExactReference("reference", Changed(pulled=pulled))

    def run(ring):
        lifted = lift(case, ring, None)
        trace = lifted.run(lifted.build(reference), pulled=True)
        moved = lifted.arguments()
        along = sum((value.dual.x * moved[n].dual.d).sum() for n, value in gradients_of(trace).items())
        return int(along % ring.residues.modulus), int(_loss(lifted, trace).dual.d.item())

    return execute(run)[0]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_adjoint_is_the_derivative(name):
    along, derivative = both(name)
    assert along == derivative


@pytest.mark.parametrize("name", PADDED)
def test_the_adjoint_is_the_derivative_where_rows_end_early(name):
    along, derivative = both(name, regime=RAGGED)
    assert along == derivative


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("operator", ["carry dropped", "product dropped", "outer dropped"])
def test_an_adjoint_with_an_edge_dropped_is_not(name, operator):
    along, derivative = both(name, find(network(name), operator).adjoint)
    assert along != derivative


def test_the_shadow_is_the_float_reference():
    from rnnproof.reference.implementation import Reference

    case = fill(network("elman:activation=identity"), Draw(3, 2, 2, 3, 2, 2, 5, "typical", 6), "float64")
    exact, _ = execute(lambda ring: (lambda it: it.run(it.build(ExactReference("r"))))(lift(case, ring)))
    floats = Reference().build(case.network, case.parameters, "float64").run(case.x, case.state)
    # Small dyadic numbers and sums of products of them: nothing is rounded in either.
    assert np.array_equal(exact.outputs.dual.f, floats.outputs)
