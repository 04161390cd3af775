"""What a readout applies to its affine map: a function of each entry, or a softmax of them all."""

from __future__ import annotations

from rnnproof.model.activation import ACTIVATIONS
from rnnproof.model.equation import Elementwise, Equation, Softmax, signal

READOUTS = ("identity", "tanh", "sigmoid", "softmax")


def applied(readout: str, target: str, source: str) -> Equation:
    """target = g(source), g being one of READOUTS."""
    if readout == "softmax":
        return Softmax(target, source)
    return Elementwise(target, ACTIVATIONS[readout](signal(source)))
