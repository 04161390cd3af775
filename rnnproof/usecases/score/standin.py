"""An object in the place of a plain target, which behaves as a (planted) reference does.

It is called as the target is, packed as its dialect says, and counts its calls. What else the target has, it has too.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np

from rnnproof.adapters.packed import state_as_packed, unstacked
from rnnproof.adapters.results import sizes_of
from rnnproof.adapters.signature import has
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.extents import shapes_in
from rnnproof.dialects.packing import brought_back, laid_out, pack_gradients, read
from rnnproof.faults.fault import Fault, plant
from rnnproof.faults.wrapped import Memory, Misconducted
from rnnproof.model.case import DTYPES, Array, Arrays, Cotangents
from rnnproof.model.implementation import Subject
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference.implementation import Reference

FUNCTIONS = ("run", "grad", "step", "states")
STEP_AXES = "BI"
KEPT = "_rnnproof_memory"


@dataclass(eq=False)
class StandIn:
    """What stands in a target's place: a network as a dialect packs it, right where ``fault`` is None.

    ``calls`` counts; ``memory`` is of what has no object of its own.
    """

    network: Network
    dialect: Dialect
    fault: Fault | None = None
    calls: int = 0
    memory: Memory = field(default_factory=dict)

    def run(self, own: Memory, params: Any, x: Any, state: Any, lengths: Any = None) -> Any:
        """(outputs, final state)."""
        trace = self._trace(own, params, x, state, lengths)
        outputs = None if trace.outputs is None else laid_out(self.dialect, trace.outputs)
        return outputs, state_as_packed(self.dialect, trace.final)

    def grad(self, own: Memory, params: Any, x: Any, state: Any, cotangents: Any, lengths: Any = None) -> Any:
        """{"params", "x", "state"}."""
        given = brought_back(self.dialect, _array(cotangents["outputs"]))
        pulled = Cotangents(given, self._state(cotangents["state"]) or {})
        trace = self._trace(own, params, x, state, lengths, pulled)
        found = trace.gradients or Gradients({})
        return {
            "params": pack_gradients(self.dialect, found.parameters),
            "x": None if found.x is None else laid_out(self.dialect, found.x),
            "state": state_as_packed(self.dialect, found.state),
        }

    def states(self, own: Memory, params: Any, x: Any, state: Any, lengths: Any = None) -> Any:
        """{name: (T,B,.)}. Errors: NotImplementedError where rows have lengths."""
        trace = self._trace(own, params, x, state, lengths)
        if trace.states is None:
            raise NotImplementedError("the states of rows of different lengths")
        return {name: laid_out(self.dialect, value) for name, value in trace.states.items()}

    def step(self, own: Memory, params: Any, x: Any, state: Any) -> Any:
        """(output, new state): a run of one step."""
        one = brought_back(self.dialect, _array(x), STEP_AXES)[np.newaxis]
        trace = self._trace(own, params, laid_out(self.dialect, one), state, None)
        assert trace.outputs is not None
        return laid_out(self.dialect, trace.outputs[0], STEP_AXES), state_as_packed(self.dialect, trace.final)

    def _trace(
        self, own: Memory, params: Any, x: Any, state: Any, lengths: Any, cotangents: Cotangents | None = None
    ) -> Trace:
        self.calls += 1
        seen = brought_back(self.dialect, _array(x))
        parameters = self._parameters(params, seen.shape[-1])
        subject = self._subject(own, parameters, seen.dtype.name)
        given = None if state is None else self._state(state)
        ends = None if lengths is None else np.asarray(lengths)
        if given is None:
            given = self._no_state(parameters, seen)
        with np.errstate(all="ignore"):
            return subject.run(seen, given, ends, cotangents)

    def _parameters(self, params: Any, inputs: int) -> dict[str, Array]:
        """The canonical parameters. Errors: ValueError for arrays that fit no sizes of the network."""
        arrays = {name: _array(params[name]) for name in self.dialect.arrays or self.network.parameters}
        return read(self.dialect, arrays, shapes_in(self.dialect, self.network, arrays, inputs))

    def _subject(self, own: Memory, parameters: Arrays, dtype: str) -> Subject:
        if self.fault is None:
            return Reference().build(self.network, parameters, dtype)
        found = plant(self.fault).build(self.network, parameters, dtype)
        return Misconducted(found.subject, found.conduct, own) if isinstance(found, Misconducted) else found

    def _no_state(self, parameters: Arrays, x: Array) -> dict[str, Array]:
        sizes = sizes_of(self.network, parameters, x.shape)
        return {name: np.zeros(shape, x.dtype) for name, shape in self.network.state_shapes(sizes).items()}

    def _state(self, state: Any) -> dict[str, Array] | None:
        if isinstance(state, Mapping):
            return {name: _array(value) for name, value in state.items()}
        return unstacked(self.dialect, [_array(value) for value in state])


def _array(value: Any) -> Array:
    """The array itself where it is one of floats: what is changed in it is to be seen."""
    array = np.asarray(value)
    return array if array.dtype.kind == "f" or array.dtype.name in DTYPES else array.astype(np.float64)


def in_place_of(found: Any, standing: StandIn) -> Any:
    """What takes the place of a target: a class of a class, an object of an object, a function of a function."""
    if isinstance(found, type):
        return type(found.__name__, (found,), {"__module__": found.__module__, **_methods(found, standing)})
    if not has(found, "run"):
        return _function(standing, "run", found)
    copied = copy.copy(found)
    for name in _functions_of(found):
        own = _function(standing, name, getattr(found, name))
        object.__setattr__(copied, name, own)  # a frozen one has no other way
    return copied


def place_in(module: ModuleType, path: tuple[str, ...], standing: StandIn) -> None:
    """Put the stand-in where the module has the target: at a path of attributes, or in the module itself."""
    if not path:
        for name in _functions_of(module):
            setattr(module, name, _function(standing, name, getattr(module, name)))
        return
    holder: Any = module
    for name in path[:-1]:
        holder = getattr(holder, name)
    setattr(holder, path[-1], in_place_of(getattr(holder, path[-1]), standing))


def _functions_of(found: Any) -> list[str]:
    return [name for name in FUNCTIONS if has(found, name)]


def _methods(found: type, standing: StandIn) -> dict[str, Any]:
    return {name: _as_in(found, name, standing) for name in _functions_of(found)}


def _as_in(found: type, name: str, standing: StandIn) -> Any:
    """A method, or a static one where the class has that."""
    own = getattr(found, name)
    static = isinstance(inspect.getattr_static(found, name), staticmethod)
    return staticmethod(_function(standing, name, own)) if static else _method(standing, name, own)


def _method(standing: StandIn, name: str, own: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(own)
    def method(self: Any, *arguments: Any, **named: Any) -> Any:
        memory = vars(self).setdefault(KEPT, {}) if hasattr(self, "__dict__") else standing.memory
        return getattr(standing, name)(memory, *arguments, **named)

    return method


def _function(standing: StandIn, name: str, own: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(own)
    def function(*arguments: Any, **named: Any) -> Any:
        return getattr(standing, name)(standing.memory, *arguments, **named)

    return function
