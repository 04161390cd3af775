"""The lecture's LSTM worked by hand, by three witnesses, each within a derived bound of the lecture's whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import sympy

from rnnproof.catalogue import lecture_gates as page
from rnnproof.catalogue import network
from rnnproof.cells import plain_target
from rnnproof.domains.bounded import exact
from rnnproof.domains.formats import FORMATS
from rnnproof.errors import VerificationFailed
from rnnproof.model.network import Sizes
from rnnproof.reference.rounding import run_in_balls
from rnnproof.symbolic import bind, evaluate, unroll
from rnnproof.usecases.lecture.gates_bound import GATES, Bound, Whole, bounds, sigmoid_below
from rnnproof.usecases.lecture.table import fractions

Transforms = Mapping[str, tuple[tuple[int, int, int], int]]
NETWORK = network(page.NETWORK)
DIGITS = 50


@dataclass(frozen=True)
class Witness:
    """The memory after each step and the outputs, as one witness has them, each known within its radius."""

    name: str
    memory: tuple[Fraction, ...]
    output: tuple[Fraction, ...]
    memory_radius: tuple[Fraction, ...]
    output_radius: tuple[Fraction, ...]

    @property
    def radius(self) -> Fraction:
        """The largest."""
        return max(self.memory_radius + self.output_radius)


@dataclass(frozen=True)
class Gated:
    """The run. ``signals``: every signal of each step to fifty digits; ``smallest``: the least |z| of any gate."""

    signals: tuple[Mapping[str, Fraction], ...]
    whole: tuple[Whole, ...]
    bounds: tuple[Bound, ...]
    smallest: Fraction
    eps: Fraction
    witnesses: tuple[Witness, ...]


def gated(transforms: Transforms = page.TRANSFORMS) -> Gated:
    """The lecture's sequence: by SymPy at fifty digits, by the hand-written NumPy cells, by the reference in balls.

    Errors: VerificationFailed for a gate on the wrong side, a bound that cannot tell whole numbers apart, witnesses
    that do not agree, or one outside the bound.
    """
    arrays = _arrays(transforms)
    signals = _derived(arrays)
    whole = _whole(signals)
    smallest = min(abs(step[f"z_{gate}"]) for step in signals for gate in GATES)
    eps = sigmoid_below(smallest)
    _gates_within(signals, whole, eps)
    found = bounds(whole, eps)
    if max(bound.output for bound in found) >= Fraction(1, 2):
        raise VerificationFailed(
            f"the lecture's LSTM: with gates off by up to {float(eps):.1e}, the bound {float(found[-1].output):.1e} "
            "is too wide to tell one whole number from the next"
        )
    witnesses = (_by_sympy(signals), *_in_floats(arrays))
    agree(witnesses)
    for witness in witnesses:
        within(witness, whole, found)
    return Gated(signals, whole, found, smallest, eps, witnesses)


def _arrays(transforms: Transforms) -> dict[str, Any]:
    """Shapes: W_k (1,3), b_k (1,), x (T,1,3), c (1,1)."""
    weights = {f"W_{name}": np.array([row], dtype=float) for name, (row, _) in transforms.items()}
    biases = {f"b_{name}": np.array([bias], dtype=float) for name, (_, bias) in transforms.items()}
    x = np.array(page.SEQUENCE, dtype=float)[:, np.newaxis]
    return {**weights, **biases, "x": x, "c": np.zeros((1, 1))}


def _derived(arrays: Mapping[str, Any]) -> tuple[Mapping[str, Fraction], ...]:
    """Every signal of every step, the equations unrolled by SymPy and evaluated; "before" is the memory before."""
    program = unroll(NETWORK, Sizes(T=len(page.SEQUENCE), B=1, I=3, H=1))
    values = {name: _fraction(value) for name, value in evaluate(program, bind(program, arrays), DIGITS).items()}
    names = ("z_i", "z_f", "z_o", "i", "f", "g", "o", "c", "a")
    steps = range(1, len(page.SEQUENCE) + 1)
    return tuple(
        {**{name: values[f"{name}[{t}][0]"] for name in names}, "before": values[f"c[{t - 1}][0]"]} for t in steps
    )


def _fraction(value: sympy.Float) -> Fraction:
    ratio = sympy.Rational(value)
    return Fraction(int(ratio.p), int(ratio.q))


def _whole(signals: Sequence[Mapping[str, Fraction]]) -> tuple[Whole, ...]:
    """The run with gates of exactly 0 or 1, each on the side that is meant."""
    steps: list[Whole] = []
    memory = Fraction(0)
    for t, (x, seen) in enumerate(zip(page.SEQUENCE, signals, strict=True), 1):
        gates = page.meant(x)
        for gate, word in page.WORDS.items():
            should, z = gates[gate], seen[f"z_{gate}"]
            if z == 0 or (z > 0) is not bool(should):
                raise VerificationFailed(
                    f"the lecture's LSTM, step {t}: the {word} should be {'open' if should else 'closed'}, "
                    f"but z_{gate} = {z}"
                )
        value = Fraction(x[0])
        after = value * gates["i"] + memory * gates["f"]
        capitals = {gate.upper(): Fraction(is_open) for gate, is_open in gates.items()}
        steps.append({**capitals, "g": value, "C": memory, "C'": after, "A": after * gates["o"]})
        memory = after
    return tuple(steps)


def _gates_within(signals: Sequence[Mapping[str, Fraction]], whole: Sequence[Whole], eps: Fraction) -> None:
    for t, (seen, step) in enumerate(zip(signals, whole, strict=True), 1):
        for gate, word in page.WORDS.items():
            if abs(seen[gate] - step[gate.upper()]) > eps:
                raise VerificationFailed(
                    f"the lecture's LSTM, step {t}: the {word} is {float(seen[gate])!r}, but should be "
                    f"{step[gate.upper()]} within {float(eps):.1e}"
                )


def _by_sympy(signals: Sequence[Mapping[str, Fraction]]) -> Witness:
    none = (Fraction(0),) * len(signals)
    memory, output = (tuple(step[name] for step in signals) for name in ("c", "a"))
    return Witness(f"SymPy at {DIGITS} digits", memory, output, none, none)


def _in_floats(arrays: Mapping[str, Any]) -> tuple[Witness, Witness]:
    """The hand-written cells, and the reference in balls, whose radii hold for both."""
    weights = {name: value for name, value in arrays.items() if name not in ("x", "c")}
    x, state = arrays["x"], {"c": arrays["c"]}
    balls = run_in_balls(NETWORK, weights, x, {"c": exact(arrays["c"])}, FORMATS["float64"])
    c, a = balls.states()["c"], balls.outputs
    radii = fractions(c.radius.ravel()), fractions(a.radius.ravel())
    reference = Witness("the reference", fractions(c.value.ravel()), fractions(a.value.ravel()), *radii)
    cells = plain_target("lecture_lstm", **dict(NETWORK.options))
    outputs, _ = cells.run(weights, x, state)
    memory = cells.states(weights, x, state)["c"]
    twice = [tuple(2 * radius for radius in each) for each in radii]
    return Witness("the NumPy cells", fractions(memory.ravel()), fractions(outputs.ravel()), *twice), reference


def agree(witnesses: Sequence[Witness]) -> None:
    """What the others have lies in the balls of the last.

    Errors: VerificationFailed naming the first step that does not.
    """
    *others, reference = witnesses
    for witness in others:
        for what in ("memory", "output"):
            radii = getattr(reference, f"{what}_radius")
            rows = zip(getattr(witness, what), getattr(reference, what), radii, strict=True)
            for t, (got, centre, radius) in enumerate(rows, 1):
                if abs(got - centre) > radius:
                    raise VerificationFailed(
                        f"the lecture's LSTM, step {t}, {what}: {witness.name}: {float(got)!r}, "
                        f"but {reference.name}: {float(centre)!r}, within {float(radius):.1e}"
                    )


def within(witness: Witness, whole: Sequence[Whole], bounds: Sequence[Bound]) -> None:
    """|c - C| and |a - A| are inside the bound, and what the witness's own rounding adds.

    Errors: VerificationFailed naming the first step that is not.
    """
    for t, (step, bound) in enumerate(zip(whole, bounds, strict=True)):
        for what, meant, most in (("memory", step["C'"], bound.memory), ("output", step["A"], bound.output)):
            got, radius = getattr(witness, what)[t], getattr(witness, f"{what}_radius")[t]
            if abs(got - meant) > most + radius:
                raise VerificationFailed(
                    f"the lecture's LSTM, step {t + 1}, {what}: {witness.name}: {float(got)!r}, but should be "
                    f"{meant} within {float(most):.2e}"
                )
