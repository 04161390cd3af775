"""Who computes the numbers that formulas are compared with: the cell written by hand, autograd, or the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from rnnproof.cells import plain_target
from rnnproof.cells.plain import PlainTarget, zero_biases
from rnnproof.errors import Unsupported
from rnnproof.model.case import Case
from rnnproof.model.network import Network
from rnnproof.reference.implementation import Reference

Results = Mapping[str, Any]  # outputs (T,B,.), and each final state (B,.)
Gradients = Mapping[str, Any]  # by parameter, x and initial state: d<name>


@dataclass(frozen=True, eq=False)
class Witness:
    """``name`` is what a document calls it; ``target`` is the cell written by hand, None where there is none."""

    name: str
    target: PlainTarget | None

    def run(self, case: Case) -> Results:
        """What the network puts out and stores in the end."""
        if self.target is None:
            trace = Reference().build(case.network, case.parameters, "float64").run(case.x, case.state)
            return {"outputs": trace.outputs, **trace.final}
        outputs, final = self.target.run(case.parameters, case.x, case.state)
        return {"outputs": outputs, **final}

    def gradients(self, case: Case) -> Gradients:
        """The loss' derivative by everything, the loss being <cotangents, results>."""
        if self.target is None:
            subject = Reference().build(case.network, case.parameters, "float64")
            found = subject.run(case.x, case.state, None, case.cotangents).gradients
            assert found is not None
            return _named(case, found.parameters, found.x, found.state or {})
        given: Any = {"outputs": case.cotangents.outputs, "state": dict(case.cotangents.state)}
        grad = self.target.grad(case.parameters, case.x, case.state, given)
        return _named(case, grad["params"], grad["x"], grad["state"])

    def by_autograd(self, case: Case) -> Gradients | None:
        """The same by autograd over the hand-written forward pass; None where there is none."""
        if self.target is None:
            return None
        from rnnproof.autodiff.gradients import gradients

        given: Any = {"outputs": case.cotangents.outputs, "state": dict(case.cotangents.state)}
        every = {**zero_biases(case.parameters), **case.parameters}
        grad = gradients(self.target.forward, every, case.x, case.state, given)
        return _named(case, {name: grad["params"][name] for name in case.parameters}, grad["x"], grad["state"])


def _named(case: Case, parameters: Mapping[str, Any], x: Any, state: Mapping[str, Any]) -> Gradients:
    every = {**parameters, case.network.cell.input: x, **state}
    return {f"d{name}": np.asarray(value) for name, value in every.items()}


@cache
def witness_of(network: Network) -> Witness:
    """The hand-written cell, where there is one of the network's name; else the reference."""
    head = network.name.partition(":")[0]
    try:
        return Witness("the hand-written cell", plain_target(head, **dict(network.options)))
    except Unsupported:
        return Witness("the reference", None)
