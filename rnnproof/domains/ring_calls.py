"""NumPy's functions called with arrays of the ring among their arguments."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from rnnproof.domains import ring_functions as functions
from rnnproof.domains.dual import Dual
from rnnproof.domains.dual_functions import linear, multilinear
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_arguments import REDUCE, bound, only_floats, reduction, split
from rnnproof.domains.ring_array import RingArray, RingNumber, lifted, own, ring_in, stored
from rnnproof.domains.ring_choices import CHOICES
from rnnproof.domains.ring_known import known
from rnnproof.domains.ring_makers import MADE
from rnnproof.domains.ring_nature import answers, natural, of_ufunc
from rnnproof.domains.ring_orders import ORDERS
from rnnproof.domains.ring_ufuncs import BINARY, COMPARISONS, TESTS, UNARY, WHOLE, compared, floored


def called_ufunc(ring: Ring, ufunc: np.ufunc, method: str, inputs: Any, out: Any, options: dict[str, Any]) -> Any:
    """A ufunc, or one of its methods, on arguments some of which are arrays of the ring."""
    name = ufunc.__name__
    if method == "at" and name in functions.AT and ring_in(inputs[1]) is None:
        return functions.AT[name](own(ring, inputs[0]), inputs[1], lifted(ring, inputs[2]))
    if method == "reduce" and name in functions.REDUCTIONS:
        found = reduced_by(ring, functions.REDUCTIONS[name], inputs, options)
        return stored(ring, found if out is not None else natural(found, ufunc.reduce, inputs, options), out)
    given = dict(options)
    only_floats(ring, f"np.{name}", options.pop("dtype", None))
    options.pop("casting", None)
    if method == "outer" and name in BINARY and not options:
        first, second = (lifted(ring, each) for each in inputs)
        wide = first.moved(lambda part: part.reshape(part.shape + (1,) * second.x.ndim))
        return stored(ring, natural(RingArray(BINARY[name](wide, second)), ufunc.outer, inputs, given), out)
    if options.get("where") is True:
        del options["where"]
    if method != "__call__" or options:
        ring.refuse(f"np.{name}{'' if method == '__call__' else '.' + method}{_with(options)}")
    return stored(ring, of_ufunc(_of_inputs(ring, name, inputs), ufunc, inputs, given), out)


def _with(options: Any) -> str:
    return f" with {', '.join(options)}" if options else ""


def _of_inputs(ring: Ring, name: str, inputs: Any) -> Any:
    if name in ("power", "float_power") and isinstance(inputs[0], float) and inputs[0] == math.e:
        return RingArray(UNARY["exp"](lifted(ring, inputs[1])))  # np.e ** x is written for exp(x)
    return _of_ufunc(ring, name, [lifted(ring, each) for each in inputs])


def _of_ufunc(ring: Ring, name: str, duals: list[Dual]) -> Any:
    if name in UNARY:
        return RingArray(UNARY[name](*duals))
    if name in BINARY:
        return RingArray(BINARY[name](*duals))
    if name in COMPARISONS:
        first, second = duals
        return known(ring, compared(first, second, COMPARISONS[name]), number=True)
    if name in TESTS:
        ring.note("comparison")
        return known(ring, TESTS[name](duals[0].f), number=True)
    if name in WHOLE:
        return known(ring, floored(duals[0], WHOLE[name]), number=True)
    return ring.refuse(f"np.{name}")


def called(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """One of NumPy's functions, on arguments some of which are arrays of the ring."""
    result = _called(ring, function, args, kwargs)
    if function is np.piecewise or any(result is each for each in (*args, *kwargs.values())):
        return result  # written into, or composed of others
    return natural(result, function, args, kwargs)


