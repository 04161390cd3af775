"""A plain target as an implementation: an object with ``run`` and perhaps ``grad``, ``step`` and ``states``.

Arrays go to the target as they were given, neither copied nor laid out anew (a dialect packs parameters, and
shows sequences as views): their strides are kept, and whoever gave them sees what the target changes in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.claims import parse, refuse_network
from rnnproof.adapters.foreign import calling
from rnnproof.adapters.packed import show_changes, state_as_packed
from rnnproof.adapters.results import (
    Shape,
    kind,
    known_keys,
    mapping,
    named_arrays,
    numbers,
    pair,
    real_array,
    shape,
    sizes_of,
)
from rnnproof.adapters.signature import has, parameters_of, refuse_late, run_of
from rnnproof.adapters.traced import Traced
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.named import PLAIN
from rnnproof.dialects.packing import brought_back, check, laid_out, letters, pack, unpack
from rnnproof.errors import TargetError, Unsupported, UsageError
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Gradients, Trace

GRADIENTS = ("params", "x", "state", "states")
STEP_AXES = "BI"


@dataclass(frozen=True, eq=False)
class PlainImplementation:
    """A target with its claims and dialect; a class is called without arguments, once a build."""

    name: str
    target: Any
    claims: Claims
    dialect: Dialect = PLAIN
    own: Arrays | None = None

    @cached_property
    def in_ring(self) -> Traced:
        """The same target, executed exactly."""
        return Traced(self)

    def build(self, network: Network, parameters: Arrays, dtype: str) -> PlainSubject:
        """The target with these parameters, packed as its dialect says.

        Errors: Unsupported for a network that it does not claim; TargetError where calling its class fails.
        """
        refuse_network(self.claims, network.name, self.name)
        check(self.dialect, network)
        target = self.target
        if isinstance(target, type):
            made = target
            with calling(f"{made.__name__}()"):
                target = made()
            refuse_late(self.name, made, target)
        if not has(target, "run"):
            target = SimpleNamespace(run=target)
        packed = pack(self.dialect, parameters)
        before = {name: array.copy() for name, array in packed.items()} if self.dialect.arrays else {}
        return PlainSubject(target, self.claims, self.dialect, network, parameters, packed, before)


@dataclass(frozen=True, eq=False)
class PlainSubject:
    """A plain target at given parameters: ``given`` by canonical names, ``packed`` as the target has them.

    ``packed_before``: copies of what a dialect packed, to know what the target changed.
    """

    target: Any
    claims: Claims
    dialect: Dialect
    network: Network
    given: Arrays
    packed: Arrays
    packed_before: Arrays

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """Call ``run``, then, with cotangents, ``grad``, then ``states``.

        Shapes: x (T,B,I), states (B,.), lengths (B,).
        Errors: TargetError for what cannot be a result; Unsupported for lengths where ``run`` takes none.
        """
        sizes = sizes_of(self.network, self.given, x.shape)
        ragged = self._lengths(lengths)
        with calling("run"):
            returned = self.target.run(*self._arguments(x, state), **ragged)
        outputs, final = pair("run", returned, "outputs", "final_state")
        trace = self._trace(outputs, final, sizes)
        if cotangents is not None and self.claims.gradients:
            trace = self._with_gradients(trace, x, state, cotangents, ragged, sizes)
        trace = replace(trace, states=self._states(x, state, ragged, sizes))
        show_changes(self.dialect, self.packed, self.packed_before, self.given)
        return trace

    def _trace(self, outputs: object, final: object, sizes: Sizes) -> Trace:
        found = self._state("final_state", final, sizes) or {}
        if outputs is None and not found:
            raise TargetError("run returned neither outputs nor a final state: nothing to judge")
        features = self.network.output_size
        if outputs is None:
            return Trace(None, found)
        last = shape(sizes, letters(self.dialect, features, STEP_AXES))
        if numbers("outputs", outputs, str(shape(sizes, letters(self.dialect, features)))).shape == last.numbers:
            alone = real_array("outputs", outputs, last)
            return Trace(None, found, last=brought_back(self.dialect, alone, STEP_AXES))
        return Trace(self._sequence("outputs", outputs, features, sizes), found)

    def _with_gradients(
        self,
        trace: Trace,
        x: Array,
        state: Arrays | None,
        cotangents: Cotangents,
        ragged: Mapping[str, Any],
        sizes: Sizes,
    ) -> Trace:
        """A ``grad`` that refuses refuses no more than the gradients: the run before it stands."""
        try:
            return replace(trace, gradients=self._gradients(x, state, cotangents, ragged, sizes))
        except Unsupported as problem:
            return replace(trace, refused=str(problem))

    @property
    def step(self) -> Step | None:
        """The target's own step; None where it has none."""
        return self._step if has(self.target, "step") else None

    def _step(self, x: Array, state: Arrays) -> tuple[Array, Arrays]:
        sizes = sizes_of(self.network, self.given, (1, *x.shape))
        shown = laid_out(self.dialect, x, STEP_AXES)
        with calling("step"):
            returned = self.target.step(dict(self.packed), shown, state_as_packed(self.dialect, state))
        output, new = pair("step", returned, "output", "new_state")
        expected = letters(self.dialect, self.network.output_size, STEP_AXES)
        output = real_array("step: output", output, shape(sizes, expected))
        found = self._state("step: new_state", new, sizes)
        if found is None:
            raise TargetError("step returned no new_state; expected (output, new_state)")
        show_changes(self.dialect, self.packed, self.packed_before, self.given)
        return brought_back(self.dialect, output, STEP_AXES), found

    def _arguments(self, x: Array, state: Arrays | None) -> tuple[dict[str, Array], Array, Any]:
        return dict(self.packed), laid_out(self.dialect, x), state_as_packed(self.dialect, state)

    def _lengths(self, lengths: NDArray[np.integer] | None) -> dict[str, NDArray[np.integer]]:
        if lengths is None:
            return {}
        if not self.claims.lengths:
            raise Unsupported("run takes no lengths: padded sequences are not modelled by this target")
        return {"lengths": lengths}

    def _sequence(self, what: str, value: object, features: str, sizes: Sizes) -> Array:
        expected = shape(sizes, letters(self.dialect, features))
        return brought_back(self.dialect, real_array(what, value, expected))

    def _state(self, what: str, value: object, sizes: Sizes) -> dict[str, Array] | None:
        if value is None:
            return None
        names = self.dialect.state
        if names is not None:
            if not isinstance(value, tuple | list) or len(value) != len(names):
                raise TargetError(f"{what}: got {kind(value)}, expected a tuple ({', '.join(names)})")
            value = dict(zip(names, value, strict=True))
        found = named_arrays(what, value, self._state_shapes(sizes))
        return {name: found[name] for name in self.network.states}

    def _state_shapes(self, sizes: Sizes) -> dict[str, Shape]:
        sized = self.network.dimensions
        return {name: shape(sizes, ("B", sized[name])) for name in self.network.states}

    def _gradients(
        self, x: Array, state: Arrays | None, cotangents: Cotangents, ragged: Mapping[str, Any], sizes: Sizes
    ) -> Gradients:
        outputs = laid_out(self.dialect, cotangents.outputs)
        given = {"outputs": outputs, "state": state_as_packed(self.dialect, cotangents.state)}
        with calling("grad"):
            returned = self.target.grad(*self._arguments(x, state), given, **ragged)
        found = mapping("grad", returned, f"the keys {', '.join(GRADIENTS)}")
        known_keys("grad", found, GRADIENTS)
        dx, every = found.get("x"), found.get("states")
        return Gradients(
            self._parameter_gradients(found.get("params"), sizes),
            None if dx is None else self._sequence("grad: x", dx, "I", sizes),
            self._state("grad: state", found.get("state"), sizes),
            None if every is None else self._every_state("grad: states", every, sizes),
        )

    def _parameter_gradients(self, value: object, sizes: Sizes) -> dict[str, Array]:
        if value is None:
            return {}
        if self.dialect.arrays:
            expected = {name: Shape(array.shape) for name, array in self.packed.items()}
        else:
            expected = {name: shape(sizes, sized) for name, sized in self.network.parameters.items()}
        return unpack(self.dialect, named_arrays("grad: params", value, expected))

    def _states(
        self, x: Array, state: Arrays | None, ragged: Mapping[str, Any], sizes: Sizes
    ) -> dict[str, Array] | None:
        if not has(self.target, "states"):
            return None
        try:
            with calling("states"):
                returned = self.target.states(*self._arguments(x, state), **ragged)
        except Unsupported:  # as where it has none
            return None
        return self._every_state("states", returned, sizes)

    def _every_state(self, what: str, value: object, sizes: Sizes) -> dict[str, Array]:
        sized = self.network.dimensions
        expected = {name: shape(sizes, letters(self.dialect, sized[name])) for name in self.network.states}
        found = named_arrays(what, value, expected)
        return {name: brought_back(self.dialect, array) for name, array in found.items()}


def plain_implementation(name: str, target: Any, dialect: Dialect | None = None) -> PlainImplementation:
    """The target with what it says of itself, checked as far as that goes without running it.

    Errors: UsageError for an object without a ``run``, a ``run`` of other parameters, a class that needs
    arguments, or claims that do not fit.
    """
    run = run_of(name, target)
    default = Claims(gradients=has(target, "grad"), lengths="lengths" in parameters_of(run))
    claims = _in(name, lambda: parse(getattr(target, "claims", None), default))
    if claims.gradients and not default.gradients:
        raise UsageError(f"{name} claims gradients, but has no grad(params, x, state, cotangents)")
    if claims.lengths and not default.lengths:
        raise UsageError(f"{name} claims lengths, but its run has no parameter lengths")
    return PlainImplementation(name, target, claims, dialect or PLAIN)


def _in(name: str, parsed: Callable[[], Claims]) -> Claims:
    try:
        return parsed()
    except (UsageError, Unsupported) as problem:
        raise type(problem)(f"{name}: {problem}") from problem
