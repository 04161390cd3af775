"""PyTorch's nn.RNN (tanh, relu) and nn.LSTM as implementations: one layer, one direction, on a CPU.

Nothing is ever loaded into the user's object: a class is built at the case's sizes, an instance is built anew
from its own options, an instance of a subclass is deep-copied and keeps its sizes. What is not modelled is
refused by name.

Reference: docs.pytorch.org, torch.nn.RNN and torch.nn.LSTM.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rnnproof.adapters.claims import refuse_network
from rnnproof.adapters.foreign import calling
from rnnproof.adapters.packed import show_changes
from rnnproof.adapters.results import Shape, kind, pair, shape, sizes_of
from rnnproof.adapters.tensors import array, tensor
from rnnproof.adapters.torch_modules import (
    NETWORKS,
    Make,
    fresh,
    kept_sizes,
    layer_of,
    layout,
    own_network,
    refuse_options,
    refuse_parameters,
)
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.named import TORCH_LSTM, TORCH_RNN
from rnnproof.dialects.packing import brought_back, check, laid_out, letters, pack, read, unpack
from rnnproof.errors import TargetError, Unsupported, UsageError
from rnnproof.model.case import Array, Arrays, Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network, Sizes
from rnnproof.model.trace import Gradients, Trace

DIALECTS: Mapping[str, Dialect] = {"LSTM": TORCH_LSTM, "RNN": TORCH_RNN}


@dataclass(frozen=True, eq=False)
class TorchLayer:
    """One of PyTorch's layers: ``make`` gives a fresh module for sizes I and H and a network.

    ``own``: the weights of the user's instance by canonical names, its two biases added; None for a class.
    """

    name: str
    layer: str
    make: Make
    claims: Claims
    dialect: Dialect
    own: Arrays | None = None

    @property
    def in_ring(self) -> None:
        """None: compiled code computes in floats alone."""
        return None

    def build(self, network: Network, parameters: Arrays, dtype: str) -> TorchSubject:
        """A fresh module of these parameters, both biases of which are not zero.

        Errors: Unsupported for a network or an option that is not modelled.
        """
        import torch

        refuse_network(self.claims, network.name, self.name)
        check(self.dialect, network)
        sizes = sizes_of(network, parameters, (0, 0, 0))
        with calling(self.name), torch.random.fork_rng(devices=[]):  # a new module draws weights
            module = self.make(sizes.I, sizes.H, network)
        refuse_options(module, f"torch.nn.{self.layer}")
        if own_network(module, self.layer) != network.name:
            raise Unsupported(f"{self.name} computes {own_network(module, self.layer)}, not {network.name}")
        if any(parameter.dtype != getattr(torch, dtype) for parameter in module.parameters()):
            module = module.to(getattr(torch, dtype))  # it lays the weights out anew, even where they stay as they are
        packed = pack(self.dialect, parameters)
        load(module, packed)
        dialect = self.dialect
        if layout(module) != dialect.layout:
            dialect = replace(dialect, layout=layout(module))
        return TorchSubject(module, dialect, network, parameters, packed)


@dataclass(frozen=True, eq=False)
class TorchSubject:
    """A module at given parameters: ``given`` by canonical names, ``packed`` as the module got them."""

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
        """Call the module; with cotangents, torch.autograd for all gradients at once.

        Shapes: x (T,B,I), T >= 1, states (B,H).
        Errors: TargetError for what cannot be a result; Unsupported for lengths.
        """
        import torch

        if lengths is not None:
            raise Unsupported("torch: packed sequences are not modelled yet; lengths must be None")
        if not len(x):
            raise Unsupported("torch: T=0 is not modelled; PyTorch refuses an empty sequence")
        wanted = cotangents is not None
        sizes = sizes_of(self.network, self.given, x.shape)
        x_seen = tensor(laid_out(self.dialect, x)).requires_grad_(wanted)
        state_seen = None if state is None else self._states(state, wanted)
        with torch.set_grad_enabled(wanted):
            outputs, final = self._call(x_seen, state_seen)
        trace = self._trace(outputs, final, sizes)
        if cotangents is not None:
            gradients = self._gradients(x_seen, state_seen, (outputs, *final), cotangents)
            trace = replace(trace, gradients=gradients)
        show_changes(self.dialect, self._parameters(), self.packed, self.given)
        return trace

    @property
    def step(self) -> Step | None:
        """None: these layers have no step of their own."""
        return None

    def _states(self, state: Arrays, wanted: bool) -> list[Any]:
        """Each state (B,H), in the dialect's order."""
        return [tensor(state[name]).requires_grad_(wanted) for name in self.dialect.state or ()]

    def _parameters(self) -> dict[str, Array]:
        return {name: parameter.detach().numpy() for name, parameter in self.module.named_parameters()}

    def _call(self, x: Any, state: list[Any] | None) -> tuple[Any, tuple[Any, ...]]:
        """(outputs, final states); states are (1,B,H), an RNN's only one comes and goes without a tuple."""
        names = self.dialect.state or ()
        layered = tuple(each.unsqueeze(0) for each in state or ())
        hx: Any = None if state is None else layered[0] if len(names) == 1 else layered
        with calling("forward"):
            returned = self.module(x, hx)
        outputs, final = pair("forward", returned, "outputs", "final state")
        if len(names) > 1 and (not isinstance(final, tuple | list) or len(final) != len(names)):
            raise TargetError(f"final state: got {kind(final)}, expected a tuple ({', '.join(names)})")
        return outputs, (final,) if len(names) == 1 else tuple(final)

    def _trace(self, outputs: Any, final: tuple[Any, ...], sizes: Sizes) -> Trace:
        expected = shape(sizes, letters(self.dialect, self.network.output_size))
        state = Shape((1, sizes.B, sizes.H), ("1", "B", "H"))
        found = {
            name: array(f"final state {name}", value, state)[0]
            for name, value in zip(self.dialect.state or (), final, strict=True)
        }
        return Trace(brought_back(self.dialect, array("outputs", outputs, expected)), found)

    def _gradients(
        self, x: Any, state: list[Any] | None, returned: tuple[Any, ...], cotangents: Cotangents
    ) -> Gradients:
        names = self.dialect.state or ()
        given = [tensor(laid_out(self.dialect, cotangents.outputs))]
        given += [tensor(cotangents.state[name]).unsqueeze(0) for name in names]
        parameters = dict(self.module.named_parameters())
        by = [x, *parameters.values(), *(state or ())]
        found = [gradient.detach().numpy() for gradient in pulled_back(returned, given, by)]
        packed = dict(zip(parameters, found[1:], strict=False))
        initial = found[1 + len(parameters) :]
        return Gradients(
            unpack(self.dialect, packed),
            brought_back(self.dialect, found[0]),
            None if state is None else dict(zip(names, initial, strict=True)),
        )


