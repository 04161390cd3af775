"""A plain target executed exactly: the same object, its namespaces given stand-ins while it is built and runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnproof.domains.dual import literal
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.model.case import Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace
from rnnproof.tracing.holders import Namespace
from rnnproof.tracing.namespaces import executed, namespaces
from rnnproof.tracing.standin import Stage

if TYPE_CHECKING:
    from rnnproof.adapters.plain import PlainImplementation, PlainSubject


@dataclass(frozen=True, eq=False)
class Traced:
    """A plain target, to be built with parameters of a ring."""

    plain: PlainImplementation

    @property
    def name(self) -> str:
        """The target's."""
        return self.plain.name

    @property
    def claims(self) -> Claims:
        """The target's."""
        return self.plain.claims

    @property
    def own(self) -> None:
        """None."""
        return None

    @property
    def in_ring(self) -> Traced:
        """Itself."""
        return self

    @cached_property
    def spaces(self) -> list[Namespace]:
        """The namespaces of the target's code."""
        return namespaces(self.plain.target)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> TracedSubject:
        """The target with these parameters; an instance is copied, so that nothing of the ring stays in it.

        Errors: as the target's own, and Untraceable.
        """
        ring = next(iter(parameters.values())).ring  # type: ignore[attr-defined]
        stage = Stage(ring, building=True)
        with executed(ring, self.spaces, stage=stage, target=self.plain.target):
            target = self.plain.target
            own = replace(self.plain, target=target if isinstance(target, ModuleType) else stage.copied(target))
            subject = own.build(network, parameters, dtype)
        return TracedSubject(replace(subject, packed_before={}), stage, self.spaces, self.plain.target)


@dataclass(frozen=True, eq=False)
class TracedSubject:
    """A plain subject whose code runs on numbers of the ring."""

    subject: PlainSubject
    stage: Stage
    spaces: list[Namespace]
    target: Any

    def run(self, x: Any, state: Any, lengths: Any = None, cotangents: Cotangents | None = None) -> Trace:
        """As the subject's, on arrays of the ring. Errors: Untraceable."""
        self.stage.building = False
        with executed(self.stage.ring, self.spaces, stage=self.stage, target=self.target):
            found: Trace = _exact(self.subject.run(x, state, lengths, cotangents), self.stage.ring)
            return found

    @property
    def step(self) -> Step | None:
        """None."""
        return None


def _exact(found: Any, ring: Ring) -> Any:
    """The same results, those lifted that hold no number of the ring, such as zeros of integers."""
    if isinstance(found, Trace | Gradients):
        values = {each.name: _exact(getattr(found, each.name), ring) for each in fields(found)}
        return replace(found, **values)
    if isinstance(found, Mapping):
        return {name: _exact(value, ring) for name, value in found.items()}
    return RingArray(literal(ring, found)) if isinstance(found, np.ndarray) else found
