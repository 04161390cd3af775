"""Reports as JSON and JUnit XML: what they say, and what the schemas refuse."""

import copy
import json
from dataclasses import replace
from xml.etree import ElementTree

import jsonschema
import pytest
from jsonschema import ValidationError
from report_examples import COUNTEREXAMPLE, FORWARD_ONLY, LAWS, RIGHT, WRONG, failed, passed, report

from rnnproof.model.report import Matrix, finding_as_json, finding_from_json
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.report.json import as_json
from rnnproof.report.junit import as_junit
from rnnproof.report.schema import SCHEMAS, schema, validator

MATRIX = Matrix((RIGHT, WRONG, FORWARD_ONLY))
REPORT = json.loads(as_json(WRONG))


def test_a_report_says_everything():
    document = json.loads(as_json(report(failed(LAWS[0], "y[0]: got ±1", worst_ratio=float("inf"), replay="0a1b"))))
    assert document == {
        "schema": "rnnproof-report/1",
        "target": "my.py:LSTM",
        "network": "lstm",
        "dialect": None,
        "versions": {"numpy": "2.4.6"},
        "seed": 0,
        "ok": False,
        "elapsed_s": 4.06,
        "interrupted": False,
        "findings": [
            {
                "property": "forward.values",
                "dtype": "float64",
                "outcome": "failed",
                "kind": "ignored",
                "cases": 2,
                "decided": 2,
                "worst_ratio": "inf",
                "sensitivity": None,
                "bound": "rigorous",
                "message": "y[0]: got ±1",
                "diagnosis": None,
                "counterexample": None,
                "replay": "0a1b",
                "same_case_as": None,
            }
        ],
    }


@pytest.mark.parametrize("one", [RIGHT, WRONG, FORWARD_ONLY, report()])
def test_every_report_is_as_the_schema_says(one):
    validator("rnnproof-report/1").validate(json.loads(as_json(one)))


def test_several_reports_are_as_their_schema_says():
    document = json.loads(as_json(MATRIX))
    validator("rnnproof-matrix/1").validate(document)
    assert (document["ok"], [one["ok"] for one in document["reports"]]) == (False, [True, False, True])


def test_a_counterexample_is_as_its_schema_says():
    validator("rnnproof-counterexample/1").validate(COUNTEREXAMPLE)


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_schemas_are_schemas(name):
    validator(name).check_schema(validator(name).schema)


@pytest.mark.parametrize("document", [REPORT, json.loads(as_json(MATRIX)), COUNTEREXAMPLE])
def test_the_file_that_ships_stands_alone(document):
    assert any(finding["counterexample"] for finding in REPORT["findings"])
    jsonschema.validate(document, schema())
    with pytest.raises(ValidationError):
        jsonschema.validate({**document, "schema": "rnnproof-report/2"}, schema())


def test_what_is_told_besides_may_be_missing():
    """The contract has no interrupted, sensitivity and same_case_as: they are additions."""
    document = {key: value for key, value in REPORT.items() if key != "interrupted"}
    added = ("sensitivity", "same_case_as")
    document["findings"] = [
        {key: value for key, value in finding.items() if key not in added} for finding in document["findings"]
    ]
    jsonschema.validate(document, schema())


def put(value, *path):
    """A report with one value changed."""
    document = copy.deepcopy(REPORT)
    inner = document
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return document


FOUND = next(n for n, finding in enumerate(REPORT["findings"]) if finding["counterexample"])


@pytest.mark.parametrize(
    "document",
    [
        put("rnnproof-report/2", "schema"),
        put(1, "ok"),
        put(-1.0, "elapsed_s"),
        put("none", "seed"),
        put({"numpy": 2}, "versions"),
        put("ok", "findings", 0, "outcome"),
        put("forward", "findings", 0, "property"),
        put("huge", "findings", 0, "worst_ratio"),
        put("guessed", "findings", 0, "bound"),
        put(-1, "findings", 0, "cases"),
        put(None, "findings", 0, "message"),
        put("7f3", "findings", 0, "replay"),
        put({"text": "x"}, "findings", 0, "diagnosis"),
        put("more", "findings", 0, "more"),
        put("more", "more"),
        put("Infinity", "findings", FOUND, "counterexample", "case", "x"),
        put([[["infinite"]]], "findings", FOUND, "counterexample", "case", "x"),
        put({"T": 1}, "findings", FOUND, "counterexample", "case", "sizes"),
        put(None, "findings", FOUND, "counterexample", "case"),
        {key: value for key, value in REPORT.items() if key != "network"},
    ],
)
def test_wrong_json_is_refused(document):
    with pytest.raises(ValidationError):
        validator("rnnproof-report/1").validate(document)


def test_a_wrong_report_spoils_a_matrix():
    document = json.loads(as_json(MATRIX))
    document["reports"][1] = put(None, "target")
    with pytest.raises(ValidationError):
        validator("rnnproof-matrix/1").validate(document)


@pytest.mark.parametrize("finding", [*WRONG.findings, *FORWARD_ONLY.findings])
def test_a_finding_is_read_back_as_it_was(finding):
    assert finding_from_json(json.loads(json.dumps(finding_as_json(finding)))) == finding


def test_junit_has_a_test_case_for_each_finding():
    leak = Finding("state.repeat", "float64", Outcome.SUSPICIOUS, "differs in the last bits")
    error = Finding("state.final", "float64", Outcome.ERROR, "run raised KeyError: 'h'\n  lstm, T=1")
    root = ElementTree.fromstring(
        as_junit(replace(WRONG, findings=(*WRONG.findings, leak, error, *FORWARD_ONLY.findings)))
    )
    (suite,) = root
    told = {key: suite.get(key) for key in ("name", "tests", "failures", "errors", "skipped", "time")}
    assert told == {
        "name": "my.py:LSTM as lstm",
        "tests": "16",
        "failures": "2",
        "errors": "1",
        "skipped": "4",
        "time": "4.060",
    }
    cases = list(suite)
    assert (cases[0].get("classname"), cases[0].get("name"), len(cases[0])) == (
        "my.py:LSTM",
        "forward.values float64",
        0,
    )
    (failure,) = cases[4]
    assert (failure.tag, failure.get("type")) == ("failure", "failed")
    assert failure.get("message") == "dU_f[0,0]: got 0, but should be 0.0123 ± 2e-18"
    assert failure.text.endswith("T=1 agrees\nagain: rnnproof replay 7f3a")
    assert (cases[7][0].tag, cases[7][0].text) == ("system-out", "suspicious: differs in the last bits")
    assert (cases[8][0].tag, cases[8][0].get("message")) == ("error", "run raised KeyError: 'h'")
    assert [case[0].get("type") for case in cases[9:] if len(case)] == [
        "undecided",
        "not_applicable",
        "not_applicable",
        "refused",
    ]


def test_junit_of_several_reports_has_a_suite_for_each():
    root = ElementTree.fromstring(as_junit(MATRIX))
    assert [suite.get("failures") for suite in root] == ["0", "2", "0"]


def test_junit_can_hold_whatever_a_target_says():
    message = "run raised ValueError: \x00\x1b[31m <&> \ud800 ±"
    finding = Finding("forward.values", "float64", Outcome.ERROR, message)
    root = ElementTree.fromstring(as_junit(report(finding, passed(LAWS[1]))))
    assert root[0][0][0].text == "run raised ValueError: \ufffd\ufffd[31m <&> \ufffd ±"
