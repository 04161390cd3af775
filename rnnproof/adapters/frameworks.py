"""Which frameworks can be verified, and which of them are installed; nothing is imported to find out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

# target: the package it needs
FRAMEWORKS: Mapping[str, str] = {
    "torch.nn:LSTM": "torch",
    "torch.nn:RNN": "torch",
    "torch.nn:GRU": "torch",
    "torch.nn:LSTMCell": "torch",
    "torch.nn:RNNCell": "torch",
    "torch.nn:GRUCell": "torch",
}
CPU_BUILD = "the smaller CPU build: pip install torch --index-url https://download.pytorch.org/whl/cpu"


def frameworks_found() -> tuple[str, ...]:
    """The frameworks' recurrent layers and cells that can be verified here, by their target names."""
    return tuple(target for target, package in FRAMEWORKS.items() if find_spec(package) is not None)


def how_to_install(package: str) -> str | None:
    """One sentence on how to install a framework that is missing; None for one found, or any other package."""
    if package not in FRAMEWORKS.values() or find_spec(package) is not None:
        return None
    return f"{package} is not installed: pip install 'rnnproof[{package}]' ({CPU_BUILD})"
