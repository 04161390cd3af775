"""PyTorch layers as they are verified; whoever imports this is skipped where there is no PyTorch."""

import pytest
from adapter_cases import built

from rnnproof.adapters.torch_layers import torch_layer
from rnnproof.catalogue import network

torch = pytest.importorskip("torch")
nn = torch.nn


class Own(nn.LSTM):
    """Its own constructor, its own second name for a parameter."""

    def __init__(self):
        super().__init__(2, 3)
        self.same = self.weight_hh_l0


def layer(target, name="mine", dialect=None, of=None):
    return torch_layer(name, target, dialect, None if of is None else network(of))[0]


def ran(implementation, case, dtype="float64"):
    return built(implementation, case, dtype).run(case.x, case.state, cotangents=case.cotangents)
