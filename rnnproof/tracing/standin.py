"""What stands for numpy, math and random while code is executed exactly: the same names, arrays of the ring.

Whatever makes an array of floats makes one of the ring instead; exp, tanh and the like of a plain float are exact
too; random numbers may be drawn while an object is built, not while it runs. Everything else is the module's own.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.domains.dual import literal, unset
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_arguments import only_floats
from rnnproof.domains.ring_array import RingArray, lifted, of, ring_in
from rnnproof.domains.ring_nature import floats, natural
from rnnproof.domains.ring_ufuncs import UNARY
from rnnproof.domains.ring_whole import whole
from rnnproof.tracing import sources
from rnnproof.tracing.copies import GENERATORS, Copies
from rnnproof.tracing.formats import NAMES as FORMATS
from rnnproof.tracing.formats import formats
from rnnproof.tracing.held import Held
from rnnproof.tracing.kinds import is_instance, type_of
from rnnproof.tracing.lists import of_lists
from rnnproof.tracing.numpy_objects import Joining, options_of, vectorize
from rnnproof.tracing.python_math import of_math

ARRAYS = ("array", "asanyarray", "asarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray")
LIKE = ("copy", "full_like", "ones_like", "zeros_like")  # of an array of the ring they are its own
CREATION = (
    *("arange", "eye", "full", "geomspace", "identity", "linspace", "logspace", "ones", "tri", "vander", "zeros"),
    *("blackman", "hamming", "hanning"),
)
LAYOUT = {"ascontiguousarray": "C", "asfortranarray": "F"}
EMPTY = ("empty", "empty_like")
EXACT = ("exp", "expm1", "log", "log1p", "tanh")  # of plain numbers too; a square root of one stays a float
INPUT_OUTPUT = ("load", "loadtxt", "genfromtxt", "fromfile", "save", "savez", "savez_compressed", "savetxt", "memmap")
# They take an array of the ring for something else without a word: not for an array.
BLIND = ("bmat", "frombuffer", "from_dlpack", "fromiter")
MODULES = ("numpy", "autograd.numpy", "math", "random", "numpy.random", "autograd.numpy.random", "scipy.special")


@dataclass(frozen=True, eq=False)
class StandIn:
    """A module, or a generator of random numbers, some of whose names are others."""

    original: Any
    others: Mapping[str, Any]
    otherwise: Callable[[str, Any], Any]

    def __getattr__(self, name: str) -> Any:
        if name in self.others:
            return self.others[name]
        return self.otherwise(name, getattr(self.original, name))


@dataclass(eq=False)
class Stage:
    """One exact execution of somebody's code: its ring, and whether it is being built or runs.

    ``kept``: what its namespaces, classes and closures held at the end of the last call, by holder.
    """

    ring: Ring
    building: bool = False
    kept: dict[int, dict[str, Any]] = field(default_factory=dict)
    _copies: Copies | None = None

    def copied(self, value: Any) -> Any:
        """The copy of a value that this execution uses."""
        return value if self._copies is None else self._copies.of(value)

    def copies(self, modules: frozenset[Any]) -> Copies:
        """The copies that all calls of this execution share; ``modules`` are the code's own."""
        if self._copies is None:
            self._copies = Copies(modules, self.of)
        return self._copies

    def of(self, value: Any) -> Any:
        """What stands for a value of the code's namespace; the value itself where nothing does."""
        if isinstance(value, ModuleType) and value.__name__ in MODULES:
            return self.module(value)
        if isinstance(value, ModuleType) and value.__name__ in sources.MODULES:
            inner = sources.MODULES[value.__name__]
            return StandIn(value, {name: self.of(each) for name, each in inner.items()}, lambda name, each: each)
        if sources.is_one(value):
            return sources.stand_for(value, lambda: self.building, self.ring.refuse)
        if isinstance(value, np.ndarray) and value.dtype.kind == "f":
            return Held(self.ring, value)
        if isinstance(value, GENERATORS):
            return StandIn(copy.deepcopy(value), {}, self._random)
        if isinstance(value, np.vectorize):
            return self.functions["vectorize"](self.copied(value.pyfunc), **options_of(value))
        if id(value) in self._by_id:
            return self._by_id[id(value)]
        name, home = getattr(value, "__name__", None), getattr(value, "__module__", None) or ""
        if not isinstance(name, str) or not callable(value):
            return value
        if isinstance(getattr(value, "__self__", None), GENERATORS) or sources.draws(home):
            return self._random(name, value)
        if isinstance(value, type) or not (home in MODULES or isinstance(value, np.ufunc)):
            return value
        return (self._math if home == "math" else self.functions).get(name, value)

    def module(self, module: ModuleType) -> StandIn:
        """The stand-in of one of MODULES."""
        if module.__name__.endswith("random"):
            return StandIn(module, {}, self._random)
        if module.__name__ == "autograd.numpy":  # NumPy's own, which know what an array of the ring is
            return StandIn(module, {**vars(np), **self.functions, "random": self.module(np.random)}, self._inner)
        return StandIn(module, self._math if module is math else self.functions, self._inner)

    def _inner(self, name: str, value: Any) -> Any:
        return self.module(value) if isinstance(value, ModuleType) and name == "random" else value

    @cached_property
    def _math(self) -> dict[str, Any]:
        """Those of Python's math module."""
        return self.functions | of_math(math, {name: self._exact(name, math) for name in EXACT})

    @cached_property
    def _by_id(self) -> dict[int, Any]:
        """Those of NumPy's objects and classes that code may have imported by name."""
        return {id(getattr(np, name)): self.functions[name] for name in (*FORMATS, "c_", "r_", "vectorize")}

    @cached_property
    def functions(self) -> dict[str, Any]:
        """The functions that are others, by name."""
        made: dict[str, Any] = dict(of_lists())
        made |= {name: self._creating(getattr(np, name)) for name in (*ARRAYS, *LIKE, *CREATION)}
        made |= {name: self._empty(getattr(np, name)) for name in EMPTY}
        made |= {name: self._exact(name, np) for name in EXACT}
        made |= {name: self._refused(f"np.{name}", "reads or writes a file") for name in INPUT_OUTPUT}
        made |= {name: self._only_plain(getattr(np, name)) for name in BLIND}
        made |= formats(self.ring) | {"vectorize": vectorize(self.ring, self.lift)}
        made |= {name: Joining(self.ring, getattr(np, name), self.lift, name == "c_") for name in ("c_", "r_")}
        made["isscalar"] = lambda value: np.isscalar(floats(value))
        return made

    def names(self) -> dict[str, Any]:
        """Built-in names that are others: what looks at a number's type, reads or writes."""
        return {
            "isinstance": is_instance,
            "type": type_of,
            "memoryview": self._refused("memoryview", "looks at an array's memory"),
            "open": self._refused("open", "reads or writes a file"),
            "input": self._refused("input", "reads"),
        }

    def lift(self, made: Any) -> Any:
        """An array of the ring for an array of floats, or for a float of NumPy's; integers are Whole."""
        if isinstance(made, np.ndarray | np.floating) and made.dtype.kind == "f":
            return of(literal(self.ring, made), made)
        return whole(made)

    def _creating(self, function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__

        def create(*args: Any, **kwargs: Any) -> Any:
            if ring_in([*args, *kwargs.values()]) is None or name in LIKE:
                return self.lift(function(*args, **kwargs))
            if name in ARRAYS:
                return self._array(name, *args, **kwargs)
            if name == "full":
                return self._full(*args, **kwargs)
            return self.ring.refuse(f"np.{name} of a size or limit that is computed from the numbers")

        return create

    def _array(self, name: str, value: Any, dtype: Any = None, order: Any = None, **options: Any) -> Any:
        """np.array and its kind: a copy where NumPy makes one, else the same array."""
        only_floats(self.ring, f"np.{name}", dtype)
        named = {"dtype": None if dtype is None else np.dtype(dtype), "order": order}
        given = options | {key: option for key, option in named.items() if option is not None}
        if dtype is not None and isinstance(value, RingArray) and value.form is None:
            self.ring.refuse(f"np.{name} of an array whose dtype cannot be told")
        model = floats(value)
        found = getattr(np, name)(model, **given)
        if found is model:
            return value
        dual, order = lifted(self.ring, value), order or LAYOUT.get(name) or "K"
        if not np.shares_memory(found, model):
            dual = dual.moved(lambda part: np.array(part, order=order))
        made = RingArray(dual.moved(lambda part: part.reshape(found.shape)))
        return natural(made, getattr(np, name), (value,), given)

    def _full(self, shape: Any, fill_value: Any, dtype: Any = None, **options: Any) -> Any:
        only_floats(self.ring, "np.full", dtype)
        if ring_in(shape) is not None:
            self.ring.refuse("np.full of a size that is computed from the numbers")
        made = RingArray(lifted(self.ring, fill_value).moved(lambda part: np.broadcast_to(part, shape).copy()))
        return natural(made, np.full, (shape, fill_value, dtype), options)

    def _empty(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Memory that was not set: unknown numbers, so that reading them shows."""

        def create(*args: Any, **kwargs: Any) -> Any:
            made = function(*args, **kwargs)
            is_plain = isinstance(made, np.ndarray) and made.dtype.kind == "f"
            return of(unset(self.ring, made), made) if is_plain else made

        return create

    def _exact(self, name: str, module: Any) -> Callable[..., Any]:
        ufunc = getattr(np, name)

        def call(value: Any, *args: Any, **kwargs: Any) -> Any:
            if isinstance(value, RingArray) or args or kwargs:
                return ufunc(value, *args, **kwargs)
            return of(UNARY[name](lifted(self.ring, value)), getattr(module, name)(floats(value)))

        return call

    def _random(self, name: str, value: Any) -> Any:
        """A drawing function, whose numbers are lifted while an object is built; a seed may be set at any time."""
        if isinstance(value, ModuleType) or not callable(value) or name in ("seed", "get_state", "set_state"):
            return value
        if name in ("default_rng", "RandomState", "Random", "Generator"):
            return lambda *args, **kwargs: StandIn(value(*args, **kwargs), {}, self._random)

        def draw(*args: Any, **kwargs: Any) -> Any:
            if not self.building:
                self.ring.refuse(f"random numbers are drawn ({name})")
            made = value(*args, **kwargs)
            return of(literal(self.ring, made), made) if isinstance(made, float) else self.lift(made)

        return draw

    def _refused(self, name: str, what: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self.ring.refuse(f"{name} {what}")

    def _only_plain(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if ring_in([*args, *kwargs.values()]) is not None:
                self.ring.refuse(f"np.{function.__name__}")
            return self.lift(function(*args, **kwargs))

        return call
