"""Which gradients the cotangent of a signal reaches."""

from __future__ import annotations

from collections.abc import Mapping

from rnnproof.reference.adjoint import Adjoint, Edge, Outer, Result, Total

Reach = Mapping[str, frozenset[str]]


def reach(pulled: Adjoint) -> Reach:
    """By signal, the gradients that its cotangent is part of, as messages name them: dW_i, dx, dh initial."""
    found: dict[str, frozenset[str]] = {}
    before: dict[str, frozenset[str]] | None = None
    while found != before:
        before = dict(found)
        for edge in reversed(pulled.edges):
            found[edge.source] = found.get(edge.source, frozenset()) | results(edge, found)
    return found


def results(edge: Edge, reached: Reach) -> frozenset[str]:
    """The gradients that an edge is part of."""
    match edge:
        case Outer(into=into) | Total(into=into):
            return frozenset({f"d{into}"})
        case Result(into=into):
            return frozenset({f"d{into}", f"d{into} initial"})
    return reached.get(edge.into, frozenset())
