"""A target as a black box: arrays under its own names go in, a trace comes out, and nothing is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import permutations
from typing import Any

import numpy as np

from rnnproof.adapters.packed import state_as_packed
from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.adapters.returned import Returned
from rnnproof.adapters.torch_layers import TorchLayer, refilled
from rnnproof.conventions.asked import Asked, Seen, Shape
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import laid_out
from rnnproof.errors import Unsupported
from rnnproof.model.case import Array, Arrays
from rnnproof.model.implementation import Claims, Implementation
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Trace

# No two of T, B, I, H, O and P alike, nor a few times one another, so that a shape says which they are.
SIZES: Mapping[str, int] = {"T": 6, "B": 2, "I": 3, "H": 5, "O": 9, "P": 4}
Make = Callable[[str], Array]
LAYOUTS = ("TBI", "BTI", "ITB", "IBT", "TIB", "BIT")


@dataclass(frozen=True, eq=False)
class Box:
    """A target, without what it declares about its arrays."""

    target: Target
    modules: dict[tuple[Network, Dialect], Any] = field(default_factory=dict)

    @property
    def implementation(self) -> Any:
        """Whoever calls the target's code."""
        return self.target.implementation

    @property
    def claims(self) -> Claims:
        """What the target says that it does."""
        return self.target.implementation.claims

    @property
    def dtype(self) -> str:
        """The first format that it claims."""
        return self.claims.dtypes[0]

    @property
    def sizes(self) -> Sizes:
        """The sizes at which it is looked at: ours, or the smallest of its own."""
        own = {letter: min(allowed) for letter, allowed in self.claims.sizes or ()}
        return Sizes(**{**SIZES, **own})

    @property
    def is_torch(self) -> bool:
        """Whether its arrays have names and shapes that it tells itself."""
        return isinstance(self.implementation, TorchLayer)

    def forms(self, network: Network) -> tuple[Dialect, ...]:
        """The ways in which states and sequences may come and go."""
        if isinstance(self.implementation, TorchLayer):
            own = self.implementation.form(network)
            return tuple(replace(own, state=order) for order in permutations(own.state or ()))
        return tuple(Dialect({}, state, layout) for layout in LAYOUTS for state in states_of(network))

    def shapes(self, network: Network) -> dict[str, Shape] | None:
        """The names and shapes of its arrays where it tells them: None where they are to be found out."""
        if isinstance(self.implementation, TorchLayer):
            return self.implementation.shapes(network, self.sizes)
        return None

    def run(self, network: Network, form: Dialect, arrays: Arrays, x: Array, state: Arrays) -> Trace:
        """The run over x (T,B,I) with the arrays under the target's own names.

        Errors: TargetError for what cannot be a result; Unsupported for what the target refuses.
        """
        given = {name: array.copy() for name, array in arrays.items()}
        with np.errstate(all="ignore"):
            subject = self._filled(network, form, given, replace(self.sizes, T=x.shape[0], B=x.shape[1]))
            trace: Trace = subject.run(x, {name: value.copy() for name, value in state.items()})
        return trace

    def _filled(self, network: Network, form: Dialect, arrays: dict[str, Array], sizes: Sizes) -> Any:
        """The target with these arrays; a module of PyTorch is made once."""
        zeros = _zeros(network, sizes)
        if not self.is_torch:
            return self.implementation.given(network, form, zeros, arrays, self.dtype)
        if (network, form) not in self.modules:
            self.modules[network, form] = self.implementation.given(network, form, zeros, arrays, self.dtype)
        return refilled(self.modules[network, form], arrays)

    def ask(self, network: Network, form: Dialect, make: Make, x: Array, state: Arrays) -> tuple[Seen, bool]:
        """One run of a plain target, each array made when it is asked for; and whether the run gives a result."""
        seen, sizes = Seen(), replace(self.sizes, T=x.shape[0], B=x.shape[1])
        given = {name: value.copy() for name, value in state.items()}
        try:
            with np.errstate(all="ignore"):
                target = self.implementation.given(network, form, _zeros(network, sizes), {}, self.dtype).target
                found = target.run(Asked(make, seen), laid_out(form, x.copy()), state_as_packed(form, given))
                Returned(network, form, {}, sizes).trace(found)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return seen, False
        return seen, True

    def told(self, network: Network, dialect: Dialect) -> Implementation:
        """The target, said to pack its arrays so."""
        del network
        found: Implementation = replace(self.implementation, dialect=dialect)
        return found


def box_of(target: Target) -> Box:
    """A target whose conventions can be looked for. Errors: Unsupported for one that takes no arrays of ours."""
    if not isinstance(target.implementation, PlainImplementation | TorchLayer):
        raise Unsupported(f"{target.name} takes its parameters by canonical names; there is nothing to infer")
    return Box(target)


@lru_cache(maxsize=64)
def _zeros(network: Network, sizes: Sizes) -> dict[str, Array]:
    """Canonical parameters of these sizes, for whoever asks how large a result has to be."""
    return {name: np.zeros(shape) for name, shape in network.shapes(sizes).items()}


def states_of(network: Network) -> list[Any]:
    """The ways in which states may come: a dict, a tuple in any order, a tuple of arrays with an axis more."""
    orders = list(permutations(network.states)) if len(network.states) <= 3 else [network.states]
    if len(network.states) > 3:
        return [None, *orders]
    return [None, *orders, *(tuple((name,) for name in order) for order in orders)]
