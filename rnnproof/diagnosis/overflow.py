"""Which way of writing an activation overflows where the target's numbers do."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.observed import Observed
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import Fault, plant
from rnnproof.model.case import Array
from rnnproof.properties.forward import results


def overflowing(evidence: Evidence) -> list[Hypothesis]:
    """The faults that overflow, in the target's own format, in the same entries of the cases in which a law failed."""
    lost = [one for one in evidence.small if not all(np.isfinite(value).all() for value in one.forward.values())]
    if not lost:
        return []
    faults = (fault for fault in bank(evidence.network) if fault.operator == "overflow")
    same = (fault for fault in faults if all(_same(one, fault) for one in (*lost, *evidence.huge)))
    return [Hypothesis(evidence.network).with_fault(fault) for fault in same]


def _same(observed: Observed, fault: Fault) -> bool:
    said = results(observed.trial.on(plant(fault)).base)
    return all(np.array_equal(a, b) for a, b in _places(observed.forward, said))


def _places(got: dict[str, Array], said: dict[str, Array]) -> Iterator[tuple[Array, Array]]:
    return ((np.isfinite(value), np.isfinite(said[name])) for name, value in got.items() if name in said)
