"""The names and shapes of a target's arrays, found by giving it arrays until one set of them runs.

Each array that it asks for is tried with every shape that a recurrent network has use for. What an operation that
raised was computed from is not tried again together, so that few of all combinations are. A set is what was looked
for if every entry of every array changes a result; else that with the fewest entries that change nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from rnnproof.conventions.asked import GoneThrough, Seen, Shape
from rnnproof.conventions.box import Box, numbers
from rnnproof.conventions.letters import canonical_letters, canonical_sets, letters_of, rare_letters_of
from rnnproof.conventions.unread import Given, arrays_of, unread_of
from rnnproof.dialects.dialect import Dialect
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.network import Network, Sizes

FEW, MANY = 3500, 20000  # runs for one form, and where that was not enough
MOST_IDLE = 50  # results that no array changes
MOST_ALIKE = 25  # runs in a row that raise the same, for a reason that is none of shapes
NO_SHAPES = (TypeError, AttributeError, NameError, KeyError, SystemExit, NotImplementedError)


@dataclass(frozen=True)
class Learned:
    """How states and sequences come and go, and every array's shape, in letters where it was found out."""

    form: Dialect
    shapes: Mapping[str, Shape]
    unread: Mapping[str, int] = field(default_factory=dict)  # how many numbers of an array change nothing


class Exhausted(Exception):
    """So many runs were made that the rest is left alone."""


