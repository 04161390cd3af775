"""A finding with its diagnosis: searched for once a target and format, and asked of each failure that it explains."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rnnproof.diagnosis.diagnose import Diagnosis, diagnose
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
SLOW = 0.5  # seconds for one small run, above which a search would take minutes


@dataclass(eq=False)
class Diagnoses:
    """What was found of a target, by format, and how often it was looked for."""

    known: dict[str, list[Diagnosis]] = field(default_factory=dict)
    searches: dict[str, int] = field(default_factory=dict)

    def of(self, finding: Finding, bench: Bench) -> Finding:
        """The finding of a failure, with the diagnosis that explains it; as it is where there is none."""
        law, case = BY_ID[finding.property], bench.failures.get(finding.property)
        known = next((one for one in self.known.get(bench.dtype, []) if _fits(one, law, case, bench)), None)
        if known is None and self.searches.get(bench.dtype, 0) < SEARCHES:
            found = self._searched(case, bench)
            known = found if found is not None and _fits(found, law, case, bench) else None
        return finding if known is None else replace(finding, diagnosis=_told(known, bench))

    def _searched(self, case: Case | None, bench: Bench) -> Diagnosis | None:
        self.searches[bench.dtype] = self.searches.get(bench.dtype, 0) + 1
        target = bench.target
        given = () if case is None else (case,)
        evidence = Evidence(target.implementation, target.network, bench.dtype, given)
        if _slow(evidence):
            return None
        diagnosis = diagnose(evidence)
        if diagnosis is not None:
            self.known.setdefault(bench.dtype, []).append(diagnosis)
        return diagnosis


def _told(diagnosis: Diagnosis, bench: Bench) -> Mapping[str, Any]:
    return {
        "text": diagnosis.text,
        "names": list(diagnosis.names),
        "explains": list(explained_laws(diagnosis, bench)),
        "arrays": list(diagnosis.arrays),
        "whole": diagnosis.whole,
    }


def _slow(evidence: Evidence) -> bool:
    begun = time.monotonic()
    try:
        _ = evidence.small[0].forward
    except RnnproofError:
        return False
    return time.monotonic() - begun > SLOW


def _fits(diagnosis: Diagnosis, law: Law, case: Case | None, bench: Bench) -> bool:
    """Whether a diagnosis says something of a law's failure: of the whole target, or as it explains this failure."""
    if diagnosis.whole and case is not None:
        return _explains(diagnosis, law, case, bench)
    return not diagnosis.laws or law.id in diagnosis.laws


def _explains(diagnosis: Diagnosis, law: Law, case: Case, bench: Bench) -> bool:
    """Whether the law fails on the hypothesis too, in the case in which it failed on the target."""
    if diagnosis.hypothesis is None:
        return law.id in diagnosis.laws
    trial = Trial(case, diagnosis.hypothesis.implementation, Bounds(case, bench.form))
    return law.id in diagnosis.laws or judge(law, trial).outcome is Outcome.FAILED


def explained_laws(diagnosis: Diagnosis, bench: Bench) -> list[str]:
    """The laws that fail on what the target equals, in some case that was looked at: their failures have this cause."""
    if not diagnosis.whole or diagnosis.hypothesis is None:
        return list(diagnosis.laws)
    target = bench.target
    case = Evidence(target.implementation, target.network, bench.dtype).small[1].case
    laws = (law for law in LAWS if law.applies(case) and not law.excuse(target.implementation.claims, target.network))
    return [law.id for law in laws if _explains(diagnosis, law, case, bench)]
