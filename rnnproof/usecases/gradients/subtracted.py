"""What an update in place subtracts: the derivative by a rate, and beside it a decay, or a velocity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from rnnproof.domains.padic import Untold
from rnnproof.usecases.gradients.changes import Changes
from rnnproof.usecases.gradients.derivative import Along, Derivative
from rnnproof.usecases.gradients.multiple import Factor, combination, multiple, named
from rnnproof.usecases.gradients.rules import Candidate

DIRECTIONS = (1, 2, 3)


@dataclass(frozen=True, eq=False)
class Multiple:
    """An argument whose update is an exact multiple of the derivative, and of other arrays besides, if any.

    ``decay``: what is left of the argument itself is 1 less this. ``gain``: its gradient is so many times the
    derivative, as the memory of its squares says. ``others``: the other arrays, and what of each was subtracted, where
    ``step`` times the derivative was. ``called``: what the rule is called, if not ``rule``.
    """

    factor: Factor
    rule: str
    besides: str = ""
    decay: Factor | None = None
    gain: Fraction = Fraction(1)
    others: Mapping[str, Factor] = field(default_factory=dict)
    step: Factor | None = None
    called: str = ""

    def rates(self, modulus: int) -> set[int]:
        """The squares of the rates that the factor may come of: with a decay before the step, after it, or half and
        half; ``modulus``: as far as they are to be compared.
        """
        square = self.factor.residue**2
        left = 1 if self.decay is None else (1 - self.decay.residue) % modulus
        try:
            inverse = pow(left, -1, modulus)
        except ValueError:  # a multiple of p: what is left is 0
            return {square % modulus}
        return {square % modulus, square * inverse % modulus, square * inverse**2 % modulus}


@dataclass(frozen=True, eq=False)
class Changed:
    """The changes, the function that the derivatives are of, and the numbers among its arguments.

    ``unmoved``: the changed arrays on which the loss does not depend; ``memories``: those of squares.
    """

    changes: Changes
    derivative: Derivative
    scalars: Mapping[str, Any]
    unmoved: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()

    def sums(self, path: str, value: Any, along: list[Along]) -> list[int]:
        """The value in each direction."""
        return [each.times({path: value.dual.x}) for each in along]

    def alike(self, one: Candidate) -> list[str]:
        """The arrays that may be a velocity of that one."""
        return [other for other in self.unmoved if self.changes[other][0].shape == one.value.shape]


def with_others(path: str, one: Candidate, changed: Changed) -> Multiple | None:
    """Descent with a decay of the weights, with a velocity, or both: arrays from before the update.

    Errors: Untold where it is none of them as far as can be told, but may be one.
    """
    untold: Untold | None = None
    for others in _others(path, one, changed):
        try:
            found = _with(others, path, one, changed) if _is_rule(others, path, one, changed) else None
        except Untold as problem:
            untold = problem
            continue
        if found is not None:
            return found
    if untold is not None:
        raise untold
    return None


def _others(path: str, one: Candidate, changed: Changed) -> Iterator[tuple[str, ...]]:
    """The argument itself; a velocity; both. Of as few entries as there are coefficients every update is made."""
    every = [(path,), *((each,) for each in changed.alike(one)), *((path, each) for each in changed.alike(one))]
    return (others for others in every if len(others) < one.value.size)


def _is_rule(others: tuple[str, ...], path: str, one: Candidate, changed: Changed) -> bool:
    """Whether what is no argument itself is a velocity: what was subtracted is a multiple of that array after its own
    update, and of the argument at most.

    So the gradient in both is one, and the array's old value is in both by one coefficient.
    """
    if others == (path,):
        return True
    derivative = changed.derivative
    along = [derivative.along((path,), number) for number in DIRECTIONS]
    after, before = changed.changes[others[-1]][1], changed.changes[path][0]
    less, new, own = (changed.sums(path, value, along) for value in (one.value, after, before))
    ring, modulus = derivative.ring, derivative.modulus
    alone = multiple(list(zip(less, new, strict=True)), (0.0, 0.0), ring, modulus, {})
    both = len(others) > 1 and combination(list(zip(less, new, own, strict=True)), ring, modulus, {})
    return bool(alone or both)


def _with(others: tuple[str, ...], path: str, one: Candidate, changed: Changed) -> Multiple | None:
    """The multiple of the derivative, and of those others by simple numbers; None where it is none. Errors: Untold."""
    derivative = changed.derivative
    along = [derivative.along((path,), number) for number in range(1, len(others) + 3)]
    sides = [
        changed.sums(path, value, along) for value in (one.value, *(changed.changes[other][0] for other in others))
    ]
    rows = [(a, each.exact, *q) for each, a, *q in zip(along, *sides, strict=True)]
    found = combination(rows, derivative.ring, derivative.modulus, changed.scalars)
    if found is None:
        return None
    if others[-1] != path and found[-1].fraction is None and one.value.size > len(found):
        raise Untold("a velocity by no simple number")  # a computed one, perhaps
    if any(each.fraction is None for each in found[1:]):
        return None
    besides = [f"{each} times {other}" for each, other in zip(found[1:], others, strict=True)]
    decay = found[1] if others[0] == path else None
    more: dict[str, Any] = {"decay": decay, "others": dict(zip(others, found[1:], strict=True)), "step": found[0]}
    if found[0].fraction is not None:
        return Multiple(found[0], one.rule, " and ".join(besides), **more)
    rate = None if decay is None else _before(decay, found[0], changed)
    if rate is None:
        return None
    return Multiple(rate, one.rule, " and ".join((*besides, "a decay after the step")), **more)


def _before(decay: Factor, factor: Factor, changed: Changed) -> Factor | None:
    """The rate where the step itself has decayed too: W = (1 - decay) (W - rate dW); None where it is none."""
    left = 1 - decay.residue
    if left % changed.derivative.ring.p == 0:
        return None
    rate = factor.residue * pow(left, -1, factor.modulus) % factor.modulus
    made = named(Factor(rate, factor.modulus, float("nan")), changed.derivative.ring, changed.scalars)
    return made if made.fraction is not None else None
