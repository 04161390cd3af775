"""One exact execution: its ring, its prime, what took part in it, and why it had to stop."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from random import Random
from typing import Any, NoReturn

import numpy as np
from flint import fmpz

from rnnproof.domains.padic import Entries, NonUnit, Residues, each
from rnnproof.domains.place import place
from rnnproof.errors import OutOfBudget, Untraceable

BITS = 256  # of the modulus, to begin with
EPSILON = float(np.finfo(np.float64).eps)
SPARE_BITS = 64  # that every number must have left: a difference goes unseen with probability 2^-64


@dataclass(frozen=True)
class Note:
    """Something that took part in an execution: a literal, log, sqrt, comparison or clip, and the line."""

    kind: str
    place: str


@dataclass(eq=False)
class Ring:
    """Z/p^k for one execution, and its record.

    ``exhausted``: a number lost all but its last digits, so that an equality would say too little; to be run
    again with twice the digits. ``non_unit``: the line of a division by a multiple of p; to be run again with
    another prime. Both are written down because the code that runs may catch whatever is raised. ``logs``: how
    many logarithms were taken, each of which costs its result a digit; ``unset``: how many arrays were never set.
    ``unclipped``: the lines at which np.clip changes nothing; ``bounds``: the bounds that it put for numbers elsewhere.
    ``made``, ``largest``, ``coarsest``: how many entries were computed, the largest of their floats, and the machine
    epsilon of the code's own floats: for ``noise``.
    """

    residues: Residues
    seed: int = 0
    reading: str = "simplest"
    deadline: float = math.inf
    entries_left: float = math.inf
    made: int = 0
    largest: float = 0.0
    coarsest: float = EPSILON
    notes: dict[Note, None] = field(default_factory=dict)
    logs: int = 0
    unclipped: frozenset[str] = frozenset()
    bounds: set[int] = field(default_factory=set)
    unset: int = 0
    exhausted: bool = False
    non_unit: str = ""
    stopped: Untraceable | OutOfBudget | None = None
    roots: dict[int, Any] = field(default_factory=dict)

    @property
    def p(self) -> int:
        """The prime."""
        return self.residues.p

    @property
    def spare(self) -> int:
        """How many digits every number must have left."""
        return math.ceil(SPARE_BITS / math.log2(self.p)) + self.logs

    @property
    def known(self) -> Any:
        """The modulus of what is known of every number: p^(k - logs); 1 where nothing is left, to be run again."""
        return fmpz(self.p) ** max(self.residues.k - self.logs, 0)

    @property
    def noise(self) -> float:
        """What rounding may have done to any float on the way.

        Each of the entries computed may be off by an epsilon of the largest: carried on once to a result, that makes
        so much. It is no bound, since a step may carry on more than it was given: beyond it one refuses, and no more.
        """
        return self.coarsest * self.made * self.largest

    def computes_in(self, form: Any) -> None:
        """A format that the code's own floats have, where it is not float64."""
        if isinstance(form, np.dtype) and form.kind == "f":
            self.coarsest = max(self.coarsest, float(np.finfo(form).eps))

    def saw(self, floats: Any) -> None:
        """Floats that came up."""
        if floats.size:
            largest = float(np.max(np.abs(floats)))
            self.largest = max(self.largest, largest if math.isfinite(largest) else _finite(floats))

    def note(self, kind: str) -> None:
        """Write down that something took part, with the line."""
        self.notes[Note(kind, place())] = None

    def refuse(self, what: str) -> NoReturn:
        """Stop: this cannot be executed exactly. Errors: Untraceable, also where the code catches it."""
        problem = Untraceable(f"{what}  ({place()})")
        self.stopped = self.stopped or problem
        raise problem

    def spend(self, count: int) -> None:
        """Errors: OutOfBudget where no time or no memory is left."""
        self.made += count
        self.entries_left -= count
        if self.entries_left < 0 or time.monotonic() > self.deadline:
            what = "more memory" if self.entries_left < 0 else "more time"
            self.stopped = self.stopped or OutOfBudget(f"exact execution needs {what} than it was given")
            raise self.stopped

    def must_suffice(self) -> None:
        """Errors: ArithmeticError where digits have run out: what follows would be of no use, with more it is."""
        if self.exhausted:
            raise ArithmeticError("too few digits are left")

    def inverse(self, x: Entries) -> Entries:
        """1 / x. Errors: NonUnit."""
        self.must_be_units(x)
        return self.residues.inverse(x)

    def must_be_units(self, x: Entries) -> None:
        """Errors: NonUnit where an entry is a multiple of p."""
        if np.any(np.equal(x % self.p, 0)):
            self.non_unit = self.non_unit or place()
            raise NonUnit(f"a division by a multiple of {self.p}")

    def random(self, name: str, shape: tuple[int, ...]) -> Entries:
        """Random residues, the same for the same seed, prime and name."""
        source = Random(f"{self.seed} {self.p} {name}")
        modulus = int(self.residues.modulus)
        drawn = [fmpz(source.randrange(modulus)) for _ in range(math.prod(shape))]
        made = np.empty(len(drawn), dtype=object)
        made[:] = drawn
        return made.reshape(shape)

    def opaque_root(self, x: Entries) -> Entries:
        """An unknown unit for the square root of each entry: the same for the same entry, and nothing else known."""
        return each(self._opaque, x)

    def _opaque(self, x: Any) -> Any:
        key = int(x)
        if key not in self.roots:
            source = Random(f"{self.seed} {self.p} root {key}")
            high, low = source.randrange(int(self.residues.modulus) // self.p), source.randrange(1, self.p)
            self.roots[key] = fmpz(high * self.p + low)
        return self.roots[key]


def _finite(floats: Any) -> float:
    return float(np.max(np.abs(floats), where=np.isfinite(floats), initial=0.0))
