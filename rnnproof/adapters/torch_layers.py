"""PyTorch's recurrent layers and cells as implementations, on a CPU.

nn.RNN, nn.LSTM and nn.GRU with layers, two directions, projections, batch_first and packed sequences; nn.RNNCell,
nn.LSTMCell and nn.GRUCell step by step. Nothing is ever loaded into the user's object: a class is built at the case's
sizes, an instance is built anew from its own options, an instance of a subclass is deep-copied and keeps its sizes.
What is not modelled is refused by name.

Reference: docs.pytorch.org, torch.nn.RNN, torch.nn.LSTM, torch.nn.GRU and their cells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rnnproof.adapters.claims import refuse_network
from rnnproof.adapters.foreign import calling
from rnnproof.adapters.results import sizes_of
from rnnproof.adapters.tensors import numpy_of, tensor
from rnnproof.adapters.torch_cells import CellSubject
from rnnproof.adapters.torch_modules import (
    Make,
    fresh,
    is_own,
    layout,
    module_of,
    own_sizes,
    refuse_not_finite,
    refuse_options,
    refuse_parameters,
)
from rnnproof.adapters.torch_networks import CELLS, constructor, dialect_of, first_network, network_of
from rnnproof.adapters.torch_subject import LayerSubject, layered
from rnnproof.catalogue import network as named
from rnnproof.dialects import fitted
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import check, pack, read
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.case import Array, Arrays
from rnnproof.model.implementation import Claims
from rnnproof.model.network import Network, Sizes

# PyTorch wants a projection to fewer numbers than there are hidden units.
HALF = ("float16", "bfloat16")
PROJECTED = (("H", (3, 4, 5, 8, 16)), ("P", (1, 2)))


@dataclass(frozen=True, eq=False)
class TorchLayer:
    """One of PyTorch's modules: ``make`` gives a fresh one for sizes and a network.

    ``own``: the weights of the user's instance by canonical names, its two biases added; None for a class.
    """

    name: str
    module: str
    make: Make
    claims: Claims
    dialect: Dialect
    own: Arrays | None = None

    @property
    def in_ring(self) -> None:
        """None: compiled code computes in floats alone."""
        return None

    def build(self, network: Network, parameters: Arrays, dtype: str) -> LayerSubject | CellSubject:
        """A fresh module of these parameters, both biases of which are not zero.

        Errors: Unsupported for a network or an option that is not modelled.
        """
        refuse_network(self.claims, network.name, self.name)
        dialect = fitted(self.dialect, network)
        check(dialect, network)
        return self.given(network, dialect, parameters, pack(dialect, parameters), dtype)

    def form(self, network: Network) -> Dialect:
        """How its states and sequences come and go, and no word of its arrays."""
        dialect = fitted(self.dialect, network)
        module = _made(self.name, self.make, Sizes(0, 0, 1, 2), network)
        return Dialect({}, dialect.state, layout(module))

    def shapes(self, network: Network, sizes: Sizes) -> dict[str, tuple[int, ...]]:
        """The names and shapes of a module's arrays at these sizes."""
        module = _made(self.name, self.make, sizes, network)
        return {name: tuple(parameter.shape) for name, parameter in module.named_parameters()}

    def given(
        self, network: Network, dialect: Dialect, parameters: Arrays, packed: dict[str, Array], dtype: str
    ) -> LayerSubject | CellSubject:
        """A fresh module with arrays that are packed already. Errors: as ``build``."""
        import torch

        sizes = sizes_of(network, parameters, (0, 0, 0))
        module = _made(self.name, self.make, sizes, network, dtype)
        refuse_options(module, f"torch.nn.{self.module}")
        if network_of(module, self.module).name != network.name:
            raise Unsupported(f"{self.name} computes {network_of(module, self.module).name}, not {network.name}")
        if any(parameter.dtype != getattr(torch, dtype) for parameter in module.parameters()):
            module = module.to(getattr(torch, dtype))  # it lays the weights out anew, even where they stay as they are
        load(module, packed)
        if layout(module) != dialect.layout:
            dialect = replace(dialect, layout=layout(module))
        if self.module in CELLS:
            return CellSubject(module, dialect, network, parameters, packed)
        return LayerSubject(module, layered(dialect), network, parameters, packed)


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


