"""Which operators the bank has for a network: one that is lost would leave its mistakes unasked for."""

import pytest

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank
from rnnproof.model.activation import sigmoid
from rnnproof.model.equation import signals

ANY = """activation missing, activation replaced, batch mean, bias missing, bias negated, bias twice, carry dropped,
cotangent changed, derivative point, factor missing, final state early, final state is the initial one,
first input repeated, first row repeated, gradients kept, initial state ignored, input changed, input delayed,
input from the future, inputs averaged, last output repeated, lengths ignored, lengths not pulled back, lower precision,
mean over batch, mean over time,
not transposed, offset, other dtype, outer dropped, outputs delayed, outputs reversed, overflow, overwritten,
padding not zero, product dropped, read backwards, reshape for transpose, result dropped, rows reversed, scale,
scale dropped, seed,
seed dropped, sign, state changed, state kept, strides, term missing, total dropped, transposed, truncated, wiring,
wrong signal, wrong step"""
GATED = """complement, final states exchanged, gate order, initial states exchanged, sum for product, wrong bias,
wrong state, wrong weight"""


def names(text):
    return {name.strip() for name in text.replace("\n", " ").split(",")}


def operators(name):
    return {fault.operator for fault in bank(network(name))}


def test_the_operators_of_an_lstm_and_of_an_elman_network():
    assert operators("elman:readout=tanh") == names(ANY)
    assert operators("lstm") == names(ANY) | names(GATED)


def test_what_can_go_wrong_in_the_padding_is_what_the_padding_is():
    repeated = {"padding not repeated", "padding zeroed", "padding forgotten"}
    run = {"padding zeroed", "padding forgotten", "padding not pulled back"}
    common = operators("elman") - {"padding not zero"}
    assert operators("elman:padding=repeat") - common == repeated
    assert operators("elman:padding=run") - common == run


def test_the_operators_of_a_softmax():
    own = {"normalisation missing", "wrong axis", "derivative replaced", "factor twice", "mix dropped"}
    assert operators("elman:readout=softmax") - operators("elman:readout=tanh") == own
    assert operators("elman:readout=tanh") <= operators("elman:readout=softmax")


def texts(name):
    return {fault.text: fault for fault in bank(network(name))}


def test_an_equation_without_a_signal_is_no_fault():
    """Of i = 1 - f, the 1 can be forgotten, but not the f: what would be left has no size."""
    found = texts("lstm:coupled=input")
    assert "1 is missing from i" in found and "-f is missing from i" not in found


def test_states_of_different_sizes_are_not_exchanged():
    assert "the final h and c are exchanged" in texts("lstm")
    assert not [text for text in texts("lstm:projection=P") if "exchanged" in text and " h " in text]


def test_a_derivative_at_the_activations_value_keeps_the_rest_of_the_chain():
    fault = texts("peephole")["sigmoid' is taken at o, not at c'*p_o + z_o, in dc'"]
    (edge,) = [edge for edge in fault.adjoint.edges if edge.id == "o<-c'"]
    o, p_o = signals("o p_o")
    assert edge.factor == p_o * sigmoid(o) * (1 - sigmoid(o))


def test_the_derivative_of_relu_may_be_taken_at_its_value():
    assert not [text for text in texts("elman:activation=relu") if text.startswith("relu' is taken at")]


@pytest.mark.parametrize(
    ("operator", "count", "why"),
    [
        ("gate order", 23, "4! orders of i f g o, but one"),
        ("wrong weight", 24, "each of four W and of four U by each other of its kind"),
        ("wrong bias", 12, "each of four biases by each other"),
        ("bias twice", 4, "each bias"),
        ("bias negated", 4, "each bias"),
        ("bias missing", 5, "each bias, and all"),
        ("term missing", 12, "W x and U h in each of four gates and in all, two terms of c'"),
        ("carry dropped", 3, "of dh, of dc, of both"),
        ("seed dropped", 3, "the cotangents of the outputs, of h and of c"),
        ("final states exchanged", 1, "h for c"),
    ],
)
def test_how_many_an_lstm_has(operator, count, why):
    assert sum(fault.operator == operator for fault in bank(network("lstm"))) == count, why
