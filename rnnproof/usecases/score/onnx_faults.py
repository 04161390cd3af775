"""Single faults of an implementation of ONNX's LSTM, GRU and RNN, as somebody who reads packed arrays makes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import permutations

import numpy as np

from rnnproof import catalogue
from rnnproof.faults.bank import bank
from rnnproof.model.case import Array
from rnnproof.model.cell import Cell
from rnnproof.model.network import Network
from rnnproof.usecases.score.onnx_node import GATES, PEEPHOLES, Node, executed, network_of

Change = Callable[[Node], Node]
Late = Callable[[Node, Cell | None], dict[str, Array]]
NAMES = {"LSTM": "iofc", "GRU": "zrh", "RNN": "h"}  # of the gates, as ONNX has them


@dataclass(frozen=True)
class NodeFault:
    """One change of how a node is read (``change``), of its cell (``cell``: words of a fault in the bank), or late.

    ``late``: what is returned is another thing. ``shown_on`` is a network that can show it.
    """

    text: str
    operator: str
    change: Change = field(default=lambda node: node, compare=False)
    cell: str = ""
    late: Late | None = field(default=None, compare=False)
    shown_on: str = ""


def _without(*names: str) -> Change:
    return lambda node: replace(node, inputs={n: v for n, v in node.inputs.items() if n not in names})


def _half_of_b(k: int) -> Change:
    """One half of B is taken for zero."""

    def change(node: Node) -> Node:
        if "B" not in node.inputs:
            return node
        halves = list(np.split(node.inputs["B"], 2, axis=1))
        halves[k] = np.zeros_like(halves[k])
        return replace(node, inputs={**node.inputs, "B": np.concatenate(halves, axis=1)})

    return change


def _reordered(order: tuple[int, ...]) -> Change:
    """W, R and both halves of B are read gate by gate in another order."""

    def blocks(value: Array, count: int) -> Array:
        parts = np.split(value, count, axis=1)
        ordered = [parts[start + k] for start in range(0, count, len(order)) for k in order]
        return np.concatenate(ordered, axis=1)

    def change(node: Node) -> Node:
        counts = {"W": len(order), "R": len(order), "B": 2 * len(order)}
        packed = {n: blocks(v, counts[n]) if n in counts else v for n, v in node.inputs.items()}
        return replace(node, inputs=packed)

    return change


def _peepholes_in_order(order: str) -> Change:
    """P is read in another order than i o f."""

    def change(node: Node) -> Node:
        if "P" not in node.inputs:
            return node
        blocks = dict(zip(order, np.split(node.inputs["P"], 3, axis=1), strict=True))
        return replace(node, inputs={**node.inputs, "P": np.concatenate([blocks[g] for g in PEEPHOLES], axis=1)})

    return change


def _exchanged(node: Node) -> Node:
    h, c = (node.inputs.get(f"initial_{state}") for state in ("h", "c"))
    swapped = {n: v for n, v in (("initial_h", c), ("initial_c", h)) if v is not None}
    return replace(node, inputs={n: v for n, v in node.inputs.items() if n not in ("initial_h", "initial_c")} | swapped)


def _transposed(node: Node) -> Node:
    gates = len(GATES[node.operator])
    parts = [part.swapaxes(1, 2) for part in np.split(node.inputs["R"], gates, axis=1)]
    return replace(node, inputs={**node.inputs, "R": np.concatenate(parts, axis=1)})


def _read_forward(node: Node) -> Node:
    """The direction reverse is not heeded."""
    if node.direction != "reverse":
        return node
    return replace(node, attributes={**node.attributes, "direction": "forward"})


def _reset_after(node: Node) -> Node:
    return replace(node, attributes={**node.attributes, "linear_before_reset": 1})


def _early(node: Node, changed: Cell | None) -> dict[str, Array]:
    """Y_h is the state before the last step."""
    found, before = executed(node, changed), node
    axis = 1 if node.attributes.get("layout", 0) else 0
    length = node.inputs["X"].shape[axis]
    if "sequence_lens" in node.inputs or not length:
        return found
    cut = slice(None, -1) if node.direction != "reverse" else slice(1, None)
    x = node.inputs["X"][(slice(None),) * axis + (cut,)]
    if x.shape[axis]:
        before = replace(node, inputs={**node.inputs, "X": x})
        return {**found, "Y_h": executed(before, changed)["Y_h"]}
    given = node.inputs.get("initial_h")
    return {**found, "Y_h": np.zeros_like(found["Y_h"]) if given is None else given}


COMMON = (
    NodeFault("Wb, the first half of B, is ignored", "bias", _half_of_b(0)),
    NodeFault("Rb, the second half of B, is ignored", "bias", _half_of_b(1)),
    NodeFault("initial_h is ignored", "state", _without("initial_h")),
    NodeFault("sequence_lens is ignored", "lengths", _without("sequence_lens")),
    NodeFault("R is read transposed, gate by gate", "transposed", _transposed),
    NodeFault("the direction reverse is read as forward", "direction", _read_forward, shown_on="direction=backward"),
    NodeFault("Y_h is the state before the last step", "final state", late=_early),
)
OF_LSTM = (
    NodeFault("initial_c is ignored", "state", _without("initial_c")),
    NodeFault("initial_h and initial_c are exchanged", "state", _exchanged),
    NodeFault("P is ignored", "peepholes", _without("P"), shown_on="peephole"),
    NodeFault("P is read in the order i f o", "peepholes", _peepholes_in_order("ifo"), shown_on="peephole"),
    NodeFault(
        "o sees the old cell through its peephole", "peepholes", cell="c in place of c' in o", shown_on="peephole"
    ),
    NodeFault("h has no tanh of the cell", "equation", cell="h' has no tanh on c'"),
    NodeFault("the cell is not multiplied by the forget gate", "equation", cell="f is missing from c*f in c'"),
    NodeFault("the candidate has sigmoid in place of tanh", "equation", cell="g has sigmoid in place of tanh"),
    NodeFault(
        "every gate has the hard sigmoid of slope 1/5",
        "equation",
        cell="every sigmoid is replaced: the hard sigmoid of slope 1/5 in place of sigmoid",
    ),
)
OF_GRU = (
    NodeFault("the reset gate acts after the product", "equation", _reset_after),
    NodeFault("z and 1 - z are exchanged", "equation", cell="z has 1 - sigmoid in place of sigmoid"),
    NodeFault("the candidate has sigmoid in place of tanh", "equation", cell="n has sigmoid in place of tanh"),
    NodeFault("the candidate is not multiplied by 1 - z", "equation", cell="1 - z is missing from n*(1 - z) in h'"),
    NodeFault(
        "every gate has the hard sigmoid of slope 1/5",
        "equation",
        cell="every sigmoid is replaced: the hard sigmoid of slope 1/5 in place of sigmoid",
    ),
)
OF_RNN = (
    NodeFault("the state is not used", "equation", cell="U_h h is missing from z_h"),
    NodeFault("sigmoid in place of tanh", "equation", cell="h' has sigmoid in place of tanh"),
    NodeFault("relu in place of tanh", "equation", cell="h' has relu in place of tanh"),
)
OF = {"LSTM": OF_LSTM, "GRU": OF_GRU, "RNN": OF_RNN}


def node_faults(operator: str) -> tuple[NodeFault, ...]:
    """Every other order of the gates, then single mistakes: 39 of LSTM, 17 of GRU, 10 of RNN."""
    return (*_orders(operator), *COMMON, *OF[operator])


def _orders(operator: str) -> tuple[NodeFault, ...]:
    names, right = NAMES[operator], tuple(range(len(NAMES[operator])))
    return tuple(
        NodeFault(
            f"the gates are read in the order {' '.join(names[k] for k in order)}, not {' '.join(names)}",
            "gate order",
            _reordered(order),
        )
        for order in permutations(right)
        if order != right
    )


def faulty(fault: NodeFault, node: Node) -> dict[str, Array]:
    """Y, Y_h and Y_c as an implementation with this fault has them; right where the node cannot show it."""
    read = fault.change(node)
    changed = _cell(network_of(read), fault.cell) if fault.cell else None
    return executed(read, changed) if fault.late is None else fault.late(read, changed)


def _cell(network: Network, words: str) -> Cell | None:
    """The network's cell with a fault of the bank; None where it has no such fault."""
    head, _, options = network.name.partition(":")
    kept = [option for option in options.split(",") if option and not option.startswith(("direction=", "merge="))]
    base = catalogue.network(f"{head}:{','.join(kept)}" if kept else head)
    return next((fault.cell for fault in bank(base) if fault.text == words), None)


def shown_on(fault: NodeFault, operator: str) -> Network:
    """A network that can show the fault."""
    head = {"LSTM": "lstm", "GRU": "gru:reset=before", "RNN": "elman"}[operator]
    if fault.shown_on.startswith("direction"):
        return catalogue.network(head + ("," if ":" in head else ":") + fault.shown_on)
    return catalogue.network(fault.shown_on or head)
