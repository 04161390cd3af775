"""Every fault of the bank is refused by some property, or proved to be no fault; the table is printed at the end."""

from collections import Counter

import pytest
import sympy

from rnnproof.catalogue import network
from rnnproof.domains.formats import FORMATS
from rnnproof.faults.bank import bank
from rnnproof.faults.equations import overflowing
from rnnproof.faults.fault import plant
from rnnproof.model.activation import Activation, clipped, definition, relu, sigmoid, step, tanh
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import LAWS
from rnnproof.properties.trial import Trial
from rnnproof.reference.implementation import CLAIMS
from rnnproof.strategies.cases import Draw
from rnnproof.strategies.regimes import HUGE, RAGGED
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
    "elman:readout=softmax,bias=false",
    "elman:direction=backward",
    "elman:layers=2,readout=identity",
    "elman:layers=2,direction=bidirectional",
    "elman:padding=repeat",
    "elman:padding=run",
    "elman:readout=identity,direction=bidirectional,merge=product",
    "jordan",
    "lecture_lstm",
    "lstm:coupled=input,projection=P,bias=false",
    "lstm:coupled=input,forget_offset=1,bias=false",
    "lstm:coupled=input,recurrent=hard_sigmoid,bias=false",
    "lstm:coupled=forget,clip=1/2,bias=false",
    "lstm:coupled=forget,clip=2,clip_place=gates,bias=false",
    "peephole",
    "gru",
    "gru:reset=before,bias=false",
    "mgu",
    "mingru",
    "minlstm",
)
# The changes that change nothing: of each network, text of the fault -> the test that proves it.
RELU_OF_RELU = {"h' in place of z_h in the term dh' * step(z_h) of dz_h": "step_of_relu"}
COUPLED = {"i in place of f in the term df * f*(1 - f) of dz_f": "one_less_the_other"}
EQUIVALENT = {
    "elman:activation=relu": RELU_OF_RELU,
    "elman:activation=relu,readout=sigmoid": RELU_OF_RELU,
    "lstm:coupled=input,projection=P,bias=false": COUPLED,
    "lstm:coupled=input,forget_offset=1,bias=false": {
        "i in place of f in the term df * f*(1 - f) of da_f": "one_less_the_other",
    },
    "lstm:coupled=input,recurrent=hard_sigmoid,bias=false": {
        "relu(1 - relu(z_f/5 + 1/2)) in place of i in the term dc' * i of dg": "one_less_the_other",
        "o in place of relu(z_o/5 + 1/2) in the term drelu(1 - relu(z_o/5 + 1/2)) * -step(1 - relu(z_o/5 + 1/2)) "
        "of drelu(z_o/5 + 1/2)": "step_of_what_is_cut",
        "f in place of relu(z_f/5 + 1/2) in the term drelu(1 - relu(z_f/5 + 1/2)) * -step(1 - relu(z_f/5 + 1/2)) "
        "of drelu(z_f/5 + 1/2)": "step_of_what_is_cut",
    },
    "lstm:coupled=forget,clip=1/2,bias=false": {
        "h' has tanh computed as (exp(2z)-1)/(exp(2z)+1) on c'": "no_overflow",
        "f in place of i in the term di * i*(1 - i) of dz_i": "one_less_the_other",
    },
    "lstm:coupled=forget,clip=2,clip_place=gates,bias=false": {
        "i has sigmoid computed as exp(z)/(1+exp(z))": "no_overflow",
        "o has sigmoid computed as exp(z)/(1+exp(z))": "no_overflow",
        "g has tanh computed as (exp(2z)-1)/(exp(2z)+1)": "no_overflow",
        "every sigmoid is replaced: sigmoid computed as exp(z)/(1+exp(z))": "no_overflow",
        "f in place of i in the term di * i*(1 - i) of drelu(-z_i - 2)": "one_less_the_other",
        "f in place of i in the term di * -i*(1 - i) of drelu(z_i - 2)": "one_less_the_other",
        "f in place of i in the term di * i*(1 - i) of dz_i": "one_less_the_other",
    },
}
FIRST = sorted(LAWS, key=lambda law: (law.id != "forward.values", not law.gradients))
RAGGED_DRAWS = [Draw(3, 3, 2, 3, 2, 2, seed, RAGGED, 8) for seed in (0, 1)]
# More seeds, because a hard sigmoid is level and a clip at work in a few entries only.
SEEDS = ((1, 0), (2, 0), (3, 0), (3, 1), (3, 5), (4, 0), (4, 1))
ORDINARY_DRAWS = [Draw(T, 3, 2, 3, 2, 2, seed, "typical", 8) for T, seed in SEEDS]
HUGE_DRAWS = [Draw(2, 3, 2, 3, 2, 2, seed, "huge", 6) for seed in range(6)]


