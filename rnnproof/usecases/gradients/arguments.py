"""The arguments of a function, read: which numbers are unknowns of the ring, and which are data, taken as they are."""

from __future__ import annotations

import copy
import zlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from rnnproof.domains.dual import literal, unknown
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import of
from rnnproof.domains.ring_known import known
from rnnproof.errors import UsageError, nearest
from rnnproof.model.case import Array
from rnnproof.usecases.gradients.names import base_of
from rnnproof.usecases.gradients.tree import leaves, replaced

AS_IT_IS = {
    "one-hot": "zeros and ones",
    "integer": "integers",
    "buffer": "zeros for a gradient",
    "constant": "0.0 or 1.0",
}


@dataclass(frozen=True, eq=False)
class Arguments:
    """What the function is given, by name; ``unknown``: its float arrays and numbers by path; ``data``: the rest.

    ``positional``: they were given as a tuple, and are passed on as one.
    """

    given: Mapping[str, Any]
    unknown: Mapping[str, Array]
    data: Mapping[str, str]
    positional: bool = False

    def fresh(self) -> dict[str, Any]:
        """Copies, as the floats they are."""
        return {name: replaced(value, name, lambda _, leaf: _copied(leaf)) for name, value in self.given.items()}

    def lifted(self, ring: Ring, moving: Collection[str] = (), direction: int = 0) -> dict[str, Any]:
        """In a ring, each unknown a random residue; those in ``moving`` with a random tangent, of that number."""

        def lift(path: str, leaf: Any) -> Any:
            if path not in self.unknown:
                kept = _copied(leaf)
                if self.data[path] == "buffer":
                    return of(literal(ring, kept), kept)
                return known(ring, kept) if isinstance(kept, np.ndarray) and kept.dtype.kind in "fiub" else kept
            shadow = self.unknown[path]
            tangent = _direction(path, direction, shadow.shape) if path in moving else None
            made = unknown(ring, path, shadow, tangent)
            if path in moving:
                made.d[...] = ring.random(f"direction {direction} of {path}", shadow.shape)
            return of(made, leaf)

        return {name: replaced(value, name, lift) for name, value in self.given.items()}

    def as_unknown(self, paths: Collection[str]) -> Arguments:
        """The same, with some that were taken for data as unknowns."""
        found = dict(leaf for name, value in self.given.items() for leaf in leaves(value, name))
        more = {path: np.array(found[path], dtype=float) for path in paths}
        kept = {path: kind for path, kind in self.data.items() if path not in paths}
        return replace(self, unknown={**self.unknown, **more}, data=kept)

    def elsewhere(self) -> Arguments:
        """At other floats near by, zeros moved away from zero; signs are kept, and zeros become positive."""
        moved = {path: _moved(path, value) for path, value in self.unknown.items()}
        put = partial(_put, moved)
        return replace(
            self, given={name: replaced(each, name, put) for name, each in self.given.items()}, unknown=moved
        )

    def name_of(self, path: str) -> str:
        """The argument that a path lies in."""
        return next(name for name in self.given if path == name or path.startswith((f"{name}.", f"{name}[")))


def not_looked_into(arguments: Arguments) -> str:
    """The objects among the arguments in which no array was looked for, in words."""
    found = dict(leaf for name, value in arguments.given.items() for leaf in leaves(value, name))
    kinds = {path: type(found[path]) for path, kind in arguments.data.items() if kind == "other"}
    told = [
        f"{path} is {kind.__name__}"
        for path, kind in kinds.items()
        if hasattr(found[path], "__dict__") and not callable(found[path])
    ]
    return (
        f"; arrays are looked for in dicts, lists, tuples and plain dataclasses, but {', '.join(told)}" if told else ""
    )


def _direction(path: str, direction: int, shape: tuple[int, ...]) -> Array:
    return np.random.default_rng(zlib.crc32(f"{direction} {path}".encode())).standard_normal(shape)


def _moved(path: str, value: Array) -> Array:
    by = np.random.default_rng(zlib.crc32(path.encode())).uniform(0.05, 0.25, value.shape)
    return np.where(value == 0, by, value * (1 + by))


def _put(values: Mapping[str, Array], path: str, leaf: Any) -> Any:
    """The value of that path in the leaf's own format; the leaf where there is none."""
    if path not in values:
        return leaf
    return values[path].astype(leaf.dtype) if isinstance(leaf, np.ndarray) else type(leaf)(values[path])


def _copied(leaf: Any) -> Any:
    try:
        return copy.deepcopy(leaf)
    except Exception:  # a lock, a file: nothing that a check could change
        return leaf


def read(given: Mapping[str, Any], positional: bool, wrt: Collection[str] | None) -> Arguments:
    """The arguments, each of their numbers read as an unknown or as data.

    Errors: UsageError for what is not finite or complex, for a name in ``wrt`` that is none or is no float, and
    where nothing is left to differentiate by.
    """
    found = dict(leaf for name, value in given.items() for leaf in leaves(value, name))
    chosen = None if wrt is None else {path for name in wrt for path in _chosen(name, given, found)}
    unknowns: dict[str, Array] = {}
    data: dict[str, str] = {}
    for path, value in found.items():
        kind = _kind(path, value, given)
        if kind == "unknown" or (chosen is not None and path in chosen and kind in ("one-hot", "constant")):
            unknowns[path] = np.array(value, dtype=float)
        else:
            data[path] = kind
    for path in sorted(chosen or ()):
        if path not in unknowns:
            raise UsageError(f"{path} is {AS_IT_IS.get(data[path], 'no array of floats')}: nothing to differentiate by")
    if not unknowns:
        told = ", ".join(f"{path} is {AS_IT_IS.get(kind, 'no number')}" for path, kind in data.items())
        more = ": give floats" if "integer" in data.values() else ""
        raise UsageError(f"no argument holds floats to differentiate by: {told or 'there are none'}{more}")
    return Arguments(dict(given), unknowns, data, positional)


def _chosen(name: str, given: Mapping[str, Any], found: Mapping[str, Any]) -> Iterator[str]:
    """The paths that a name of ``wrt`` means: an argument's, or one of them."""
    if name in found:
        yield name
    elif name in given:
        yield from (path for path in found if path.startswith((f"{name}.", f"{name}[")))
    else:
        raise UsageError(f"wrt: there is no argument {name}{nearest(name, dict.fromkeys([*given, *found]))}")


def _kind(path: str, value: Any, given: Mapping[str, Any]) -> str:
    """unknown; or why not: one-hot, integer, buffer, constant, other."""
    form = getattr(getattr(value, "dtype", None), "kind", "f" if isinstance(value, float) else "")
    if form == "c":
        raise UsageError(f"{path} is complex; expected real numbers")
    if form in ("i", "u", "b") or isinstance(value, int):
        return "integer"
    if form != "f" or not np.size(value):
        return "other"
    array = np.asarray(value, dtype=float)
    if not np.isfinite(array).all():
        if array.ndim:
            raise UsageError(f"{path} has entries that are not finite")
        return "other"
    if array.ndim == 0 and not isinstance(value, np.ndarray):
        return "constant" if array in (0.0, 1.0) else "unknown"
    if not array.any() and base_of(path, given) is not None:
        return "buffer"
    values = set(np.unique(array).tolist())
    return "one-hot" if values == {0.0, 1.0} else "unknown"
