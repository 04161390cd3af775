"""A target read as its behaviour says: where it asks for arrays of other names, and where its dialect fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof.adapters.foreign import calling
from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box
from rnnproof.conventions.clock import unwatched
from rnnproof.conventions.search import Reading
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.named import PLAIN
from rnnproof.dialects.pasted import pasted
from rnnproof.errors import RnnproofError
from rnnproof.model.report import INFERRED
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.infer import reading_of

LONGEST_S = 10.0  # for one small run


def as_read(target: Target) -> Target:
    """The target in the dialect that its behaviour shows; as it is where none fits."""
    found = _found(target)
    return target if found is None else _in(target, found.dialect)


@dataclass(eq=False)
class Readings:
    """What else a target may be read as, looked for once, at its first failure: what is right is not run for it.

    A target without a dialect that raises, and asks for what has no canonical name, is read in the ``dialect`` that
    fits; or ``other`` says which other network it is. Where a declared dialect fails, the one that fits is told.
    """

    asked: bool = False
    dialect: Dialect | None = None
    other: str = ""

    def wanted(self, target: Target, finding: Finding) -> bool:
        """Whether this is the first failure of a target whose arrays may be others."""
        raised = finding.outcome is Outcome.ERROR
        wrong = raised or (finding.outcome is Outcome.FAILED and finding.dtype is not None)
        if self.asked or not wrong or type(_inner(target)) is not PlainImplementation:
            return False
        self.asked = True
        return target.dialect is not None or (raised and _asks(target))

    def of(self, target: Target, finding: Finding) -> Finding:
        """The finding, with what was found; with a ``dialect``, the law is to be looked at again."""
        raised = finding.outcome is Outcome.ERROR
        found = _found(target, *((None,) if raised else ()))
        if found is None:
            return finding
        if raised and found.network != target.network:
            self.other = _another(target, found, finding.message)
            return replace(finding, message=self.other)
        if target.dialect is not None:
            told = f"in another dialect it behaves as {found.network.name}:\n{_words(found)}"
            return replace(finding, message=f"{finding.message}\n  {told}")
        self.dialect = found.dialect
        return finding

    def read(self, target: Target) -> Target:
        """The target in the dialect that was found; as it is where none was."""
        return target if self.dialect is None else _in(target, self.dialect)

    def settled(self, item: tuple[str, str | None]) -> Finding | None:
        """What is to be said of a law where the target is another network; None where it is to be looked at."""
        return Finding(*item, Outcome.ERROR, self.other) if self.other else None


def _found(target: Target, *others: None) -> Reading | None:
    """Another reading than the one it has, as its network or, with None, as any."""
    own: Any = _inner(target)
    watch = getattr(target.implementation, "watch", unwatched)
    found = reading_of(replace(target, implementation=own), target.network, *others, watch=watch)
    return None if found is None or (found.dialect, found.network) == (own.dialect, target.network) else found


def _inner(target: Target) -> Any:
    """Who calls the target, without the watch over it."""
    return getattr(target.implementation, "implementation", target.implementation)


def _in(target: Target, dialect: Dialect) -> Target:
    read: Any = replace(_inner(target), dialect=dialect)
    outer: Any = target.implementation
    whole = read if outer is _inner(target) else replace(outer, implementation=read)
    return replace(target, implementation=whole, dialect=f"{INFERRED}{dialect.name or repr(dialect)}")


def _another(target: Target, found: Reading, message: str) -> str:
    """That it is another network, how to verify it as that, and what it raised where it was taken for the other."""
    name = found.network.name
    dialect = "" if found.dialect == PLAIN else f"\n  its dialect:\n{_words(found)}"
    told = f"this is not {target.network.name}: it behaves as {name}; verify it with --network {name}"
    return f"{told}{dialect}\n  as {target.network.name}, {message.splitlines()[0]}"


def _words(found: Reading) -> str:
    words = found.dialect.name or pasted(found.dialect)
    return "\n".join(f"    {line}" for line in words.splitlines())


class Watching(dict[str, Any]):
    """Arrays by name; ``others`` is what was asked for that they do not have, or that they were gone through."""

    def __init__(self, given: dict[str, Any], others: set[object], by_name: bool = False) -> None:
        super().__init__(given)
        self.others, self.by_name = others, by_name

    def __missing__(self, name: object) -> Any:
        self.others.add(name)
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As a dictionary's."""
        self.others |= set() if name in self else {name}
        return super().get(name, default)

    def __iter__(self) -> Iterator[str]:
        self.others |= {iter} if self.by_name else set()
        return super().__iter__()


def _asks(target: Target) -> bool:
    """Whether a target that raises was asking, in one small run, for other arrays or states than the canonical ones."""
    network, others = target.network, set[object]()
    sizes = Box(target).sizes
    given = {name: np.full(shape, 0.5) for name, shape in network.shapes(sizes).items()}
    state = {name: np.zeros(shape) for name, shape in network.state_shapes(sizes).items()}
    watch = getattr(target.implementation, "watch", unwatched)
    try:
        subject = _inner(target).given(network, PLAIN, given, {}, "float64")
        with watch(LONGEST_S), calling("run"):
            x = np.ones((sizes.T, sizes.B, sizes.I))
            subject.target.run(Watching(given, others), x, Watching(state, others, by_name=True))
    except RnnproofError:
        return bool(others)
    return False
