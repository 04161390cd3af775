"""The reference in the ring Z/p^k: the same equations and the same edges, executed one by one on exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from operator import matmul
from typing import Any

import numpy as np
import sympy

from rnnproof.domains.dual import Dual, fraction, literal
from rnnproof.domains.dual_functions import exp, reciprocal, sigmoid, softmax, tanh
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_ufuncs import chosen, compared
from rnnproof.errors import Unsupported
from rnnproof.model.case import Cotangents
from rnnproof.model.implementation import Claims, Step
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference.adjoint import Adjoint
from rnnproof.reference.interpreter import Numbers, Tape, Values, backward, forward
from rnnproof.reference.network import Changed, System, run_network

CLAIMS = Claims(lengths=True)


@dataclass(frozen=True, eq=False)
class ExactSubject:
    """A network at parameters of the ring; one of its readings may be changed."""

    network: Network
    changed: Changed | None
    parameters: Values

    def run(self, x: Any, state: Any, lengths: Any = None, cotangents: Cotangents | None = None) -> Trace:
        """Forward, and backward where cotangents are given. Shapes: x (T,B,I), T >= 1."""
        if state is None:
            raise Unsupported("the reference needs an initial state")
        return run_network(RING, self.network, self.changed, self.parameters, x, state, lengths, cotangents)

    @property
    def step(self) -> Step | None:
        """None."""
        return None


@dataclass(frozen=True)
class ExactReference:
    """A network's equations and their adjoint's edges in the ring; of one reading they may be changed."""

    name: str
    changed: Changed | None = None
    claims: Claims = CLAIMS

    @property
    def in_ring(self) -> ExactReference:
        """Itself."""
        return self

    @property
    def own(self) -> None:
        """None."""
        return None

    def build(self, network: Network, parameters: Any, dtype: str) -> ExactSubject:
        """The subject at these parameters."""
        del dtype
        return ExactSubject(network, self.changed, parameters)


def rational(ring: Ring, value: sympy.Rational) -> RingArray:
    """A rational number in the ring."""
    return RingArray(fraction(ring, Fraction(int(value.p), int(value.q))))


def _applied(function: Callable[[Dual], Dual], value: Any) -> RingArray:
    return RingArray(function(value.dual))


def _step(a: Dual) -> Dual:
    """1 where the shadow is positive, else 0."""
    positive = compared(a, literal(a.ring, 0), np.greater)
    return literal(a.ring, np.where(positive, 1, 0))


def _relu(a: Dual) -> Dual:
    return chosen(compared(a, literal(a.ring, 0), np.greater), a, literal(a.ring, 0))


ACTIVATIONS = {"tanh": tanh, "sigmoid": sigmoid, "exp": exp, "reciprocal": reciprocal, "relu": _relu, "step": _step}


RING_NUMBERS = Numbers(
    activations={name: partial(_applied, function) for name, function in ACTIVATIONS.items()},
    softmax=lambda z, axis: RingArray(softmax(z.dual, axis)),
    rational=lambda like, value: rational(like.ring, value),
    matrix=lambda weight: weight,
    product=matmul,
)


def _backward(pulled: Adjoint, tape: Tape, cotangents: Cotangents) -> Gradients:
    return backward(RING_NUMBERS, pulled, tape, cotangents)[0]


def _zeros(like: Any, shape: tuple[int, ...]) -> RingArray:
    return RingArray(literal(like.ring, np.zeros(shape, dtype=int)))


RING = System(partial(forward, RING_NUMBERS), _backward, _zeros)
