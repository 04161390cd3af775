"""A layer of PyTorch at given parameters, called on whole sequences, packed where their rows have lengths."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.packed import label, show_changed_states, show_changes, stacked, unstacked
from rnnproof.adapters.results import Shape, kind, pair, shape, sizes_of
from rnnproof.adapters.tensors import array, calling, tensor
from rnnproof.adapters.torch_gradients import gradients, weights
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import brought_back, laid_out, letters
from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Step
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Trace

Lengths = NDArray[np.integer]


@lru_cache(maxsize=256)
def layered(dialect: Dialect) -> Dialect:
    """The dialect with every state stacked, as PyTorch's layers have them even where there is one: (1,B,.)."""
    groups = tuple((held,) if isinstance(held, str) else held for held in dialect.state or ())
    return replace(dialect, state=groups)


@dataclass(frozen=True, eq=False)
class LayerSubject:
    """A module at given parameters: ``given`` by canonical names, ``packed`` as the module got them."""

    module: Any
    dialect: Dialect
    network: Network
    given: Arrays
    packed: Arrays

    def run(
        self, x: Array, state: Arrays | None, lengths: Lengths | None = None, cotangents: Cotangents | None = None
    ) -> Trace:
        """Call the module; with cotangents, torch.autograd for all gradients at once.

        Shapes: x (T,B,I), T >= 1, states (B,.), lengths (B,), each at least 1.
        Errors: TargetError for what cannot be a result; Unsupported where PyTorch refuses the lengths.
        """
        import torch

        if not len(x) or (lengths is not None and not lengths.all()):
            raise Unsupported("torch: a row of length 0 is not modelled; PyTorch refuses an empty sequence")
        wanted = cotangents is not None
        x_seen = tensor(laid_out(self.dialect, x)).requires_grad_(wanted)
        arrays = None if state is None else [stacked(held, state) for held in self._groups()]
        seen = None if arrays is None else [tensor(each).requires_grad_(wanted) for each in arrays]
        with torch.set_grad_enabled(wanted):
            outputs, final = self._call(x_seen, seen, lengths, len(x))
        trace = self._trace(outputs, final, sizes_of(self.network, self.given, x.shape))
        if cotangents is not None:
            given = [tensor(laid_out(self.dialect, cotangents.outputs))]
            given += [tensor(stacked(held, cotangents.state)) for held in self._groups()]
            found = gradients(self.module, self.dialect, x_seen, seen, (outputs, *final), given)
            trace = replace(trace, gradients=found)
        show_changed_states(self.dialect, None if arrays is None else tuple(arrays), state)
        show_changes(self.dialect, weights(self.module), self.packed, self.given)
        return trace

    @property
    def step(self) -> Step | None:
        """None: these layers have no step of their own."""
        return None

    def _groups(self) -> list[tuple[str, ...]]:
        return [held for held in self.dialect.state or () if isinstance(held, tuple)]

    def _call(
        self, x: Any, state: list[Any] | None, lengths: Lengths | None, steps: int
    ) -> tuple[Any, tuple[Any, ...]]:
        """(outputs, final states); an only state comes and goes without a tuple."""
        from torch.nn.utils.rnn import PackedSequence, pad_packed_sequence

        alone, labels = len(self._groups()) == 1, [label(held) for held in self._groups()]
        hx: Any = None if state is None else state[0] if alone else tuple(state)
        with calling("forward"):
            returned = self.module(x if lengths is None else self._packed(x, lengths), hx)
        outputs, final = pair("forward", returned, "outputs", "final state")
        if isinstance(outputs, PackedSequence):
            outputs, _ = pad_packed_sequence(outputs, self._batch_first, total_length=steps)
        if not alone and (not isinstance(final, tuple | list) or len(final) != len(labels)):
            raise TargetError(f"final state: got {kind(final)}, expected a tuple ({', '.join(labels)})")
        return outputs, (final,) if alone else tuple(final)

    @property
    def _batch_first(self) -> bool:
        return bool(self.module.batch_first)

    def _packed(self, x: Any, lengths: Lengths) -> Any:
        """Sorted rows are packed as they are, others are sorted by PyTorch, and put back."""
        import torch
        from torch.nn.utils.rnn import pack_padded_sequence

        descending = bool((np.diff(lengths) <= 0).all())
        told = torch.from_numpy(np.array(lengths, dtype=np.int64))
        return pack_padded_sequence(x, told, self._batch_first, enforce_sorted=descending)

    def _trace(self, outputs: Any, final: tuple[Any, ...], sizes: Sizes) -> Trace:
        expected = shape(sizes, letters(self.dialect, self.network.output_size))
        found = [
            array(f"final state {label(held)}", value, self._shape(held, sizes))
            for held, value in zip(self._groups(), final, strict=True)
        ]
        every = array("outputs", outputs, expected)
        return Trace(brought_back(self.dialect, every), unstacked(self.dialect, found))

    def _shape(self, held: tuple[str, ...], sizes: Sizes) -> Shape:
        one = shape(sizes, ("B", self.network.dimensions[held[0]]))
        return Shape((len(held), *one.numbers), (str(len(held)), *one.letters))
