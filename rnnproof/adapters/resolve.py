"""From what the user names to a target: an implementation, and the network that it is said to be."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from rnnproof import catalogue, dialects
from rnnproof.adapters.foreign import attribute
from rnnproof.adapters.frameworks import frameworks_found as frameworks_found
from rnnproof.adapters.hand_written import hand_written
from rnnproof.adapters.loading import importable as importable
from rnnproof.adapters.loading import load
from rnnproof.adapters.plain import plain_implementation
from rnnproof.adapters.results import kind
from rnnproof.adapters.signature import has
from rnnproof.dialects import Dialect
from rnnproof.dialects.named import PLAIN
from rnnproof.dialects.packing import check
from rnnproof.errors import TargetError, Unsupported, UsageError
from rnnproof.model.implementation import Claims, Implementation
from rnnproof.model.network import Network

CELLS = "numpy:"
ANY = "elman"  # in the place of a network where none is said, and none is asked for


@dataclass(frozen=True)
class Target:
    """An implementation as the network it is said to be, the dialect's name (or print), libraries' versions."""

    name: str
    implementation: Implementation
    network: Network
    dialect: str | None
    versions: Mapping[str, str]


def resolve(target: object, network: str | Network | None = None, dialect: str | Dialect | None = None) -> Target:
    """The target that a text or a live object is.

    Text: ``torch.nn:LSTM``, ``package.module:object.attribute``, ``path/file.py:object``, ``path/file.py`` (the
    module), ``numpy:lstm`` (the hand-written cells).

    Errors: UsageError, with the nearest where there is one, for what cannot be found or is no target, and where
    the network is needed but not given, or is not what the target computes; Unsupported for what is not modelled.
    """
    asked, spoken = _asked(network), _spoken(dialect)
    if isinstance(target, Path):
        target = str(target)
    if isinstance(target, str) and target.startswith(CELLS):
        return _cell(target, asked, spoken)
    name = target if isinstance(target, str) else name_of(target)
    found = load(target) if isinstance(target, str) else target
    try:
        return _live(name, found, asked, spoken)
    except TargetError as problem:  # it raises when it is looked at
        raise UsageError(f"{name}: {problem}", problem.details) from problem


def black_box(target: object, network: str | Network | None = None) -> tuple[Target, Network | None]:
    """The target without what it declares of its arrays, and the network that it is said to be, None where it is not.

    Errors: as ``resolve``, but that a plain target need not be said to be any network.
    """
    if isinstance(target, Path):
        target = str(target)
    asked = _asked(network)
    if isinstance(target, str) and target.startswith(CELLS):
        found = _cell(target, asked, None)
        return found, found.network
    name = target if isinstance(target, str) else name_of(target)
    live = load(target) if isinstance(target, str) else target
    try:
        if _is_implementation(live) or (_is_torch(live) and not has(live, "run")):
            found = _live(name, live, asked, None)
            return found, found.network
        plain = plain_implementation(name, live, None)
        said = asked or (_network(name, plain.claims, None) if len(plain.claims.networks or ()) == 1 else None)
        return _target(name, plain, said or catalogue.network(ANY), None, "numpy"), said
    except TargetError as problem:  # it raises when it is looked at
        raise UsageError(f"{name}: {problem}", problem.details) from problem


def _asked(network: object) -> Network | None:
    if isinstance(network, str):
        return catalogue.network(network)
    if network is None or isinstance(network, Network):
        return network
    raise UsageError(f"network is {kind(network)}; expected the name of one, such as lstm or gru:reset=before")


def _spoken(dialect: object) -> Dialect | None:
    if isinstance(dialect, str):
        return dialects.get(dialect)
    if dialect is None or isinstance(dialect, Dialect):
        return dialect
    raise UsageError(
        f"dialect is {kind(dialect)}; expected a Dialect, or the name of one: {', '.join(dialects.DIALECTS)}"
    )


def name_of(target: object) -> str:
    """A live object's name in a report: a class, function or module by its own name, else its type's."""
    if isinstance(target, ModuleType):
        return target.__name__
    with suppress(TargetError, Unsupported):
        own = attribute(target, "__qualname__")
        if isinstance(own, str):
            return own
    return f"{type(target).__qualname__} object"


def _cell(name: str, asked: Network | None, dialect: Dialect | None) -> Target:
    """One of the hand-written cells, by its network string; one without options is whichever is asked for."""
    network = catalogue.network(name.removeprefix(CELLS))
    if asked is not None and asked.name != network.name:
        head = network.name.partition(":")[0]
        if asked.name.partition(":")[0] != head:
            raise UsageError(f"{name} is {network.name}, not {asked.name}")
        if network.options:
            raise UsageError(f"{name} is {network.name}, not {asked.name}; for that give {CELLS}{asked.name}")
        network = asked
    return _target(name, hand_written(name, network, dialect), network, dialect, "numpy")


def _live(name: str, found: Any, asked: Network | None, dialect: Dialect | None) -> Target:
    """A live object: an implementation already, a PyTorch layer, or a plain target."""
    if _is_implementation(found):
        return _target(found.name, found, _network(name, found.claims, asked), dialect, "numpy")
    if _is_torch(found) and not has(found, "run"):
        return _torch(name, found, asked, dialect)
    spoken = dialect if dialect is not None else _own_dialect(name, found)
    plain = plain_implementation(name, found, spoken)
    return _target(name, plain, _network(name, plain.claims, asked), plain.dialect, "numpy")


def _torch(name: str, found: Any, asked: Network | None, dialect: Dialect | None) -> Target:
    from rnnproof.adapters.torch_layers import torch_layer

    layer, network = torch_layer(name, found, dialect, asked)
    return _target(name, layer, network, layer.dialect, "torch")


def _target(
    name: str, implementation: Implementation, network: Network, dialect: Dialect | None, library: str
) -> Target:
    spoken = PLAIN if dialect is None else dialect
    check(dialects.fitted(spoken, network), network)
    told = None if spoken == PLAIN else spoken.name or repr(spoken)
    return Target(name, implementation, network, told, {library: version(library)})


def _network(name: str, claims: Claims, asked: Network | None) -> Network:
    """The network asked for, else the only one that the target claims."""
    if asked is not None:
        return asked
    if claims.networks is not None and len(claims.networks) == 1:
        return catalogue.network(claims.networks[0])
    known = ", ".join(claims.networks or catalogue.NETWORKS)
    raise UsageError(f"{name} does not say which network it is; give one with --network: {known}")


def _own_dialect(name: str, found: Any) -> Dialect | None:
    own = attribute(found, "dialect")
    if own is not None and not isinstance(own, str | Dialect):
        raise UsageError(f"{name}: dialect is {kind(own)}; expected a Dialect or the name of one")
    return _spoken(own)


def _is_implementation(found: object) -> bool:
    return isinstance(attribute(found, "claims"), Claims) and has(found, "build")


def _is_torch(found: object) -> bool:
    """Only a program that has imported torch has objects of it."""
    if sys.modules.get("torch") is None:
        return False
    from rnnproof.adapters.torch_modules import is_module

    return is_module(found)
