"""What the adapter for PyTorch does not model is refused by name; what a forward cannot return is told."""

import numpy as np
import pytest
from adapter_cases import built, outside, small
from torch_targets import Own, layer, nn, ran, torch

from rnnproof.adapters.torch_layers import torch_layer
from rnnproof.catalogue import network
from rnnproof.dialects import Dialect
from rnnproof.dialects.named import PLAIN, torch_dialect
from rnnproof.errors import TargetError, Unsupported, UsageError

TORCH_LSTM = torch_dialect("lstm")

REFUSED = {
    "torch.nn.LSTM with dropout=0.5 in training mode is random; in eval mode it is modelled": (
        lambda: nn.LSTM(2, 3, num_layers=3, dropout=0.5)
    ),
    "torch.nn.Linear is not modelled; of torch.nn, LSTM, RNN, GRU, LSTMCell, RNNCell, GRUCell are": lambda: nn.Linear,
    "torch.nn.RNNBase is not modelled": lambda: nn.RNNBase,
    "torch.nn.GRUCell with hooks, or with forward replaced": lambda: changed("forward", None, nn.GRUCell),
    "torch.nn.LSTM in torch.complex64 is not modelled; float64, float32, float16, bfloat16 are": lambda: nn.LSTM(
        2, 3
    ).to(torch.complex64),
    "torch.nn.LSTM on meta is not modelled yet; on cpu it is": lambda: nn.LSTM(2, 3, device="meta"),
    "torch.nn.LSTM with hooks": lambda: hooked(),
    "torch.nn.LSTM with hooks, or with forward replaced": lambda: replaced(),
    "torch.nn.RNN with mode=RNN_TANH and options that give RNN_RELU is not": lambda: changed("nonlinearity", "relu"),
    "torch.nn.RNN with mode=RNN_RELU and options that give RNN_TANH is not": lambda: changed("mode", "RNN_RELU"),
    "torch.nn.RNN with permute_hidden replaced on the instance": lambda: changed("permute_hidden", lambda h, p: h),
    "torch.nn.LSTM with a hook on its parameter weight_ih_l0": lambda: hooked_weight(),
    "torch.nn.RNN with _flat_weights that are not its parameters": lambda: changed(
        "_flat_weights", [torch.zeros(3, 2), torch.zeros(3, 3), torch.zeros(3), torch.zeros(3)]
    ),
    "torch: this ParametrizedLSTM has the parameters": lambda: parametrized(),
    "torch: this Extra has the parameters": lambda: type("Extra", (nn.LSTM,), {"__init__": extra})(),
    "Net is a torch.nn.Module that is none of LSTM, RNN, GRU, LSTMCell, RNNCell, GRUCell; to verify it, give it run(": (
        lambda: type("Net", (nn.Module,), {})
    ),
}


def hooked():
    module = nn.LSTM(2, 3)
    module.register_forward_hook(lambda *arguments: None)
    return module


def replaced():
    module = nn.LSTM(2, 3)
    module.forward = lambda *arguments: None
    return module


def changed(name, value, cls=nn.RNN):
    module = cls(2, 3)
    setattr(module, name, value)
    return module


def hooked_weight():
    module = nn.LSTM(2, 3)
    module.weight_ih_l0.register_hook(lambda gradient: gradient * 2)
    return module


def parametrized():
    module = nn.LSTM(2, 3)
    nn.utils.parametrize.register_parametrization(module, "weight_hh_l0", nn.Identity())
    return module


def extra(self):
    nn.LSTM.__init__(self, 2, 3)
    self.peephole = nn.Parameter(torch.zeros(3))


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_not_modelled_is_refused_by_name(message):
    with pytest.raises(Unsupported) as caught:
        layer(REFUSED[message]())
    assert str(caught.value).startswith(message)


