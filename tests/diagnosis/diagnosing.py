"""A target's diagnosis, as the tests ask for it."""

from __future__ import annotations

import numpy as np

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.diagnosis.agreement import near
from rnnproof.diagnosis.budget import Budget
from rnnproof.diagnosis.diagnose import Diagnosis, diagnose
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.faults.fault import Fault, plant

PATIENT = 60.0  # seconds: what is found must not depend on the machine


def diagnosed(target: object, name: str, dtype: str | None = None, seconds: float = PATIENT) -> Diagnosis | None:
    """The diagnosis of a live target."""
    found = resolve(target, name)
    implementation = found.implementation
    with np.errstate(all="ignore"):
        evidence = Evidence(implementation, found.network, dtype or implementation.claims.dtypes[0])
        return diagnose(evidence, Budget(seconds))


def of_planted(fault: Fault, name: str, dtype: str = "float64") -> Diagnosis | None:
    """The diagnosis of the reference with a fault."""
    return diagnose(Evidence(plant(fault), network(name), dtype), Budget(PATIENT))


def of_hypothesis(hypothesis: Hypothesis, dtype: str = "float64", seconds: float = PATIENT) -> Diagnosis | None:
    """The diagnosis of what behaves as a hypothesis does."""
    return diagnose(Evidence(hypothesis.implementation, hypothesis.network, dtype), Budget(seconds))


def alike(first: Hypothesis, second: Hypothesis) -> bool:
    """Whether two hypotheses compute the same, to within rounding, on a case of their own."""
    evidence = Evidence(first.implementation, first.network, "float64")
    return near(second, (*evidence.small, *evidence.fresh), True)
