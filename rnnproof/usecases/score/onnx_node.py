"""ONNX's LSTM, GRU and RNN by our equations: its packing to canonical parameters, and its outputs from a trace.

Reference: onnx.ai/onnx/operators, LSTM, GRU and RNN: gates i o f c, z r h; B is [Wb, Rb]; P is i o f; layout 1 has the
batch first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof import catalogue
from rnnproof.dialects import Dialect, Joined, Stack
from rnnproof.dialects.packing import read
from rnnproof.dialects.stack import Held
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Trace
from rnnproof.reference.implementation import Reference

GATES = {"LSTM": "iofg", "GRU": "zrn", "RNN": "h"}
PEEPHOLES = "iof"
TAKEN = ("hidden_size", "direction", "layout", "linear_before_reset")
Inputs = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Node:
    """A node and its inputs, by the operator's own names."""

    operator: str
    inputs: Inputs
    attributes: Mapping[str, Any]

    @property
    def direction(self) -> str:
        """forward, reverse or bidirectional."""
        return str(self.attributes.get("direction", "forward"))


def network_of(node: Node, changed: Cell | None = None) -> Network:
    """The network that a node computes; its cell may be changed.

    Errors: Unsupported for the first attribute that is not modelled.
    """
    other = [name for name in node.attributes if name not in TAKEN]
    if other:
        raise Unsupported(f"onnx {node.operator} with {other[0]} is not modelled; {', '.join(TAKEN)} are")
    if node.operator == "LSTM":
        head, options = ("peephole" if "P" in node.inputs else "lstm"), []
    else:
        head = "gru" if node.operator == "GRU" else "elman"
        before = node.operator == "GRU" and not node.attributes.get("linear_before_reset", 0)
        options = ["reset=before"] if before else []
    way = {"forward": "forward", "reverse": "backward", "bidirectional": "bidirectional"}[node.direction]
    options += [f"direction={way}"] if way != "forward" else []
    network = catalogue.network(f"{head}:{','.join(options)}" if options else head)
    return network if changed is None else replace(network, cell=changed)


def executed(node: Node, changed: Cell | None = None) -> dict[str, Array]:
    """Y, Y_h and Y_c of a node, by the equations."""
    network = network_of(node, changed)
    x = node.inputs["X"]
    x = x.swapaxes(0, 1) if node.attributes.get("layout", 0) else x
    lengths = node.inputs.get("sequence_lens")
    subject = Reference().build(network, parameters(node, network), x.dtype.name)
    ends = None if lengths is None else np.asarray(lengths, dtype=int)
    return _outputs(node, _prefixes(network), subject.run(x, _states(node, network, x), ends))


def parameters(node: Node, network: Network) -> dict[str, Array]:
    """The canonical parameters that W, R, B and P hold; without B, the biases are zero."""
    W, R = node.inputs["W"], node.inputs["R"]
    sizes = Sizes(T=0, B=0, I=W.shape[-1], H=R.shape[-1])
    biases = np.zeros((len(W), 2 * W.shape[1]), W.dtype)
    return read(dialect_of(node.operator, network), {"B": biases, **node.inputs}, network.shapes(sizes))


def dialect_of(operator: str, network: Network) -> Dialect:
    """How ONNX packs a network's parameters: each array with a first axis of directions, B being Wb, then Rb."""
    gates = " ".join(GATES[operator])
    arrays: dict[str, list[Held]] = {}
    for within in _prefixes(network):
        arrays.setdefault("W", []).append(Stack(gates, of="W", within=within))
        arrays.setdefault("R", []).append(Stack(gates, of="U", within=within))
        arrays.setdefault("B", []).append((*_half(gates, within, network, 1), *_half(gates, within, network, 2)))
        if f"{within}p_i" in network.parameters:
            arrays.setdefault("P", []).append(Stack(" ".join(PEEPHOLES), of="p", within=within))
    return Dialect({name: Joined(tuple(held), axis=0, new=True) for name, held in arrays.items()})


def _half(gates: str, within: str, network: Network, part: int) -> tuple[Stack, ...]:
    """Wb or Rb; the two biases of n are not added where one of them stands inside the reset gate."""
    if f"{within}b_hn" not in network.parameters:
        return (Stack(gates, of="b", part=part, within=within),)
    return Stack("z r", of="b", part=part, within=within), Stack(("n", "hn")[part - 1], of="b", within=within)


def _prefixes(network: Network) -> list[str]:
    """What stands before a direction's names."""
    return [f"0.{way}." for way in ("forward", "backward")] if network.direction == "bidirectional" else [""]


def _states(node: Node, network: Network, x: Array) -> dict[str, Array]:
    """The initial states; zero where they are not given."""
    H, batch = node.inputs["R"].shape[-1], x.shape[1]
    found: dict[str, Array] = {}
    for d, prefix in enumerate(_prefixes(network)):
        for state in ("h", "c"):
            given = node.inputs.get(f"initial_{state}")
            if given is not None:
                given = given.swapaxes(0, 1) if node.attributes.get("layout", 0) else given
            name = f"{prefix}{state}"
            if name in network.states:
                found[name] = np.zeros((batch, H), x.dtype) if given is None else given[d]
    return found


def _outputs(node: Node, prefixes: list[str], trace: Trace) -> dict[str, Array]:
    """Y (T,D,B,H), Y_h and Y_c (D,B,H); with layout 1 (B,T,D,H) and (B,D,H)."""
    first = bool(node.attributes.get("layout", 0))
    assert trace.outputs is not None
    Y = np.stack(np.split(trace.outputs, len(prefixes), axis=2), axis=1)
    found = {"Y": Y.transpose(2, 0, 1, 3) if first else Y}
    for state in ("h", "c"):
        if f"{prefixes[0]}{state}" in trace.final:
            value = np.stack([trace.final[f"{prefix}{state}"] for prefix in prefixes])
            found[f"Y_{state}"] = value.swapaxes(0, 1) if first else value
    return found
