"""Writes docs/scores.md: python tests/score/published.py > docs/scores.md. It takes some minutes, and goes on where
it was stopped."""

import json
import subprocess
import sys
from pathlib import Path

from rnnproof.adapters.resolve import resolve
from rnnproof.model.event import Found
from rnnproof.model.verdict import Outcome
from rnnproof.report.score import label
from rnnproof.usecases.options import options_of
from rnnproof.usecases.score.onnx_faults import node_faults, shown_on
from rnnproof.usecases.score.onnx_suite import AsNode
from rnnproof.usecases.score.result import need_from_json
from rnnproof.usecases.verify import examine

SUITES = Path(__file__).parent / "suites"
SAMPLE = 120
ONNX = ("LSTM", "GRU", "RNN")
FORWARD = ["forward.values", "state.final", "state.initial", "state.handover", "sequence.lengths"]
OWN = {"lstm": SAMPLE, "gru": SAMPLE, "elman": None}
HEAD = """# Scores of test suites

What a test suite is worth is what it notices. Here single faults were put in the
place of what a suite tests, one at a time, and it was counted which it lets pass;
[Score a suite](score.md) tells how, and how to score yours. This page is written by

    python tests/score/published.py > docs/scores.md

with {versions}.

| suite | tests | faults tried | caught | let pass |
|---|---|---|---|---|
{rows}

The first three are the node tests of the `onnx` package, compared as its own runner
compares (rtol 1e-3, atol 1e-7, taken from the package), on 39, 17 and 10 faults of an
implementation that reads ONNX's packed arrays: every wrong order of the gates, and the
mistakes listed below. The next three are the laws of rnnproof that need no gradient, on
the same faults. The last are all the laws, `rnnproof.testing.conformance` as a pytest
file, on faults of the bank (`rnnproof list faults`), one of each behaviour, gradients
among them: of `elman` all, of `lstm` and `gru` a sample with seed 0. A law is judged
on 6 cases.
"""


def scored(*arguments):
    """The score as JSON."""
    command = [sys.executable, "-m", "rnnproof", "score", *arguments, "--report", "json:-"]
    done = subprocess.run(command, cwd=SUITES, stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode in (0, 1), done
    return json.loads(done.stdout)


def own(network, sample):
    chosen = [] if sample is None else ["--sample", str(sample)]
    target = f"own_cells.py:{network}"
    return scored(f"conform_{network}.py", "--target", target, "--network", network, *chosen)


def by_the_laws(operator):
    """The same faults of a node, judged by the laws that need no gradient: how many any of them refuses."""
    refused, faults = 0, node_faults(operator)
    for fault in faults:
        target = resolve(AsNode(fault), shown_on(fault, operator))
        events = examine(target, options_of(FORWARD, "float64", 0, 6, "quick"))
        refused += any(event.finding.outcome is Outcome.FAILED for event in events if isinstance(event, Found))
    return len(faults), refused


def row(name, score):
    tried = len(score["tried"])
    of = "" if tried in (score["behaviours"], score["faults"]) else f" of {score['behaviours']}"
    return f"| {name} | {score['tests']} | {tried}{of} | {score['caught']} | {score['let_pass']} |"


def groups(operator, score):
    """What a suite lets pass, by what it would take to see it."""
    found = {}
    for each in score["tried"]:
        if each["need"] is not None:
            found.setdefault(label(need_from_json(each["need"])), []).append(each)
    yield from ("", f"## What onnx's node tests of {operator} let pass", "")
    yield "| a test would need | faults | smallest case |"
    yield "|---|---|---|"
    for needs, members in sorted(found.items(), key=lambda item: -len(item[1])):
        yield f"| {needs} | {words(members)} | {smallest(members[0]['need']['smallest'])} |"


def words(members):
    orders = [each for each in members if each["operator"] == "gate order"]
    told = [f"{len(orders)} wrong orders of the gates"] if orders else []
    return "; ".join([*told, *(each["fault"] for each in members if each["operator"] != "gate order")])


def smallest(case):
    sizes = " ".join(f"{letter}={size}" for letter, size in case["sizes"].items())
    return f"{sizes}; not zero: {', '.join(f'`{name}`' for name in case['non_zero'])}"


def listed(score):
    """Every fault that is no order of the gates."""
    yield from ("", "The mistakes beside the orders of the gates:", "")
    yield from (f"- {each['fault']}{caught(each)}" for each in score["tried"] if each["operator"] != "gate order")


def caught(each):
    return "" if each["caught_by"] is None else f" (caught: {each['caught_by']})"


def page():
    onnx = {operator: scored(f"onnx:{operator}") for operator in ONNX}
    ours = {network: own(network, sample) for network, sample in OWN.items()}
    versions = ", ".join(f"{name} {version}" for name, version in onnx["LSTM"]["versions"].items())
    rows = [row(f"onnx, node tests of {operator}", score) for operator, score in onnx.items()]
    for operator in ONNX:
        tried, refused = by_the_laws(operator)
        told = f"rnnproof's laws on the same faults of {operator}"
        rows.append(f"| {told} | {len(FORWARD)} | {tried} | {refused} | {tried - refused} |")
    rows += [row(f"rnnproof's laws, {network}", score) for network, score in ours.items()]
    yield HEAD.format(versions=versions, rows="\n".join(rows)).rstrip()
    for operator, score in onnx.items():
        yield from groups(operator, score)
        yield from listed(score)


if __name__ == "__main__":
    print("\n".join(page()))
