"""Gradients that are multiples of the right ones, each with a number of its own: dU_o three times, dx 0.9 times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from rnnproof.diagnosis.evidence import Evidence
from rnnproof.diagnosis.fit import read
from rnnproof.diagnosis.hypothesis import Hypothesis
from rnnproof.diagnosis.observed import Observed, named
from rnnproof.faults.constants import Family, K
from rnnproof.faults.edges import edited
from rnnproof.model.case import Array
from rnnproof.reference.adjoint import Adjoint, Outer, Result, Total

MOST = 5  # gradients; of more, another change is the reason


def multiples(base: Hypothesis, evidence: Evidence) -> Iterator[Hypothesis]:
    """The hypothesis in which every gradient that is wrong is a multiple; none where one of them is not.

    Whether it agrees is somebody else's to say.
    """
    wrong = sorted({name for one in evidence.small for name in _wrong(one, base)})
    found: Hypothesis | None = base if len(wrong) <= MOST else None
    for name in wrong:
        found = None if found is None else _multiple(found, name, evidence)
    if found is not None and found is not base:
        yield found


def _wrong(observed: Observed, hypothesis: Hypothesis) -> set[str]:
    off = zip(observed.every_item, observed.errors(hypothesis), strict=True)
    return {name for (name, _), error in off if error > 1}


def _multiple(base: Hypothesis, name: str, evidence: Evidence) -> Hypothesis | None:
    """The hypothesis in which one gradient has the simplest number with which it is near; None where none is."""
    family = _family(base.adjoint, name)
    k = None if family is None else _ratio(base, name, evidence)
    if family is None or k is None:
        return None
    every = (base.with_fault(replace(fault, at=base.at)) for fault in read(family, k))
    return next((h for h in every if not any(name in _wrong(one, h) for one in evidence.small)), None)


def _family(base: Adjoint, name: str) -> Family | None:
    """A gradient times k: the edges that add up to it, or that it is returned by."""
    into = name.split("@")[0].removeprefix("d").removesuffix(" initial")
    edges = [e for e in base.edges if isinstance(e, Outer | Total | Result) and e.into == into]
    changed = edited(base, [replace(edge, gain=K * edge.gain) for edge in edges])
    return Family("scale", f"{name} is multiplied by {{k}}", 1.0, adjoint=changed) if edges else None


def _ratio(hypothesis: Hypothesis, name: str, evidence: Evidence) -> float | None:
    """The number by which the hypothesis's gradient is the nearest to the target's."""
    got = _flat([one.gradients[name] for one in evidence.small])
    key = name.split("@")[0]
    said = _flat([named(hypothesis.trace(one.case, one.cotangents))[key] for one in evidence.small])
    square = float(said @ said)
    return float(got @ said) / square if square and np.isfinite(square) else None


def _flat(parts: list[Array]) -> Array:
    return np.concatenate([part.ravel() for part in parts])
