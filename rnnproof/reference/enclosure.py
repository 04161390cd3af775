"""A case in Arb's balls: the true outputs, states and gradients, to any precision, with rigorous radii.

Reference: F. Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE Transactions on
Computers 66 (2017) 1281-1292.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from rnnproof.domains import ball_array
from rnnproof.domains.ball import as_ball, precisely
from rnnproof.domains.ball_array import balls
from rnnproof.model.case import Array, Arrays, Case, Cotangents
from rnnproof.model.cell import Cell
from rnnproof.model.trace import Gradients, Trace
from rnnproof.reference.adjoint import Adjoint
from rnnproof.reference.interpreter import Numbers, Tape, Values, backward, forward
from rnnproof.reference.network import Execution, System
from rnnproof.reference.wiring import Part, parts

MOST_BITS = 2**12
NEGLIGIBLE = 2.0**-20  # of a tolerance: what a ball's own radius may be


def precisions(steps: int) -> Iterator[int]:
    """256 + 2 T bits, as a radius grows by up to 1.2 bits a step; then twice as many again and again, up to a limit."""
    bits = 256 + 2 * steps
    while bits < 2 * MOST_BITS:
        yield bits
        bits *= 2


def _rational(like: Any, value: sympy.Rational) -> Any:
    del like
    return as_ball(value)


NUMBERS = Numbers(ball_array.ACTIVATIONS, ball_array.softmax, _rational, ball_array.matrix, ball_array.product)


def negligible(array: Any, radius: Array) -> bool:
    """Whether the balls are known so well that beside these radii it does not matter."""
    return bool(np.all(np.asarray(_radius(array), dtype=np.float64) <= NEGLIGIBLE * radius))


_radius = np.frompyfunc(lambda ball: float(ball.rad()), 1, 1)


@dataclass(frozen=True, eq=False)
class Pulled:
    """True gradients, and the cotangent of every signal at every step, for each reading in the order of the sweep."""

    gradients: Gradients
    received: tuple[list[Values], ...]


@dataclass(frozen=True, eq=False)
class Enclosure:
    """The run of a case at a precision: object arrays of balls, each holding the true value.

    ``tapes``: every signal at every step, for each reading in the order in which they are read.
    """

    case: Case
    bits: int
    parameters: Values
    every: tuple[Part, ...]
    tapes: tuple[Tape, ...]

    @cached_property
    def trace(self) -> Trace:
        """Outputs, final states, states after every step."""
        case = self.case
        with precisely(self.bits):
            return _execution(case, self.parameters, [], []).trace(self.every, balls(case.x), _all(case.state))

    def pull(self, cotangents: Cotangents) -> Pulled:
        """The vector-Jacobian product for cotangents that are floats."""
        received: list[list[Values]] = []
        given = Cotangents(balls(cotangents.outputs), _all(cotangents.state))
        with precisely(self.bits):
            execution = _execution(self.case, self.parameters, [], received)
            gradients = execution.gradients(self.every, balls(self.case.x), given)
        return Pulled(gradients, tuple(received))


def enclose(case: Case, bits: int | None = None) -> Enclosure:
    """The case's run in balls of so many bits, 256 + 2 T where it is not said."""
    bits = bits or next(precisions(case.sizes.T))
    tapes: list[Tape] = []
    parameters = _all(case.parameters)
    with precisely(bits):
        execution = _execution(case, parameters, tapes, [])
        every = parts(case.network, balls(case.x), _all(case.state), case.lengths, execution.begin)
    return Enclosure(case, bits, parameters, every, tuple(tapes))


def _all(arrays: Arrays) -> Values:
    return {name: balls(value) for name, value in arrays.items()}


def _execution(case: Case, parameters: Values, tapes: list[Tape], received: list[list[Values]]) -> Execution:
    """The case's network in balls; what is on each tape, and received in each sweep, is kept in the lists."""

    def read(cell: Cell, mine: Values, x: Any, state: Mapping[str, Any]) -> Tape:
        tapes.append(forward(NUMBERS, cell, mine, x, state))
        return tapes[-1]

    def pull(pulled: Adjoint, tape: Tape, cotangents: Cotangents) -> Gradients:
        gradients, seen = backward(NUMBERS, pulled, tape, cotangents)
        received.append(seen)
        return gradients

    system = System(read, pull, lambda like, shape: ball_array.zeros(shape))
    return Execution(system, case.network, None, parameters)
