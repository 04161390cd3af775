"""Which operators the bank has for a network: one that is lost would leave its mistakes unasked for."""

import pytest

from rnnproof.catalogue import network
from rnnproof.faults.bank import bank

ANY = """activation missing, activation replaced, batch mean, bias missing, bias negated, bias twice, carry dropped,
cotangent changed, derivative point, factor missing, final state early, final state is the initial one,
first input repeated, first row repeated, gradients kept, initial state ignored, input changed, input delayed,
input from the future, inputs averaged, last output repeated, lengths ignored, lower precision,
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
