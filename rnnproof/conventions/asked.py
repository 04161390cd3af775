"""What a target asks of its parameters: the names, and which arrays an operation that raised had to do with.

A dictionary that makes each array when it is asked for it, and arrays that carry the names of the parameters they
were computed from through NumPy's operations. Where those lose the names, all that were asked for are suspected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np

from rnnproof.model.case import Array

Shape = tuple[int, ...]
Shapes = Mapping[str, Shape]


class GoneThrough(KeyError):
    """The parameters were gone through, not asked for by name."""


class Seen:
    """What was noticed during one run: what was asked for, operands of what raised, shapes that were looked at."""

    def __init__(self) -> None:
        self.gone_through = False
        self.raised: frozenset[str] = frozenset()
        self.looked_at: set[str] = set()
        self.unpacked: frozenset[str] = frozenset()
        self.problem: BaseException | None = None
        self.other_form = False  # whether outputs came that have another number of axes, or other states
        self.returned = False  # whether the run itself ended well

    @property
    def blamed(self) -> frozenset[str]:
        """The parameters from which the operands of what raised were computed; none where that is not known."""
        unpacking = isinstance(self.problem, ValueError) and "values to unpack" in str(self.problem)
        return self.raised or (self.unpacked if unpacking else frozenset())


class Asked(dict[str, Array]):
    """Parameters by name; ``make`` gives an array for a name when it is first asked for."""

    def __init__(self, make: Callable[[str], Array], seen: Seen) -> None:
        super().__init__()
        self.make, self.seen = make, seen

    def __missing__(self, name: object) -> Array:
        if not isinstance(name, str):
            raise KeyError(name)
        self[name] = named(self.make(name), name, self.seen)
        return self[name]

    def get(self, name: str, default: Any = None) -> Any:
        """Its array, as if it were there."""
        del default
        return self[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def _all(self, *given: Any) -> Any:
        self.seen.gone_through = True
        raise GoneThrough(*given)

    keys = values = items = __iter__ = __len__ = pop = copy = _all


class NamedShape(tuple[int, ...]):
    """A shape that knows of which parameters it was: those are written down where it has too few axes, or too many."""

    names: frozenset[str]
    seen: Seen

    def __new__(cls, shape: Shape, names: frozenset[str], seen: Seen) -> NamedShape:
        """The shape of an array with these names."""
        found = super().__new__(cls, shape)
        found.names, found.seen = names, seen
        return found

    def __getitem__(self, where: Any) -> Any:
        """As a tuple's."""
        with _written_down(self.names, self.seen, IndexError):
            return super().__getitem__(where)

    def __iter__(self) -> Iterator[int]:
        """As a tuple's."""
        self.seen.unpacked = self.names
        return super().__iter__()


@contextmanager
def _written_down(names: frozenset[str], seen: Seen | None, problem: type[Exception]) -> Iterator[None]:
    """The names are those of what raised, if it raises so."""
    try:
        yield
    except problem:
        if seen is not None:
            seen.raised = names
        raise


class Named(np.ndarray[Any, Any]):
    """An array that knows from which parameters it was computed."""

    names: frozenset[str]
    seen: Seen | None

    def __array_finalize__(self, made_from: Any) -> None:
        self.names = getattr(made_from, "names", frozenset())
        self.seen = getattr(made_from, "seen", None)

    @property  # type: ignore[misc]
    def shape(self) -> Shape:
        """The shape; that it was looked at is written down."""
        found: Shape = np.ndarray.shape.__get__(self)
        if self.seen is None:
            return found
        self.seen.looked_at |= self.names
        return NamedShape(found, self.names, self.seen)

    def __getitem__(self, where: Any) -> Any:
        """As an array, also where it is a single number: that would have no names."""
        with _written_down(self.names, self.seen, IndexError):
            return _with_names(np.asarray(super().__getitem__(where)), self.names, self.seen)

    def __iter__(self) -> Iterator[Any]:
        """Part after part."""
        if self.seen is not None:
            self.seen.unpacked = self.names
        return (self[k] for k in range(len(self)))

    def __len__(self) -> int:
        return self.shape[0]

    def dot(self, other: Any, out: Any = None) -> Any:
        """As np.dot, which keeps the names."""
        return np.dot(self, other, out) if out is not None else np.dot(self, other)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        call = getattr(ufunc, method)
        return _followed([*inputs, *options.get("out", ())], lambda: call(*map(_bare, inputs), **_bared(options)))

    def __array_function__(self, function: Any, types: Any, arguments: Any, options: Any) -> Any:
        del types
        return _followed([*arguments, *options.values()], lambda: function(*map(_bare, arguments), **_bared(options)))


def named(array: Array, name: str, seen: Seen) -> Named:
    """The array of a parameter, to be followed."""
    found: Named = array.view(Named)
    found.names, found.seen = frozenset((name,)), seen
    return found


def _followed(operands: Iterable[Any], call: Callable[[], Any]) -> Any:
    """What the call returns, with its operands' names; they are written down if it raises."""
    found = [each for operand in operands for each in _arrays(operand)]
    names = frozenset().union(*(each.names for each in found))
    seen = next((each.seen for each in found if each.seen is not None), None)
    with _written_down(names, seen, Exception):
        returned = call()
    return _with_names(returned, names, seen)


def _arrays(value: Any) -> Iterable[Named]:
    if isinstance(value, Named):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _arrays(each)


def _bare(value: Any) -> Any:
    if isinstance(value, Named):
        return value.view(np.ndarray)
    if isinstance(value, list | tuple):
        return type(value)(map(_bare, value))
    return value


def _bared(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _bare(value) for key, value in options.items()}


def _with_names(returned: Any, names: frozenset[str], seen: Seen | None) -> Any:
    if isinstance(returned, list | tuple):
        return type(returned)([_with_names(each, names, seen) for each in returned])
    if not isinstance(returned, np.ndarray):
        return returned
    found: Named = returned.view(Named)
    found.names, found.seen = names, seen
    return found
