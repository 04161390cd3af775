"""A target read as its behaviour says: where it asks for arrays of other names, and where its dialect fails."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box
from rnnproof.dialects.named import PLAIN
from rnnproof.dialects.pasted import pasted
from rnnproof.errors import RnnproofError
from rnnproof.model.case import Array
from rnnproof.model.report import INFERRED
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.infer import reading_of


class Canonical(dict[str, Array]):
    """Parameters by canonical names; other names that are asked for are written down."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        super().__init__(arrays)
        self.others: list[str] = []

    def __missing__(self, name: object) -> Array:
        self.others.append(str(name))
        raise KeyError(name)


def as_read(target: Target) -> Target:
    """The target in the dialect that its behaviour shows, where none is declared and it asks for other names.

    As it is where nothing fits: then its laws say what it raises.
    """
    if target.dialect is not None or type(target.implementation) is not PlainImplementation or not _asks(target):
        return target
    found = reading_of(target, target.network)
    if found is None or found.dialect == PLAIN:
        return target
    read = replace(target.implementation, dialect=found.dialect)
    return replace(target, implementation=read, dialect=f"{INFERRED}{found.dialect.name or repr(found.dialect)}")


def _asks(target: Target) -> bool:
    """Whether one small run with canonical names asks for another one."""
    network, implementation = target.network, target.implementation
    assert isinstance(implementation, PlainImplementation)
    sizes = Box(target).sizes
    given = Canonical({name: np.full(shape, 0.5) for name, shape in network.shapes(sizes).items()})
    state: dict[str, Any] = {name: np.zeros(shape) for name, shape in network.state_shapes(sizes).items()}
    try:
        subject = implementation.given(network, PLAIN, given, {}, "float64")
        subject.target.run(given, np.ones((sizes.T, sizes.B, sizes.I)), state)
    except RnnproofError:
        return False
    except KeyboardInterrupt:
        raise
    except BaseException:
        return bool(given.others)
    return bool(given.others)


@dataclass(eq=False)
class Conventions:
    """Of a target with a dialect: another one under which it fits, looked for once, at the first failure."""

    target: Target
    asked: bool = False

    def of(self, finding: Finding) -> Finding:
        """The finding of a failure; the first one says under which dialect the target would fit, if there is one."""
        if self.asked or finding.outcome not in (Outcome.FAILED, Outcome.ERROR) or finding.dtype is None:
            return finding
        self.asked = True
        implementation: Any = getattr(self.target.implementation, "implementation", self.target.implementation)
        if self.target.dialect is None or type(implementation) is not PlainImplementation:
            return finding
        found = reading_of(replace(self.target, implementation=implementation), self.target.network)
        if found is None or found.dialect == implementation.dialect:
            return finding
        words = found.dialect.name or pasted(found.dialect)
        told = "\n".join(f"    {line}" for line in words.splitlines())
        return replace(
            finding, message=f"{finding.message}\n  in another dialect it behaves as {found.network.name}:\n{told}"
        )
