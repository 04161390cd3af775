"""The node tests of the onnx package, scored: a documented set of single faults, each in an implementation's place."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.onnx_cases import NodeCase, node_cases, onnx_version
from rnnproof.dialects.packing import pack
from rnnproof.errors import UsageError
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.usecases.score.looks import everything_of
from rnnproof.usecases.score.needs import need_of
from rnnproof.usecases.score.onnx_faults import NodeFault, faulty, node_faults, shown_on
from rnnproof.usecases.score.onnx_node import Node, dialect_of, executed, network_of
from rnnproof.usecases.score.result import Score, Tried

CLAIMS = Claims(gradients=False, lengths=True)
OPERATOR_OF = {"lstm": "LSTM", "peephole": "LSTM", "gru": "GRU", "elman": "RNN"}


def scored(operator: str, working: Callable[[str], object] = lambda what: None) -> Score:
    """The score of the onnx package's node tests of an operator.

    Errors: UsageError where there are none, or where our own equations do not pass them; Unsupported, by name, for
    what a test uses and is not modelled.
    """
    begun, cases, every = time.monotonic(), _passed_by_our_own(operator), node_faults(operator)
    tried = []
    for n, fault in enumerate(every):
        working(f"{n} of {len(every)} faults tried")
        tried.append(_tried(fault, operator, cases))
    return Score(
        suite=f"onnx:{operator}",
        target=f"ONNX's {operator}",
        network=", ".join(dict.fromkeys(network_of(_node(case)).name for case in cases)),
        seed=0,
        tests=len(cases),
        faults=len(every),
        behaviours=len(every),
        tried=tuple(tried),
        elapsed_s=round(time.monotonic() - begun, 3),
        versions={"rnnproof": version("rnnproof"), "onnx": onnx_version(), "numpy": np.__version__},
    )


def _passed_by_our_own(operator: str) -> tuple[NodeCase, ...]:
    """The tests of an operator. Errors: UsageError where our own equations do not pass them."""
    cases = node_cases(operator)
    for case in cases:
        if not _passes(case, executed(_node(case))):
            raise UsageError(f"onnx:{operator}: no score: our equations do not pass {case.name}")
    return cases


def _node(case: NodeCase) -> Node:
    return Node(case.operator, case.inputs, case.attributes)


def _passes(case: NodeCase, found: dict[str, Array]) -> bool:
    """As onnx's own runner compares: the shape, and numpy.testing.assert_allclose with its tolerances."""
    for name, expected in case.expected.items():
        try:
            np.testing.assert_equal(found[name].shape, expected.shape)
            np.testing.assert_allclose(found[name], expected, rtol=case.rtol, atol=case.atol)
        except AssertionError:
            return False
    return True


def _tried(fault: NodeFault, operator: str, cases: tuple[NodeCase, ...]) -> Tried:
    by = next((case.name for case in cases if not _caught_nothing(fault, case)), "")
    if by:
        return Tried(fault.text, fault.operator, "onnx", (), by)
    network = shown_on(fault, operator)
    need = need_of(AsNode(fault), network, everything_of(gradients=False, lengths=True))
    return Tried(fault.text, fault.operator, "onnx", (), "", need)


def _caught_nothing(fault: NodeFault, case: NodeCase) -> bool:
    """Whether the case passes; a node that cannot even be executed so is no pass."""
    try:
        return _passes(case, faulty(fault, _node(case)))
    except (ValueError, RuntimeError):
        return False


@dataclass(frozen=True, eq=False)
class AsNode:
    """An implementation of ONNX's operator with a fault, as one of ours: what it takes to see the fault is tried."""

    fault: NodeFault
    claims: Claims = CLAIMS
    own: Arrays | None = None
    in_ring: None = None

    @property
    def name(self) -> str:
        """The fault's words."""
        return self.fault.text

    def build(self, network: Network, parameters: Arrays, dtype: str) -> NodeSubject:
        """The node at these parameters."""
        return NodeSubject(self.fault, network, dict(parameters))


@dataclass(frozen=True, eq=False)
class NodeSubject:
    """The node: canonical arrays packed as ONNX has them, run, and what it puts out read back."""

    fault: NodeFault
    network: Network
    parameters: Arrays

    @property
    def step(self) -> Step | None:
        """None."""
        return None

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """The node's outputs as a trace."""
        head, _, options = self.network.name.partition(":")
        operator = OPERATOR_OF[head]
        reverse = "direction=backward" in options
        inputs: dict[str, Any] = {
            "X": x,
            **pack(dialect_of(operator, self.network), self.parameters),
            **{f"initial_{n}": v[None] for n, v in (state or {}).items()},
        }
        if lengths is not None:
            inputs["sequence_lens"] = lengths
        attributes = {"direction": "reverse" if reverse else "forward"}
        found = faulty(self.fault, Node(operator, inputs, attributes))
        final = {name: found[f"Y_{name}"][0] for name in self.network.states}
        return Trace(found["Y"][:, 0], final)
