"""Every kind of fault that the bank plants is refused by an exact law."""

import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import plant
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill


@pytest.mark.parametrize("name", ["lstm", "elman"])
def test_every_kind_of_planted_fault_is_refused(name):
    """One fault of each operator on equations, and on edges."""
    network = resolve(f"numpy:{name}").network
    case = fill(network, Draw(4, 2, 2, 3, 2, 2, 7, "typical", 12), "float64")
    # An overflow is a fault of floats alone: over the reals it is the same function, and so it is here.
    kept = (fault for fault in bank(network) if fault.conduct is None and fault.operator != "overflow")
    chosen = {fault.operator: fault for fault in kept}
    passed = []
    for operator, fault in chosen.items():
        law = exact.forward if fault.cell is not None else exact.gradient
        verdict = law(start(case, plant(fault)))
        if verdict.outcome is not Outcome.FAILED:
            passed.append((operator, fault.text, verdict.outcome, verdict.message))
    assert passed == []
    assert len(chosen) > 10
