"""The node tests of the onnx package: our equations pass them, and which single faults do too."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.cli.main import run
from rnnproof.errors import Unsupported
from rnnproof.model.verdict import Outcome
from rnnproof.report.schema import validator
from rnnproof.usecases.score.onnx_faults import NodeFault, faulty, node_faults
from rnnproof.usecases.score.onnx_node import Node, executed, network_of, parameters
from rnnproof.usecases.score.onnx_suite import AsNode
from rnnproof.usecases.verify import verify

PAGE = Path(__file__).parents[2] / "docs" / "score.md"


def lstm_node(**attributes):
    """I=1, H=1: each gate's block is one number, so that its place is seen."""
    W = np.array([[[1.0], [2.0], [3.0], [4.0]]])
    R = np.array([[[5.0], [6.0], [7.0], [8.0]]])
    B = np.array([[0.5, 1.5, 2.5, 3.5, 0.25, 0.25, 0.25, 0.25]])
    P = np.array([[10.0, 20.0, 30.0]])
    X = np.array([[[0.125]], [[-0.25]]])
    return Node("LSTM", {"X": X, "W": W, "R": R, "B": B, "P": P}, {"hidden_size": 1, **attributes})


def test_the_packing_is_that_of_onnx():
    """Gates i o f c, peepholes i o f; B is Wb and Rb."""
    node = lstm_node()
    found = {name: value.item() for name, value in parameters(node, network("peephole")).items()}
    assert {name: found[name] for name in ("W_i", "W_o", "W_f", "W_g")} == {"W_i": 1, "W_o": 2, "W_f": 3, "W_g": 4}
    assert {name: found[name] for name in ("U_i", "U_o", "U_f", "U_g")} == {"U_i": 5, "U_o": 6, "U_f": 7, "U_g": 8}
    assert [found[f"b_{gate}"] for gate in "iofg"] == [0.75, 1.75, 2.75, 3.75]
    assert [found[f"p_{gate}"] for gate in "iof"] == [10, 20, 30]


def test_what_is_not_modelled_is_refused_by_name():
    with pytest.raises(Unsupported, match=r"onnx LSTM with clip is not modelled; hidden_size, direction, layout"):
        network_of(lstm_node(clip=1.0))


def test_every_fault_of_the_set_changes_something():
    """On a node whose numbers all differ, forward or reverse, with states and lengths; no two have the same words."""
    rng = np.random.default_rng(0)
    for operator, gates in (("LSTM", 4), ("GRU", 3), ("RNN", 1)):
        sizes = {"W": (1, 3 * gates, 2), "R": (1, 3 * gates, 3), "B": (1, 6 * gates), "X": (4, 2, 2)}
        states = {"initial_h": (1, 2, 3)} | ({"initial_c": (1, 2, 3), "P": (1, 9)} if operator == "LSTM" else {})
        inputs = {name: rng.normal(size=shape) for name, shape in (sizes | states).items()}
        ragged = Node(operator, {**inputs, "sequence_lens": np.array([4, 2])}, {"hidden_size": 3})
        reverse = Node(operator, inputs, {"hidden_size": 3, "direction": "reverse"})
        faults = node_faults(operator)
        for fault in faults:
            assert any(differs(faulty(fault, node), executed(node)) for node in (ragged, reverse)), fault.text
        assert len({fault.text for fault in faults}) == len(faults) == {"LSTM": 39, "GRU": 17, "RNN": 10}[operator]


def differs(got, true):
    return any(not np.array_equal(got[name], value) for name, value in true.items())


def test_the_score_is_written_as_json(capsys):
    pytest.importorskip("onnx")
    assert run(["score", "onnx:RNN", "--report", "json:-"]) == 1
    document = json.loads(capsys.readouterr().out)
    validator("rnnproof-score/1").validate(document)
    passed = [each["fault"] for each in document["tried"] if each["caught_by"] is None]
    assert (document["let_pass"], len(passed), len(document["tried"])) == (4, 4, 10)
    assert "initial_h is ignored" in passed and "relu in place of tanh" not in passed


def test_of_lstm_every_order_of_the_gates_passes_and_the_page_shows_it(capsys):
    pytest.importorskip("onnx")
    shown = PAGE.read_text().partition("$ rnnproof score onnx:LSTM\n")[2].partition("```")[0]
    assert run(["score", "onnx:LSTM"]) == 1
    out = capsys.readouterr().out
    assert [masked(line) for line in out.splitlines()] == [masked(line) for line in shown.splitlines()]
    orders = sum(fault.operator == "gate order" for fault in node_faults("LSTM"))
    assert orders == 23
    assert f"  weights that differ from gate to gate{orders + 1:>41}" in out.splitlines()


def masked(line):
    return re.sub(r" +\S+ s$", " s", re.sub(r"(\d+\.)+\d+|[·\s]+seed", "N", line)).strip()


@pytest.mark.parametrize("name", ["lstm", "peephole", "gru:reset=before", "elman:direction=backward"])
def test_a_node_without_a_fault_is_right_by_the_laws(name):
    right = AsNode(NodeFault("no fault", "none"))
    report = verify(right, name, properties=["forward.values", "sequence.lengths"], dtype="float64", max_examples=2)
    assert {finding.outcome for finding in report.findings} == {Outcome.PASSED}
