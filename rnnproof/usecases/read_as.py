"""A target read as its behaviour says: where it asks for arrays of other names, and where its dialect fails."""

from __future__ import annotations

import dis
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.conventions.box import Box
from rnnproof.dialects.named import PLAIN
from rnnproof.dialects.pasted import pasted
from rnnproof.errors import RnnproofError
from rnnproof.model.report import INFERRED
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.infer import reading_of

PARTS = ("W_", "U_", "b_", "_")  # of canonical names; the last where a name is put together


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
    """Whether one small run with canonical names raises, in code that looks others up.

    It is run for that only where its code looks something up by a text that is no part of a canonical name: what
    hangs, or ends the process, does so while its laws are looked at.
    """
    network, implementation = target.network, target.implementation
    assert isinstance(implementation, PlainImplementation)
    keys, told = keys_and_texts(implementation.target)
    if not keys - {*network.states, *network.parameters} or any(text.startswith(PARTS) for text in told):
        return False
    sizes = Box(target).sizes
    given = {name: np.full(shape, 0.5) for name, shape in network.shapes(sizes).items()}
    state: dict[str, Any] = {name: np.zeros(shape) for name, shape in network.state_shapes(sizes).items()}
    try:
        subject = implementation.given(network, PLAIN, given, {}, "float64")
        subject.target.run(given, np.ones((sizes.T, sizes.B, sizes.I)), state)
    except (RnnproofError, NotImplementedError):
        return False
    except KeyboardInterrupt:
        raise
    except BaseException:
        return True
    return False


def keys_and_texts(target: Any) -> tuple[set[str], set[str]]:
    """What a target's ``run``, and what it calls in its own module, looks up by a text; and every text in their code.

    A text that is put together counts as "".
    """
    keys, texts = set[str](), set[str]()
    for function in _functions(target):
        codes = [function.__code__]
        while codes:
            code = codes.pop()
            codes += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
            texts |= {text for text in code.co_consts if isinstance(text, str) and text != function.__doc__}
            for before, now in pairwise(dis.get_instructions(code)):
                if now.opname == "BINARY_SUBSCR" or (now.opname == "BINARY_OP" and now.argrepr == "[]"):
                    put_together = before.opname in ("BUILD_STRING", "FORMAT_VALUE", "FORMAT_SIMPLE")
                    keys |= {before.argval} if isinstance(before.argval, str) and "CONST" in before.opname else set()
                    keys |= {""} if put_together else set()
    return keys, texts


def _functions(target: Any) -> Iterator[FunctionType]:
    """A target's ``run``, and the functions that it names, in its class or its module, and so on."""
    owner = target if isinstance(target, type | ModuleType) else type(target)
    parents = getattr(owner, "__mro__", ())
    run = getattr(target, "run", target)
    left, seen = [getattr(run, "__func__", run)], set[FunctionType]()
    while left:
        each = left.pop()
        if not isinstance(each, FunctionType) or each in seen:
            continue
        seen.add(each)
        yield each
        own = getattr(target, "__dict__", {})
        named = [
            getattr(owner, name, None) or own.get(name) or each.__globals__.get(name) for name in each.__code__.co_names
        ]
        named += [cell.cell_contents for cell in each.__closure__ or ()]
        left += [getattr(one, "__func__", one) for one in (*named, *(vars(p).get(each.__name__) for p in parents))]


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
