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
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.reference.implementation import Reference

GATES = {"LSTM": "iofg", "GRU": "zrn", "RNN": "h"}
PEEPHOLES = "iof"
DIRECTIONS = {"forward": ("forward",), "reverse": ("backward",), "bidirectional": ("forward", "backward")}
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
    return _outputs(node, subject.run(x, _states(node, network, x), ends))


def parameters(node: Node, network: Network) -> dict[str, Array]:
    """The canonical parameters that W, R, B and P hold."""
    found: dict[str, Array] = {}
    for d, prefix in enumerate(_prefixes(node)):
        for name, value in _of_direction(node, d).items():
            if f"{prefix}{name}" in network.parameters:
                found[f"{prefix}{name}"] = value
    return found


def _prefixes(node: Node) -> list[str]:
    """What stands before a direction's names."""
    ways = DIRECTIONS[node.direction]
    return [""] if len(ways) == 1 else [f"0.{way}." for way in ways]


def _of_direction(node: Node, d: int) -> dict[str, Array]:
    gates, H = GATES[node.operator], node.inputs["R"].shape[-1]
    W, R = node.inputs["W"][d], node.inputs["R"][d]
    B = node.inputs["B"][d] if "B" in node.inputs else np.zeros(2 * len(gates) * H, W.dtype)
    found: dict[str, Array] = {}
    for k, gate in enumerate(gates):
        rows = slice(k * H, (k + 1) * H)
        on_x, on_h = B[: len(gates) * H][rows], B[len(gates) * H :][rows]
        inside = gate == "n" and bool(node.attributes.get("linear_before_reset", 0))
        found |= {f"W_{gate}": W[rows], f"U_{gate}": R[rows], f"b_{gate}": on_x if inside else on_x + on_h}
        found |= {"b_hn": on_h} if inside else {}
    if "P" in node.inputs:
        blocks = np.split(node.inputs["P"][d], len(PEEPHOLES))
        found |= {f"p_{gate}": block for gate, block in zip(PEEPHOLES, blocks, strict=True)}
    return found


def _states(node: Node, network: Network, x: Array) -> dict[str, Array]:
    """The initial states; zero where they are not given."""
    H, batch = node.inputs["R"].shape[-1], x.shape[1]
    found: dict[str, Array] = {}
    for d, prefix in enumerate(_prefixes(node)):
        for state in ("h", "c"):
            given = node.inputs.get(f"initial_{state}")
            if given is not None:
                given = given.swapaxes(0, 1) if node.attributes.get("layout", 0) else given
            name = f"{prefix}{state}"
            if name in network.states:
                found[name] = np.zeros((batch, H), x.dtype) if given is None else given[d]
    return found


def _outputs(node: Node, trace: Trace) -> dict[str, Array]:
    """Y (T,D,B,H), Y_h and Y_c (D,B,H); with layout 1 (B,T,D,H) and (B,D,H)."""
    prefixes, first = _prefixes(node), bool(node.attributes.get("layout", 0))
    assert trace.outputs is not None
    Y = np.stack(np.split(trace.outputs, len(prefixes), axis=2), axis=1)
    found = {"Y": Y.transpose(2, 0, 1, 3) if first else Y}
    for state in ("h", "c"):
        if f"{prefixes[0]}{state}" in trace.final:
            value = np.stack([trace.final[f"{prefix}{state}"] for prefix in prefixes])
            found[f"Y_{state}"] = value.swapaxes(0, 1) if first else value
    return found
