"""Every fault of the bank is refused by some property, or proved to be no fault; the table is printed at the end."""

from collections import Counter

import pytest
import sympy

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import plant
from rnnproof.model.activation import definition, relu, step
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import LAWS
from rnnproof.properties.trial import Trial
from rnnproof.reference.implementation import CLAIMS
from rnnproof.strategies.cases import HUGE, RAGGED, Draw
from rnnproof.usecases.bench import bounds_of
from rnnproof.usecases.examine import judge

NETWORKS = (
    "lstm",
    "lstm:bias=false",
    "elman",
    "elman:activation=relu",
    "elman:activation=sigmoid,readout=identity",
    "elman:activation=relu,readout=sigmoid",
    "elman:activation=identity,readout=identity,bias=false",
    "elman:direction=backward",
    "elman:layers=2,readout=identity",
    "elman:layers=2,direction=bidirectional",
    "elman:readout=identity,direction=bidirectional,merge=product",
)
# The changes that change nothing: text of the fault -> what proves it.
EQUIVALENT = {"h' in place of z_h in the term dh' * step(z_h) of dz_h": "step_of_relu"}
FIRST = sorted(LAWS, key=lambda law: (law.id != "forward.values", not law.gradients))
ORDINARY_DRAWS = [Draw(T, 3, 2, 3, 2, 2, 0, "typical", 8) for T in (1, 2, 3, 4)]
RAGGED_DRAWS = [Draw(3, 3, 2, 3, 2, 2, seed, RAGGED, 8) for seed in (0, 1)]
HUGE_DRAWS = [Draw(2, 3, 2, 3, 2, 2, seed, "huge", 6) for seed in (0, 1)]


def draws_of(law, model):
    """The draws that a law is asked on; none where it does not apply to the network."""
    if law.excuse(CLAIMS, model):
        return []
    return HUGE_DRAWS if law.regimes == HUGE else RAGGED_DRAWS if law.regimes == (RAGGED,) else ORDINARY_DRAWS


def killer(fault, model):
    """(law, T) of the first law and the shortest case that refuse a fault; None if none does."""
    for law in FIRST:
        for draw in draws_of(law, model):
            bounds = bounds_of(model, draw, "float64")
            if law.applies(bounds.case):
                verdict = judge(law, Trial(bounds.case, plant(fault), bounds))
                if verdict.outcome is Outcome.FAILED:
                    return law.id, draw.T
    return None


@pytest.mark.parametrize("name", NETWORKS)
def test_every_fault_is_refused_or_is_none(name, record_property):
    model = network(name)
    killed = {fault: killer(fault, model) for fault in bank(model)}
    survivors = {fault.text for fault, by in killed.items() if by is None}
    expected = {text for text in EQUIVALENT if text in {fault.text for fault in killed}}
    assert survivors == expected
    by_law = Counter(by[0] for by in killed.values() if by)
    longest = Counter(by[1] for by in killed.values() if by)
    record_property("kill table", (name, len(killed), dict(by_law), dict(longest), sorted(survivors)))
    assert all(by[1] <= 3 for fault, by in killed.items() if by and "every 3 steps" not in fault.text)


def test_the_survivor_is_equivalent():
    """step(relu(z)) = step(z) for z > 0, z = 0 and z < 0."""
    for z in (sympy.Symbol("z", positive=True), sympy.Integer(0), sympy.Symbol("z", negative=True)):
        inner = definition(relu(z))
        assert sympy.simplify(definition(step(inner)) - definition(step(z))) == 0


def test_a_network_without_fault_survives():
    """The table's own control: the reference with nothing changed is refused by no law."""
    from rnnproof.reference.implementation import Reference

    model = network("lstm")
    for law in LAWS:
        for draw in draws_of(law, model):
            bounds = bounds_of(model, draw, "float64")
            if law.applies(bounds.case):
                assert judge(law, Trial(bounds.case, Reference(), bounds)).outcome is not Outcome.FAILED


@pytest.mark.parametrize("name", NETWORKS)
def test_names_are_different_and_say_what_changed(name):
    texts = [fault.text for fault in bank(network(name))]
    assert len(texts) == len(set(texts))


def test_each_fault_is_one_change():
    for fault in bank(network("lstm")):
        assert sum(part is not None for part in (fault.cell, fault.adjoint, fault.conduct)) == 1
