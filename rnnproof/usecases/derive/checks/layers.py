"""Checks of stacks and of both directions: the whole network against its layers, run one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from rnnproof.domains.ball import precisely
from rnnproof.model.case import Case
from rnnproof.model.cell import Cell
from rnnproof.model.layers import renamed
from rnnproof.model.network import Network
from rnnproof.reference.forward import forward
from rnnproof.reference.implementation import Reference
from rnnproof.symbolic.statement import Statement
from rnnproof.usecases.derive.checks.accounts import Account, measured, what
from rnnproof.usecases.derive.checks.drawn import cases
from rnnproof.usecases.derive.checks.enclosed import balls
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.witness import witness_of
from rnnproof.usecases.derive.subject import Subject


def composed(subject: Subject, statement: Statement) -> Account:
    """The network's outputs against those of its parts, run one by one and put together."""
    network, part = subject.network, subject.layer.network
    parts = []
    for case in cases(network):
        outputs = _levels(subject, case, part)
        ball = Point(case).result_balls["outputs"]
        with precisely():
            got = Point(case).results["outputs"]
            parts.append(Measured({"outputs": ratio(got, balls(outputs), ball)}, case.sizes.B))
    who = witness_of(network).name
    return measured(what(subject, statement), who, "the whole against its parts run one by one", parts)


MERGED: Mapping[str, Callable[[Any, Any], Any]] = {
    "concat": lambda a, b: np.concatenate([a, b], -1),
    "sum": lambda a, b: a + b,
    "mean": lambda a, b: (a + b) / 2,
    "product": lambda a, b: a * b,
}


def _levels(subject: Subject, case: Case, part: Network) -> Any:
    """The outputs, layer by layer; the readout, where there is one, on top."""
    network, x = subject.network, case.x
    ways = ("forward", "backward") if network.direction == "bidirectional" else (network.direction,)
    for layer in range(network.layers):
        prefixes = [f"{layer}.{way}." if network.layers > 1 or len(ways) > 1 else "" for way in ways]
        read = [_one(case, part, prefix, x, way) for prefix, way in zip(prefixes, ways, strict=True)]
        x = read[0] if len(read) == 1 else MERGED[network.merge](*read)
    return x if network.readout is None else _read(network, case, x)


def _one(case: Case, part: Network, prefix: str, x: Any, way: str) -> Any:
    target = witness_of(part).target
    given = {name.removeprefix(prefix): value for name, value in case.parameters.items() if name.startswith(prefix)}
    state = {name.removeprefix(prefix): value for name, value in case.state.items() if name.startswith(prefix)}
    seen = x[::-1] if way == "backward" else x
    own = {name: given[name] for name in part.parameters}
    if target is None:
        outputs: Any = Reference().build(part, own, "float64").run(seen, state).outputs
    else:
        outputs, _ = target.run(own, seen, state)
    return outputs[::-1] if way == "backward" else outputs


def _read(network: Network, case: Case, x: Any) -> Any:
    """The readout's equations in floats."""
    assert network.readout is not None
    put = {network.cell.output: network.cell.input}
    equations = tuple(renamed(equation, put) for equation in network.readout.equations)
    cell = Cell("readout", equations, (), network.readout.output, network.cell.input)
    return forward(cell, {name: case.parameters[name] for name in cell.parameters}, x, {}).outputs