def pulled_back(returned: tuple[Any, ...], cotangents: list[Any], by: list[Any]) -> tuple[Any, ...]:
    """The vector-Jacobian product by each tensor of ``by``, in one sweep; zeros if nothing depends on it."""
    import torch

    roots = [(y, d) for y, d in zip(returned, cotangents, strict=True) if y.requires_grad]
    if not roots:
        return tuple(torch.zeros_like(each) for each in by)
    ys, ds = zip(*roots, strict=True)
    with calling("backward"):
        return torch.autograd.grad(ys, by, ds, allow_unused=True, materialize_grads=True)  # type: ignore[no-any-return]


def load(module: Any, packed: Arrays) -> None:
    """Copy arrays into the parameters of a module of ours, in place: other names for them stay theirs.

    Errors: Unsupported where the module's parameters have other names or shapes.
    """
    import torch

    refuse_parameters(module, packed)
    for name, parameter in module.named_parameters():
        if tuple(parameter.shape) != packed[name].shape:
            told = f"its {name} is {tuple(parameter.shape)}, the case needs {packed[name].shape}"
            raise Unsupported(f"torch: this {type(module).__name__} keeps its sizes: {told}")
        with torch.no_grad():
            parameter.copy_(tensor(packed[name]))
        parameter.requires_grad_(True)


def torch_layer(name: str, target: Any, dialect: Dialect | None = None) -> TorchLayer:
    """The implementation of a class or an instance of nn.RNN or nn.LSTM.

    Errors: Unsupported for any other module, by name, and for options that are not modelled;
    UsageError for a class that cannot be built from sizes, or a dialect that does not say how a layer packs.
    """
    layer = layer_of(target)
    if dialect is not None and not (dialect.arrays and dialect.state):
        raise UsageError(f"{name} needs a dialect with arrays and states, such as {DIALECTS[layer].name}")
    dialect = dialect or DIALECTS[layer]
    claims = Claims(tuple(NETWORKS[layer]), ("float64", "float32"), min_length=1, state_none=True)
    make = fresh(name, target, layer)
    if isinstance(target, type):
        return TorchLayer(name, layer, make, claims, dialect)
    refuse_parameters(target, dialect.arrays)
    claims = replace(claims, networks=(own_network(target, layer),), sizes=kept_sizes(target))
    return TorchLayer(name, layer, make, claims, dialect, own_parameters(target, dialect))


def own_parameters(module: Any, dialect: Dialect) -> dict[str, Array]:
    """The weights a module has, by their canonical names; its two biases are added."""
    return read(dialect, {name: value.detach().numpy().copy() for name, value in module.named_parameters()})
