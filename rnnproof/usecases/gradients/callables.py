"""What can be asked of a callable: its parameters, the object it is bound to, the names that its code reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from rnnproof.errors import UsageError

Call = Callable[..., Any]
Namespace = dict[str, Any]


def renamed(call: Call, given: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments given in order, under the names that this callable has for them; beside those of ``more``."""
    own = [parameter.name for parameter in parameters_of(call) or () if parameter.name not in more]
    return {**given, **dict(zip(own, given.values(), strict=False)), **more}


def passed(call: Call, name: str, values: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The values that a callable takes, as it takes them.

    Errors: UsageError for a parameter without a value.
    """
    parameters = parameters_of(call)
    if parameters is None:
        return list(values.values()), {}
    own = [parameter.name for parameter in parameters]
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters:
        if parameter.kind is parameter.VAR_KEYWORD:
            named.update({key: value for key, value in values.items() if key not in own})
        elif parameter.name in values:
            in_order = parameter.kind is not parameter.KEYWORD_ONLY and len(positional) == own.index(parameter.name)
            if in_order:
                positional.append(values[parameter.name])
            else:
                named[parameter.name] = values[parameter.name]
        elif parameter.default is parameter.empty:
            raise UsageError(f"{name} takes {parameter.name}, which is none of the arguments {', '.join(values)}")
    return positional, named


def takes(call: Call, name: str) -> bool:
    """Whether a callable takes a value of that name."""
    parameters = parameters_of(call)
    return parameters is None or any(p.name == name or p.kind is p.VAR_KEYWORD for p in parameters)


def parameters_of(call: Call) -> list[inspect.Parameter] | None:
    """The parameters; None where a callable takes anything, or does not say."""
    try:
        found = list(inspect.signature(call).parameters.values())
    except (ValueError, TypeError):
        return None
    return None if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in found) else found


def owner_of(call: Call) -> Any:
    """The object that a method is bound to, or that is called itself; None for a function."""
    if isinstance(call, MethodType):
        return call.__self__
    return None if isinstance(call, FunctionType | partial | type) or not hasattr(call, "__dict__") else call


def globals_of(call: Call) -> Namespace | None:
    """The globals of a function or of a method's; None for what has none."""
    inner = call.func if isinstance(call, partial) else call
    function = inspect.unwrap(getattr(inner, "__func__", inner))
    return getattr(function, "__globals__", None)


def names_read(call: Call) -> tuple[str, ...]:
    """The names that the code of a function itself looks up."""
    function = inspect.unwrap(getattr(call, "__func__", call))
    code = getattr(function, "__code__", None)
    return () if code is None else code.co_names


def names_read_by(value: Any) -> Iterator[str]:
    """The names that the code of a function or of a class's methods looks up, nested functions included."""
    if isinstance(value, type):
        for inner in vars(value).values():
            if not isinstance(inner, type):
                yield from names_read_by(inner)
    function = inspect.unwrap(getattr(value, "__func__", value)) if callable(value) else value
    code = getattr(function, "__code__", getattr(getattr(value, "fget", None), "__code__", None))
    waiting = [code] if isinstance(code, CodeType) else []
    while waiting:
        code = waiting.pop()
        yield from code.co_names
        waiting += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
