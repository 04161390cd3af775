"""The true derivative: one run of the function on dual numbers, along a random direction or by one entry."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from rnnproof.domains.dual import Dual, literal
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import Untraceable
from rnnproof.properties.exactly import Unequal, unequal
from rnnproof.properties.followed import follows
from rnnproof.usecases.gradients.arguments import Arguments
from rnnproof.usecases.gradients.floats import RETURNED, by_path, of_function
from rnnproof.usecases.gradients.outputs import outputs_of
from rnnproof.usecases.gradients.scene import Pair, Scene, scene
from rnnproof.usecases.gradients.tree import leaves

Tell = Callable[[str], None]
PATIENCE = 5.0  # seconds, for the entries of one array


@dataclass(frozen=True, eq=False)
class Along:
    """The derivative in a direction: exact, its shadow, the loss's; and the direction by path, exact and its shadow."""

    exact: int
    shadow: float
    loss: float
    direction: Mapping[str, Any]
    shadows: Mapping[str, Any]
    seconds: float

    def times(self, values: Mapping[str, Any]) -> int:
        """The sum of values times the direction."""
        return sum(int(np.sum(value * self.direction[path])) for path, value in values.items())


@dataclass(frozen=True, eq=False)
class Derivative:
    """The function in one ring."""

    pair: Pair
    arguments: Arguments
    ring: Ring
    outputs: Sequence[str] | None
    tell: Tell
    known: dict[tuple[str, ...], Along] = field(default_factory=dict)

    @property
    def modulus(self) -> int:
        """What exact numbers are known modulo: p^(k - logs)."""
        return int(self.ring.residues.modulus // self.ring.p**self.ring.logs)

    @property
    def scalars(self) -> dict[str, Any]:
        """The numbers among the arguments, of which a factor may be made."""
        unknown, lifted = self.arguments.unknown, self.arguments.lifted(self.ring)
        return {name: value for name, value in lifted.items() if name in unknown and not unknown[name].ndim}

    def loss(self, lifted: Mapping[str, Any]) -> Dual:
        """The loss at arguments of the ring. Errors: TargetError for one that is no number of it; ArithmeticError."""
        with scene(self.pair, lifted, self.ring) as played:
            value = played.call_function()
            nothing_drawn(played, self.pair.names[0])
            total = outputs_of(self.pair, value, lifted, self.outputs, self.ring).total(self.ring)
        self.ring.must_suffice()
        follows(by_path({RETURNED: value}), self._floats, self.ring)
        return total.dual  # type: ignore[no-any-return]

    @cached_property
    def _floats(self) -> dict[str, Any]:
        return of_function(self.pair, self.arguments)

    def along(self, paths: Collection[str], number: int) -> Along:
        """In a random direction of that number, in which these arguments alone move."""
        key = (*sorted(paths), str(number))
        if key not in self.known:
            self.known[key] = self._along(paths, number)
        return self.known[key]

    def _along(self, paths: Collection[str], number: int) -> Along:
        begun = time.monotonic()
        lifted = self.arguments.lifted(self.ring, paths, number)
        moved = {path: leaf.dual for path, leaf in _leaves(lifted) if path in paths}
        exact = {path: dual.d.copy() for path, dual in moved.items()}
        shadows = {path: dual.df.copy() for path, dual in moved.items()}
        loss = self.loss(lifted)
        sizes = int(loss.d.item()), float(loss.df.item()), float(loss.f.item())
        return Along(*sizes, exact, shadows, time.monotonic() - begun)

    def agrees(self, got: Mapping[str, Any], number: int = 1) -> bool:
        """Whether these gradients give the derivative in a direction."""
        along = self.along(got, number)
        return (along.times({path: value.dual.x for path, value in got.items()}) - along.exact) % self.modulus == 0

    def entry(self, path: str, index: tuple[int, ...]) -> Dual:
        """The derivative by one entry, in its ``d`` and ``df``."""
        lifted = self.arguments.lifted(self.ring)
        moved = dict(_leaves(lifted))[path].dual
        moved.d[index], moved.df[index] = literal(self.ring, 1).x.item(), 1.0
        return self.loss(lifted)

    def beside(self, path: str, got: RingArray) -> list[Unequal]:
        """One gradient beside the true one, entry by entry; of a large array, its first wrong entry."""
        true = RingArray(Dual(self.ring, *(part.copy() for part in got.dual.parts)))
        true.dual.d[...], true.dual.df[...] = 0, 0
        for n, index in enumerate(self._looked_at(path, got)):
            self.tell(f"d{path}, entry {n + 1}")
            loss = self.entry(path, index)
            true.dual.x[index], true.dual.f[index] = loss.d.item(), loss.df.item()
        return unequal({f"d{path}": (got, true)}, self.ring)

    def _looked_at(self, path: str, got: RingArray) -> Iterable[tuple[int, ...]]:
        every = list(np.ndindex(got.shape))
        return every if self.looks_at_all(path) else [self._first_wrong(path, got, every)]

    def has_time(self, runs: int) -> bool:
        """Whether there is time for so many more runs."""
        longest = max(along.seconds for along in self.known.values())
        return runs * longest < self.ring.deadline - time.monotonic()

    def looks_at_all(self, path: str) -> bool:
        """Whether there is time for every entry of an argument."""
        return bool(self.arguments.unknown[path].size * self.along((path,), 1).seconds <= PATIENCE)

    def _first_wrong(self, path: str, got: RingArray, every: list[tuple[int, ...]]) -> tuple[int, ...]:
        """By halves: of those entries, one at which they differ."""
        while len(every) > 1:
            half = every[: len(every) // 2]
            every = half if not self._half_agrees(path, got, half) else every[len(half) :]
        return every[0]

    def _half_agrees(self, path: str, got: RingArray, half: list[tuple[int, ...]]) -> bool:
        lifted = self.arguments.lifted(self.ring, (path,), 1)
        moved = dict(_leaves(lifted))[path].dual
        still = np.ones(got.shape, dtype=bool)
        still[tuple(np.array(half).T)] = False
        moved.d[still], moved.df[still] = 0, 0
        direction = moved.d.copy()
        return bool((int(np.sum(got.dual.x * direction)) - int(self.loss(lifted).d.item())) % self.modulus == 0)


def _leaves(lifted: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    return (leaf for name, value in lifted.items() for leaf in leaves(value, name))


def nothing_drawn(played: Scene, name: str) -> None:
    """Errors: Untraceable where random numbers were drawn behind the stand-ins."""
    if played.drew():
        raise Untraceable(f"{name} draws random numbers")