def _called(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    name = function.__name__
    if name in SPECIAL:
        return SPECIAL[name](ring, *args, **kwargs)
    if name in CHOICES:
        return CHOICES[name](ring, *args, **kwargs)
    if name in functions.MOVING:
        return _moved(ring, function, args, kwargs)
    if name in functions.MULTILINEAR:
        return _multiplied(ring, function, args, kwargs)
    if name in functions.REDUCING:
        given = bound(function, args, kwargs).arguments
        return _stored_reduction(ring, name, given)
    if name in functions.ABOUT:
        return _about(ring, function, args, kwargs)
    if name in functions.LINEAR | set(functions.BY_SHADOW):
        given = bound(function, args, kwargs).arguments
        first, *_ = given
        array = lifted(ring, given.pop(first))
        options = reduction(ring, f"np.{name}", functions.OPTIONS, given)
        return _of_one(ring, function, array, options)
    home = str(function.__module__).replace("numpy", "np", 1)
    return ring.refuse(f"{home}.{name}")


def _of_one(ring: Ring, function: Any, array: Dual, options: dict[str, Any]) -> Any:
    """A sum of entries, or something that the shadow decides."""
    if function.__name__ in functions.LINEAR:
        return RingArray(linear(lambda part: function(part, **options), array))
    return functions.BY_SHADOW[function.__name__](array, **options)


def _about(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """Something about the arrays themselves."""
    first, *others = answers(function, args, kwargs)
    return first if all(first == other for other in others) else ring.refuse("a dtype that cannot be told")


def _stored_reduction(ring: Ring, name: str, given: dict[str, Any]) -> Any:
    first, *_ = given
    array, out = lifted(ring, given.pop(first)), given.get("out")
    options = reduction(ring, f"np.{name}", ("axis", "keepdims", "ddof", "ord"), given)
    if not array.x.ndim and options.get("axis") in (0, -1):
        del options["axis"]  # NumPy lets a number have one axis here
    return stored(ring, RingArray(functions.REDUCING[name](array, **options)), out)


def reduced_by(ring: Ring, name: str, inputs: Any, options: dict[str, Any]) -> RingArray:
    """ufunc.reduce, which goes along the first axis where none is named."""
    given = dict(zip(REDUCE, inputs, strict=False)) | options
    given.setdefault("axis", 0)
    if given["axis"] is None:
        del given["axis"]
    return _stored_reduction(ring, name, given)  # type: ignore[no-any-return]


def _moved(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """The same for every component; what stands in a list beside an array of the ring is lifted first."""
    given, numbers = split(ring, function, args, kwargs)
    whole = dict(given.arguments)
    results = []
    for n in range(5):
        given.arguments.update({name: _argument(whole[name], n) for name in numbers})
        results.append(function(*given.args, **given.kwargs))
    if isinstance(results[0], list | tuple):
        return [_joined(ring, parts) for parts in zip(*results, strict=True)]
    return _joined(ring, results)


def _joined(ring: Ring, parts: Any) -> RingArray:
    kinds = (object, object, float, float, np.int64)
    return RingArray(Dual(ring, *(np.asarray(part, dtype=kind) for part, kind in zip(parts, kinds, strict=True))))


def _argument(value: Any, n: int) -> Any:
    """An array, also one without axes, as it is: what is a view of it shall be one of its components."""
    if isinstance(value, tuple):  # of several arguments
        return tuple(_argument(each, n) for each in value)
    is_array = isinstance(value, RingArray) and not isinstance(value, RingNumber)
    return value.dual.parts[n] if is_array else _component(value, n)


def _component(value: Any, n: int) -> Any:
    if isinstance(value, RingArray):
        return value.dual.parts[n][()]  # a number itself: an object array would hold an array without axes
    return type(value)(_component(each, n) for each in value) if isinstance(value, list | tuple) else value


def _multiplied(ring: Ring, function: Any, args: Any, kwargs: Any) -> Any:
    """A sum of products: the arrays are the factors, everything else stays as it is."""
    name, rest = function.__name__, dict(kwargs)
    out = rest.pop("out", None)
    rest.pop("optimize", None)
    only_floats(ring, f"np.{name}", rest.pop("dtype", None))
    places = range(1, len(args)) if name == "einsum" else range(2)
    if len(args) < len(places) or not places or (name == "einsum" and not isinstance(args[0], str)):
        ring.refuse(f"np.{name} of arrays that are named")
    if ring_in([*args[places.stop :], *rest.values()]) is not None or (name == "dot" and len(args) > 2):
        ring.refuse(f"np.{name} with out, or axes that are computed from the numbers")

    if name == "einsum" and len(places) == 1 and np.shares_memory(args[1].dual.f, function(args[0], args[1].dual.f)):
        ring.refuse("np.einsum that gives a view")

    def of(*factors: Any) -> Any:
        return function(*args[: places.start], *factors, *args[places.stop :], **rest)

    return stored(ring, RingArray(multilinear(of, *(lifted(ring, args[n]) for n in places))), out)


def _vdot(ring: Ring, a: Any, b: Any) -> Any:
    return _multiplied(ring, np.dot, [np.ravel(RingArray(lifted(ring, each))) for each in (a, b)], {})


SPECIAL: dict[str, Callable[..., Any]] = {"vdot": _vdot, **MADE, **ORDERS}
