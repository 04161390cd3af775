"""How cases are drawn, counted, shrunk and made simple."""

import numpy as np
import pytest

from rnnproof.adapters.resolve import Target, resolve
from rnnproof.catalogue import network
from rnnproof.faults.bank import find
from rnnproof.faults.fault import plant
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID, LAWS
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill
from rnnproof.strategies.regimes import OWN
from rnnproof.usecases.bench import Bench, stream
from rnnproof.usecases.examine import examine_law, shows
from rnnproof.usecases.minimise import minimise
from rnnproof.usecases.verify import planted

LSTM = network("lstm")


def bench(implementation, model=LSTM, dtype="float64"):
    return Bench(Target("the target", implementation, model, None, {}), dtype, 0)


def test_a_case_that_hides_the_laws_own_fault_does_not_count():
    """Truncation shows nothing at T=1: gradients of c0 do, but a dropped carry does not."""
    law = BY_ID["gradient.parameters"]
    one, two = (Draw(T, 2, 2, 3, 2, 2, 0, "zero", 8) for T in (1, 2))
    carry = type(law)(law.id, law.judge, (("carry dropped", "the carry of"),), gradients=True)
    assert not shows(carry, bench(Reference()), one)
    assert shows(carry, bench(Reference()), two)


@pytest.mark.parametrize("name", ["lstm", "elman", "elman:activation=relu,readout=identity"])
def test_every_law_refuses_the_fault_planted_for_it(name):
    refusals = list(planted(network(name)))
    assert [one.property for one in refusals] == [law.id for law in LAWS]
    assert all(one.refused for one in refusals)


def test_the_counterexample_of_a_dropped_carry_is_the_smallest_there_is():
    fault = find(LSTM, "carry dropped", "the carry of dc")
    finding = examine_law(BY_ID["gradient.parameters"], bench(plant(fault)), 50)
    sizes = finding.counterexample["case"]["sizes"]
    assert finding.outcome is Outcome.FAILED
    assert (sizes["T"], sizes["B"], sizes["I"], sizes["H"]) == (2, 1, 1, 1)


def test_one_wrong_entry_has_a_ratio_that_means_nothing():
    gru = network("gru")
    missing = plant(find(gru, "term missing", "h*z is missing"))
    finding = examine_law(BY_ID["forward.values"], bench(missing, gru), 3)
    assert finding.counterexample["case"]["sizes"]["H"] == 1
    assert finding.kind == "value"
    assert "the ratio is" not in finding.message


def test_minimise_leaves_only_what_the_failure_needs():
    case = fill(LSTM, Draw(3, 2, 2, 2, 2, 2, 0, "typical", 20), "float64")
    small = minimise(case, lambda c: abs(c.parameters["U_f"][1, 0]) > 0.3 and c.x[0, 0, 0] != 0)
    assert np.count_nonzero(small.parameters["U_f"]) == 1
    assert abs(small.parameters["U_f"][1, 0]) in (0.5, 0.75, 1.0, 1.25, 1.5)
    assert np.count_nonzero(small.x) == 1
    assert not any(np.any(v) for k, v in small.parameters.items() if k != "U_f")
    assert not np.any(small.cotangents.outputs)


def test_minimise_returns_a_case_that_cannot_be_simpler_as_it_is():
    case = fill(LSTM, Draw(1, 1, 1, 1, 1, 1, 0, "typical", 8), "float64")
    assert minimise(case, lambda c: False) is case


def test_a_law_that_fails_on_an_earlier_counterexample_names_it():
    fault = find(LSTM, "bias twice", "b_o")
    one = bench(plant(fault))
    first = examine_law(BY_ID["forward.values"], one, 5)
    second = examine_law(BY_ID["forward.step"], one, 5)
    assert first.same_case_as is None
    assert second.same_case_as == "forward.values"
    assert second.counterexample["case"] == first.counterexample["case"]


def test_an_instances_own_weights_are_among_its_cases():
    torch = pytest.importorskip("torch")
    layer = torch.nn.LSTM(2, 3)
    found = Bench(resolve(layer), "float32", 0)
    own = [draw for draw in stream(BY_ID["forward.values"], found) if draw.regime == OWN]
    assert len(own) == 3
    case = found.trial(own[0]).case
    assert np.array_equal(case.parameters["W_f"], layer.weight_ih_l0.detach().numpy()[3:6])


def test_a_class_has_no_weights_of_its_own():
    assert not [d for d in stream(BY_ID["forward.values"], bench(Reference())) if d.regime == OWN]