@dataclass(eq=False)
class Search:
    """The search for the shapes of one form; ``best`` is what was found."""

    box: Box
    network: Network
    form: Dialect
    rare: bool = False
    most: int = FEW
    count: int = 0
    best: Learned | None = None
    gone_through: bool = False  # whether it went through its parameters instead of asking for one by name
    idle: int = 0  # how often it gave a result that no array changes
    raised: Counter[str] = field(default_factory=Counter)
    unfit: Counter[str] = field(default_factory=Counter)  # what was wrong with what it returned
    alike: int = 0
    other_form: bool = False  # whether what it returned is none of this form, whatever its arrays are
    nan: bool = False  # whether every number that it returned was none
    runs: dict[tuple[tuple[str, Shape], ...], tuple[str, frozenset[str], bool]] = field(default_factory=dict)
    failed: dict[tuple[str, ...], set[tuple[Shape, ...]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.x, self.state = inputs(self.network, self.box.sizes, self.box.dtype)

    def go(self) -> Learned | None:
        """The best set of shapes; None where no set runs."""
        with suppress(Exhausted):
            self._try({})
            for parameters in canonical_sets(self.network) if self.best is None and self.gone_through else ():
                self._found({name: numbers(shape, self.box.sizes) for name, shape in parameters.items()})
        return self.best

    def _candidates(self, name: str) -> tuple[Shape, ...]:
        return candidates(name, self.network, self.box.sizes, self.rare)

    def _try(self, chosen: dict[str, Shape]) -> frozenset[str]:
        """Everything that begins so; of what fails, which arrays are to blame."""
        key = tuple(chosen.items())
        if key not in self.runs:
            self._run(chosen)
        wanted, blamed, ran = self.runs[key]
        if wanted:
            return self._each(chosen, wanted)
        if ran:
            self.idle += not chosen
            return self._found(chosen) if chosen else frozenset()
        names = tuple(name for name in chosen if name in blamed)
        self.failed.setdefault(names, set()).add(tuple(chosen[name] for name in names))
        return blamed

    def _run(self, chosen: dict[str, Shape]) -> None:
        """One run, with the first that is possible for whatever else is asked for; and what it says is kept."""
        self.count += 1
        if self.count > self.most:
            raise Exhausted
        every = dict(chosen)

        def make(name: str) -> Array:
            if name not in every:
                self.runs[tuple(every.items())] = (name, frozenset(), False)
                tried = ({**every, name: shape} for shape in self._candidates(name))
                every.update(next((each for each in tried if not self._known(each, name)), {name: ()}))
            return _drawn(every[name], self.box.dtype, len(every)).copy()

        seen, ran = self.box.ask(self.network, self.form, make, self.x, self.state)
        self.gone_through |= seen.gone_through
        self._remember(seen)
        self.other_form |= seen.other_form
        if self.other_form:
            raise Exhausted
        blamed = seen.blamed | (seen.looked_at if self.rare else frozenset()) if seen.blamed else frozenset(every)
        self.runs[tuple(every.items())] = ("", frozenset(blamed) or frozenset(every), ran)

    def _remember(self, seen: Seen) -> None:
        """What it raised; what it raises in every run, whatever the shapes, it raises in those that are left too."""
        if seen.problem is None:
            self.alike = MOST_ALIKE  # from now on, never
            return
        (self.unfit if seen.returned else self.raised)[_said(seen.problem)] += 1
        first = isinstance(seen.problem, NO_SHAPES) and not isinstance(seen.problem, GoneThrough) and not self.unfit
        self.alike += first and len(self.raised) == 1 and self.alike < MOST_ALIKE
        if self.alike == self.raised.total() == MOST_ALIKE:
            raise Exhausted

    def _each(self, chosen: dict[str, Shape], name: str) -> frozenset[str]:
        every: set[str] = set()
        for shape in self._candidates(name):
            tried = {**chosen, name: shape}
            blamed = self._known(tried, name) or self._try(tried)
            if name not in blamed:
                return blamed
            every |= blamed
        return frozenset(every - {name})

    def _known(self, chosen: dict[str, Shape], name: str) -> frozenset[str]:
        """The arrays of a set that was tried before and did not run."""
        for names, shapes in self.failed.items():
            if name in names and tuple(chosen.get(each, ()) for each in names) in shapes:
                return frozenset(names)
        return frozenset()

    def _found(self, chosen: dict[str, Shape]) -> frozenset[str]:
        """A set that runs; it is the one looked for if every entry is read."""
        given = Given(self.box, self.network, self.form, filled(chosen, self.box.dtype), self.x, self.state)
        try:
            before = given.run()
            self.nan |= not any(np.isfinite(value).any() for value in arrays_of(before))
            unread = unread_of(given, before)
        except RnnproofError:  # the target says no after all
            return frozenset(chosen)
        if self.nan:
            raise Exhausted
        total = sum(unread.values())
        if total == given.entries:
            self.idle += 1
            if self.idle > MOST_IDLE:
                raise Exhausted
            return frozenset(chosen)
        if self.best is None or total < sum(self.best.unread.values()):
            self.best = Learned(self.form, dict(chosen), unread)
        if total == 0:
            raise Exhausted
        return frozenset(unread)


@lru_cache(maxsize=1024)
def candidates(name: str, network: Network, sizes: Sizes, rare: bool) -> tuple[Shape, ...]:
    """The shapes that an array of this name may have, the likeliest first."""
    matrices, biases = (rare_letters_of if rare else letters_of)(network)
    last = name.rpartition(".")[2].lower()
    is_bias = last.startswith(("b", "p")) or "bias" in last
    letters = canonical_letters(name, network) + (biases + matrices if is_bias else matrices + biases)
    return tuple(dict.fromkeys(numbers(each, sizes) for each in letters))


def _said(problem: BaseException) -> str:
    """What it raised, in a line; made in each of thousands of runs, so without a look at the traceback."""
    told = next(iter(str(problem).splitlines()), "")
    if isinstance(problem, RnnproofError):
        return told
    name = type(problem).__qualname__
    return f"{name}: {told}" if told else name


def filled(shapes: Mapping[str, Shape], dtype: str) -> dict[str, Array]:
    """Arrays of these shapes, all their numbers different."""
    return {name: _drawn(shape, dtype, seed).copy() for seed, (name, shape) in enumerate(shapes.items())}


@lru_cache(maxsize=4096)
def _drawn(shape: Shape, dtype: str, seed: int) -> Array:
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(dtype)


def inputs(network: Network, sizes: Sizes, dtype: str, T: int | None = None) -> tuple[Array, Arrays]:
    """x (T,B,I) and states (B,.), all their numbers different and none near 0."""
    rng = np.random.default_rng(2)
    T = sizes.T if T is None else T

    def drawn(shape: Shape) -> Array:
        return np.asarray(rng.uniform(0.25, 1.0, shape) * rng.choice([-1, 1], shape), dtype)

    x = drawn((T, sizes.B, sizes.I))
    return x, {name: drawn(shape) for name, shape in network.state_shapes(sizes).items()}
