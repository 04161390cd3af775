"""Every fault of the bank is found exactly, also scaled down by 2^-60: floats are too coarse to hold the difference."""

from dataclasses import dataclass

import pytest

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import plant
from rnnproof.model.implementation import Claims
from rnnproof.model.trace import Gradients, Trace
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.trial import start
from rnnproof.reference.exact import ExactReference
from rnnproof.reference.implementation import Reference
from rnnproof.reference.network import Changed
from rnnproof.strategies.cases import Draw, fill

NETWORKS = ("lstm", "elman", "elman:activation=relu", "elman:activation=sigmoid,readout=tanh", "elman:readout=softmax")
CASES = [Draw(2, 2, 2, 2, 2, 2, 7, "typical", 12), Draw(4, 3, 2, 3, 2, 2, 8, "typical", 12)]
# Over the reals the same function: what is wrong with it are its floats.
FLOATS_ALONE = "overflow"
CLAIMS = Claims()
PARTS = 4  # of each bank, to be tested side by side
# The changes that change nothing, as the kill table proves.
EQUIVALENT = {"h' in place of z_h in the term dh' * step(z_h) of dz_h"}


@dataclass(frozen=True, eq=False)
class Scaled:
    """right + (wrong - right) / 2^60 of every result."""

    right: ExactReference
    wrong: ExactReference
    name: str = "scaled"
    claims: Claims = CLAIMS
    own = None

    @property
    def in_ring(self):
        return self

    def build(self, model, parameters, dtype):
        built = (each.build(model, parameters, dtype) for each in (self.right, self.wrong))
        return ScaledSubject(*built)


@dataclass(frozen=True, eq=False)
class ScaledSubject:
    right: object
    wrong: object
    step = None

    def run(self, *arguments):
        right, wrong = (each.run(*arguments) for each in (self.right, self.wrong))
        return mixed(right, wrong)


def mixed(right, wrong):
    if isinstance(right, dict):
        return {name: mixed(value, wrong[name]) for name, value in right.items()}
    if isinstance(right, Trace):
        return Trace(
            *(mixed(getattr(right, n), getattr(wrong, n)) for n in ("outputs", "final", "states", "gradients"))
        )
    if isinstance(right, Gradients):
        return Gradients(*(mixed(getattr(right, n), getattr(wrong, n)) for n in ("parameters", "x", "state")))
    return None if right is None else right + (wrong - right) / 2**60


@dataclass(frozen=True, eq=False)
class InFloatsRight:
    """An implementation that is right in floats, and in the ring but for 2^-60 of a fault."""

    in_ring: Scaled
    name: str = "right but for 2^-60"
    claims: Claims = CLAIMS
    own = None

    def build(self, *arguments):
        return Reference().build(*arguments)


def verdicts(model, fault):
    """The verdicts on a fault and on 2^-60 of it, at the first case that shows it."""
    law = exact.forward if fault.cell is not None else exact.gradient
    small = InFloatsRight(
        Scaled(ExactReference("right"), ExactReference("wrong", Changed(fault.at, fault.cell, fault.adjoint)))
    )
    for draw in CASES:
        case = fill(model, draw, "float64")
        found = [law(start(case, each)) for each in (plant(fault), small)]
        if all(each.outcome is Outcome.FAILED for each in found):
            break
    return found


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("name", NETWORKS)
def test_every_fault_is_found_also_where_it_is_scaled_down(name, part, record_property):
    model = network(name)
    kept = [each for each in bank(model) if each.conduct is None and each.operator != FLOATS_ALONE][part::PARTS]
    outcomes = {fault.text: tuple(each.outcome for each in verdicts(model, fault)) for fault in kept}
    missed = {text for text, both in outcomes.items() if both != (Outcome.FAILED, Outcome.FAILED)}
    assert missed == EQUIVALENT & set(outcomes)
    assert all(outcomes[text] == (Outcome.PASSED, Outcome.PASSED) for text in missed)
    record_property("exact bank", (name, len(outcomes), len(missed)))


def test_nothing_scaled_is_right():
    model = network("lstm")
    case = fill(model, CASES[1], "float64")
    small = InFloatsRight(Scaled(ExactReference("right"), ExactReference("right too")))
    assert [law(start(case, small)).outcome for law in (exact.forward, exact.gradient)] == [Outcome.PASSED] * 2
