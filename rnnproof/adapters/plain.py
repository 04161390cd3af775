"""A plain target as an implementation: an object with ``run`` and perhaps ``grad``, ``step`` and ``states``.

Arrays go to the target as they were given, neither copied nor laid out anew (a dialect packs parameters, and
shows sequences as views): their strides are kept, and whoever gave them sees what the target changes in them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.claims import parse, refuse_network
from rnnproof.adapters.foreign import attribute, calling
from rnnproof.adapters.given import Given
from rnnproof.adapters.packed import show_changed_states, show_changes, state_as_packed
from rnnproof.adapters.results import sizes_of
from rnnproof.adapters.returned import STEP_AXES, Returned
from rnnproof.adapters.signature import has, parameters_of, refuse_late, run_of, takes
from rnnproof.adapters.traced import Traced
from rnnproof.dialects.dialect import CANONICAL_LAYOUT, Dialect
from rnnproof.dialects.named import PLAIN, fitted
from rnnproof.dialects.packing import check, laid_out, pack
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace


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
        dialect = fitted(self.dialect, network)
        check(dialect, network)
        return self.given(network, dialect, parameters, pack(dialect, parameters), dtype)

    def given(
        self, network: Network, dialect: Dialect, parameters: Arrays, packed: dict[str, Array], dtype: str
    ) -> PlainSubject:
        """The target with arrays that are packed already, its states and sequences as a dialect says.

        Errors: TargetError where calling its class fails.
        """
        del dtype
        target = self.target
        if isinstance(target, type):
            made = target
            with calling(f"{made.__name__}()"):
                target = made()
            refuse_late(self.name, made, target)
        if not has(target, "run"):
            target = SimpleNamespace(run=target)
        before = {name: array.copy() for name, array in packed.items()} if dialect.arrays else {}
        return PlainSubject(target, self.claims, dialect, network, parameters, packed, before)


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
        """Call ``run``, then, with cotangents, ``grad``, then ``states``: each is given what ``run`` was given.

        Shapes: x (T,B,I), states (B,.), lengths (B,).
        Errors: TargetError for what cannot be a result; Unsupported for lengths where ``run`` takes none.
        """
        if lengths is not None and not self.claims.lengths:
            raise Unsupported("run takes no lengths: padded sequences are not modelled by this target")
        given = Given(self.packed, x, state, lengths)
        pulled = cotangents if self.claims.gradients else None
        visible = has(self.target, "states")
        kept = given.copied() if pulled is not None or visible else given  # where no call follows, there is no need
        trace = _of_every_row(self._returned(x.shape).trace(self._called("run", given)), lengths)
        if pulled is not None:
            trace = self._with_gradients(trace, given.or_else(kept), pulled)
        if visible:
            trace = self._with_states(trace, given.or_else(kept))
        show_changes(self.dialect, self.packed, self.packed_before, self.given)
        return replace(trace, rebound=given.rebound[0]) if given.rebound else trace

    def _with_gradients(self, trace: Trace, given: Given, cotangents: Cotangents) -> Trace:
        """A ``grad`` that refuses refuses no more than the gradients: the run before it stands."""
        outputs = laid_out(self.dialect, cotangents.outputs)
        pulled = {"outputs": outputs, "state": state_as_packed(self.dialect, cotangents.state)}
        try:
            returned = self._called("grad", given, pulled)
        except Unsupported as problem:
            return replace(trace, refused=str(problem))
        return replace(trace, gradients=self._returned(given.x.shape).gradients(returned))

    def _with_states(self, trace: Trace, given: Given) -> Trace:
        """``states`` that refuses is as none."""
        try:
            returned = self._called("states", given)
        except Unsupported:
            return trace
        return replace(trace, states=self._returned(given.x.shape).states("states", returned))

    @property
    def step(self) -> Step | None:
        """The target's own step; None where it has none, or the network: what has that name is then something else."""
        return self._step if self.network.direction == "forward" and has(self.target, "step") else None

    def _step(self, x: Array, state: Arrays) -> tuple[Array, Arrays]:
        returned = self._called("step", Given(self.packed, x, state), axes=STEP_AXES)
        found = self._returned((1, *x.shape)).step(returned)
        show_changes(self.dialect, self.packed, self.packed_before, self.given)
        return found

    def _returned(self, x_shape: tuple[int, ...]) -> Returned:
        return Returned(self.network, self.dialect, self.packed, sizes_of(self.network, self.given, x_shape))

    def _called(self, what: str, given: Given, *further: Any, axes: str = CANONICAL_LAYOUT) -> Any:
        """What the target's function of that name returns, given everything as its dialect packs it."""
        parameters, state = dict(given.packed), state_as_packed(self.dialect, given.state)
        ragged = {} if given.lengths is None else {"lengths": given.lengths}
        with calling(what):
            shown = laid_out(self.dialect, given.x, axes)
            returned = getattr(self.target, what)(parameters, shown, state, *further, **ragged)
        show_changed_states(self.dialect, state, given.state)
        given.look(what, "params", parameters, given.packed)
        given.look(what, "state", state, given.state)
        return returned


def _of_every_row(trace: Trace, lengths: NDArray[np.integer] | None) -> Trace:
    """The trace; a last output alone is left out where rows have lengths, as its row's last or that of all is not told.

    Errors: Unsupported where nothing else was returned.
    """
    if trace.last is None or lengths is None:
        return trace
    if not trace.final:
        raise Unsupported("the last output alone is not judged where rows have lengths, and no state is returned")
    return replace(trace, last=None)


def plain_implementation(name: str, target: Any, dialect: Dialect | None = None) -> PlainImplementation:
    """The target with what it says of itself, checked as far as that goes without running it.

    Errors: UsageError for an object without a ``run``, a ``run`` of other parameters, a class that needs
    arguments, or claims that do not fit.
    """
    run = run_of(name, target)
    default = Claims(gradients=has(target, "grad"), lengths="lengths" in parameters_of(run))
    claims = _in(name, lambda: parse(attribute(target, "claims"), default))
    if claims.gradients and not default.gradients:
        raise UsageError(f"{name} claims gradients, but has no grad(params, x, state, cotangents)")
    if claims.lengths and not takes(run, "lengths"):
        raise UsageError(f"{name} claims lengths, but its run has no parameter lengths")
    return PlainImplementation(name, target, claims, dialect or PLAIN)


def _in(name: str, parsed: Callable[[], Claims]) -> Claims:
    try:
        return parsed()
    except (UsageError, Unsupported) as problem:
        raise type(problem)(f"{name}: {problem}") from problem
