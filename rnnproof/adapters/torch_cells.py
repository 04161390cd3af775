"""A cell of PyTorch at given parameters: one call a step, the sequence being ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.packed import show_changes
from rnnproof.adapters.results import kind, shape, sizes_of
from rnnproof.adapters.tensors import array, calling, numpy_of, tensor
from rnnproof.adapters.torch_gradients import gradients, weights
from rnnproof.dialects.dialect import Dialect
from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Trace


@dataclass(frozen=True, eq=False)
class CellSubject:
    """A cell at given parameters: ``given`` by canonical names, ``packed`` as the module got them."""

    module: Any
    dialect: Dialect
    network: Network
    given: Arrays
    packed: Arrays

    def run(
        self,
        x: Array,
        state: Arrays | None,
        lengths: NDArray[np.integer] | None = None,
        cotangents: Cotangents | None = None,
    ) -> Trace:
        """Call the cell at every step; with cotangents, torch.autograd for all gradients at once.

        Shapes: x (T,B,I), states (B,H).
        Errors: TargetError for what cannot be a result; Unsupported for lengths.
        """
        import torch

        if lengths is not None:
            raise Unsupported("torch: a cell takes one step of every row; it has no lengths")
        wanted = cotangents is not None
        x_seen = tensor(x).requires_grad_(wanted)
        seen = None if state is None else [tensor(state[name]).requires_grad_(wanted) for name in self._names]
        with torch.set_grad_enabled(wanted):
            outputs, final, every = self._steps(x_seen, seen)
        trace = self._trace(outputs, final, every, x.shape)
        if cotangents is not None:
            given = [tensor(each) for each in (cotangents.outputs, *(cotangents.state[n] for n in self._names))]
            found = gradients(self.module, self.dialect, x_seen, seen, (outputs, *final), given)
            trace = replace(trace, gradients=found)
        show_changes(self.dialect, weights(self.module), self.packed, self.given)
        return trace

    @property
    def step(self) -> Step | None:
        """One call of the cell."""
        return self._step

    def _step(self, x: Array, state: Arrays) -> tuple[Array, Arrays]:
        import torch

        with torch.no_grad():
            new = self._call(tensor(x), tuple(tensor(state[name]) for name in self._names))
        found = self._final(new, (1, *x.shape))
        show_changes(self.dialect, weights(self.module), self.packed, self.given)
        return found[self._names[0]], found

    @property
    def _names(self) -> tuple[str, ...]:
        return self.dialect.states

    def _steps(self, x: Any, state: list[Any] | None) -> tuple[Any, tuple[Any, ...], list[tuple[Any, ...]]]:
        """(outputs, final states, the states after every step); no state at first is the cell's own zeros."""
        import torch

        now = None if state is None else tuple(state)
        every: list[tuple[Any, ...]] = []
        for x_t in x:
            now = self._call(x_t, now)
            every.append(now)
        if now is None:  # neither a state nor a step
            now = tuple(x.new_zeros(x.shape[1], self.module.hidden_size) for _ in self._names)
        hidden = [states[0] for states in every]
        return torch.stack(hidden) if hidden else x.new_zeros(0, *now[0].shape), now, every

    def _call(self, x: Any, state: tuple[Any, ...] | None) -> tuple[Any, ...]:
        """The new states; an only state comes and goes without a tuple."""
        alone = len(self._names) == 1
        hx: Any = None if state is None else state[0] if alone else state
        with calling("forward"):
            new = self.module(x, hx)
        if not alone and (not isinstance(new, tuple | list) or len(new) != len(self._names)):
            raise TargetError(f"the new state: got {kind(new)}, expected a tuple ({', '.join(self._names)})")
        return (new,) if alone else tuple(new)

    def _trace(
        self, outputs: Any, final: tuple[Any, ...], every: list[tuple[Any, ...]], x_shape: tuple[int, ...]
    ) -> Trace:
        import torch

        sizes = sizes_of(self.network, self.given, x_shape)
        whole = array("outputs", outputs, shape(sizes, ("T", "B", "H")))
        states = {name: torch.stack([each[n] for each in every]) for n, name in enumerate(self._names) if every}
        seen = {name: numpy_of(value) for name, value in states.items()} or None
        return Trace(whole, self._final(final, x_shape), seen)

    def _final(self, new: tuple[Any, ...], x_shape: tuple[int, ...]) -> dict[str, Array]:
        expected = shape(sizes_of(self.network, self.given, x_shape), ("B", "H"))
        return {name: array(f"state {name}", value, expected) for name, value in zip(self._names, new, strict=True)}