def test_a_subclass_computes_what_it_decides_itself():
    class Deep(nn.LSTM):
        def __init__(self, input_size, hidden_size):
            super().__init__(input_size, hidden_size, num_layers=2)

    case = small("lstm:layers=2")
    found, of = torch_layer("mine", Deep)
    assert of.name == "lstm:layers=2" and outside(ran(found, case), case) == set()
    with pytest.raises(Unsupported, match=r"^mine computes lstm:layers=2, not lstm$"):
        built(layer(Deep, of="lstm"), small())


def test_dropout_alone_is_refused(recwarn):
    with pytest.raises(Unsupported, match=r"^torch.nn.LSTM with dropout=0.5 in training mode is random"):
        layer(nn.LSTM(2, 3, dropout=0.5))
    module = nn.LSTM(2, 3, num_layers=2, dropout=0.5).eval()
    case = small("lstm:layers=2")
    assert outside(ran(layer(module), case), case) == set()


def test_a_subclass_that_is_another_network_than_asked_for_is_refused():
    class Relu(nn.RNN):
        def __init__(self, input_size, hidden_size):
            super().__init__(input_size, hidden_size, nonlinearity="relu")

    case = small("elman:activation=relu")
    assert outside(ran(layer(Relu), case), case) == set()
    with pytest.raises(Unsupported, match=r"^mine computes elman:activation=relu, not elman$"):
        built(layer(Relu, of="elman"), small("elman"))
    with pytest.raises(Unsupported, match=r"^mine claims elman; lstm is none of these$"):
        layer(nn.RNN).build(network("lstm"), {}, "float64")


def test_a_class_that_is_not_built_from_two_sizes():
    with pytest.raises(UsageError) as caught:
        layer(Own)
    assert str(caught.value) == "mine is built as Own(input_size, hidden_size), but it takes (); give an instance of it"


def test_a_dialect_that_packs_nothing():
    for dialect in (PLAIN, Dialect(TORCH_LSTM.arrays)):
        with pytest.raises(UsageError, match=r"^mine needs a dialect with arrays and states, such as torch:lstm$"):
            layer(nn.LSTM, dialect=dialect)


def test_what_a_run_cannot_be_given():
    case = small()
    subject = built(layer(nn.LSTM), case)
    with pytest.raises(Unsupported, match=r"a row of length 0 is not modelled; PyTorch refuses an empty sequence"):
        subject.run(case.x, case.state, np.array([4, 0, 1]))
    with pytest.raises(Unsupported, match=r"a row of length 0 is not modelled"):
        subject.run(case.x[:0], case.state)
    assert layer(nn.LSTM).claims.min_length == 1
    with pytest.raises(Unsupported, match=r"a cell takes one step of every row; it has no lengths"):
        built(layer(nn.LSTMCell), case).run(case.x, case.state, np.array([4, 2, 1]))


WRONG_FORWARDS = {
    "forward raised ZeroDivisionError: division by zero": lambda self, x, hx: 1 / 0,
    "forward returned None, expected (outputs, final state)": lambda self, x, hx: None,
    "final state: got a Tensor, expected a tuple (h, c)": lambda self, x, hx: (x, x),
    "outputs: got shape (4, 3, 2), expected (4, 3, 3) = (T, B, H)": lambda self, x, hx: (x, hx),
    "outputs: got a str, expected a tensor of shape (4, 3, 3) = (T, B, H)": lambda self, x, hx: ("x", hx),
    "final state c: got shape (3, 3), expected (1, 3, 3) = (1, B, H)": lambda self, x, hx: (x, (hx[0], hx[1][0])),
}


@pytest.mark.parametrize("message", WRONG_FORWARDS)
def test_what_a_forward_of_one_s_own_cannot_return(message):
    wrong = type("Wrong", (nn.LSTM,), {"forward": WRONG_FORWARDS[message]})
    with pytest.raises(TargetError) as caught:
        ran(layer(wrong), small())
    assert str(caught.value) == message
