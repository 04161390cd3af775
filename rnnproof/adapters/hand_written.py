"""The hand-written cells as targets: one network, and a single layer of it where it is a stack."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnproof.adapters.plain import PlainImplementation, PlainSubject, plain_implementation
from rnnproof.cells.bfloat16 import InBfloat16
from rnnproof.cells.named import WRITTEN, plain_target
from rnnproof.cells.plain import PlainTarget
from rnnproof.dialects.dialect import Dialect
from rnnproof.errors import Unsupported
from rnnproof.model.case import Arrays
from rnnproof.model.network import Network

HALF = ("float16", "bfloat16")


def hand_written(name: str, network: Network, dialect: Dialect | None = None) -> HandWritten:
    """The network as it is written by hand. Errors: Unsupported for one that is not."""
    head = network.name.partition(":")[0]
    if head not in WRITTEN:
        told = f"{head} is in the catalogue, but not written by hand; written are {', '.join(WRITTEN)}"
        raise Unsupported(f"{name}: {told}")
    plain = plain_implementation(name, _written(network), dialect)
    networks = tuple(dict.fromkeys((network.name, network.single_layer.name)))
    return HandWritten(name, plain.target, replace(plain.claims, networks=networks, on_request=HALF), plain.dialect)


@dataclass(frozen=True, eq=False)
class HandWritten(PlainImplementation):
    """A plain target that is another one for another network."""

    def build(self, network: Network, parameters: Arrays, dtype: str) -> PlainSubject:
        """The target for this network, with these parameters. Errors: as a plain target's."""
        target = self.target if network.name == self.target.network else _written(network)
        seen = InBfloat16(target) if dtype == "bfloat16" else target
        own = PlainImplementation(self.name, seen, self.claims, self.dialect)
        return own.build(network, parameters, dtype)


def _written(network: Network) -> PlainTarget:
    return plain_target(network.name.partition(":")[0], **dict(network.options))
