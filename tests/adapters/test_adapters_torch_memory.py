"""PyTorch and NumPy on the same memory: strides kept, changes seen, read-only arrays copied."""

import numpy as np
import pytest
from adapter_cases import built, small
from torch_targets import layer, nn, torch

from rnnproof.adapters.tensors import tensor


def test_arguments_changed_by_a_module_are_seen():
    class Changing(nn.LSTM):
        def forward(self, x, hx):
            with torch.no_grad():
                x.mul_(2)
                self.bias_ih_l0[0] += 1
            return super().forward(x, hx)

    case, fresh = small(), small()
    built(layer(Changing), case).run(case.x, case.state)
    assert np.array_equal(case.x, 2 * fresh.x)
    assert case.parameters["b_i"].tolist() == [fresh.parameters["b_i"][0] + 1, *fresh.parameters["b_i"][1:]]


def test_strides_are_kept_where_pytorch_has_such():
    base = np.arange(24.0).reshape(2, 3, 4)
    for array in (base, base.transpose(2, 0, 1), base[:, ::2], np.asfortranarray(base)):
        shared = tensor(array)
        assert shared.data_ptr() == array.ctypes.data and shared.numpy().strides == array.strides
        guarded = array.view()
        guarded.flags.writeable = False
        copied = tensor(guarded)
        assert copied.numpy().strides == array.strides and np.array_equal(copied.numpy(), array)
        assert copied.data_ptr() != array.ctypes.data
    for array in (base[::-1], np.broadcast_to(base[0, 0], (3, 4)), np.zeros((0, 3))[::-1]):
        assert np.array_equal(tensor(array).numpy(), array)


@pytest.mark.filterwarnings("error")
def test_read_only_and_reversed_inputs_give_the_same_results():
    case = small()
    subject = built(layer(nn.LSTM), case)
    expected = subject.run(case.x, case.state).outputs
    reversed_twice = case.x[::-1].copy()[::-1]
    guarded = case.x.copy()
    guarded.flags.writeable = False
    for x in (reversed_twice, guarded, np.asfortranarray(case.x)):
        assert np.array_equal(subject.run(x, case.state, cotangents=case.cotangents).outputs, expected)
