"""Layers: names, shapes and equations of a deep network; its numbers beside a deep network written apart."""

from dataclasses import replace

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank, find
from rnnproof.faults.fault import plant
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Softmax
from rnnproof.model.layers import above, prefixed
from rnnproof.model.network import Sizes
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact, forward, gradient
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.usecases.verify import verify

DEEP = network("elman:readout=tanh,layers=2")


def test_the_equations_of_two_layers():
    assert [str(equation) for equation in DEEP.step.equations] == [
        "0.forward.z_h = 0.forward.W_h x + 0.forward.U_h 0.forward.h + 0.forward.b_h",
        "0.forward.h' = tanh(0.forward.z_h)",
        "1.forward.z_h = 1.forward.W_h 0.forward.h' + 1.forward.U_h 1.forward.h + 1.forward.b_h",
        "1.forward.h' = tanh(1.forward.z_h)",
        "z_y = W_y 1.forward.h' + b_y",
        "y = tanh(z_y)",
    ]
    assert DEEP.step.states == (("0.forward.h", "0.forward.h'"), ("1.forward.h", "1.forward.h'"))
    assert (DEEP.step.output, DEEP.output_size) == ("y", "O")


def test_a_softmax_is_read_out_of_the_last_layer_or_of_the_merged_ones():
    deep = network("elman:readout=softmax,layers=2")
    assert [str(e) for e in deep.step.equations[-2:]] == ["z_y = W_y 1.forward.h' + b_y", "y = softmax(z_y)"]
    merged = network("elman:readout=softmax,direction=bidirectional")
    assert [str(e) for e in merged.readings[-1].cell.equations] == ["z_y = W_y x + b_y", "y = softmax(z_y)"]
    assert merged.parameters["W_y"] == ("O", "2H") and merged.output_size == deep.output_size == "O"
    inside = Cell("own", (Affine("z", (("W", "x"), ("U", "y"))), Softmax("y'", "z")), (("y", "y'"),), "y'")
    assert str(prefixed(inside, "0.forward.", "x").equations[1]) == "0.forward.y' = softmax(0.forward.z)"


def test_a_deeper_layer_reads_the_hidden_units_below():
    shapes = network("lstm:layers=3").shapes(Sizes(T=1, B=1, I=2, H=5))
    assert shapes["0.forward.W_f"] == (5, 2)
    assert shapes["1.forward.W_f"] == shapes["2.forward.W_f"] == shapes["2.forward.U_f"] == (5, 5)
    assert len(shapes) == 36


def test_one_layer_keeps_its_bare_names():
    assert network("lstm").step is network("lstm").cell
    one = prefixed(network("lstm").cell, "0.forward.", "x")
    assert one.parameters.keys() == {f"0.forward.{name}" for name in network("lstm").parameters}
    assert above(one, network("lstm").cell, "1.forward.") == network("lstm:layers=2").step


class Deep:
    """Two layers of h = tanh(W x + U h + b), one after the other over the whole sequence, and a readout."""

    claims = {"networks": ["elman:readout=tanh,layers=2"]}

    def run(self, params, x, state):
        self.below, final = [x], {}
        for layer in (0, 1):
            W, U, b = (params[f"{layer}.forward.{name}_h"] for name in "WUb")
            h, outputs = state[f"{layer}.forward.h"], []
            for x_t in self.below[-1]:
                h = np.tanh(x_t @ W.T + h @ U.T + b)
                outputs.append(h)
            self.below.append(np.stack(outputs))
            final[f"{layer}.forward.h"] = h
        self.y = np.tanh(self.below[-1] @ params["W_y"].T + params["b_y"])
        return self.y, final

    def grad(self, params, x, state, cotangents):
        dz = cotangents["outputs"] * (1 - self.y**2)
        found = {"W_y": np.einsum("tbo,tbh->oh", dz, self.below[2]), "b_y": dz.sum(axis=(0, 1))}
        dy, initial = dz @ params["W_y"], {}
        for layer in (1, 0):
            key = f"{layer}.forward."
            h, dh = self.below[layer + 1], cotangents["state"][key + "h"]
            before = np.concatenate([state[key + "h"][None], h[:-1]])
            dz = np.zeros_like(h)
            for t in reversed(range(len(h))):
                dz[t] = (dh + dy[t]) * (1 - h[t] ** 2)
                dh = dz[t] @ params[key + "U_h"]
            found[key + "W_h"] = np.einsum("tbh,tbi->hi", dz, self.below[layer])
            found[key + "U_h"] = np.einsum("tbh,tbi->hi", dz, before)
            found[key + "b_h"] = dz.sum(axis=(0, 1))
            initial[key + "h"], dy = dh, dz @ params[key + "W_h"]
        return {"params": found, "x": dy, "state": initial}


class SharesItsWeights(Deep):
    def run(self, params, x, state):
        return super().run({**params, "1.forward.U_h": params["0.forward.U_h"]}, x, state)


def outcomes(target):
    report = verify(target, max_examples=5)
    return {finding.property: finding.outcome for finding in report.findings}


def test_a_deep_network_written_apart_passes_every_law():
    found = outcomes(Deep)
    aside = {"sequence.lengths", "sequence.reverse", "sequence.layers"}  # it takes no lengths, and is a stack alone
    assert {found[law] for law in found if law not in aside} == {Outcome.PASSED}
    assert {found[law] for law in aside} == {Outcome.NOT_APPLICABLE}


def test_layers_that_share_a_weight_are_found():
    failed = {law for law, outcome in outcomes(SharesItsWeights).items() if outcome is Outcome.FAILED}
    assert {"forward.values", "forward.step", "exact.forward", "gradient.parameters"} <= failed
    assert "batch.independence" not in failed


@pytest.mark.parametrize("operator", ["carry dropped", "product dropped", "wrong weight", "gate order", "bias twice"])
def test_faults_of_each_layer_are_refused(operator):
    deep = network("lstm:layers=2")
    case = fill(deep, Draw(3, 2, 2, 3, 2, 2, 5, "typical", 12), "float64")
    for layer in ("0.forward.", "1.forward."):
        fault = find(deep, operator, layer.removesuffix("."))
        assert fault is not None
        trial = start(case, plant(fault))
        judged = [law(trial).outcome for law in (forward.values, gradient.parameters, gradient.inputs, gradient.state)]
        assert Outcome.FAILED in judged
        assert Outcome.FAILED in (exact.forward(trial).outcome, exact.gradient(trial).outcome)


def test_the_bank_of_two_layers_has_the_faults_of_each():
    one, two = ({fault.text for fault in bank(network(f"lstm:layers={n}"))} for n in (1, 2))
    carried = {text for text in one if text.startswith("the carry of") and "is not used" in text}
    assert len(carried) == 2
    for layer in ("0.forward.", "1.forward."):
        assert {text.replace("dh", f"d{layer}h").replace("dc", f"d{layer}c") for text in carried} <= two


def test_equal_layers_are_equal_to_one_cell_above_the_other():
    cell = network("elman").cell
    stack = above(above(prefixed(cell, "0.forward.", "x"), cell, "1.forward."), cell, "2.forward.")
    assert replace(stack, name="elman") == network("elman:layers=3").step
