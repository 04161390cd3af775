"""The hand-written cells at the exact numbers of a witness, and whether what they compute lies in its intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import sympy
from program_bounds import DIGITS, radii
from small_cases import target

from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import bind, evaluate
from rnnproof.symbolic.directions import unroll_any

Interval = tuple[str, Any, Any]


@dataclass(frozen=True)
class Found:
    """An output that the cells compute, and how far from the true value it may lie."""

    outputs: dict[str, tuple[float, Any]]

    @property
    def output(self) -> tuple[float, ...]:
        """All of them."""
        return tuple(value for value, _ in self.outputs.values())


def sizes(steps: int) -> Sizes:
    """Those of a witness."""
    return Sizes(T=steps, B=1, I=1, H=1, O=2)


def arrays(net: Network, point: Any, steps: int) -> dict[str, Any]:
    """The numbers of a witness by array; what it does not use is 1."""
    numbers = {equation.lhs.name: float(equation.rhs) for equation in point}
    program = unroll_any(net, sizes(steps))
    flat = {array: [numbers.get(name, 1.0) for name in names] for array, names in program.arguments.items()}
    shapes = {
        **net.shapes(sizes(steps)),
        "x": (steps, 1),
        **{n: s[1:] for n, s in net.state_shapes(sizes(steps)).items()},
    }
    return {array: np.array(values).reshape(shapes[array]) for array, values in flat.items()}


def computed(net: Network, given: dict[str, Any], steps: int) -> Found:
    """Every output of the cells, by its name in the program."""
    program = unroll_any(net, sizes(steps))
    params = {name: given[name] for name in net.parameters}
    state = {name: given[name][np.newaxis] for name in net.states}
    outputs, _ = target(net).run(params, given["x"][:, np.newaxis], state)
    radius = radii(program, evaluate(program, bind(program, given)), "float64")
    names = program.results["outputs"]
    return Found({name: (float(y), radius[name]) for name, y in zip(names, outputs.ravel(), strict=True)})


def rerun(net: Network, point: Any, steps: int, order: Sequence[int]) -> tuple[Found, Found]:
    """The cells on the inputs of a witness, and on the same in another order."""
    given = arrays(net, point, steps)
    moved = {**given, "x": given["x"][[step - 1 for step in order]]}
    return computed(net, given, steps), computed(net, moved, steps)


def bounds(formula: sympy.Basic) -> Interval:
    """The name of the output, exchanged or not, and both ends of low <= name <= high, or of name = number."""
    if isinstance(formula, sympy.Eq):
        return formula.lhs.name.replace("_exchanged", ""), formula.rhs, formula.rhs
    (name,) = (symbol.name for symbol in formula.free_symbols)
    return name.replace("_exchanged", ""), *sorted(number for number in formula.atoms(sympy.Number))


def disagreements(found: Sequence[Found], intervals: Sequence[Interval]) -> list[str]:
    """Which of the two outputs lies outside its interval by more than rounding can account for."""
    said = []
    with mpmath.workdps(DIGITS):
        for which, one, (name, low, high) in zip(("first", "second"), found, intervals, strict=True):
            value, radius = one.outputs[name]
            low, high = (mpmath.mpf(int(end.p)) / int(end.q) for end in (low, high))
            if not low - radius <= mpmath.mpf(value) <= high + radius:
                said.append(which)
    return said
