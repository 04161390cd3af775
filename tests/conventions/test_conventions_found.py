"""The conventions of frameworks are found from behaviour alone; what follows none of them is not."""

import numpy as np
import pytest
from black_boxes import EXPECTED
from black_boxes_lstm import Box, lstm, sigmoid, torch_like
from black_boxes_simple import elman
from their_dialects import DIALECTS

from rnnproof.adapters.resolve import black_box, resolve
from rnnproof.catalogue import network
from rnnproof.conventions.search import readings
from rnnproof.dialects import fitted

QUICK = (
    *("lstm, torch, states by name", "lstm, tf block", "lstm, flax linen", "lstm, numpy-ml"),
    *(
        "lstm, onnx peepholes",
        "lstm, tflite cifg",
        "lstm, unit by unit",
        "lstm, each gate by matmul",
        "lstm, column vectors",
        "lstm, backward",
        "lstm, one matrix",
        "lstm, bias above",
        "lstm, canonical names",
        "lstm, canonical names, by attribute",
    ),
    *("gru, flax nnx", "gru, haiku", "gru, onnx linear_before_reset", "gru, keras, by columns", "lstm, onnx, sized"),
    *("elman, torch relu", "elman, onnx", "elman, min-char-rnn", "jordan, columns, relu"),
)


def found(target, name):
    return readings(resolve(target, name), network(name)).readings


def test_every_black_box_has_a_dialect_written_by_hand():
    assert list(DIALECTS) == list(EXPECTED)
    assert len(EXPECTED) == 56


@pytest.mark.parametrize("name", QUICK)
def test_a_convention_is_found(name):
    target, said = EXPECTED[name]
    first = found(target, said)[0]
    assert first.network.name == said
    assert fitted(first.dialect, first.network) == DIALECTS[name]


def test_without_a_network_it_is_one_of_the_catalogue():
    target, asked = black_box(EXPECTED["gru, haiku"][0])
    assert asked is None
    assert [(each.network.name, each.dialect) for each in readings(target, None).readings] == [
        ("gru:reset=before", DIALECTS["gru, haiku"])
    ]


def shuffled(p, x, h):
    """The recurrent matrix with its columns in an order that no dialect says."""
    return x @ p["W"].T + h @ p["U"][:, [1, 0, *range(2, h.shape[1])]].T + p["b"]


def wrong_gate(p, x, state):
    """The output gate is squashed by tanh."""
    (h, c), z = state, torch_like(p, x, state[0])
    i, f, g, o = np.split(z, 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    h = np.tanh(o) * np.tanh(c)
    return h, (h, c)


def a_hair_off(p, x, state):
    """The state is a millionth too large, once it is large."""
    h = np.tanh(torch_like(p, x, state[0]))
    return np.where(abs(h) > 0.95, h * (1 + 1e-6), h), (h,)


@pytest.mark.parametrize(
    ("target", "name"),
    [(elman(shuffled), "elman"), (Box(wrong_gate), "lstm"), (Box(a_hair_off), "elman")],
    ids=["no dialect says it", "a wrong gate", "a hair off"],
)
def test_what_follows_no_convention_has_no_reading(target, name):
    assert found(target, name) == ()


def test_one_function_in_two_networks_is_found_twice():
    target = lstm(lambda p, x, h: x @ p["W"].T + h @ p["U"].T + p["b"], "iog", couple="forget")
    both = [
        (each.network.name, each.dialect.stacks["W"][0].gates, each.dialect.stacks["W"][0].negate)
        for each in readings(resolve(target, "lstm"), None).readings
    ]
    assert both == [("lstm:coupled=forget", "i o g", ""), ("lstm:coupled=input", "f o g", "f")]