def draws_of(law, model):
    """The draws that a law is asked on; none where it does not apply to the network.

    An exact law needs no second seed: no difference is too small for it.
    """
    if law.excuse(CLAIMS, model):
        return []
    if law.most is not None:
        return ORDINARY_DRAWS[2:3]
    if law.regimes in (HUGE, (RAGGED,)):
        return HUGE_DRAWS if law.regimes == HUGE else RAGGED_DRAWS
    return ORDINARY_DRAWS + (RAGGED_DRAWS if law.ragged else [])


def killer(fault, model):
    """(law, T) of the first law and the shortest case that refuse a fault; None if none does.

    A changed adjoint is a right forward pass: its gradients are looked at first.
    """
    planted = plant(fault)
    trials = {}
    for law in sorted(FIRST, key=lambda law: fault.adjoint is not None and not law.gradients):
        for draw in draws_of(law, model):
            bounds = bounds_of(model, draw, FORMATS["float64"])
            trial = trials.setdefault(draw, Trial(bounds.case, planted, bounds))
            if law.applies(bounds.case) and judge(law, trial).outcome is Outcome.FAILED:
                return law.id, draw.T
    return None


@pytest.mark.parametrize("name", NETWORKS)
def test_every_fault_is_refused_or_is_none(name, record_property):
    model = network(name)
    killed = {fault: killer(fault, model) for fault in bank(model)}
    survivors = {fault.text for fault, by in killed.items() if by is None}
    assert survivors == set(EQUIVALENT.get(name, ()))
    by_law = Counter(by[0] for by in killed.values() if by)
    longest = Counter(by[1] for by in killed.values() if by)
    record_property("kill table", (name, len(killed), dict(by_law), dict(longest), sorted(survivors)))
    assert all(by[1] <= 3 for fault, by in killed.items() if by and "every 3 steps" not in fault.text)


def test_every_proof_is_there():
    named = {proof for table in EQUIVALENT.values() for proof in table.values()}
    assert named == {name.removeprefix("test_equivalent_").partition("[")[0] for name in PROOFS}


PIECES = (sympy.Symbol("z", positive=True), sympy.Integer(0), sympy.Symbol("z", negative=True))


def test_equivalent_step_of_relu():
    """step(relu(z)) = step(z) for z > 0, z = 0 and z < 0."""
    for z in PIECES:
        inner = definition(relu(z))
        assert sympy.simplify(definition(step(inner)) - definition(step(z))) == 0


def test_equivalent_one_less_the_other():
    """With i = 1 - f: i (1 - i) = f (1 - f); and where f = 1 - m, i = m."""
    f, m = sympy.symbols("f m")
    assert sympy.expand((1 - f) * f - f * (1 - f)) == 0
    assert 1 - (1 - m) == m


def test_equivalent_step_of_what_is_cut():
    """step(1 - q) = step(1 - m) for the gate q = 1 - relu(1 - m): q is m cut at 1. z = 1 - m."""
    for z in PIECES:
        m = 1 - z
        q = 1 - definition(relu(1 - m))
        assert sympy.simplify(definition(step(1 - q)) - definition(step(1 - m))) == 0


def test_equivalent_no_overflow():
    """The forms that overflow are the same functions, and they are given at most 2: exp(4) is finite."""
    z = sympy.Symbol("z", real=True)
    for call in (sigmoid(z), tanh(z)):
        _, form = overflowing(call)
        plain = form.replace(lambda part: isinstance(part, Activation), definition)
        assert sympy.simplify((plain - definition(call)).rewrite(sympy.exp)) == 0
    for k in (sympy.Rational(1, 2), sympy.Integer(2)):
        for far in (-10000, -k, 0, k, 10000):
            assert abs(clipped(sympy.Rational(far), k).replace(relu, lambda v: max(v, 0))) <= k


PROOFS = [name for name in dict(globals()) if name.startswith("test_equivalent_")]


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_without_fault_survives(name):
    """The table's own control: the reference with nothing changed is refused by no law."""
    from rnnproof.reference.implementation import Reference

    model = network(name)
    for law in LAWS:
        for draw in draws_of(law, model):
            bounds = bounds_of(model, draw, FORMATS["float64"])
            if law.applies(bounds.case):
                assert judge(law, Trial(bounds.case, Reference(), bounds)).outcome is not Outcome.FAILED


@pytest.mark.parametrize("name", NETWORKS)
def test_names_are_different_and_say_what_changed(name):
    texts = [fault.text for fault in bank(network(name))]
    assert len(texts) == len(set(texts))


def test_each_fault_is_one_change():
    for fault in bank(network("lstm")):
        assert sum(part is not None for part in (fault.cell, fault.adjoint, fault.conduct)) == 1
