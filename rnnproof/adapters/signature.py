"""What can be asked of a plain target before it runs: has it a ``run``, and can it be called so?"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from rnnproof.adapters.foreign import attribute
from rnnproof.adapters.results import kind
from rnnproof.errors import UsageError

HOW = "expected run(params, x, state); docs/verify-your-own.md tells how to write a target"
MOST_NAMES = 6
DATA = ("claims", "dialect")
READ = (*DATA, "grad", "step", "states")


def run_of(name: str, target: Any) -> Callable[..., object]:
    """The target's ``run`` as it will be called: a bare function is its own; a class's, without self.

    Errors: UsageError for an object without ``run``, a ``run`` of other parameters, a class with arguments.
    """
    is_class = isinstance(target, type)
    own = attribute(target, "run")
    if own is None and (is_class or not callable(target)):
        late = "; if its __init__ sets run, give an instance" if is_class else ""
        raise UsageError(f"{name} has no run{_public_names(target)}{late}; {HOW}")
    run: Any = target if own is None else own
    if not callable(run):
        raise UsageError(f"{name}: run is {kind(run)}; {HOW}")
    if is_class:
        called = f"{name} is a class, which is called without arguments, but it"
        _check(called, target, 0, "give an instance of it")
        if inspect.isfunction(inspect.getattr_static(target, "run")):
            run = run.__get__(target)
    lengths = parameters_of(run).get("lengths")
    hint = HOW if lengths is None or lengths.default is not lengths.empty else "give lengths a default of None"
    _check(f"{name}: run", run, 3, hint)
    return run  # type: ignore[no-any-return]


def has(target: object, name: str) -> bool:
    """Whether the target has that method. Errors: TargetError where asking for it raises."""
    return callable(attribute(target, name))


def refuse_late(name: str, cls: type, instance: object) -> None:
    """Errors: UsageError for what only an instance has: the class is asked for it before it is ever called.

    What an instance says of itself must be what its class says; a method may be replaced by another.
    """
    own = getattr(instance, "__dict__", {})
    for each in READ:
        new = each in own and not hasattr(cls, each) and callable(own[each])
        if new or (each in DATA and each in own and own[each] != getattr(cls, each, None)):
            where = f"{cls.__name__} sets its {each} when it is called"
            raise UsageError(f"{name}: {where}; set it in the class, where it is read, or give an instance")


def parameters_of(call: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    """The parameters by name; none where they cannot be looked at."""
    signature = _signature(call)
    return {} if signature is None else signature.parameters


def takes(call: Callable[..., object], name: str) -> bool:
    """Whether it can be called with an argument of that name."""
    parameters = parameters_of(call)
    return name in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())


def _check(what: str, call: Callable[..., object], count: int, hint: str) -> None:
    signature = _signature(call)
    if signature is None:
        return
    try:
        signature.bind(*range(count))
    except TypeError as problem:
        raise UsageError(f"{what} takes {signature}; {hint}") from problem


def _signature(call: Callable[..., object]) -> inspect.Signature | None:
    """None for a builtin, and for an object that raises when it is asked for anything."""
    try:
        return inspect.signature(call)
    except Exception:
        return None


def _public_names(target: object) -> str:
    names = [name for name in dir(target) if not name.startswith("_")]
    if not names:
        return " and no other public name"
    return f" (it has {', '.join(names[:MOST_NAMES])}{', ...' * (len(names) > MOST_NAMES)})"