def refilled(subject: LayerSubject | CellSubject, packed: dict[str, Array]) -> LayerSubject | CellSubject:
    """The same module with other arrays. Errors: as ``load``."""
    load(subject.module, packed)
    return replace(subject, packed=packed)


def torch_layer(
    name: str, target: Any, dialect: Dialect | None = None, network: Network | None = None
) -> tuple[TorchLayer, Network]:
    """The implementation of a class or an instance of one of PyTorch's modules, and the network that it computes.

    Errors: Unsupported for any other module, by name, and for options that are not modelled;
    UsageError for a class that cannot be built from sizes, for another network than it computes, or for a dialect
    that does not say how a layer packs.
    """
    module = module_of(target)
    if dialect is not None and not (dialect.arrays and dialect.state):
        raise UsageError(f"{name} needs a dialect with arrays and states, such as {dialect_of(module).name}")
    dialect = dialect or dialect_of(module)
    make = fresh(name, target, module)
    if isinstance(target, type):
        chosen = network or _of_itself(name, target, module, make)
        constructor(name, module, chosen, Sizes(0, 0, 1, 1))  # refuses what the class cannot compute
        return TorchLayer(name, module, make, _claims(module, target, chosen), dialect), chosen
    computed = network_of(target, module)
    if network is not None and network.name != computed.name:
        raise UsageError(f"{name} is {computed.name}, not {network.name}")
    packs = fitted(dialect, computed)
    refuse_parameters(target, packs.arrays)
    claims = _as_held(_claims(module, type(target), computed), target)
    if not is_own(type(target)):
        claims = replace(claims, sizes=tuple((letter, (size,)) for letter, size in own_sizes(target).items()))
    return TorchLayer(name, module, make, claims, dialect, own_parameters(target, packs)), computed


def _of_itself(name: str, cls: type, module: str, make: Make) -> Network:
    """What a class computes where nothing is asked: one of a user's own is built to see what it decides."""
    first = named(first_network(module))
    return first if is_own(cls) else network_of(_made(name, make, Sizes(0, 0, 1, 1), first), module)


def _made(name: str, make: Make, sizes: Sizes, network: Network, dtype: str = "float32") -> Any:
    import torch

    with calling(name), torch.random.fork_rng(devices=[]):  # a new module draws weights
        return make(sizes, network, dtype)


def _claims(module: str, cls: type, network: Network) -> Claims:
    """A layer takes a network's single layer too, and packed sequences; a cell neither, but no steps at all."""
    networks = tuple(dict.fromkeys((network.name, network.single_layer.name)))
    projected = PROJECTED if ("projection", "P") in network.options else None
    claims = Claims(networks, ("float64", "float32"), state_none=True, sizes=projected, on_request=HALF)
    return claims if module in CELLS else replace(claims, min_length=1, lengths=is_own(cls))


def _as_held(claims: Claims, module: Any) -> Claims:
    """An instance of a format of 16 bits is looked at in that, and in others where they are asked for."""
    held = {str(parameter.dtype).removeprefix("torch.") for parameter in module.parameters()} & set(HALF)
    if not held:
        return claims
    rest = (*claims.dtypes, *claims.on_request)
    return replace(claims, dtypes=tuple(sorted(held)), on_request=tuple(each for each in rest if each not in held))


def own_parameters(module: Any, dialect: Dialect) -> dict[str, Array]:
    """The weights a module has, by their canonical names; its two biases are added.

    Errors: UsageError for the first that is not a finite number.
    """
    for name, value in module.named_parameters():
        refuse_not_finite(name, numpy_of(value))
    return read(dialect, {name: numpy_of(value).copy() for name, value in module.named_parameters()})
