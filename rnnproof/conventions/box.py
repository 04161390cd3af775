"""A target as a black box: arrays under its own names go in, a trace comes out, and nothing is declared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import permutations
from typing import Any

import numpy as np

from rnnproof.adapters.foreign import attribute
from rnnproof.adapters.hand_written import HandWritten
from rnnproof.adapters.packed import state_as_packed
from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.adapters.returned import Returned
from rnnproof.adapters.torch_layers import TorchLayer, refilled
from rnnproof.conventions.asked import Asked, Seen, Shape
from rnnproof.conventions.clock import Clock, OutOfTime
from rnnproof.dialects.dialect import Dialect, State
from rnnproof.dialects.packing import laid_out
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.implementation import Claims, Implementation
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Trace

# No two alike, nor a few times one another, so that a shape says which they are; and what is no H cannot be split
# into as many parts as there are gates and then be broadcast.
SIZES: Mapping[str, int] = {"T": 3, "B": 2, "I": 5, "H": 7, "O": 9, "P": 6}
MOST_STATES = 3
Make = Callable[[str], Array]
LAYOUTS = (("TBI", "BTI"), ("ITB", "IBT", "TIB", "BIT"))  # common ones, and others


@dataclass(frozen=True, eq=False)
class Box:
    """A target, without what it declares about its arrays."""

    target: Target
    clock: Clock = field(default_factory=Clock)
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

    @cached_property
    def sizes(self) -> Sizes:
        """The sizes at which it is looked at: ours, or the smallest of its own."""
        own = {letter: min(allowed) for letter, allowed in self.claims.sizes or ()}
        return Sizes(**{**SIZES, **own})

    @property
    def longest(self) -> int:
        """The most steps that it takes, as far as it says."""
        return max(dict(self.claims.sizes or ()).get("T", (self.sizes.T,)))

    @property
    def is_torch(self) -> bool:
        """Whether its arrays have names and shapes that it tells itself."""
        return isinstance(self.implementation, TorchLayer)

    def forms(self, network: Network, rare: bool = False, layered: bool = True) -> tuple[Dialect, ...]:
        """The ways in which states and sequences may come and go: in common layouts, or in rare ones.

        ``layered``: states with an axis more among them.

        Of states that have one size, one order stands for any.
        """
        if isinstance(self.implementation, TorchLayer):
            return () if rare else (self.implementation.form(network),)
        return tuple(Dialect({}, state, layout) for layout in LAYOUTS[rare] for state in states_of(network, layered))

    def shapes(self, network: Network) -> dict[str, Shape] | None:
        """The names and shapes of its arrays where it tells them; None where they are to be found out.

        Errors: UsageError for ``arrays`` that say no shapes.
        """
        if isinstance(self.implementation, TorchLayer):
            return self.implementation.shapes(network, self.sizes)
        if isinstance(self.implementation, HandWritten):
            return self.target.network.shapes(self.sizes)
        told = attribute(self.implementation.target, "arrays")
        return None if told is None else _said(self.target.name, told, self.sizes)

    def run(self, network: Network, form: Dialect, arrays: Arrays, x: Array, state: Arrays) -> Trace:
        """The run over x (T,B,I) with the arrays under the target's own names.

        Errors: TargetError for what cannot be a result; Unsupported for what the target refuses; OutOfTime.
        """
        given = {name: array.copy() for name, array in arrays.items()}
        with self.clock.running(), np.errstate(all="ignore"):
            subject = self._filled(network, form, given, _sized(self.sizes, *x.shape[:2]))
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
        """One run of a plain target, each array made when it is asked for; and whether the run gives a result.

        Errors: OutOfTime.
        """
        seen, sizes = Seen(), _sized(self.sizes, *x.shape[:2])
        given = {name: value.copy() for name, value in state.items()}
        try:
            with self.clock.running(), np.errstate(all="ignore"):
                target = self.implementation.given(network, form, _zeros(network, sizes), {}, self.dtype).target
                found = target.run(Asked(make, seen), laid_out(form, x.copy()), state_as_packed(form, given))
                seen.returned = True
                seen.other_form = isinstance(found, tuple | list) and _is_other(network, form, *found)
                Returned(network, form, {}, sizes).trace(found)
        except (KeyboardInterrupt, OutOfTime):
            raise
        except BaseException as problem:
            seen.problem = problem
            return seen, False
        return seen, True

    def told(self, dialect: Dialect) -> Implementation:
        """The target, said to pack its arrays so."""
        found: Implementation = replace(self.implementation, dialect=dialect)
        return found


def _is_other(network: Network, form: Dialect, outputs: Any = None, final: Any = None, *more: Any) -> bool:
    """Whether what came back is none of this form, whatever the shapes of arrays: outputs' axes, or the states."""
    if more or np.ndim(outputs) not in (0, 2, 3):
        return True
    if form.state is None:
        return isinstance(final, tuple | list) or (isinstance(final, Mapping) and not set(final) <= set(network.states))
    return isinstance(final, Mapping) or (isinstance(final, tuple | list) and len(final) != len(form.state))


