"""Which networks PyTorch's layers and cells compute: a network's options as a constructor's, and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from rnnproof.catalogue import network as named
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.named import get
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.network import Network, Sizes

LAYERS = ("LSTM", "RNN", "GRU")
CELLS = ("LSTMCell", "RNNCell", "GRUCell")
MODULES = (*LAYERS, *CELLS)
HEADS = {"LSTM": "lstm", "RNN": "elman", "GRU": "gru"}
Options = dict[str, Any]

# Of each option of a network, what says the same to a constructor; None where no constructor can be told.
TOLD: Mapping[str, Callable[[str, Sizes], Options | None]] = {
    "layers": lambda value, sizes: {"num_layers": int(value)},
    "direction": lambda value, sizes: {"bidirectional": True} if value == "bidirectional" else None,
    "bias": lambda value, sizes: {"bias": False},
    "projection": lambda value, sizes: {"proj_size": sizes.P},
    "activation": lambda value, sizes: {"nonlinearity": value} if value in ("tanh", "relu") else None,
}
WRITTEN = {
    "layers": "layers=N",
    "direction": "direction=forward|bidirectional",
    "bias": "bias=true|false",
    "projection": "projection=P",
    "activation": "activation=tanh|relu",
}
TAKEN = {
    "LSTM": ("layers", "direction", "bias", "projection"),
    "RNN": ("layers", "direction", "bias", "activation"),
    "GRU": ("layers", "direction", "bias"),
    "LSTMCell": ("bias",),
    "RNNCell": ("bias", "activation"),
    "GRUCell": ("bias",),
}


def kind(module: str) -> str:
    """The layer whose equations a layer or cell computes: LSTM of LSTMCell."""
    return module.removesuffix("Cell")


def first_network(module: str) -> str:
    """The network that a class computes where nothing else is asked for."""
    return HEADS[kind(module)]


def constructor(name: str, module: str, network: Network, sizes: Sizes) -> Options:
    """What makes torch.nn's ``module`` compute the network, apart from its sizes; in a message it has its ``name``.

    Errors: UsageError where it is another network altogether; Unsupported for an option that it has not.
    """
    head = network.name.partition(":")[0]
    if head != HEADS[kind(module)]:
        raise UsageError(f"{name} is {HEADS[kind(module)]}, not {network.name}")
    chosen: Options = {}
    for option, value in network.options:
        told = TOLD[option](value, sizes) if option in TAKEN[module] else None
        if told is None:
            has = ", ".join(WRITTEN[each] for each in TAKEN[module])
            wrong = f"{name} has no {option}={value}, so it does not compute {network.name}"
            raise Unsupported(f"{wrong}; of the network's options it has {has}")
        chosen |= told
    return chosen


def network_of(module: Any, name: str) -> Network:
    """The network that a module of torch.nn's ``name`` computes, as its options say."""
    options = {
        "activation": getattr(module, "nonlinearity", "tanh"),
        "layers": str(getattr(module, "num_layers", 1)),
        "direction": "bidirectional" if getattr(module, "bidirectional", False) else "forward",
        "bias": "true" if module.bias else "false",
        "projection": "P" if getattr(module, "proj_size", 0) else "none",
    }
    told = ",".join(f"{key}={options[key]}" for key in TAKEN[name])
    return named(f"{HEADS[kind(name)]}:{told}")


def dialect_of(module: str) -> Dialect:
    """How torch.nn's ``module`` packs its parameters."""
    suffix = "_cell" if module in CELLS else ""
    return get(f"torch:{kind(module).lower()}{suffix}")
