"""A worked example in small rationals, forward and backward, that a reader can redo by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import cycle
from typing import Any

import numpy as np
import sympy

from rnnproof.catalogue import lecture
from rnnproof.domains.algebra import exact
from rnnproof.domains.ball import as_ball, ball, precisely
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.gradient import gradients
from rnnproof.symbolic.program import Line, Program
from rnnproof.usecases.derive.checks.measure import Measured, ratio
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.unrolled import arguments, smallest

NUMBERS = (1.0, 0.5, -0.5, 2.0, -1.0, 1.5, 0.25)  # exact in floats
STEPS = 2


@dataclass(frozen=True, eq=False)
class Example:
    """A case, and its numbers: each exactly, where it is a rational number, and all in balls."""

    case: Case

    @cached_property
    def program(self) -> Program:
        """The network unrolled."""
        return unroll_any(self.case.network, self.case.sizes)

    @property
    def output(self) -> str:
        """The first entry of the last output: the loss."""
        names = self.program.results["outputs"]
        return names[-(len(names) // self.case.sizes.T)]

    @cached_property
    def backward(self) -> tuple[Line, ...]:
        """The lines of the loss' gradient."""
        known = {line.name for line in self.program.lines}
        return tuple(line for line in self._gradient.lines if line.name not in known)

    @cached_property
    def _gradient(self) -> Program:
        return gradients(self.program, {self.output: 1})

    @cached_property
    def balls(self) -> Mapping[str, Any]:
        """The value of every line of both."""
        with precisely():
            known = {name: as_ball(value) for name, value in arguments(self.program, self.case).items()}
            for line in (*self.program.lines, *self.backward):
                known[line.name] = ball(line.expression, known)
        return known

    @cached_property
    def exact(self) -> Mapping[str, sympy.Rational]:
        """The value of every line that is a rational number, made of such."""
        known: dict[str, sympy.Expr] = {
            name: sympy.Rational(value) for name, value in arguments(self.program, self.case).items()
        }
        for line in (*self.program.lines, *self.backward):
            if line.uses <= known.keys() and (value := exact(line.expression, known)).is_Rational:
                known[line.name] = value
        return known

    @cached_property
    def checked(self) -> Measured:
        """All its results and gradients against whoever computes them."""
        point = Point(self.case)
        with precisely():
            ratios = {
                name: ratio(point.results[name], [self.balls[entry] for entry in self.program.results[name]], balls)
                for name, balls in point.result_balls.items()
            }
            for name, names in self._gradient.results.items():
                found, balls = [self.balls[entry] for entry in names], point.gradient_balls[f"d{name}"]
                ratios[f"d{name}"] = max(ratio(got[f"d{name}"], found, balls) for got in point.gradients)
        return Measured(ratios, 1)


def example_of(network: Network) -> Example:
    """The lecture's own numbers for its network; small rationals for any other."""
    if network.name == lecture.NETWORK:
        sizes = Sizes(T=len(lecture.SEQUENCE), B=1, I=2, H=2, O=2)
        weights = {name: np.full(shape, float(lecture.WEIGHT)) for name, shape in network.shapes(sizes).items()}
        states = {name: np.zeros(shape) for name, shape in network.state_shapes(sizes).items()}
        x = np.array(lecture.SEQUENCE, dtype=float)[:, np.newaxis]
        return Example(_case(network, sizes, weights, x, states))
    sizes, numbers = smallest(network, STEPS), cycle(NUMBERS)
    arrays = {name: _filled(shape, numbers) for name, shape in network.shapes(sizes).items()}
    x = _filled((sizes.T, 1, sizes.I), numbers)
    states = {name: _filled(shape, numbers) for name, shape in network.state_shapes(sizes).items()}
    return Example(_case(network, sizes, arrays, x, states))


def _filled(shape: tuple[int, ...], numbers: Iterable[float]) -> Any:
    taken = iter(numbers)
    return np.array([next(taken) for _ in range(int(np.prod(shape)))]).reshape(shape)


def _case(network: Network, sizes: Sizes, parameters: Any, x: Any, state: Any) -> Case:
    outputs = np.zeros(sizes.shape(("T", "B", network.output_size)))
    outputs[-1, 0, 0] = 1
    cotangents = Cotangents(outputs, {name: np.zeros_like(value) for name, value in state.items()})
    return Case(network, sizes, parameters, x, state, cotangents)
