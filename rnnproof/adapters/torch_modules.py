"""Which of PyTorch's modules are modelled, with which options, and how a fresh one is made."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from rnnproof.adapters.torch_networks import CELLS, MODULES, constructor, network_of
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.case import DTYPES, Array
from rnnproof.model.network import Network, Sizes

HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
Make = Callable[[Sizes, Network, str], Any]  # and the dtype of its weights, which a class of a user's may not take


def is_module(target: object) -> bool:
    """Is it a class or an instance of torch.nn.Module? To be asked only where torch is imported already."""
    from torch import nn

    return issubclass(target if isinstance(target, type) else type(target), nn.Module)


def module_of(target: Any) -> str:
    """Its name in torch.nn, or that of the class it is made from: LSTM, GRUCell.

    Errors: Unsupported for any other module, by name.
    """
    from torch import nn

    cls = target if isinstance(target, type) else type(target)
    for module in MODULES:
        if issubclass(cls, getattr(nn, module)):
            return module
    if cls.__module__.startswith("torch."):
        place = "torch.nn" if getattr(nn, cls.__name__, None) is cls else cls.__module__
        raise Unsupported(f"{place}.{cls.__name__} is not modelled; of torch.nn, {', '.join(MODULES)} are")
    raise Unsupported(
        f"{cls.__name__} is a torch.nn.Module that is none of {', '.join(MODULES)}; "
        "to verify it, give it run(params, x, state): see docs/verify-your-own.md"
    )


def is_own(cls: type) -> bool:
    """Is it PyTorch's own class, and no subclass?"""
    from torch import nn

    return any(cls is getattr(nn, module) for module in MODULES)


def fresh(name: str, target: Any, module: str) -> Make:
    """What makes a module of ours: a class by its sizes, an instance by its own options, and as a deep copy.

    At an instance's own sizes it is the copy: what was done to the instance, and no option tells, is seen there.
    An instance of a subclass has no other sizes.

    Errors: UsageError for a class that cannot be built from two sizes; Unsupported for an instance's options.
    """
    if isinstance(target, type):
        return _of_class(name, target, module)
    refuse_options(target, f"torch.nn.{module}")
    if not is_own(type(target)):
        return lambda sizes, network, dtype: copy.deepcopy(target)
    own, computed = own_sizes(target), network_of(target, module).name

    def make(sizes: Sizes, network: Network, dtype: str) -> Any:
        if (network.name, {letter: getattr(sizes, letter) for letter in own}) == (computed, own):
            return copy.deepcopy(target)
        return _built(type(target), module, sizes, network, dtype, **_kept(target))

    return make


def _kept(target: Any) -> dict[str, Any]:
    """The options of an instance that are none of a network's."""
    return {"batch_first": target.batch_first} if hasattr(target, "batch_first") else {}


def _built(cls: Any, module: str, sizes: Sizes, network: Network, dtype: str, **kept: Any) -> Any:
    import torch

    chosen = constructor(f"torch.nn.{module}", module, network, sizes)
    return cls(sizes.I, sizes.H, device="cpu", dtype=getattr(torch, dtype), **kept, **chosen)


def _of_class(name: str, cls: type, module: str) -> Make:
    """A subclass takes its sizes and decides itself on the rest; one of PyTorch's own is told."""
    if is_own(cls):
        return lambda sizes, network, dtype: _built(cls, module, sizes, network, dtype)
    signature = inspect.signature(cls)
    try:
        signature.bind(1, 1)
    except TypeError as problem:
        told = f"{name} is built as {cls.__name__}(input_size, hidden_size), but it takes {signature}"
        raise UsageError(f"{told}; give an instance of it") from problem
    return lambda sizes, network, dtype: cls(sizes.I, sizes.H)


def own_sizes(module: Any) -> dict[str, int]:
    """I and H of a module, and P where it has a projection."""
    projected = getattr(module, "proj_size", 0)
    return {"I": module.input_size, "H": module.hidden_size} | ({"P": projected} if projected else {})


def refuse_options(module: Any, name: str) -> None:
    """Errors: Unsupported for the first option, hook or device that is not modelled."""
    if getattr(module, "dropout", 0) and module.training:
        raise Unsupported(
            f"{name} with dropout={module.dropout} in training mode is random; in eval mode it is modelled"
        )
    if "forward" in vars(module) or any(getattr(module, hooks, None) for hooks in HOOKS):
        raise Unsupported(f"{name} with hooks, or with forward replaced on the instance, is not modelled")
    _refuse_changes(module, name)
    for parameter in module.parameters():
        if parameter.device.type != "cpu":
            raise Unsupported(f"{name} on {parameter.device} is not modelled yet; on cpu it is")
        if str(parameter.dtype).removeprefix("torch.") not in DTYPES:
            raise Unsupported(f"{name} in {parameter.dtype} is not modelled; {', '.join(DTYPES)} are")


def _refuse_changes(module: Any, name: str) -> None:
    """What was changed on an instance would be lost where it is built anew: refused by name."""
    if name.rpartition(".")[2] not in CELLS:
        _refuse_layer_changes(module, name)
    replaced = [each for each, value in vars(module).items() if callable(value) and hasattr(type(module), each)]
    if replaced:
        raise Unsupported(f"{name} with {replaced[0]} replaced on the instance is not modelled")
    for named, parameter in module.named_parameters():
        if any(getattr(parameter, hooks, None) for hooks in ("_backward_hooks", "_post_accumulate_grad_hooks")):
            raise Unsupported(f"{name} with a hook on its parameter {named} is not modelled")


def _refuse_layer_changes(module: Any, name: str) -> None:
    mode = f"RNN_{module.nonlinearity.upper()}" if hasattr(module, "nonlinearity") else name.rpartition(".")[2]
    if module.mode != mode:
        raise Unsupported(f"{name} with mode={module.mode} and options that give {mode} is not modelled")
    flat = zip(module._flat_weights, (getattr(module, each) for each in module._flat_weights_names), strict=False)
    if any(used is not named for used, named in flat):  # a copy of the module forgets them, as PyTorch does
        raise Unsupported(f"{name} with _flat_weights that are not its parameters is not modelled")


def layout(module: Any) -> str:
    """batch_first moves the axes of x and of the outputs, not those of the states."""
    return "BTI" if getattr(module, "batch_first", False) else "TBI"


def refuse_not_finite(name: str, value: Array) -> None:
    """Errors: UsageError for the first entry of a parameter that is not a finite number."""
    wrong = np.argwhere(~np.isfinite(value.astype(np.float64)))
    if len(wrong):
        index = tuple(int(n) for n in wrong[0])
        place = f"{name}[{','.join(map(str, index))}]"
        raise UsageError(f"its own {place} is {float(value[index])}; expected finite numbers")


def refuse_parameters(module: Any, modelled: Iterable[str]) -> None:
    """Errors: Unsupported unless the module has exactly the parameters modelled: none more, none computed."""
    names = [name for name, _ in module.named_parameters()]
    if set(names) != set(modelled):
        told = f"has the parameters {', '.join(names)}; modelled are {', '.join(modelled)}"
        raise Unsupported(f"torch: this {type(module).__name__} {told}")
