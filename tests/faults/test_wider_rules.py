"""Rules that a diagnosis looks for, on networks of one unit without an activation: every number worked out by hand.

h_t = x_t + 2 h_{t-1} of x = 1, 10, 100 is 1, 12, 124; read from the end with 3 in place of 2 it is 931, 310, 100.
"""

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.faults.arguments import argument_faults
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import plant
from rnnproof.faults.two_directions import two_directions, two_directions_back
from rnnproof.faults.wider_backward import wider_backward
from rnnproof.faults.wider_sequence import wider_sequence
from rnnproof.faults.wrapped import Conducted
from rnnproof.model.case import Cotangents
from rnnproof.reference.implementation import Reference
from rnnproof.reference.interpreted import INTERPRETED

LINEAR = network("elman:activation=identity")
BOTH = network("elman:activation=identity,direction=bidirectional")
ONE = {"W_h": [[1.0]], "U_h": [[2.0]], "b_h": [0.0]}
ENDS = {f"0.{way}.{name}": value for way in ("forward", "backward") for name, value in ONE.items()}
ENDS["0.backward.U_h"] = [[3.0]]
X = [1.0, 10.0, 100.0]


def column(numbers):
    return np.array(numbers, float).reshape(len(numbers), -1, 1)


def subject(rules, text, model, parameters):
    (fault,) = [fault for fault in rules(model) if fault.text == text]
    arrays = {name: np.array(value) for name, value in parameters.items()}
    return plant(fault).build(model, arrays, "float64")


def pulled(text, cotangents, x=X):
    """dW and dx of a rule of the backward pass; there is no cotangent of the final state."""
    given = column(x)
    state = {"h": np.zeros((given.shape[1], 1))}
    ct = Cotangents(np.broadcast_to(column(cotangents), given.shape).copy(), {"h": np.zeros_like(state["h"])})
    found = subject(wider_backward, text, LINEAR, ONE).run(given, state, None, ct).gradients
    return found.parameters["W_h"].item(), found.x[:, 0, 0].tolist()


@pytest.mark.parametrize(
    ("text", "dW"),
    [
        ("the loss of each step goes back one step at most", 1 + 10 + 100),
        ("the loss of each step goes back 2 steps at most", 1 + 12 + 120),
        ("the loss of each step goes back 3 steps at most", 1 + 12 + 124),
        ("the backward pass ends one step before the last", 100),
        ("the backward pass ends 2 steps before the last", 10 + 120),
    ],
)
def test_backpropagation_in_windows(text, dW):
    assert pulled(text, [1, 1, 1])[0] == dW


@pytest.mark.parametrize(
    ("words", "dW", "dx"),
    [  # of the cotangents 5, 7, 9 taken for others; and of dx = 7, 3, 1 returned in other places
        ("one step late", 5 * 12 + 7 * 124, [0, 7, 3]),
        ("one step early", 7 * 1 + 9 * 12, [3, 1, 0]),
        ("one step late, the last at the first step", 9 * 1 + 5 * 12 + 7 * 124, [1, 7, 3]),
        ("one step early, the first at the last step", 7 * 1 + 9 * 12 + 5 * 124, [3, 1, 7]),
    ],
)
def test_cotangents_and_gradients_of_other_steps(words, dW, dx):
    assert pulled(f"the cotangents of the outputs are used {words}", [5, 7, 9])[0] == dW
    assert pulled(f"dx is returned {words}", [1, 1, 1])[1] == dx


def test_cotangents_in_reverse_order():
    assert pulled("the cotangents of the outputs are used in reverse order", [5, 7, 9])[0] == 9 + 7 * 12 + 5 * 124


def test_gradients_of_one_row():
    rows = [[1, 2], [10, 20], [100, 200]]
    assert pulled("the parameters' gradients are those of the first row alone", [1, 1, 1], rows)[0] == 137
    assert pulled("the parameters' gradients are those of the last row alone", [1, 1, 1], rows)[0] == 274
    assert pulled("dW_h is that of the last row's first step alone", [1, 1, 1], rows)[0] == (1 + 2 + 4) * 2


def test_a_gradient_that_is_transposed():
    parameters = {"W_h": [[1.0], [0.0]], "U_h": [[0.0, 0.0], [0.0, 0.0]], "b_h": [0.0, 0.0]}
    one = subject(wider_backward, "dU_h is transposed", LINEAR, parameters)
    ct = Cotangents(np.zeros((1, 1, 2)), {"h": np.array([[5.0, 7.0]])})
    found = one.run(np.zeros((1, 1, 1)), {"h": np.array([[2.0, 3.0]])}, None, ct).gradients
    assert found.parameters["U_h"].tolist() == [[10, 14], [15, 21]]  # dz h^T is [[10, 15], [14, 21]]


def both_ends(rules, text, ct=None, lengths=None):
    state = {"0.forward.h": np.zeros((1, 1)), "0.backward.h": np.zeros((1, 1))}
    given = None
    if ct is not None:
        outputs = np.concatenate([np.zeros((3, 1, 1)), column(ct)], axis=-1)
        given = Cotangents(outputs, {name: np.zeros((1, 1)) for name in state})
    lengths = None if lengths is None else np.array(lengths)
    return subject(rules, text, BOTH, ENDS).run(column(X), state, lengths, given)


