"""What the function returns: the loss, or arrays that a cotangent goes with; and what the gradient takes of it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnproof.domains.dual import literal, unknown
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, as_array, of
from rnnproof.errors import TargetError, UsageError
from rnnproof.usecases.gradients.callables import Call, parameters_of
from rnnproof.usecases.gradients.names import LOSSES, base_of, plain, returned
from rnnproof.usecases.gradients.scene import Pair
from rnnproof.usecases.gradients.tree import fields_of, is_number, single

Items = list[tuple[str, Any]]  # what a value is called, as far as that is known, and the value


@dataclass(frozen=True, eq=False)
class Outputs:
    """The values of one call of the function; ``loss`` counts them from 0, None where there is no scalar.

    ``taken``: values for the gradient's parameters that are no arguments. ``weighted``: which values have a
    cotangent, and which one.
    """

    items: Items
    loss: int | None
    taken: Mapping[str, Any]
    weighted: Mapping[int, Any]

    def total(self, ring: Ring) -> RingArray:
        """The loss; without one, the sum of cotangents times values."""
        if self.loss is not None:
            return _scalar(ring, self.items[self.loss][1])
        parts = [(cotangent * as_array(self.items[n][1])).sum() for n, cotangent in self.weighted.items()]
        return sum(parts[1:], parts[0])  # type: ignore[no-any-return]


def _scalar(ring: Ring, value: Any) -> RingArray:
    made = value if isinstance(value, RingArray) else RingArray(literal(ring, value))
    return RingArray(made.dual.moved(lambda part: part.reshape(())))


def items_of(call: Call, value: Any, names: Sequence[str] | None, option: str) -> Items:
    """The values returned, each with its name: a key, or as the return statement or the option says.

    Errors: UsageError for an option with another number of names.
    """
    if (held := fields_of(value)) is not None:
        return [(str(key), inner) for key, inner in held.items()]
    values = list(value) if isinstance(value, list | tuple) else [value]
    if names is not None and len(names) != len(values):
        told = f"{len(values)} value{'s' * (len(values) != 1)} {'were' if len(values) != 1 else 'was'} returned"
        raise UsageError(f"{option} names {', '.join(names)}, but {told}")
    return list(zip(names or returned(call, len(values)), values, strict=True))


def outputs_of(pair: Pair, value: Any, given: Mapping[str, Any], names: Sequence[str] | None, ring: Ring | None) -> Any:
    """The outputs that a returned value is.

    Errors: TargetError for None or what is no number; UsageError where the gradient takes what cannot be told.
    """
    if value is None:
        raise TargetError(f"{pair.names[0]} returned None; expected a scalar loss, or arrays")
    items = items_of(pair.function, value, names, "outputs")
    loss = _loss(items)
    if loss is None and not any(is_number(each) for _, each in items):
        raise TargetError(f"{pair.names[0]} returned {_kinds(items)}; expected a scalar loss, or arrays")
    if pair.same:
        taken, weighted = dict[str, Any](), dict[int, Any]()
    else:
        taken, weighted = _taken(pair, items, loss, given, ring)
    if loss is None and not weighted:
        raise UsageError(
            f"{pair.names[0]} returned {_kinds(items)}, no scalar loss first; then {pair.names[1]} must take the "
            "cotangent of what it returned: a parameter more, named as d and what the function calls it"
        )
    return Outputs(items, loss, taken, weighted)


def _loss(items: Items) -> int | None:
    """Which value is the scalar loss: the one called so, or the first."""
    for n, (label, value) in enumerate(items):
        if plain(label) in LOSSES and single(value):
            return n
    return 0 if items and single(items[0][1]) else None


def _taken(
    pair: Pair, items: Items, loss: int | None, given: Mapping[str, Any], ring: Ring | None
) -> tuple[dict[str, Any], dict[int, Any]]:
    """What goes to the gradient's parameters that are no arguments: values of the function's, and cotangents."""
    taken: dict[str, Any] = {}
    weighted: dict[int, Any] = {}
    labels = {label: n for n, (label, _) in enumerate(items) if label}
    in_order = len(given) if pair.positional else 0  # so many parameters take the arguments, whatever their names
    for name in _open(pair, {} if pair.positional else given):
        base = base_of(name, labels)
        if name in labels:
            taken[name] = items[labels[name]][1]
        elif base is not None and is_number(items[labels[base]][1]):
            n = labels[base]
            taken[name] = weighted[n] = _cotangent(items[n][1], n, ring) if n != loss else 1.0
        elif in_order:
            in_order -= 1
        elif len(items) == 1 and not weighted and loss is None:
            taken[name] = weighted[0] = _cotangent(items[0][1], 0, ring)
        else:
            told = ", ".join(label or f"value {n + 1}" for n, (label, _) in enumerate(items))
            raise UsageError(
                f"{pair.names[1]} takes {name}, which is none of the arguments, and neither named as what "
                f"{pair.names[0]} returned nor as d and its name: {told} (outputs names it)"
            )
    return taken, {} if loss is not None else weighted


def _open(pair: Pair, given: Mapping[str, Any]) -> list[str]:
    """The gradient's parameters that must be given and are no arguments."""
    parameters = parameters_of(pair.gradient) or []
    named = [p for p in parameters if p.kind is not p.VAR_KEYWORD and p.name not in given]
    return [p.name for p in named if p.default is p.empty]


def _cotangent(value: Any, n: int, ring: Ring | None) -> Any:
    shape = np.shape(value.dual.x if isinstance(value, RingArray) else value)
    shadow = np.random.default_rng(zlib.crc32(f"cotangent {n}".encode())).standard_normal(shape)
    return shadow if ring is None else of(unknown(ring, f"cotangent {n}", shadow), shadow)


def _kinds(items: Items) -> str:
    return ", ".join(_kind(value) for _, value in items) or "nothing"


def _kind(value: Any) -> str:
    if not is_number(value):
        return type(value).__name__
    shape = value.shape if isinstance(value, RingArray) else np.shape(value)
    return f"an array of shape {shape}" if shape else "a number"
