"""PyTorch's layers in every shape that is modelled, inside the derived bounds; and what is wrong there is seen."""

from dataclasses import replace

import numpy as np
import pytest
from adapter_cases import built, outside, small
from torch_targets import layer, nn, ran, torch

from rnnproof.adapters import torch_subject
from rnnproof.adapters.torch_layers import torch_layer
from rnnproof.catalogue import network
from rnnproof.model.network import Sizes

SIZES = Sizes(T=4, B=3, I=2, H=3, P=2)
COMPUTED = {
    "lstm:layers=2": lambda: nn.LSTM(2, 3, num_layers=2),
    "lstm:direction=bidirectional": lambda: nn.LSTM(2, 3, bidirectional=True, batch_first=True),
    "lstm:bias=false": lambda: nn.LSTM(2, 3, bias=False),
    "lstm:projection=P": lambda: nn.LSTM(2, 3, proj_size=2),
    "lstm:projection=P,bias=false,layers=2,direction=bidirectional": lambda: nn.LSTM(
        2, 3, num_layers=2, bidirectional=True, proj_size=2, bias=False
    ),
    "elman:activation=relu,layers=2,direction=bidirectional": lambda: nn.RNN(
        2, 3, num_layers=2, bidirectional=True, nonlinearity="relu"
    ),
    "elman:bias=false": lambda: nn.RNN(2, 3, bias=False),
    "gru": lambda: nn.GRU(2, 3),
    "gru:layers=3,direction=bidirectional": lambda: nn.GRU(2, 3, num_layers=3, bidirectional=True),
    "gru:bias=false": lambda: nn.GRU(2, 3, bias=False, batch_first=True),
}
CELLS = {
    "lstm": lambda: nn.LSTMCell(2, 3),
    "lstm:bias=false": lambda: nn.LSTMCell(2, 3, bias=False),
    "elman:activation=relu": lambda: nn.RNNCell(2, 3, nonlinearity="relu"),
    "elman": lambda: nn.RNNCell(2, 3),
    "gru": lambda: nn.GRUCell(2, 3),
    "gru:bias=false": lambda: nn.GRUCell(2, 3, bias=False),
}
WAYS = [*((name, make) for name, make in COMPUTED.items()), *((name, make) for name, make in CELLS.items())]


@pytest.mark.parametrize(("name", "make"), WAYS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_an_instance_is_the_network_that_its_options_say(name, make, dtype):
    module = make()
    found, of = torch_layer("mine", module)
    assert of.name == network(name).name
    case = small(name, SIZES, dtype)
    assert outside(ran(found, case, dtype), case, dtype) == set()
    own = replace(case, parameters={key: value.astype(dtype) for key, value in found.own.items()})
    assert outside(ran(found, own, dtype), own, dtype) == set()


@pytest.mark.parametrize(("name", "make"), WAYS)
def test_a_class_is_built_as_the_network_that_is_asked_for_at_any_size(name, make):
    sizes = Sizes(T=3, B=2, I=4, H=5, P=1)
    case = small(name, sizes)
    assert outside(ran(layer(type(make()), of=name), case), case) == set()
    assert outside(ran(layer(make()), case), case) == set()


@pytest.mark.parametrize("lengths", [(4, 3, 1), (1, 4, 2), (2, 2, 2), (4, 4, 4)])
@pytest.mark.parametrize("name", COMPUTED)
def test_rows_of_lengths_are_packed_sorted_or_not(name, lengths):
    case = replace(small(name, SIZES), lengths=np.array(lengths))
    trace = built(layer(COMPUTED[name]()), case).run(case.x, case.state, case.lengths, case.cotangents)
    assert outside(trace, case) == set()
    assert all((trace.outputs[n:, row] == 0).all() for row, n in enumerate(lengths))


def test_rows_packed_with_other_lengths_are_seen(monkeypatch):
    """A planted fault of the adapter: the lengths in the other order."""
    case = replace(small("gru:direction=bidirectional", SIZES), lengths=np.array([4, 3, 1]))
    right = torch_subject.LayerSubject._packed
    monkeypatch.setattr(torch_subject.LayerSubject, "_packed", lambda self, x, n: right(self, x, n[::-1].copy()))
    trace = built(layer(nn.GRU, of="gru:direction=bidirectional"), case).run(
        case.x, case.state, case.lengths, case.cotangents
    )
    assert {"outputs", "final 0.forward.h", "final 0.backward.h", "dx"} <= outside(trace, case)


class Unturned(nn.GRU):
    """The outputs of the second direction in the order in which it reads."""

    def __init__(self, input_size, hidden_size):
        super().__init__(input_size, hidden_size, bidirectional=True)

    def forward(self, x, hx=None):
        outputs, final = super().forward(x, hx)
        ahead, back = outputs.chunk(2, dim=2)
        return torch.cat((ahead, back.flip(0)), 2), final


class Exchanged(nn.LSTM):
    """The final states of the two layers exchanged."""

    def __init__(self, input_size, hidden_size):
        super().__init__(input_size, hidden_size, num_layers=2)

    def forward(self, x, hx=None):
        outputs, (h, c) = super().forward(x, hx)
        return outputs, (h.flip(0), c)


@pytest.mark.parametrize(
    ("wrong", "seen"),
    [(Unturned, {"outputs"}), (Exchanged, {"final 0.forward.h", "final 1.forward.h"})],
)
def test_a_wrong_stack_is_seen(wrong, seen):
    found, of = torch_layer("mine", wrong)
    case = small(of.name, SIZES)
    wrong_here = outside(ran(found, case), case)
    assert seen <= wrong_here and not {"outputs", "final 0.forward.h"} - seen & wrong_here


def test_states_that_a_stack_changes_are_seen():
    class Changing(nn.GRU):
        def __init__(self, input_size, hidden_size):
            super().__init__(input_size, hidden_size, num_layers=2)

        def forward(self, x, hx=None):
            with torch.no_grad():
                hx[1] *= 2
            return super().forward(x, hx)

    case, fresh = small("gru:layers=2", SIZES), small("gru:layers=2", SIZES)
    built(torch_layer("mine", Changing)[0], case).run(case.x, case.state)
    assert np.array_equal(case.state["1.forward.h"], 2 * fresh.state["1.forward.h"])
    assert np.array_equal(case.state["0.forward.h"], fresh.state["0.forward.h"])


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_has_a_step_and_takes_no_steps_at_all(name):
    case = small(name, SIZES)
    subject = built(layer(CELLS[name]()), case)
    whole = subject.run(case.x, case.state)
    output, state = subject.step(case.x[0], case.state)
    assert np.array_equal(output, whole.outputs[0])
    assert all(np.array_equal(state[each], whole.states[each][0]) for each in case.state)
    for given in (case.state, None):
        nothing = subject.run(
            case.x[:0], given, cotangents=replace(case.cotangents, outputs=case.cotangents.outputs[:0])
        )
        assert nothing.outputs.shape == (0, 3, 3)
        expected = case.state if given else {each: 0 * value for each, value in case.state.items()}
        assert all(np.array_equal(nothing.final[each], expected[each]) for each in expected)
        assert all((value == 0).all() for value in nothing.gradients.parameters.values())


def test_a_cell_that_forgets_its_memory_is_seen():
    class Forgetful(nn.LSTMCell):
        def forward(self, x, hx=None):
            return super().forward(x, None if hx is None else (hx[0], 0 * hx[1]))

    case = small("lstm", SIZES)
    assert {"outputs", "final c", "final h"} <= outside(ran(layer(Forgetful), case), case)
