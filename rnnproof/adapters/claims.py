"""What a target says of itself, from a dictionary to ``Claims``; what is not understood is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rnnproof.adapters.foreign import calling
from rnnproof.catalogue import network
from rnnproof.domains.formats import FACTORS, unknown_dtype
from rnnproof.errors import Unsupported, UsageError, nearest
from rnnproof.model.case import DTYPES
from rnnproof.model.implementation import Claims


def parse(given: object, default: Claims) -> Claims:
    """``given`` in the place of ``default``, key by key; None: the default.

    Errors: UsageError for a key that does not exist, with the nearest, or a value of another type.
    """
    if given is None:
        return default
    if isinstance(given, Claims):
        return given
    if not isinstance(given, Mapping):
        raise UsageError(f"claims is a {type(given).__name__}; expected a dict")
    with calling("asked for its claims, the target"):
        given = {key: given[key] for key in given}
    for key in given:
        if key not in READERS:
            raise UsageError(f"claims: unknown key {key!r}{nearest(str(key), READERS)}")
    return replace(default, **{key: READERS[key](key, value) for key, value in given.items()})


def _wrong(key: str, value: object, expected: str) -> UsageError:
    return UsageError(f"claims: {key} is {value!r}; expected {expected}")


def _names(key: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise _wrong(key, value, "a list of names")
    return tuple(value)


def _networks(key: str, value: object) -> tuple[str, ...] | None:
    return None if value is None else tuple(_canonical(name) for name in _names(key, value))


def _canonical(name: str) -> str:
    try:
        return network(name).name
    except Unsupported:  # named by the contract, not built yet: claimed all the same
        return name


def _dtypes(key: str, value: object) -> tuple[str, ...]:
    names = _names(key, value)
    if not names:
        raise _wrong(key, value, f"at least one of {', '.join(DTYPES)}")
    for name in names:
        _dtype(key, name)
    return names


def _dtype(key: str, value: object) -> str:
    if not isinstance(value, str) or value not in DTYPES:
        raise UsageError(f"claims: {key}: {unknown_dtype(value)}")
    return value


def _accumulate(key: str, value: object) -> str | None:
    return None if value is None else _dtype(key, value)


def _products(key: str, value: object) -> str | None:
    if value is not None and value not in FACTORS:
        raise _wrong(key, value, " or ".join(FACTORS))
    return None if value is None else str(value)


def _boolean(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise _wrong(key, value, "True or False")
    return value


def _count(key: str, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise _wrong(key, value, "a whole number, at least 0")
    return value


def _sizes(key: str, value: object) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    if value is None:
        return None
    if not isinstance(value, Mapping) or not set(value) <= set("TBIHOP"):
        raise _wrong(key, value, 'a dict by letters of T, B, I, H, O, P, such as {"H": [4, 8]}')
    return tuple((letter, _allowed(f"{key}: {letter}", sizes)) for letter, sizes in value.items())


def _allowed(key: str, value: object) -> tuple[int, ...]:
    sizes = tuple(value) if isinstance(value, list | tuple) else (value,)
    if not sizes:
        raise _wrong(key, value, "at least one size")
    for size in sizes:
        if _count(key, size) < 1:
            raise _wrong(key, size, "whole numbers, at least 1")
    return sizes


READERS: Mapping[str, Callable[[str, Any], Any]] = {
    "networks": _networks,
    "dtypes": _dtypes,
    "gradients": _boolean,
    "lengths": _boolean,
    "min_length": _count,
    "state_none": _boolean,
    "sizes": _sizes,
    "accumulate": _accumulate,
    "products": _products,
    "flush_to_zero": _boolean,
    "relative_tails": _boolean,
}


def refuse_network(claims: Claims, name: str, target: str) -> None:
    """Errors: Unsupported where the claims name networks, and this one is not among them."""
    if claims.networks is not None and name not in claims.networks:
        claimed = ", ".join(claims.networks) or "no network"
        raise Unsupported(f"{target} claims {claimed}; {name} is none of these")
