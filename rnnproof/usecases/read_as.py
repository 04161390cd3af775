"""A target read as its behaviour says: where it asks for arrays of other names, and where its dialect fails."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from rnnproof.adapters.foreign import calling
from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box
from rnnproof.conventions.clock import SECONDS, Clock, unwatched
from rnnproof.conventions.search import Reading
from rnnproof.conventions.unsaid import listed
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.named import PLAIN
from rnnproof.errors import RnnproofError
from rnnproof.model.report import INFERRED
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.fewer import Rest, rest_of
from rnnproof.usecases.infer import reading_of
from rnnproof.usecases.instead import Diagnosed, Instead, explained, in_another_dialect, instead_of_rest, words_of

LONGEST_S = 10.0  # for one small run
SHORT_S = 3.0  # for what a target is that reads nothing of some array: no shapes need to be found


def as_read(target: Target) -> Target:
    """The target in the dialect that its behaviour shows; as it is where none fits."""
    found, _ = _found(target)
    return target if found is None else _in(target, found.dialect)


@dataclass(eq=False)
class Readings:
    """What else a target may be read as, looked for once, at its first failure: what is right is not run for it.

    A target without a dialect that raises, and asks for what has no canonical name, is read in the ``dialect`` that
    fits; or ``other`` says which other network it is. Where a declared dialect fails, or the target reads nothing of
    some array, ``instead`` is what it does behave as.
    """

    asked: bool = False
    dialect: Dialect | None = None
    other: str = ""
    instead: Instead | None = None
    rest: Rest | None = None

    def wanted(self, target: Target, finding: Finding) -> bool:
        """Whether this is the first failure of a target whose arrays may be others."""
        raised = finding.outcome is Outcome.ERROR
        wrong = raised or (finding.outcome is Outcome.FAILED and finding.dtype is not None)
        if self.asked or not wrong or type(_inner(target)) is not PlainImplementation:
            return False
        self.asked = True
        if target.dialect is None and not raised:
            self.rest = rest_of(target, _inner(target), _clock(target, SHORT_S))
        return target.dialect is not None or self.rest is not None or (raised and bool(_asks(target)))

    def of(self, target: Target, finding: Finding) -> Finding:
        """The finding, with what was found; with a ``dialect``, the law is to be looked at again."""
        if self.rest is not None:
            self.instead = instead_of_rest(self.rest, _clock(target, SHORT_S))
            return finding
        raised = finding.outcome is Outcome.ERROR
        found, why = _found(target, *((None,) if raised else ()))
        if raised and found is None and target.dialect is None:
            first, *others = finding.message.splitlines()
            return replace(finding, message="\n".join([first, *_no_reading(_asks(target), why), *others]))
        if found is None:
            return finding
        if raised and found.network != target.network:
            self.other = _another(target, found, finding.message)
            return replace(finding, message=self.other)
        if target.dialect is None:
            self.dialect = found.dialect
            return finding
        instead = in_another_dialect(_in(target, found.dialect), found)
        if raised:
            return replace(finding, message=f"{finding.message}\n  {instead.text}")
        self.instead = instead
        return finding

    def explained(self, finding: Finding, bench: Bench, diagnosed: Diagnosed) -> Finding:
        """A failure, explained by what the target behaves as instead; where none is known, by its diagnosis."""
        explain = diagnosed if self.instead is None else partial(explained, self.instead, diagnosed=diagnosed)
        return explain(finding, bench)

    def read(self, target: Target) -> Target:
        """The target in the dialect that was found; as it is where none was."""
        return target if self.dialect is None else _in(target, self.dialect)

    def settled(self, item: tuple[str, str | None]) -> Finding | None:
        """What is to be said of a law where the target is another network; None where it is to be looked at."""
        return Finding(*item, Outcome.ERROR, self.other) if self.other else None


def _found(target: Target, *others: None) -> tuple[Reading | None, str]:
    """Another reading than the one it has, as its network or, with None, as any; or why there is none."""
    own: Any = _inner(target)
    found, why = reading_of(replace(target, implementation=own), target.network, *others, clock=_clock(target))
    same = found is not None and (found.dialect, found.network) == (own.dialect, target.network)
    return (None, "") if same else (found, why)


def _clock(target: Target, seconds: float = SECONDS) -> Clock:
    return Clock(getattr(target.implementation, "watch", unwatched), seconds)


def _no_reading(others: Collection[object], why: str) -> Iterator[str]:
    """What is to be said of a target that asks for other arrays or states, in no dialect that could be found."""
    names = sorted(repr(other) for other in others if isinstance(other, str))
    asks = f"asks for {listed(names)}, which is no canonical name" if names else "does not ask for its states by name"
    yield f"  it {asks}, declares no dialect, and none was found:"
    yield f"    {why}"


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
    dialect = "" if found.dialect == PLAIN else f"\n  its dialect:\n{words_of(found)}"
    told = f"this is not {target.network.name}: it behaves as {name}; verify it with --network {name}"
    return f"{told}{dialect}\n  as {target.network.name}, {message.splitlines()[0]}"


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


def _asks(target: Target) -> set[object]:
    """What a target that raises was asking for, in one small run, beside the canonical arrays and states."""
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
        return others
    return set()
