"""A hypothesis: the specification with some changes, which may be what a target computes; its values and bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.bounded import Bounded, exact
from rnnproof.domains.formats import Format
from rnnproof.faults.constants import Family, K
from rnnproof.faults.fault import Fault
from rnnproof.faults.wrapped import Conduct, Conducted
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.implementation import Claims, Implementation, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference import rounding
from rnnproof.reference.adjoint import Adjoint, adjoint
from rnnproof.reference.implementation import CLAIMS, Reference
from rnnproof.reference.interpreted import INTERPRETED
from rnnproof.reference.network import Changed, Execution
from rnnproof.reference.wiring import Place, places

NONE: Arrays = {}
MANY = 2.0**26  # radii, beside which the rounding of their sum with the middle does not matter


@dataclass(frozen=True, eq=False)
class Hypothesis:
    """A network with changes: of one reading's cell, of its adjoint, of what is done around it.

    ``pulled`` is None where the adjoint is that of the cell as changed.
    """

    network: Network
    faults: tuple[Fault, ...] = ()
    at: Place = (0, 0)
    cell: Cell | None = None
    pulled: Adjoint | None = None
    conducts: tuple[Conduct, ...] = ()
    others: tuple[Fault, ...] = ()  # the same of other readings
    constant: float | None = None
    before: Hypothesis | None = None  # what its last change was made on

    def with_constant(self, family: Family, value: float) -> Hypothesis:
        """One change more, with a number in it that is still looked for."""
        if family.cell is not None:
            return replace(self, cell=family.cell, constant=value)
        return self.with_fault(replace(family.at(sympy.Rational(value)), at=self.at))

    def with_fault(self, fault: Fault) -> Hypothesis:
        """One change more, made on top of those that there are."""
        told = replace(self, faults=(*self.faults, fault), before=self)
        if fault.conduct is not None:
            return replace(told, conducts=(*self.conducts, fault.conduct))
        if fault.cell is not None:
            return replace(told, at=fault.at, cell=fault.cell, others=fault.others)
        return replace(told, at=fault.at, pulled=fault.adjoint, others=fault.others or self.others)

    @property
    def adjoint(self) -> Adjoint:
        """The edges of the changed reading's backward pass."""
        return self.pulled or adjoint(self.computed)

    @property
    def specified(self) -> Cell:
        """The cell of the changed reading, as the network has it."""
        return dict(places(self.network))[self.at].cell

    @property
    def computed(self) -> Cell:
        """The cell of the changed reading, as it is changed."""
        return self.cell or self.specified

    @property
    def changed(self) -> Changed | None:
        """What is changed of the network's readings."""
        others = tuple(one.changed for one in self.others)
        return Changed(self.at, self.cell, self.pulled, others) if self.cell or self.pulled else None

    @cached_property
    def implementation(self) -> Implementation:
        """The hypothesis as an implementation among others."""
        return self.around(Reference("hypothesis", self.changed, system=INTERPRETED))

    def around(self, implementation: Implementation) -> Implementation:
        """An implementation, and around it what is done around a run."""
        for conduct in self.conducts:
            implementation = Conducted("hypothesis", implementation, conduct)
        return implementation

    def trace(self, case: Case, cotangents: Cotangents | None = None) -> Trace:
        """What it computes on a case, in float64; cotangents may be many, with a first axis more."""
        return _run(self.implementation, case, cotangents, self._looked_for)

    def execution(self, case: Case) -> Execution:
        """What runs it in float64, where nothing is done around a run."""
        return Execution(INTERPRETED, case.network, self.changed, {**case.parameters, **self._looked_for})

    @property
    def _looked_for(self) -> Arrays:
        return {} if self.constant is None else {K.name: np.array(self.constant)}

    def balls(self, case: Case, form: Format, cotangents: Cotangents | None = None) -> tuple[Trace, Trace]:
        """What right code of the hypothesis may return in a format: the middles, and the middles and MANY radii more.

        What is done around a run is linear in its results: it does to the radii what it does to them.
        """
        middle, upper = (self.around(_Balls(self, form, radii)) for radii in (0.0, MANY))
        return _run(middle, case, cotangents), _run(upper, case, cotangents)


def _run(implementation: Implementation, case: Case, cotangents: Cotangents | None, more: Arrays = NONE) -> Trace:
    with np.errstate(all="ignore"):
        subject = implementation.build(case.network, {**case.parameters, **more}, "float64")
        return subject.run(case.x, dict(case.state), case.lengths, cotangents)


@dataclass(frozen=True, eq=False)
class _Balls:
    """An implementation whose results are the middles of a hypothesis's balls, and so many radii more."""

    hypothesis: Hypothesis
    form: Format
    radii: float
    name: str = "hypothesis"
    claims: Claims = CLAIMS
    own: None = None
    in_ring: None = None

    def build(self, network: Network, parameters: Arrays, dtype: str) -> _BallSubject:
        """The subject at these parameters."""
        del dtype
        return _BallSubject(network, self.hypothesis.changed, self.form, parameters, self.radii)


@dataclass(frozen=True, eq=False)
class _BallSubject:
    network: Network
    changed: Changed | None
    form: Format
    parameters: Arrays
    radii: float

    def run(self, x: Array, state: Any, lengths: Any = None, cotangents: Cotangents | None = None) -> Trace:
        """The run in balls."""
        begun = {name: exact(value) for name, value in state.items()}
        run = rounding.run_in_balls(self.network, self.parameters, x, begun, self.form, lengths, changed=self.changed)
        states = self._edges(run.states()) if lengths is None else None
        trace = Trace(self._edge(run.outputs), self._edges(run.final), states)
        if cotangents is None:
            return trace
        pulled = rounding.pull_in_balls(run, cotangents)
        found = Gradients(self._edges(pulled.parameters), self._edge(pulled.x), self._edges(pulled.state))
        return replace(trace, gradients=found)

    def _edge(self, ball: Bounded) -> Array:
        return ball.value + self.radii * ball.radius if self.radii else ball.value

    def _edges(self, balls: Mapping[str, Bounded]) -> dict[str, Array]:
        return {name: self._edge(ball) for name, ball in balls.items()}

    @property
    def step(self) -> Step | None:
        """None."""
        return None
