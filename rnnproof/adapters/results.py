"""What a target returned, checked: which array, what was got, what was expected. Values are for the laws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.adapters.foreign import calling
from rnnproof.domains.ring_array import as_array
from rnnproof.errors import TargetError, nearest
from rnnproof.model.case import DTYPES, Array, Arrays
from rnnproof.model.network import Network, Sizes, sizes_in

MOST_KEYS = 6


@dataclass(frozen=True)
class Shape:
    """An expected shape, in numbers and as it is written: (4, 3, 2) and ("T", "B", "H")."""

    numbers: tuple[int, ...]
    letters: tuple[str, ...] = ()

    def __str__(self) -> str:
        written = f" = ({', '.join(self.letters)}{',' * (len(self.letters) == 1)})"
        return f"{self.numbers}{written if self.letters else ''}"


def shape(sizes: Sizes, letters: tuple[str, ...]) -> Shape:
    """The shape with these letters at these sizes."""
    return Shape(sizes.shape(letters), letters)


def sizes_of(network: Network, parameters: Arrays, x_shape: tuple[int, ...]) -> Sizes:
    """The sizes at which these parameters, and an x (T,B,I), are a case."""
    found = dict(zip("TBI", x_shape, strict=True))
    return Sizes(**{"H": 1} | found | sizes_in(network, parameters))


def real_array(what: str, value: object, expected: Shape) -> Array:
    """``value`` as an array of real numbers of the shape expected; its dtype and its values may be any.

    Errors: TargetError.
    """
    array = numbers(what, value, str(expected))
    if array.shape != expected.numbers:
        raise TargetError(f"{what}: got shape {array.shape}, expected {expected}")
    return array


def numbers(what: str, value: object, expected: str) -> Array:
    """``value`` as an array of real numbers.

    Errors: TargetError for None, for lists that are ragged, for objects, complex numbers or truth values.
    """
    if value is None:
        raise TargetError(f"{what}: got None, expected an array of shape {expected}")
    try:
        array: Array = as_array(value)
    except Exception as problem:
        raise TargetError(f"{what}: got {kind(value)} that is not an array: {problem}") from problem
    if isinstance(value, np.ma.MaskedArray) and np.ma.is_masked(value):
        raise TargetError(f"{what}: got {kind(value)} with masked entries, expected a number in each")
    if array.dtype.kind not in "fiu" and array.dtype.name not in DTYPES:
        raise TargetError(f"{what}: got {kind(value)} of dtype {array.dtype}, expected real numbers")
    return array


def named_arrays(what: str, value: object, expected: Mapping[str, Shape]) -> dict[str, Array]:
    """A dictionary with exactly the names expected, each an array of its shape.

    Errors: TargetError.
    """
    given = mapping(what, value, f"the keys {', '.join(expected)}")
    for name in expected:
        if name not in given:
            raise TargetError(f"{what} has no {name!r}; {_got(given)}; expected the keys {', '.join(expected)}")
    known_keys(what, given, expected)
    return {name: real_array(f"{what}[{name!r}]", given[name], one) for name, one in expected.items()}


def _got(given: Mapping[Any, object]) -> str:
    names = [str(key) for key in given]
    return f"got the keys {', '.join(names[:MOST_KEYS])}{', ...' * (len(names) > MOST_KEYS)}" if names else "got no key"


def mapping(what: str, value: object, keys: str) -> Mapping[Any, object]:
    """What a dictionary holds, read once. Errors: TargetError for anything else, and where reading it raises."""
    if not isinstance(value, Mapping):
        raise TargetError(f"{what}: got {kind(value)}, expected a dict with {keys}")
    with calling(f"{what}, when it was read,"):
        return {key: value[key] for key in value}


def known_keys(what: str, given: Mapping[Any, object], known: Iterable[str]) -> None:
    """Errors: TargetError for a key that is none of those known, with the nearest."""
    names = list(known)
    for key in given:
        if key not in names:
            raise TargetError(f"{what} has an unknown {key!r}{nearest(str(key), names)}")


def pair(what: str, value: object, first: str, second: str) -> tuple[Any, Any]:
    """Errors: TargetError for anything but a tuple or list of two."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise TargetError(f"{what} returned {kind(value)}, expected ({first}, {second})")
    return value[0], value[1]


def kind(value: object) -> str:
    """What a value is, for a message: "None", "a tuple of 3", "an array of shape (4, 3)"."""
    if value is None:
        return "None"
    if isinstance(value, tuple | list):
        return f"a {type(value).__name__} of {len(value)}"
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
