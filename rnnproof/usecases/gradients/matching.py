"""Which gradient is whose: by name, by what the caller says, or in the arguments' order; never guessed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof.domains.dual import Dual
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray, as_array, lifted
from rnnproof.errors import TargetError, UsageError
from rnnproof.usecases.gradients.arguments import Arguments, not_looked_into
from rnnproof.usecases.gradients.names import base_of, is_gradient, last, plain
from rnnproof.usecases.gradients.outputs import Items
from rnnproof.usecases.gradients.tree import fields_of, is_number, leaves, single

Labelled = tuple[str, str | None, Any]  # a label, the argument whose gradient it says it is, the value


@dataclass(frozen=True, eq=False)
class Matched:
    """Gradients by the path of the argument; ``ignored``: what was returned beside them that is no argument's.

    ``none``: the arguments for which None was returned. ``of_data``: those of integers that have one. ``unsure``: an
    expression, which may be something else.
    """

    got: Mapping[str, Any]
    ignored: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    of_data: tuple[str, ...] = ()
    unsure: bool = False


def explicit(items: Items, names: Sequence[str], arguments: Arguments) -> Matched:
    """As the caller says, one name for each value returned; other names than the arguments' are ignored."""
    targets = [_target(name, arguments, exact=True) for name in names]
    if not any(targets):
        known = ", ".join(arguments.given)
        raise UsageError(f"returns names {', '.join(names)}, none of which is an argument; the arguments are {known}")
    if len(names) != len(items):
        told = f"{len(items)} value{'s' * (len(items) != 1)} {'were' if len(items) != 1 else 'was'} returned"
        raise UsageError(f"returns names {', '.join(names)}, but {told}")
    return _matched(zip(names, targets, (value for _, value in items), strict=True), arguments)


def by_name(items: Items, arguments: Arguments, exact: bool) -> Matched:
    """As the names say: dW for W; with ``exact`` (the keys of a dict) W for W too. A dict inside is looked into.
    Where none says so, gW for W.

    Errors: UsageError where beside them something without a name is returned that may be a gradient as well.
    """
    tried = [list(named(items, arguments, exact, short)) for short in (False, True)]
    found = next((each for each in tried if any(target is not None for _, target, _ in each)), tried[0])
    matched = _matched(found, arguments)
    if matched.got:
        _all_are_clear(found, matched, arguments, exact)
    return matched


def _all_are_clear(found: Sequence[Labelled], matched: Matched, arguments: Arguments, exact: bool) -> None:
    """Errors: UsageError for a value that may be a gradient, and has no such name: any between others, and an array
    that is called as gradients or arguments are, where an argument is still without one (of that shape, in a dict).
    """
    shapes = [shadow.shape for path, shadow in arguments.unknown.items() if path not in matched.got and shadow.ndim]
    named = [n for n, (_, target, _) in enumerate(found) if target is not None] or [0]
    for n, (label, target, value) in enumerate(found):
        alike = is_gradient(label) or plain(label) in arguments.given
        array = is_number(value) and not single(value)
        outside = alike and array and (_shape(value) in shapes if exact else bool(shapes))
        between = not exact and named[0] < n < named[-1]
        if target is None and value is not None and (between or outside):
            told = f"{label} {_shown('', value)}".lstrip()
            raise UsageError(f"{told} is returned among the gradients: is it one? Name what is returned (returns)")


def whole(items: Items, arguments: Arguments) -> Matched | None:
    """What was returned, as a list or alone, is built as one argument is, and as no other: its gradients."""
    every = [*arguments.given, *arguments.unknown]
    if any(base_of(label, every) is not None for label, _ in items):
        return None
    values = [value for _, value in items]
    built = [values, *(value for value in values[:1] if len(values) == 1)]
    trees = [name for name in arguments.given if name not in arguments.unknown]
    fitting = [(name, each) for name in trees for each in built if not is_number(each) and _fits(name, each, arguments)]
    return _matched(((name, name, each) for name, each in fitting), arguments) if len(fitting) == 1 else None


def in_order(items: Items, arguments: Arguments, wrt: Sequence[str] | None, what: str) -> Matched:
    """A gradient for each argument, or each array in them, in order; or a single one, for the only one of its shape.

    Errors: UsageError where there are more or fewer, or where their shapes are others.
    """
    unknowns = list(dict.fromkeys(arguments.name_of(path) for path in arguments.unknown))
    arrays = [name for name in unknowns if arguments.unknown.get(name, np.ones(1)).ndim]
    values = [value for _, value in items]
    chosen = [list(wrt)] if wrt else [unknowns, arrays, list(arguments.unknown)]
    named = [dict(zip(names, values, strict=True)) for names in chosen if len(names) == len(items)]
    named += [{names[0]: values} for names in chosen if len(names) == 1 and len(items) > 1]
    named += [{path: values[0]} for path in _only_shape(items, arguments)]
    fitting = next((each for each in named if all(_fits(name, each[name], arguments) for name in each)), None)
    if fitting is None:
        told = ", ".join(_shown(label, value) for label, value in items)
        wanted = ", ".join(f"{path} {value.shape or ''}".rstrip() for path, value in arguments.unknown.items())
        which = f"which of them is the gradient by which of {wanted}?"
        more = f"Name them in order (returns), or those meant (wrt){not_looked_into(arguments)}"
        raise UsageError(f"{what} returned {told}; {which} {more}")
    return _matched(((name, name, value) for name, value in fitting.items()), arguments)


def likely(items: Items, arguments: Arguments, wrt: Sequence[str] | None, what: str) -> Matched | None:
    """Gradients in order, where something else was done, too; None where nothing is called as they are."""
    if not items or not all(is_gradient(label) for label, _ in items):
        return None
    try:
        found = in_order(items, arguments, wrt, what)
    except UsageError:
        return None
    return replace(found, unsure=not all(plain(label) for label, _ in items))


