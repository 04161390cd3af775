"""The dialects that have a name.

Reference: docs.pytorch.org, torch.nn.LSTM, torch.nn.GRU and torch.nn.RNN, section Variables: weight_ih_l[k] is
(W_ii|W_if|W_ig|W_io), for the GRU (W_ir|W_iz|W_in), the biases b_ih and b_hh are added, but for those of the GRU's n,
and the states of all layers and directions come stacked as h_n and c_n, (layers times directions, B, .).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial

from rnnproof.dialects.dialect import FIRST, SECOND, Dialect, Stack
from rnnproof.errors import UsageError, closest, nearest
from rnnproof.model.network import Network

PLAIN = Dialect({}, name="plain")
GATES = {"lstm": "i f g o", "rnn": "h", "gru": "r z n"}
STATES = {"lstm": ("h", "c"), "rnn": ("h",), "gru": ("h",)}


def torch_dialect(kind: str, network: Network | None = None) -> Dialect:
    """How ``torch.nn`` packs an "lstm", "rnn" or "gru": one layer of one direction; or the network's layers.

    A single layer's states are arrays (B,.) each; those of a stack come as one array (layers times directions,B,.).
    """
    arrays: dict[str, Stack | tuple[Stack, ...]] = {}
    for suffix, within in _places(network):
        biased = network is None or any(name.startswith(f"{within}b_") for name in network.parameters)
        projected = network is not None and f"{within}W_p" in network.parameters
        arrays |= {f"{name}_l{suffix}": held for name, held in _layer(kind, within, biased, projected)}
    return Dialect(arrays, _states(kind, network), name=f"torch:{kind}")


def _places(network: Network | None) -> Iterator[tuple[str, str]]:
    """("1_reverse", "1.backward.") of each layer and direction."""
    if network is None or (network.layers == 1 and network.direction == "forward"):
        yield "0", ""
        return
    sides = ("forward", "backward") if network.direction == "bidirectional" else (network.direction,)
    for layer in range(network.layers):
        yield from ((f"{layer}{'_reverse' * (side == 'backward')}", f"{layer}.{side}.") for side in sides)


def _layer(kind: str, within: str, biased: bool, projected: bool) -> Iterator[tuple[str, Stack | tuple[Stack, ...]]]:
    gates = GATES[kind]
    yield "weight_ih", Stack(gates, of="W", within=within)
    yield "weight_hh", Stack(gates, of="U", within=within)
    if biased:
        yield "bias_ih", _bias(kind, within, FIRST, "n")
        yield "bias_hh", _bias(kind, within, SECOND, "hn")
    if projected:
        yield "weight_hr", Stack("p", of="W", within=within)


def _bias(kind: str, within: str, part: int, apart: str) -> Stack | tuple[Stack, ...]:
    """One of two that are added; the GRU's n has two that are not: one of them stands inside the reset gate."""
    if kind != "gru":
        return Stack(GATES[kind], of="b", part=part, within=within)
    return Stack("r z", of="b", part=part, within=within), Stack(apart, of="b", within=within)


def _states(kind: str, network: Network | None) -> tuple[str | tuple[str, ...], ...]:
    if network is None or set(network.states) == set(STATES[kind]):
        return STATES[kind]
    return tuple(tuple(name for name in network.states if name.rpartition(".")[2] == state) for state in STATES[kind])


def torch_cell(kind: str, network: Network | None = None) -> Dialect:
    """How ``torch.nn.LSTMCell``, ``RNNCell`` and ``GRUCell`` pack theirs: weight_ih, and so on."""
    layer = torch_dialect(kind, network)
    arrays = {name.removesuffix("_l0"): held for name, held in layer.arrays.items()}
    return replace(layer, arrays=arrays, name=f"{layer.name}_cell")


BUILDERS: Mapping[str, Callable[[Network | None], Dialect]] = {
    "plain": lambda network: PLAIN,
    **{f"torch:{kind}": partial(torch_dialect, kind) for kind in GATES},
    **{f"torch:{kind}_cell": partial(torch_cell, kind) for kind in GATES},
}
# Each as it is for a single layer of one direction, with biases.
DIALECTS: Mapping[str, Dialect] = {name: build(None) for name, build in BUILDERS.items()}


def get(name: str) -> Dialect:
    """The dialect of that name. Errors: UsageError, with the nearest name."""
    if name not in DIALECTS:
        raise UsageError(f"unknown dialect {name!r}{_nearest(name)}")
    return DIALECTS[name]


def _nearest(name: str) -> str:
    """The nearest; or, where only the framework is like one, those of that framework."""
    framework = closest(name.partition(":")[0], {known.partition(":")[0] for known in DIALECTS})
    if closest(name, DIALECTS) is None and framework is not None:
        return f"; did you mean one of {', '.join(known for known in DIALECTS if known.startswith(framework))}?"
    return nearest(name, DIALECTS)


def fitted(dialect: Dialect, network: Network) -> Dialect:
    """A dialect that has a name, with the arrays that this network has in it; any other as it is."""
    return _built(dialect.name, network) if DIALECTS.get(dialect.name) == dialect else dialect


@lru_cache(maxsize=256)
def _built(name: str, network: Network) -> Dialect:
    return BUILDERS[name](network)
