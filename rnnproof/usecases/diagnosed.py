"""A finding with its diagnosis: searched for once a target and format, and asked of each failure that it explains."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from rnnproof.diagnosis.budget import Budget
from rnnproof.diagnosis.diagnose import SECONDS, Diagnosis, diagnose
from rnnproof.diagnosis.evidence import Evidence
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Case
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.laws import BY_ID, LAWS, Law
from rnnproof.properties.trial import Trial
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.examine import judge

SEARCHES = 2  # at the most, of one target in one format
ENOUGH = SECONDS / 4  # a second search has what the first has left, where that is as much
SINGLE_LAYERS = "sequence.layers"  # a change of one reading says nothing of layers that are built alone
RUNS = 40  # of the target, at the least, before anything can be said of it

Told = tuple[Diagnosis, Mapping[str, Any]]  # and what is told of it in a finding


@dataclass(eq=False)
class Diagnoses:
    """What was found of a target, by format; how often it was looked for, and what is left of the time for it."""

    known: dict[str, list[Told]] = field(default_factory=dict)
    searches: dict[str, int] = field(default_factory=dict)
    left: dict[str, float] = field(default_factory=dict)

    def of(self, finding: Finding, bench: Bench) -> Finding:
        """The finding of a failure, with the diagnosis that explains it; as it is where there is none."""
        law, case = BY_ID[finding.property], bench.failures.get(finding.property)
        told = _fitting(self.known.get(bench.dtype, []), law, case, bench)
        if told is None and self._goes_on(bench.dtype):
            told = _fitting(self._searched(case, bench), law, case, bench)
        return finding if told is None else replace(finding, diagnosis=told)

    def _goes_on(self, dtype: str) -> bool:
        return self.searches.get(dtype, 0) < SEARCHES and self.left.get(dtype, SECONDS) >= ENOUGH

    def _searched(self, case: Case | None, bench: Bench) -> list[Told]:
        """What one search finds, kept."""
        self.searches[bench.dtype] = self.searches.get(bench.dtype, 0) + 1
        target, budget = bench.target, Budget(self.left.get(bench.dtype, SECONDS))
        given = () if case is None else (case,)
        evidence = Evidence(target.implementation, target.network, bench.dtype, given)
        diagnosis = _too_slow(evidence) or diagnose(evidence, budget)
        found = [] if diagnosis is None else [(diagnosis, _told(diagnosis, evidence, bench))]
        self.left[bench.dtype] = budget.left
        self.known.setdefault(bench.dtype, []).extend(found)
        return found


def _fitting(known: Sequence[Told], law: Law, case: Case | None, bench: Bench) -> Mapping[str, Any] | None:
    return next((told for diagnosis, told in known if _fits(diagnosis, law, case, bench)), None)


def _told(diagnosis: Diagnosis, evidence: Evidence, bench: Bench) -> Mapping[str, Any]:
    return {
        "text": diagnosis.text,
        "names": list(diagnosis.names),
        "explains": explained_laws(diagnosis, evidence.small[1].case, bench),
        "arrays": list(diagnosis.arrays),
        "whole": diagnosis.whole,
    }


def _too_slow(evidence: Evidence) -> Diagnosis | None:
    """Said of a target whose runs alone would take longer than a search may."""
    try:
        trial = evidence.small[0].trial
        subject = trial.build()
        begun = time.monotonic()
        trial.run(subject=subject)
    except RnnproofError:
        return None
    took = time.monotonic() - begun
    if RUNS * took <= SECONDS:
        return None
    return Diagnosis(f"no change was looked for: a run takes {took:.2g} s, and a search {RUNS} of them and more")


def _fits(diagnosis: Diagnosis, law: Law, case: Case | None, bench: Bench) -> bool:
    """Whether a diagnosis says something of a law's failure: of the whole target, or as it explains this failure."""
    if diagnosis.whole and case is not None:
        return _explains(diagnosis, law, case, bench)
    return not diagnosis.only or law.id in diagnosis.only


def _explains(diagnosis: Diagnosis, law: Law, case: Case, bench: Bench) -> bool:
    """Whether the law fails on the hypothesis too, in the case in which it failed on the target."""
    changed = diagnosis.hypothesis is not None and diagnosis.hypothesis.changed is not None
    if diagnosis.hypothesis is None or (changed and law.id == SINGLE_LAYERS):
        return law.id in diagnosis.laws
    trial = Trial(case, diagnosis.hypothesis.implementation, Bounds(case, bench.form))
    return law.id in diagnosis.laws or judge(law, trial).outcome is Outcome.FAILED


def explained_laws(diagnosis: Diagnosis, case: Case, bench: Bench) -> list[str]:
    """The laws that fail on what the target equals, in a case that was looked at: their failures have this cause."""
    if not diagnosis.whole or diagnosis.hypothesis is None:
        return list(diagnosis.laws)
    claims, network = bench.target.implementation.claims, bench.target.network
    laws = (law for law in LAWS if law.applies(case) and not law.excuse(claims, network))
    return [law.id for law in laws if _explains(diagnosis, law, case, bench)]
