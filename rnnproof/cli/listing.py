"""``rnnproof list``: what there is, in plain lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from rnnproof.errors import UsageError
from rnnproof.report.words import folded

NAME = 28
GLUE = "\0"  # in the place of a space at which no line may be cut


def listed(what: str, network: str | None) -> Iterator[str]:
    """The lines of one list.

    Errors: UsageError where faults are asked for without a network, or anything else with one.
    """
    if what == "faults":
        return _faults(network)
    if network is not None:
        raise UsageError(f"--network goes with rnnproof list faults, not with {what}")
    return LISTS[what]()


def _row(name: str, *told: str) -> Iterator[str]:
    yield name
    for text in told:
        yield from folded(text, "  ")


def _networks() -> Iterator[str]:
    from rnnproof.catalogue.names import ALIASES, NETWORKS
    from rnnproof.catalogue.options import WIRING

    for name, page in NETWORKS.items():
        options = [f"{key}={'|'.join(values)}" for key, values in page.options.items()]
        yield from _row(name, page.summary, f"options: {', '.join(options)}", page.citation)
    for name, meant in ALIASES.items():
        yield from _row(name, f"is {meant}")
    wiring = ", ".join(f"{key}={'|'.join(values)}" for key, values in WIRING.items())
    yield from _row("of each", f"options: {wiring}")


def _properties() -> Iterator[str]:
    from rnnproof.properties.laws import LATER, LAWS

    for law in LAWS:
        yield from _row(law.id, law.statement)
    yield from _later(LATER)


def _later(names: tuple[str, ...]) -> Iterator[str]:
    if names:
        yield ""
        yield from folded(f"not built yet: {', '.join(names)}")


def _faults(network: str | None) -> Iterator[str]:
    from rnnproof.catalogue import NETWORKS
    from rnnproof.catalogue import network as named
    from rnnproof.faults.bank import bank

    if network is None:
        raise UsageError(f"list faults needs a network: --network NAME, one of {', '.join(NETWORKS)}")
    faults = bank(named(network))
    for fault in faults:
        yield from folded(f"{fault.place:<10} {fault.operator:<24} {fault.text}", further=" " * 36)
    yield f"{len(faults)} faults of {named(network).name}"


def _dialects() -> Iterator[str]:
    from rnnproof.dialects import DIALECTS

    for name, dialect in DIALECTS.items():
        yield name
        yield from _code(repr(dialect))


def _code(text: str) -> Iterator[str]:
    """Folded after commas alone: the spaces inside a string of gates are not to be touched."""
    glued = text.replace(" ", GLUE).replace(f",{GLUE}", ", ")
    yield from (line.replace(GLUE, " ") for line in folded(glued, "  "))


def _targets() -> Iterator[str]:
    from rnnproof.adapters.frameworks import FRAMEWORKS, frameworks_found, how_to_install
    from rnnproof.cells import CELLS

    for name in CELLS:
        yield f"{f'numpy:{name}':<{NAME}} hand-written, with any options of the network"
    found = frameworks_found()
    for name, package in FRAMEWORKS.items():
        yield f"{name:<{NAME}} {'installed' if name in found else how_to_install(package)}"
    yield f"{'package.module:object':<{NAME}} yours, if it can be imported"
    yield f"{'path/file.py:object':<{NAME}} yours, in a file; the file alone is the module"


LISTS: Mapping[str, Callable[[], Iterator[str]]] = {
    "networks": _networks,
    "properties": _properties,
    "dialects": _dialects,
    "targets": _targets,
}
