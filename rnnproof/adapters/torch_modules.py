"""Which of PyTorch's modules are modelled, with which options, and how a fresh one is made."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.network import Network

# What each layer computes: the network, and the options that make the layer compute it.
NETWORKS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "LSTM": {"lstm": {}},
    "RNN": {"elman": {"nonlinearity": "tanh"}, "elman:activation=relu": {"nonlinearity": "relu"}},
}
MODELLED = {"num_layers": 1, "bias": True, "dropout": 0.0, "bidirectional": False, "proj_size": 0}
DTYPES = ("float64", "float32")
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")
Make = Callable[[int, int, Network], Any]


def is_module(target: object) -> bool:
    """Is it a class or an instance of torch.nn.Module? To be asked only where torch is imported already."""
    from torch import nn

    return issubclass(target if isinstance(target, type) else type(target), nn.Module)


def layer_of(target: Any) -> str:
    """The layer's name: LSTM or RNN.

    Errors: Unsupported for any other module, by name.
    """
    from torch import nn

    cls = target if isinstance(target, type) else type(target)
    for layer in NETWORKS:
        if issubclass(cls, getattr(nn, layer)):
            return layer
    if cls.__module__.startswith("torch."):
        place = "torch.nn" if getattr(nn, cls.__name__, None) is cls else cls.__module__
        raise Unsupported(f"{place}.{cls.__name__} is not modelled yet; torch.nn.LSTM and torch.nn.RNN are")
    raise Unsupported(
        f"{cls.__name__} is a torch.nn.Module that is neither a torch.nn.LSTM nor a torch.nn.RNN; "
        "to verify it, give it run(params, x, state): see docs/verify-your-own.md"
    )


def is_own(cls: type) -> bool:
    """Is it PyTorch's own class, and no subclass?"""
    from torch import nn

    return any(cls is getattr(nn, layer) for layer in NETWORKS)


def fresh(name: str, target: Any, layer: str) -> Make:
    """What makes a module of ours: a class by its sizes, an instance by its own options, and as a deep copy.

    At an instance's own sizes it is the copy: what was done to the instance, and no option tells, is seen there.
    An instance of a subclass has no other sizes.

    Errors: UsageError for a class that cannot be built from two sizes; Unsupported for an instance's options.
    """
    if isinstance(target, type):
        return _of_class(name, target, layer)
    refuse_options(target, f"torch.nn.{layer}")
    if not is_own(type(target)):
        return lambda I, H, network: copy.deepcopy(target)
    options = {"batch_first": target.batch_first, "device": "cpu"}
    if hasattr(target, "nonlinearity"):
        options["nonlinearity"] = target.nonlinearity
    own = target.input_size, target.hidden_size

    def make(I: int, H: int, network: Network) -> Any:
        return copy.deepcopy(target) if own == (I, H) else type(target)(I, H, **options)

    return make


def _of_class(name: str, cls: type, layer: str) -> Make:
    """A subclass takes its sizes and decides itself on the rest; one of PyTorch's own is told."""
    if is_own(cls):
        return lambda I, H, network: cls(I, H, device="cpu", **NETWORKS[layer].get(network.name, {}))
    signature = inspect.signature(cls)
    try:
        signature.bind(1, 1)
    except TypeError as problem:
        told = f"{name} is built as {cls.__name__}(input_size, hidden_size), but it takes {signature}"
        raise UsageError(f"{told}; give an instance of it") from problem
    return lambda I, H, network: cls(I, H)


def kept_sizes(module: Any) -> tuple[tuple[str, tuple[int, ...]], ...] | None:
    """The sizes that an instance of a subclass keeps; None for one that is built anew."""
    if is_own(type(module)):
        return None
    return ("I", (module.input_size,)), ("H", (module.hidden_size,))


def own_network(module: Any, layer: str) -> str:
    """The network that a module computes."""
    chosen = getattr(module, "nonlinearity", None)
    known = NETWORKS[layer].items()
    return next(name for name, options in known if options.get("nonlinearity", chosen) == chosen)


def refuse_options(module: Any, name: str) -> None:
    """Errors: Unsupported for the first option, hook or device that is not modelled."""
    for option, modelled in MODELLED.items():
        value = getattr(module, option, modelled)
        if value != modelled:
            raise Unsupported(f"{name} with {option}={value} is not modelled yet; {option}={modelled} is")
    if "forward" in vars(module) or any(getattr(module, hooks, None) for hooks in HOOKS):
        raise Unsupported(f"{name} with hooks, or with forward replaced on the instance, is not modelled")
    _refuse_changes(module, name)
    for parameter in module.parameters():
        if parameter.device.type != "cpu":
            raise Unsupported(f"{name} on {parameter.device} is not modelled yet; on cpu it is")
        if str(parameter.dtype).removeprefix("torch.") not in DTYPES:
            raise Unsupported(f"{name} in {parameter.dtype} is not modelled yet; {' and '.join(DTYPES)} are")


def _refuse_changes(module: Any, name: str) -> None:
    """What was changed on an instance would be lost where it is built anew: refused by name."""
    mode = "LSTM" if not hasattr(module, "nonlinearity") else f"RNN_{module.nonlinearity.upper()}"
    if module.mode != mode:
        raise Unsupported(f"{name} with mode={module.mode} and options that give {mode} is not modelled")
    flat = zip(module._flat_weights, (getattr(module, each) for each in module._flat_weights_names), strict=False)
    if any(used is not named for used, named in flat):  # a copy of the module forgets them, as PyTorch does
        raise Unsupported(f"{name} with _flat_weights that are not its parameters is not modelled")
    replaced = [each for each, value in vars(module).items() if callable(value) and hasattr(type(module), each)]
    if replaced:
        raise Unsupported(f"{name} with {replaced[0]} replaced on the instance is not modelled")
    for named, parameter in module.named_parameters():
        if any(getattr(parameter, hooks, None) for hooks in ("_backward_hooks", "_post_accumulate_grad_hooks")):
            raise Unsupported(f"{name} with a hook on its parameter {named} is not modelled")


def layout(module: Any) -> str:
    """batch_first moves the axes of x and of the outputs, not those of the states."""
    return "BTI" if module.batch_first else "TBI"


def refuse_parameters(module: Any, modelled: Iterable[str]) -> None:
    """Errors: Unsupported unless the module has exactly the parameters modelled: none more, none computed."""
    names = [name for name, _ in module.named_parameters()]
    if set(names) != set(modelled):
        told = f"has the parameters {', '.join(names)}; modelled are {', '.join(modelled)}"
        raise Unsupported(f"torch: this {type(module).__name__} {told}")
