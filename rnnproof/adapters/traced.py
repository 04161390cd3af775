"""A plain target executed exactly: the same object, its namespaces given stand-ins while it is built and runs."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from rnnproof.domains.ring import Ring
from rnnproof.model.case import Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace
from rnnproof.tracing.namespaces import Namespace, executed, namespaces

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
        with executed(ring, self.spaces) as stage:
            stage.building = True
            own = replace(self.plain, target=_copied(self.plain.target))
            subject = own.build(network, parameters, dtype)
        return TracedSubject(replace(subject, packed_before={}), ring, self.spaces)


@dataclass(frozen=True, eq=False)
class TracedSubject:
    """A plain subject whose code runs on numbers of the ring."""

    subject: PlainSubject
    ring: Ring
    spaces: list[Namespace]

    def run(self, x: Any, state: Any, lengths: Any = None, cotangents: Cotangents | None = None) -> Trace:
        """As the subject's, on arrays of the ring. Errors: Untraceable."""
        with executed(self.ring, self.spaces):
            return self.subject.run(x, state, lengths, cotangents)

    @property
    def step(self) -> Step | None:
        """None."""
        return None


def _copied(target: Any) -> Any:
    """A copy of an instance; a class, a module or a function is used as it is."""
    if isinstance(target, type) or not hasattr(target, "__dict__") or hasattr(target, "__globals__"):
        return target
    if hasattr(target, "__spec__"):
        return target
    return copy.deepcopy(target)
