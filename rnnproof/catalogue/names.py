"""From a network string to a network: ``lstm``, ``elman:activation=relu,readout=identity``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from rnnproof.catalogue import lecture
from rnnproof.catalogue.options import Page, options_of
from rnnproof.errors import UsageError, nearest
from rnnproof.model.network import Network

ALIASES = {"lecture": lecture.NETWORK}
# What else networks are called; they are suggested, as an rnn may be any of them.
OTHER_NAMES = {
    "rnn": "elman",
    "srn": "elman",
    "simplernn": "elman",
    "bilstm": "lstm:direction=bidirectional",
    "bigru": "gru:direction=bidirectional",
}


def _pages() -> Mapping[str, Page]:
    """Every module of this package that has a PAGE, by its name: who adds a network adds a module, nothing else."""
    names = sorted(found.name for found in iter_modules([str(Path(__file__).parent)]))
    modules = {name: import_module(f"{__package__}.{name}") for name in names}
    return {name: module.PAGE for name, module in modules.items() if hasattr(module, "PAGE")}


NETWORKS = _pages()


@cache
def network(name: str) -> Network:
    """The network that a string names; its own ``name`` is canonical (options that are not default, in order).

    Errors: UsageError for a network, option or value that does not exist, with the nearest.
    """
    head, _, tail = ALIASES.get(name, name).partition(":")
    if head in ALIASES:
        raise UsageError(f"{head} is {ALIASES[head]}; it takes no options")
    if head not in NETWORKS:
        raise UsageError(f"unknown network {head!r}{_nearest(name)}")
    page = NETWORKS[head]
    default = {key: values[0] for key, values in page.every_option.items()}
    chosen = default | options_of(head, page, tail)
    changed = tuple((key, value) for key, value in chosen.items() if value != default[key])
    label = head + (":" + ",".join(f"{key}={value}" for key, value in changed) if changed else "")
    wired = {key: chosen[key] for key in ("direction", "merge", "padding")}
    layers = int(chosen["layers"])
    return Network(label, page.cell(chosen), page.readout(chosen), layers, options=changed, **wired)


def possible(name: str) -> Network | None:
    """The network that a string names; None where its options contradict one another, or want a number."""
    try:
        return network(name)
    except UsageError:
        return None


def _nearest(name: str) -> str:
    """The end of the message about a network that is not known; a target is told to be one."""
    head, _, tail = name.partition(":")
    called = OTHER_NAMES.get(head.casefold().replace("_", ""))
    if called is None and head == "numpy" and tail.partition(":")[0] in NETWORKS:
        called = tail
    if called is not None:
        return f"; did you mean {called}?"
    target = f"; {name} looks like a target, and a network is expected" if "." in head or "/" in head else ""
    return f"{target}{nearest(head, (*NETWORKS, *ALIASES))}"
