"""Arrays inside dicts, lists and tuples: their paths, and the same tree with others in their place."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray

Leaf = tuple[str, Any]


def leaves(value: Any, path: str) -> Iterator[Leaf]:
    """Everything that is no container, with its path: ``params.W``, ``layers[0].b``."""
    if isinstance(value, dict):
        for key, inner in value.items():
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
