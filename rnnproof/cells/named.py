"""The hand-written networks by name, with their options spelled as in a network string."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from inspect import signature

from rnnproof.cells import elman, lstm
from rnnproof.cells import readout as readouts
from rnnproof.cells.activation import ACTIVATIONS
from rnnproof.cells.contract import Backward, Forward
from rnnproof.cells.plain import PlainTarget
from rnnproof.errors import Unsupported

DEFAULTS = {"activation": "tanh", "readout": "none", "bias": "true"}
HIDDEN = ("tanh", "relu", "sigmoid", "identity")
READOUTS = ("none", "identity", "tanh", "sigmoid", "softmax")


def elman_target(activation: str = "tanh", readout: str = "none", bias: str = "true") -> PlainTarget:
    """h_t = a(W_h x_t + U_h h_{t-1} + b_h), with or without y_t = g(W_y h_t + b_y) on top.

    Errors: Unsupported for a value that is not built.
    """
    _check("activation", activation, HIDDEN)
    name = _network("elman", activation=activation, readout=readout, bias=bias)
    forward = partial(elman.forward, activation=ACTIVATIONS[activation])
    return _target(name, elman.PARAMETERS, forward, elman.backward, readout, bias)


def lstm_target(bias: str = "true") -> PlainTarget:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t).

    Errors: Unsupported for a value that is not built.
    """
    name = _network("lstm", bias=bias)
    return _target(name, lstm.PARAMETERS, lstm.forward, lstm.backward, "none", bias)


CELLS: Mapping[str, Callable[..., PlainTarget]] = {"elman": elman_target, "lstm": lstm_target}


def plain_target(network: str, **options: str) -> PlainTarget:
    """The hand-written network of that name and those options.

    ``plain_target("elman", activation="relu", readout="tanh")`` is ``elman:activation=relu,readout=tanh``.

    Errors: Unsupported for a network, option or value that is not written by hand.
    """
    _check("network", network, CELLS)
    for option in options:
        _check(f"{network}: option", option, signature(CELLS[network]).parameters)
    return CELLS[network](**options)


def _target(
    name: str, parameters: tuple[str, ...], forward: Forward, backward: Backward, readout: str, bias: str
) -> PlainTarget:
    _check("readout", readout, READOUTS)
    _check("bias", bias, ("true", "false"))
    if readout != "none":
        parameters = (*parameters, *readouts.PARAMETERS)
        forward, backward = readouts.read(forward, backward, ACTIVATIONS[readout])
    if bias == "false":
        parameters = tuple(parameter for parameter in parameters if not parameter.startswith("b_"))
    return PlainTarget(name, parameters, forward, backward)


def _network(name: str, **options: str) -> str:
    changed = [f"{key}={value}" for key, value in options.items() if value != DEFAULTS[key]]
    return f"{name}:{','.join(changed)}" if changed else name


def _check(what: str, value: str, allowed: Iterable[str]) -> None:
    if value not in allowed:
        raise Unsupported(f"hand-written cells: {what} {value!r}; there are {', '.join(allowed)}")