def box_of(target: Target, clock: Clock) -> Box:
    """A target whose conventions can be looked for. Errors: Unsupported for one that takes no arrays of ours."""
    if not isinstance(target.implementation, PlainImplementation | TorchLayer):
        raise Unsupported(f"{target.name} takes its parameters by canonical names; there is nothing to infer")
    return Box(target, clock)


def _said(name: str, told: object, sizes: Sizes) -> dict[str, Shape]:
    """The shapes that a target says: {"W": ("4H", "I"), "b": ("4H",)}."""
    try:
        return {str(array): numbers(tuple(map(str, shape)), sizes) for array, shape in dict(told).items()}  # type: ignore[call-overload]
    except (TypeError, ValueError, AttributeError) as problem:
        such = '{"W": ("4H", "I"), "b": ("4H",)}'
        raise UsageError(
            f"{name}: arrays is {told!r}; expected shapes in the letters I, H, O and P: {such}"
        ) from problem


def numbers(letters: tuple[str, ...], sizes: Sizes) -> Shape:
    """("4H", "I+H") at these sizes."""
    return tuple(sum(_number(part, sizes) for part in each.split("+")) for each in letters)


def _number(part: str, sizes: Sizes) -> int:
    return int(part) if part.isdigit() else sizes.shape((part,))[0]


@lru_cache(maxsize=64)
def _sized(sizes: Sizes, T: int, B: int) -> Sizes:
    """The sizes of a run."""
    return replace(sizes, T=T, B=B)


@lru_cache(maxsize=64)
def _zeros(network: Network, sizes: Sizes) -> dict[str, Array]:
    """Canonical parameters of these sizes, for whoever asks how large a result has to be."""
    return {name: np.zeros(shape) for name, shape in network.shapes(sizes).items()}


def states_of(network: Network, layered: bool) -> list[tuple[State, ...] | None]:
    """The ways in which states may come: a dict, a tuple in an order of sizes, one of arrays with an axis more."""
    sizes = network.dimensions
    found = {tuple(sizes[str(state)] for state in order): order for order in reversed(orders(network.states))}
    plain = list(reversed(found.values()))
    apart: list[tuple[State, ...]] = [tuple((name,) for name in order if isinstance(name, str)) for order in plain]
    return [None, *plain, *apart] if layered else [None, *plain]


def orders(states: tuple[State, ...]) -> list[tuple[State, ...]]:
    """The orders that states may have in a tuple; of many, as a stack of layers has them, the one they have."""
    return list(permutations(states)) if len(states) <= MOST_STATES else [states]


def ordered(form: Dialect, network: Network) -> list[Dialect]:
    """The form with its states in every order that gives the same sizes."""
    if form.state is None:
        return [form]
    sizes = [_size(state, network) for state in form.state]
    same = (order for order in orders(form.state) if [_size(state, network) for state in order] == sizes)
    return [replace(form, state=order) for order in same]


def _size(state: State, network: Network) -> tuple[str, ...]:
    return tuple(network.dimensions[name] for name in ((state,) if isinstance(state, str) else state))
