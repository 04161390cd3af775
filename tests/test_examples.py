"""The three targets in docs/examples say what tests/expected.json holds: by the command line and in Python alike.

A law that is not built yet is left out.
"""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import rnnproof
from rnnproof.properties.laws import BY_ID, LATER

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "docs" / "examples"
EXPECTED = {
    target["command"].split()[2]: target
    for target in json.loads((ROOT / "tests" / "expected.json").read_text())["targets"]
}
FORGOT_DC = "lstm_forgot_dc.py:LSTM"
LEFT_OPEN = {
    ("gru_bidirectional_ragged.py", "forward.step"): "not_applicable",
    (FORGOT_DC, "gradient.ledger"): "not_applicable",
}


def arguments(target):
    """Of the command: verify TARGET --network N."""
    program, *rest = shlex.split(EXPECTED[target]["command"])
    assert program == "rnnproof"
    return rest


def command_line(target, tmp_path):
    command = [sys.executable, "-m", "rnnproof", *arguments(target), "--report", "json:-", "--store", str(tmp_path)]
    return subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, check=False)


def outcomes(report):
    return {finding["property"]: finding["outcome"] for finding in report["findings"]}


def expected_outcomes(target):
    """What the file says; what it leaves open, as in LEFT_OPEN, or passes; what is not built, is not there."""
    words = ("passed", "failed", "not_applicable")
    told = {law: outcome for outcome in words for law in EXPECTED[target].get(outcome, ())}
    assert set(told) <= {*BY_ID, *LATER}
    return {law: told.get(law, LEFT_OPEN.get((target, law), "passed")) for law in BY_ID}


def test_every_example_is_expected():
    files = {target.partition(":")[0] for target in EXPECTED}
    assert files == {file.name for file in EXAMPLES.glob("*.py")}


@pytest.mark.parametrize("target", EXPECTED)
def test_the_command_line_says_what_is_expected(target, tmp_path):
    done = command_line(target, tmp_path)
    assert done.returncode == EXPECTED[target]["exit"], done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is EXPECTED[target]["ok"]
    assert {finding["dtype"] for finding in report["findings"]} == {*EXPECTED[target]["dtypes"], None}
    assert outcomes(report) == expected_outcomes(target)
    for finding in report["findings"]:
        enough = 6 if finding["property"].startswith("exact.") else 50
        assert finding["cases"] >= enough or finding["outcome"] in ("failed", "not_applicable")
        if finding["outcome"] == "failed":
            is_as_small(finding["counterexample"]["case"]["sizes"], EXPECTED[target]["counterexample"])


def is_as_small(sizes, expected):
    assert expected["T"] == "at most 2"
    assert sizes["T"] <= 2
    assert {letter: sizes[letter] for letter in "BIH"} == {letter: expected[letter] for letter in "BIH"}


@pytest.mark.parametrize("target", EXPECTED)
def test_python_says_what_is_expected(target):
    _, named, _, network = arguments(target)
    report = rnnproof.verify(str(EXAMPLES / named), network=network, max_examples=8)
    assert report.exit_code == EXPECTED[target]["exit"]
    assert report.ok is EXPECTED[target]["ok"]
    assert outcomes(report.to_json()) == expected_outcomes(target)


def test_what_is_wrong_is_named():
    report = rnnproof.verify(str(EXAMPLES / FORGOT_DC), network="lstm", properties=["gradient.parameters"])
    (finding,) = report.findings
    assert "the forward pass agrees; T=1 agrees" in finding.message
    assert "db_g[0]: got 0.5, but should be 0.75" in finding.message
