"""Failures with their diagnosis: one search for all that it explains; a slow target is not searched."""

import re
import time

import numpy as np
from by_hand.every import OBJECTS

import rnnproof
from rnnproof.adapters.resolve import resolve
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases import diagnosed
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.diagnosed import Diagnoses


def test_every_failure_that_a_change_explains_has_it(monkeypatch):
    searches = []
    monkeypatch.setattr(diagnosed, "diagnose", lambda *given, of=diagnosed.diagnose: searches.append(1) or of(*given))
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


def test_a_target_that_takes_long_is_not_searched_and_that_is_said():
    class Slow(OBJECTS.lstm_dx_without_o):
        def run(self, *arguments):
            time.sleep(0.6)
            return super().run(*arguments)

    bench = Bench(resolve(Slow, "lstm"), "float64", 0)
    finding = Finding("gradient.inputs", "float64", Outcome.FAILED, "dx[0,0,0]: got 0")
    told = Diagnoses().of(finding, bench).diagnosis
    assert re.fullmatch(
        r"no change was looked for: a run takes [\d.]+ s, and a search 40 of them and more", told["text"]
    )
    assert (told["names"], told["explains"], told["whole"]) == ([], [], False)


def test_searches_share_the_time_of_one(monkeypatch):
    given = []

    def found_nothing(evidence, budget):
        given.append(budget.seconds)
        object.__setattr__(budget, "started", budget.started - 5)  # five seconds go by
        return

    monkeypatch.setattr(diagnosed, "diagnose", found_nothing)
    bench, diagnoses = Bench(resolve(OBJECTS.lstm_dx_without_o, "lstm"), "float64", 0), Diagnoses()
    for law in ("forward.values", "gradient.inputs", "gradient.state"):
        finding = Finding(law, "float64", Outcome.FAILED, "")
        assert diagnoses.of(finding, bench) == finding
    assert given[0] == 8
    assert 2 < given[1] <= 3
    assert len(given) == 2


def test_what_is_random_explains_every_failure():
    class Random(OBJECTS.lstm_dx_without_o):
        def run(self, params, x, state):
            outputs, final = super().run(params, x, state)
            return outputs * np.random.default_rng().uniform(1, 2, outputs.shape), final

    class NaNNowAndThen(OBJECTS.lstm_dx_without_o):
        def run(self, params, x, state):
            outputs, final = super().run(params, x, state)
            return np.where(np.random.default_rng().uniform() < 0.3, np.nan, outputs), final

    report = rnnproof.verify(NaNNowAndThen, "lstm", properties="forward.values", dtype="float64")
    assert {finding.kind for finding in report.findings} == {"unsteady"}
    laws = ("forward.values", "forward.order", "batch.permutation", "gradient.inputs")
    report = rnnproof.verify(Random, "lstm", properties=laws, dtype="float64", max_examples=2)
    assert {finding.kind for finding in report.findings} == {"unsteady"}
    assert {*laws} < {*report.findings[0].diagnosis["explains"]}


class FirstLayerAlone:
    """Its second layer is not there: what it gives is the first one's."""

    claims = {"gradients": False}

    def run(self, p, x, state):
        h, outputs = state["0.forward.h"], []
        for x_t in x:
            h = np.tanh(x_t @ p["0.forward.W_h"].T + h @ p["0.forward.U_h"].T + p["0.forward.b_h"])
            outputs.append(h)
        return np.stack(outputs), {"0.forward.h": h, "1.forward.h": state["1.forward.h"]}


def test_a_change_of_one_layer_is_not_asked_of_layers_that_are_built_alone():
    report = rnnproof.verify(FirstLayerAlone, "elman:layers=2", properties=["forward.values"], max_examples=2)
    told = report.findings[0].diagnosis
    assert told["whole"] and "the state 1.forward.h is never updated" in told["names"]
    assert "forward.values" in told["explains"] and "sequence.layers" not in told["explains"]
