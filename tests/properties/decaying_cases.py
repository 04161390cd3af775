"""Backpropagation through time that is cut after k steps, on cases whose gradients decay at a rate of their own."""

from dataclasses import replace

import numpy as np

from rnnproof.catalogue import network
from rnnproof.faults.edges import cut_at, edited
from rnnproof.faults.fault import Fault, plant
from rnnproof.model.case import Cotangents
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.trial import start
from rnnproof.reference.adjoint import STEPS, adjoint
from rnnproof.strategies.cases import Draw, fill
from rnnproof.usecases.examine import judge

LEDGER = BY_ID["gradient.ledger"]


def case_at(name, radius, seed, dtype="float64", T=20, H=4):
    """A case whose recurrent weights have this spectral radius, and whose loss is on the final states."""
    case = fill(network(name), Draw(T=T, B=1, I=2, H=H, O=2, P=2, seed=seed, regime="typical", q=8), dtype)
    scaled = {n: at_radius(w, radius).astype(dtype).astype(float) for n, w in case.parameters.items() if n[0] == "U"}
    ends = Cotangents(np.zeros_like(case.cotangents.outputs), case.cotangents.state)
    return replace(case, parameters={**case.parameters, **scaled}, cotangents=ends)


def at_radius(weight, radius):
    return weight * (radius / np.abs(np.linalg.eigvals(weight)).max())


def cut_after(name, k):
    """The reference whose backward pass is cut after k steps."""
    derived = adjoint(network(name).step)
    return plant(Fault("truncated", f"cut after {k} steps", adjoint=edited(derived, cut_at(derived, STEPS - 1 - k))))


def outcome(case, k):
    """named: failed, with k; failed; undecided; or passed, which is a miss."""
    verdict = judge(LEDGER, start(case, cut_after(case.network.name, k)))
    named = f"the gradient is cut off after {k} of {case.sizes.T} steps" in verdict.message
    return "named" if verdict.outcome is Outcome.FAILED and named else verdict.outcome.value
