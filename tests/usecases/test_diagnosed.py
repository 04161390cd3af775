"""Failures with their diagnosis: one search for all that it explains; a slow target is not searched."""

import time

from by_hand.every import OBJECTS

import rnnproof
from rnnproof.adapters.resolve import resolve
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases import diagnosed
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.diagnosed import Diagnoses


def test_every_failure_that_a_change_explains_has_it(monkeypatch):
    searches = []
    monkeypatch.setattr(
        diagnosed, "diagnose", lambda evidence, of=diagnosed.diagnose: searches.append(1) or of(evidence)
    )
    laws = ("forward.values", "gradient.parameters", "gradient.inputs")
    report = rnnproof.verify(OBJECTS.lstm_dx_without_o, "lstm", properties=laws, dtype="float64", max_examples=2)
    by_law = {finding.property: finding for finding in report.findings}
    assert by_law["forward.values"].diagnosis is None
    assert by_law["gradient.parameters"].diagnosis is None
    told = by_law["gradient.inputs"].diagnosis
    assert told["names"] == ["the term W_o^T dz_o of dx is missing"]
    assert told["explains"] == ["gradient.inputs", "gradient.ledger", "exact.gradient"]
    assert told["whole"]
    assert told["text"].splitlines()[:4] == [
        "equals the specification with one change:",
        "  the term W_o^T dz_o of dx is missing",
        "  specification  dx += W_o^T dz_o",
        "  target         dx += 0",
    ]
    assert len(searches) == 1


def test_a_target_that_takes_long_is_not_searched():
    class Slow(OBJECTS.lstm_dx_without_o):
        def run(self, *arguments):
            time.sleep(0.6)
            return super().run(*arguments)

    bench = Bench(resolve(Slow, "lstm"), "float64", 0)
    finding = Finding("gradient.inputs", "float64", Outcome.FAILED, "dx[0,0,0]: got 0")
    assert Diagnoses().of(finding, bench) == finding
