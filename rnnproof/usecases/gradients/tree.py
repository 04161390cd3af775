"""Arrays inside dicts, lists, tuples and dataclasses: their paths, and the same tree with others in their place."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray

Leaf = tuple[str, Any]


def fields_of(value: Any) -> dict[Any, Any] | None:
    """What a dict, a SimpleNamespace or a plain dataclass holds, by name; None for anything else.

    A dataclass that computes something from its fields is more than they are.
    """
    if isinstance(value, dict):
        return value
    if type(value) is SimpleNamespace:
        return vars(value)
    if isinstance(value, type) or not is_dataclass(value) or hasattr(value, "__post_init__"):
        return None
    held = {field.name: getattr(value, field.name, None) for field in fields(value)}
    return (
        held
        if getattr(value, "__dict__", {}).keys() <= held.keys() and all(field.init for field in fields(value))
        else None
    )


def leaves(value: Any, path: str) -> Iterator[Leaf]:
    """Everything that is no container, with its path: ``params.W``, ``layers[0].b``."""
    if (held := fields_of(value)) is not None:
        for key, inner in held.items():
            yield from leaves(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for n, inner in enumerate(value):
            yield from leaves(inner, f"{path}[{n}]")
    else:
        yield path, value


def replaced(value: Any, path: str, replace: Callable[[str, Any], Any]) -> Any:
    """New containers, each leaf replaced."""
    if isinstance(value, dict):
        made = copy.copy(value)
        made.update({key: replaced(inner, f"{path}.{key}", replace) for key, inner in value.items()})
        return made
    if isinstance(value, list | tuple):
        inner = [replaced(each, f"{path}[{n}]", replace) for n, each in enumerate(value)]
        return type(value)(*inner) if hasattr(value, "_fields") else type(value)(inner)
    if (held := fields_of(value)) is not None:
        made = copy.copy(value)
        for key, inner in held.items():
            object.__setattr__(made, key, replaced(inner, f"{path}.{key}", replace))
        return made
    return replace(path, value)


def is_number(value: Any) -> bool:
    """An array or a number that can be a gradient or a loss."""
    if isinstance(value, RingArray):
        return True
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    return kind in ("f", "i", "u") or (isinstance(value, int | float) and not isinstance(value, bool))


def single(value: Any) -> bool:
    """One number, in an array of whatever axes."""
    return is_number(value) and int(np.size(value.dual.x if isinstance(value, RingArray) else value)) == 1
