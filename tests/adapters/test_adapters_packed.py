"""A plain target with a dialect of its own: packed, transposed, batch first, its states in a tuple."""

from dataclasses import replace

import numpy as np
import pytest
from adapter_cases import built, lstm, outside, small
from plain_targets import CASE

from rnnproof.adapters.plain import plain_implementation
from rnnproof.dialects import Dialect, Stack
from rnnproof.dialects.named import torch_dialect
from rnnproof.dialects.packing import read
from rnnproof.errors import TargetError
from rnnproof.usecases.verify import verify

TORCH_LSTM = torch_dialect("lstm")

PACKED = Dialect(
    {
        "W": Stack("i g f o", of="W", axis=1, transpose=True),
        "U": Stack("i g f o", of="U", axis=1, transpose=True),
        "b": Stack("i g f o", of="b"),
    },
    state=("c", "h"),
    layout="BTI",
)


class PackedLSTM:
    """Gates i g f o, x @ W, batch first, state (c, h), with a hand-written step."""

    dialect = PACKED
    seen: list

    def run(self, params, x, state):
        c, h = state
        outputs = []
        for t in range(x.shape[1]):
            i, g, f, o = np.split(x[:, t] @ params["W"] + h @ params["U"] + params["b"], 4, axis=1)
            i, f, o = (1 / (1 + np.exp(-z)) for z in (i, f, o))
            c = f * c + i * np.tanh(g)
            h = o * np.tanh(c)
            outputs.append(h)
        return np.stack(outputs, axis=1), (c, h)

    def step(self, params, x, state):
        outputs, new = self.run(params, x[:, None], state)
        return outputs[:, 0], new

    def grad(self, params, x, state, cotangents):
        """Not a gradient, but numbers that show where each goes."""
        return {
            "params": {name: 2 * array for name, array in params.items()},
            "x": 3 * x,
            "state": (4 * state[0], 5 * state[1]),
            "states": {"h": cotangents["outputs"], "c": -cotangents["outputs"]},
        }

    def states(self, params, x, state):
        outputs, _ = self.run(params, x, state)
        return {"h": outputs, "c": 2 * outputs}


def test_a_packed_target_computes_the_same():
    subject = built(plain_implementation("mine", PackedLSTM, PACKED), CASE)
    trace = subject.run(CASE.x, CASE.state, cotangents=CASE.cotangents)
    assert outside(trace, CASE) & {"outputs", "final h", "final c"} == set()
    assert np.array_equal(trace.states["c"], 2 * trace.outputs)
    for name, array in CASE.parameters.items():
        assert np.array_equal(trace.gradients.parameters[name], 2 * array), name
    assert np.array_equal(trace.gradients.x, 3 * CASE.x)
    assert np.array_equal(trace.gradients.state["c"], 4 * CASE.state["c"])
    assert np.array_equal(trace.gradients.state["h"], 5 * CASE.state["h"])
    assert np.array_equal(trace.gradients.states["c"], -CASE.cotangents.outputs)
    output, new = subject.step(CASE.x[0], CASE.state)
    first = subject.run(CASE.x[:1], CASE.state)
    assert np.array_equal(output, first.outputs[0]) and np.array_equal(new["c"], first.final["c"])


def test_a_wrong_dialect_gives_other_values():
    arrays = {name: replace(stack, gates="i f g o") for name, stack in PACKED.arrays.items()}
    subject = built(plain_implementation("mine", PackedLSTM, replace(PACKED, arrays=arrays)), CASE)
    trace = subject.run(CASE.x, CASE.state, cotangents=CASE.cotangents)
    assert outside(trace, CASE) >= {"outputs", "final h", "final c"}


def test_packed_results_are_checked_as_they_are_packed():
    def wrong(**functions):
        made = type("Wrong", (PackedLSTM,), functions)
        built(plain_implementation("mine", made, PACKED), CASE).run(CASE.x, CASE.state, cotangents=CASE.cotangents)

    with pytest.raises(TargetError, match=r"^outputs: got shape \(4, 3, 3\), expected \(3, 4, 3\) = \(B, T, H\)$"):
        wrong(run=lambda self, p, x, s: (np.zeros((4, 3, 3)), s))
    with pytest.raises(TargetError, match=r"^final_state: got a dict, expected a tuple \(c, h\)$"):
        wrong(run=lambda self, p, x, s: (np.zeros((3, 4, 3)), dict(zip("ch", s, strict=True))))
    with pytest.raises(TargetError, match=r"^grad: params\['W'\]: got shape \(12, 2\), expected \(2, 12\)$"):
        wrong(grad=lambda self, p, x, s, d: {"params": {name: array.T for name, array in p.items()}})


def test_changes_to_packed_parameters_are_seen_too():
    case = small()

    class Changing(PackedLSTM):
        def run(self, params, x, state):
            params["b"][-1] = 5
            x[0, 0, 0] = 9
            return super().run(params, x, state)

    built(plain_implementation("mine", Changing, PACKED), case).run(case.x, case.state)
    assert case.parameters["b_o"].tolist() == [*CASE.parameters["b_o"][:-1], 5]
    assert case.x[0, 0, 0] == 9
    unchanged = {name for name in CASE.parameters if np.array_equal(CASE.parameters[name], case.parameters[name])}
    assert unchanged == set(CASE.parameters) - {"b_o"}


def test_both_biases_of_a_target_that_adds_two_are_not_zero():
    seen = []
    dialect = Dialect(TORCH_LSTM.arrays, name="two biases")

    def run(params, x, state):
        seen.append(params)
        return lstm(read(dialect, params), x, state)

    case = small()
    case.parameters["b_f"][1] = 0
    subject = built(plain_implementation("mine", run, dialect), case)
    trace = subject.run(case.x, case.state)
    assert np.all(seen[0]["bias_ih_l0"] != 0) and np.all(seen[0]["bias_hh_l0"] != 0)
    assert np.array_equal(trace.outputs, lstm(case.parameters, case.x, case.state)[0])


class SpeaksTorch:
    """An LSTM with torch's arrays: both of its biases are added."""

    dialect = "torch:lstm"

    def run(self, params, x, state):
        (h, c), outputs = state, []
        for x_t in x:
            from_x = x_t @ params["weight_ih_l0"].T + params["bias_ih_l0"]
            i, f, g, o = np.split(from_x + h @ params["weight_hh_l0"].T + params["bias_hh_l0"], 4, axis=1)
            c = c / (1 + np.exp(-f)) + np.tanh(g) / (1 + np.exp(-i))
            h = np.tanh(c) / (1 + np.exp(-o))
            outputs.append(h)
        return np.stack(outputs), (h, c)


class UsesOneBiasTwice(SpeaksTorch):
    def run(self, params, x, state):
        return super().run({**params, "bias_hh_l0": params["bias_ih_l0"]}, x, state)


@pytest.mark.parametrize(("target", "outcome"), [(SpeaksTorch, "passed"), (UsesOneBiasTwice, "failed")])
def test_two_biases_are_executed_exactly_too(target, outcome):
    (finding,) = verify(target, "lstm", properties=["exact.forward"]).findings
    assert finding.outcome.value == outcome