def named(items: Items, arguments: Arguments, exact: bool, short: bool = False) -> Iterator[Labelled]:
    """What is returned, with the argument whose gradient its name says it is; None where it says none."""
    for label, value in items:
        target = _target(label, arguments, exact, short)
        if target is None and (held := fields_of(value)) is not None:
            yield from named([(str(key), inner) for key, inner in held.items()], arguments, True, short)
        else:
            yield label, target, value


def _target(label: str, arguments: Arguments, exact: bool, short: bool = False) -> str | None:
    """The argument, or the path in one, that a name means."""
    known = [*arguments.given, *(path for path in arguments.unknown if path not in arguments.given)]
    known += [path for path, kind in arguments.data.items() if kind == "one-hot" and path not in known]
    if exact and label in known:
        return label
    own = plain(label)
    short = short and own not in known
    meant = [path for path in known if base_of(own, [path], short) is not None or (exact and last(path) == own)]
    if len(meant) > 1:
        raise UsageError(f"{label} may be the gradient by {' or '.join(meant)}: name what is returned (returns)")
    return meant[0] if meant else None


def _matched(found: Any, arguments: Arguments) -> Matched:
    got: dict[str, Any] = {}
    ignored: list[str] = []
    none: list[str] = []
    of_data: list[str] = []
    for label, target, value in found:
        kind = arguments.data.get(target)
        if target is None or kind in ("integer", "other"):
            given = kind == "integer" and value is not None
            ignored.append(label)
            of_data += [str(target)] if given and (label != target or isinstance(value, RingArray)) else []
            continue
        if value is None:
            none.append(target)
            continue
        for path, inner in _inside(target, value, arguments):
            if path in got:
                raise UsageError(f"two gradients by {path} were returned: name what is returned (returns)")
            got[path] = inner
    shown = tuple(label for label in ignored if label and label != "None")
    return Matched(got, shown, tuple(none), tuple(of_data))


def _inside(target: str, value: Any, arguments: Arguments) -> Iterator[tuple[str, Any]]:
    """The gradients of every array of an argument, from a container like it."""
    if target in arguments.unknown or target in arguments.data:
        yield target, value
        return
    own = [path for path in arguments.unknown if path.startswith((f"{target}.", f"{target}["))]
    got = dict(leaves(_opened(value, arguments.given.get(target)), target))
    if fields_of(value) is not None:
        got = {_key(path, own): inner for path, inner in got.items()}
    strange = [path for path in got if path not in own and path not in arguments.data]
    if strange or not own:
        raise UsageError(f"the gradient by {target} holds {', '.join(strange)}, but {target} holds {', '.join(own)}")
    yield from ((path, inner) for path, inner in got.items() if path in own)


def _opened(value: Any, like: Any) -> Any:
    """An array as the list of numbers, or of arrays, that its argument is."""
    several = isinstance(value, list | tuple) or (isinstance(value, RingArray | np.ndarray) and value.ndim)
    if not several or not isinstance(like, list | tuple) or len(value) != len(like):
        return value
    return [_opened(each, other) for each, other in zip(value, like, strict=True)]


def _key(path: str, own: list[str]) -> str:
    """params.dW is the gradient by params.W."""
    return path if path in own else base_of(last(path), own) or path


def _only_shape(items: Items, arguments: Arguments) -> list[str]:
    """The argument that has the shape of the one array returned, if one alone has it."""
    ((label, value), *more) = items
    fitting = [path for path, shadow in arguments.unknown.items() if is_number(value) and shadow.shape == _shape(value)]
    fitting += [name for name in arguments.given if name not in arguments.unknown and _fits(name, value, arguments)]
    return fitting if not more and len(fitting) == 1 and is_gradient(label) else []


def _fits(name: str, value: Any, arguments: Arguments) -> bool:
    """Whether a value has the shape of an argument, or holds arrays as it does; None may stand for any."""
    if value is None:
        return True
    opened = _opened(value, arguments.given.get(name))
    shapes = {path: _shape(leaf) for path, leaf in leaves(opened, name) if is_number(leaf)}
    own = [path for path in arguments.unknown if arguments.name_of(path) == name or path == name]
    return bool(own) and shapes == {path: arguments.unknown[path].shape for path in own}


def _shape(value: Any) -> tuple[int, ...]:
    return value.shape if isinstance(value, RingArray) else np.shape(value)


def _shown(label: str, value: Any) -> str:
    shape = getattr(value, "shape", None)
    told = f"{shape}" if shape else type(value).__name__ if not is_number(value) else "a number"
    return f"{label} {told}" if plain(label) else told


def _kind(value: Any) -> str:
    dtype = getattr(value, "dtype", None)
    return f"an array of {dtype}, not of floats" if dtype is not None else f"{type(value).__name__}, no array"


def checked(matched: Matched, arguments: Arguments, ring: Ring, what: str) -> dict[str, RingArray]:
    """The gradients as arrays of the ring, in the arguments' order.

    Errors: TargetError for a gradient of another shape than its argument, or that is no array of numbers.
    """
    found = {}
    for path, shadow in arguments.unknown.items():
        if path in matched.got:
            value = as_array(matched.got[path])
            if not is_number(value):
                raise TargetError(f"{what}: the gradient by {path} is {_kind(matched.got[path])}")
            made = RingArray(Dual(ring, *lifted(ring, value).parts))
            if made.shape != shadow.shape and not (single(made) and shadow.size == 1):
                raise TargetError(
                    f"{what}: the gradient by {path} has shape {made.shape}, but {path} has {shadow.shape}"
                )
            found[path] = made.reshape(shadow.shape)
    return found
