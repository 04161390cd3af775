"""Reports made by hand: what each surface is shown to print."""

from dataclasses import replace

from rnnproof.model.report import Report
from rnnproof.model.verdict import Finding, Outcome

LAWS = (
    "forward.values",
    "forward.step",
    "state.handover",
    "state.initial",
    "gradient.parameters",
    "gradient.inputs",
    "numerics.inputs_unchanged",
)
CASE = {
    "network": "elman",
    "dtype": "float64",
    "regime": "typical",
    "sizes": {"T": 1, "B": 1, "I": 1, "H": 1, "O": 1, "P": 1},
    "parameters": {"W_h": [[0.5]], "U_h": [[0.0]], "b_h": [1e-300]},
    "x": [[["nan"]]],
    "lengths": None,
    "state": {"h": [["-inf"]]},
    "cotangents": {"outputs": [[[1.0]]], "state": {"h": [[0.1]]}},
}
COUNTEREXAMPLE = {
    "schema": "rnnproof-counterexample/1",
    "target": "my.py:LSTM",
    "network": "elman",
    "dialect": None,
    "property": "gradient.parameters",
    "dtype": "float64",
    "seed": 0,
    "case": CASE,
    "message": "dU_f[0,0]: got 0, but should be 0.0123 ± 2e-18",
}


def passed(law, dtype="float64", **more):
    told = {"cases": 50, "decided": 50, "worst_ratio": 0.05, "sensitivity": 2e-14, "bound": "rigorous"}
    return Finding(law, dtype, Outcome.PASSED, **(told | more))


def failed(law, message, dtype="float64", **more):
    told = {"kind": "ignored", "cases": 2, "decided": 2, "worst_ratio": float("inf"), "bound": "rigorous"}
    return Finding(law, dtype, Outcome.FAILED, message, **(told | more))


def report(*findings, **more):
    told = {"versions": {"numpy": "2.4.6"}, "elapsed_s": 4.06}
    return Report("my.py:LSTM", "lstm", tuple(findings), **(told | more))


RIGHT = report(*(passed(law) for law in LAWS))
PARAMETERS = failed(
    "gradient.parameters",
    "dU_f[0,0]: got 0, but should be 0.0123 ± 2e-18\n"
    "  lstm, T=2 B=1 I=1 H=1, cotangent on the final c alone\n"
    "  2 of 12 entries differ: dU_f, dW_f\n"
    "  the forward pass agrees; T=1 agrees",
    counterexample=COUNTEREXAMPLE,
    replay="7f3a",
)
INPUTS = failed(
    "gradient.inputs",
    "dx[0,0,0]: got 0, but should be 0.25 ± 3e-15\n  lstm, T=2 B=1 I=1 H=1",
    same_case_as="gradient.parameters",
)
WRONG = report(*(passed(law) for law in LAWS[:4]), PARAMETERS, INPUTS, passed(LAWS[6], worst_ratio=None))
NO_GRADIENTS = "the target has no grad"
FORWARD_ONLY = report(
    *(passed(law) for law in LAWS[:3]),
    Finding("state.initial", "float64", Outcome.UNDECIDED, "most entries are smaller than their own bound [lstm, T=1]"),
    *(Finding(law, "float64", Outcome.NOT_APPLICABLE, NO_GRADIENTS) for law in LAWS[4:6]),
    Finding("numerics.inputs_unchanged", "float64", Outcome.REFUSED, "run says that it does not do this: no"),
)


def in_both(one):
    """The same findings in float64 and in float32."""
    other = tuple(replace(finding, dtype="float32") for finding in one.findings)
    return replace(one, findings=(*one.findings, *other))
