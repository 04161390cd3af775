"""Is this the gradient of that function? Both run on numbers of Z/p^k, and compared with no tolerance at all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from rnnproof.adapters.foreign import call
from rnnproof.adapters.resolve import name_of
from rnnproof.errors import TargetError, Unsupported, UsageError
from rnnproof.model.report import Report
from rnnproof.model.verdict import DECIDED, Finding
from rnnproof.usecases.gradients.arguments import read
from rnnproof.usecases.gradients.callables import Call, parameters_of
from rnnproof.usecases.gradients.check import Plan
from rnnproof.usecases.gradients.derivative import Tell
from rnnproof.usecases.gradients.scene import Watch, pair
from rnnproof.usecases.gradients.verdict import IN_FLOATS as IN_FLOATS
from rnnproof.usecases.gradients.verdict import verdict

PROPERTY = "exact.gradient"
SECONDS = 60.0


@dataclass(frozen=True)
class Options:
    """What is said beside the arguments; see ``rnnproof.exact.check_gradient``."""

    wrt: tuple[str, ...] | None = None
    returns: tuple[str, ...] | None = None
    outputs: tuple[str, ...] | None = None
    seed: int = 0
    timeout: float = SECONDS


def check_gradient(
    function: Call,
    gradient: Call,
    arguments: Mapping[str, Any] | Sequence[Any],
    options: Options = Options(),
    names: tuple[str, str] | None = None,
    tell: Tell = lambda what: None,
    watch: Watch = nullcontext,
) -> Report:
    """The report, with one finding, exact.gradient.

    Errors: UsageError for arguments, names or returned values with which the question cannot be asked.
    """
    begun = time.monotonic()
    called = names or (name_of(function), name_of(gradient))
    given = named_arguments(function, arguments, called[0])
    both = pair(function, gradient, called, watch, positional=not isinstance(arguments, Mapping))
    read_as = read(given, both.positional, options.wrt)
    said = (options.returns, options.outputs, options.wrt)
    found = verdict(Plan(both, read_as, *said, tell, options.seed, options.timeout))
    decided = int(found.outcome in DECIDED)
    finding = Finding(PROPERTY, None, found.outcome, found.message, found.kind, 1, decided, bound=found.bound)
    took = round(time.monotonic() - begun, 3)
    return Report(target_of(called), "", (finding,), None, {"numpy": version("numpy")}, options.seed, took)


def arguments_from(found: object, name: str) -> Any:
    """The arguments that an object of a file is, or that it returns if it is a function.

    Errors: UsageError for what it raises.
    """
    if not callable(found):
        return found
    try:
        return call(name, found, (), {})
    except (TargetError, Unsupported) as problem:
        raise UsageError(str(problem), problem.details) from problem


def target_of(names: tuple[str, str]) -> str:
    """A function and its gradient in a report."""
    return names[0] if names[0] == names[1] else " and ".join(names)


def named_arguments(function: Call, arguments: Mapping[str, Any] | Sequence[Any], name: str) -> dict[str, Any]:
    """The arguments by name; those of a tuple under the names of the function's parameters.

    Errors: UsageError for anything else, and for more than the function takes.
    """
    if isinstance(arguments, Mapping):
        if not all(isinstance(key, str) for key in arguments):
            raise UsageError("arguments: the keys must be names")
        return dict(arguments)
    if not isinstance(arguments, list | tuple):
        raise UsageError(f"arguments is {type(arguments).__name__}; expected a dict by name, or a tuple")
    parameters = parameters_of(function)
    known = [p.name for p in parameters] if parameters is not None else [f"argument_{n}" for n in range(len(arguments))]
    if len(known) < len(arguments):
        raise UsageError(f"{len(arguments)} arguments are given, but {name} takes {', '.join(known) or 'none'}")
    return dict(zip(known, arguments, strict=False))
