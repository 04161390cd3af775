"""The gradients of a run in balls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rnnproof.domains.bounded import Bounded, unknown


@dataclass(frozen=True, eq=False)
class BoundedGradients:
    """The gradients in balls; shapes as in ``Gradients``, after the cotangents' own leading axes.

    ``received`` gives the cotangent of the state after every step (...,T,B,.), of those who ask for it.
    """

    parameters: Mapping[str, Bounded]
    x: Bounded
    state: Mapping[str, Bounded]
    received: Callable[[], Mapping[str, Bounded]] = dict

    @cached_property
    def states(self) -> Mapping[str, Bounded]:
        """The total derivative by the state after every step; nothing is known of it after a row's end."""
        return self.received()


def nothing_known(found: BoundedGradients) -> BoundedGradients:
    """Gradients of the same shapes of which nothing is known."""
    parameters, state = ({name: unknown(b) for name, b in part.items()} for part in (found.parameters, found.state))
    return BoundedGradients(
        parameters, unknown(found.x), state, lambda: {name: unknown(ball) for name, ball in found.states.items()}
    )