@pytest.mark.parametrize(
    ("text", "lengths", "outputs", "final"),
    [
        ("the backward direction reads from the first step on", None, [1, 13, 139], 139),
        ("the forward half of the outputs stands in the backward half too", None, [1, 12, 124], 931),
        ("the backward direction begins in the padding", [2], [931, 310, 0], 931),
        ("the backward direction begins in the padding", None, [931, 310, 100], 931),
        ("the backward direction reads from the first step on", [2], [1, 13, 0], 13),
    ],
)
def test_the_backward_half(text, lengths, outputs, final):
    trace = both_ends(two_directions, text, lengths=lengths)
    assert trace.outputs[:, 0, 0].tolist() == ([1, 12, 124] if lengths is None else [1, 12, 0])
    assert trace.outputs[:, 0, 1].tolist() == outputs
    assert trace.final["0.backward.h"].item() == final


def test_the_backward_direction_with_the_forward_directions_weights():
    trace = both_ends(wider_sequence, "the backward direction uses the forward direction's weights")
    assert trace.outputs[:, 0, 1].tolist() == [1 + 420, 10 + 200, 100]


def test_every_layer_with_the_initial_state_of_the_first():
    """h = 2 * 5 in layer 0; 10 + 2 * 5 in layer 1, whose own state would be 7."""
    stack = network("elman:activation=identity,layers=2")
    parameters = {f"{layer}.forward.{name}": value for layer in "01" for name, value in ONE.items()}
    one = subject(wider_sequence, "every layer starts from the initial states of layer 0", stack, parameters)
    state = {"0.forward.h": np.array([[5.0]]), "1.forward.h": np.array([[7.0]])}
    assert one.run(np.zeros((1, 1, 1)), state).outputs.item() == 20


def test_what_is_pulled_back_through_the_backward_half():
    """dx = 1, 3 + 1, 9 + 3 + 1 of the cotangents 1, 1, 1; and 1, 3, 9 of the cotangents 1, 0, 0."""
    text = "the gradient of x through the backward direction is not flipped back"
    assert both_ends(two_directions_back, text, [1, 1, 1]).gradients.x[:, 0, 0].tolist() == [13, 4, 1]
    text = "the cotangents of the backward half are not flipped"
    assert both_ends(two_directions_back, text, [1, 0, 0]).gradients.x[:, 0, 0].tolist() == [0, 0, 1]
    text = "the backward direction reads from the first step on"
    assert both_ends(two_directions, text, [0, 0, 1]).gradients.x[:, 0, 0].tolist() == [9, 3, 1]


def test_a_network_of_one_direction_has_no_rules_of_two():
    assert [*two_directions(LINEAR), *two_directions_back(LINEAR)] == []


@pytest.mark.parametrize(
    ("text", "h"),
    [  # of relu(W x + U h + b) with W = 1, U = 2, b = -4, x = -1 and h = 3, which is 1
        ("U_h h is added after the relu, not before it, in h'", 6),
        ("W_h x is added after the relu, not before it, in h'", 2 - 1),
        ("b_h is added after the relu, not before it, in h'", 5 - 4),
    ],
)
def test_a_term_that_is_added_after_the_activation(text, h):
    relu = network("elman:activation=relu")
    faults = {fault.text: fault for fault in argument_faults(relu.cell)}
    arrays = {"W_h": np.array([[1.0]]), "U_h": np.array([[2.0]]), "b_h": np.array([-4.0])}
    one = plant(faults[text]).build(relu, arrays, "float64")
    assert one.run(-np.ones((1, 1, 1)), {"h": np.array([[3.0]])}).final["h"].item() == h


def test_peepholes_are_left_out_moved_and_exchanged():
    told = {fault.text: str(fault.cell) for fault in argument_faults(network("peephole").cell)}
    assert {"p_i and p_f are exchanged", "p_f in place of p_i", "c'*p_o is missing from o"} <= told.keys()
    assert "c*p_f is added after the sigmoid, not before it, in f" in told


def test_padding_is_left_out_of_many_cotangents_at_once():
    """Three of them, two steps; the row ends after the first: in the padding dx = 2 is none, and dW lacks 1 * 2."""
    model = network("elman:activation=identity,padding=run")
    (fault,) = [one for one in bank(model) if one.text == "the cotangents in the padding are forgotten"]
    many = Conducted(fault.text, Reference(system=INTERPRETED), fault.conduct)
    one = many.build(model, {name: np.array(value) for name, value in ONE.items()}, "float64")
    ct = Cotangents(np.arange(1.0, 7).reshape(3, 2, 1, 1), {"h": np.zeros((3, 1, 1))})
    found = one.run(column([1, 10]), {"h": np.zeros((1, 1))}, np.array([1]), ct).gradients
    assert found.parameters["W_h"].ravel().tolist() == [1, 3, 5]
    assert found.x.reshape(3, 2).tolist() == [[1, 0], [3, 0], [5, 0]]
