"""One exact execution of a function and its gradient: what was compared, and what differs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rnnproof.domains.execution import enough
from rnnproof.domains.ring import BITS, Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import TargetError, UsageError
from rnnproof.properties.followed import follows
from rnnproof.usecases.gradients import matching
from rnnproof.usecases.gradients.arguments import Arguments
from rnnproof.usecases.gradients.changes import Changes, changes
from rnnproof.usecases.gradients.compare import Found, compared
from rnnproof.usecases.gradients.derivative import Derivative, Tell, nothing_drawn
from rnnproof.usecases.gradients.floats import RETURNED, by_path, of_gradient
from rnnproof.usecases.gradients.matching import Matched
from rnnproof.usecases.gradients.names import base_of, last, of_parameters
from rnnproof.usecases.gradients.norm import thresholds
from rnnproof.usecases.gradients.outputs import Items, items_of, outputs_of
from rnnproof.usecases.gradients.scene import Pair, Scene, scene
from rnnproof.usecases.gradients.shared import refuse_shared
from rnnproof.usecases.gradients.tree import fields_of, is_number, single
from rnnproof.usecases.gradients.update import Update, beside_gradients, recovered


@dataclass(frozen=True, eq=False)
class Plan:
    """What is checked, and how: ``after``: the gradient is called after the function, on the same objects.

    ``seconds``: for each exact execution, ``bits``: of its numbers, to begin with; ``unclipped``: the lines at which
    np.clip does nothing; ``brief``: where they differ is not asked.
    """

    pair: Pair
    arguments: Arguments
    returns: tuple[str, ...] | None
    outputs: tuple[str, ...] | None
    wrt: tuple[str, ...] | None
    tell: Tell
    seed: int = 0
    seconds: float = 60.0
    after: bool = False
    unclipped: frozenset[str] = frozenset()
    bits: int = BITS
    brief: bool = False


@dataclass(frozen=True, eq=False)
class _Played:
    """What the gradient returned, and what its arguments were before and after."""

    items: Items
    keyed: bool
    changes: Changes
    left: Items
    beside: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Taken:
    """Gradients of the arguments of ``plan``: those asked for, all; what was played; what was returned beside."""

    plan: Plan
    played: _Played
    got: Mapping[str, RingArray]
    returned: Mapping[str, RingArray]
    matched: Matched


def check(plan: Plan, ring: Ring) -> Found:
    """The gradient beside the derivative: one run along a random direction, and more only where they differ.

    Errors: TargetError for what is no gradient; UsageError where it is not clear whose gradient is whose.
    """
    taken = gradients(plan, ring)
    plan, played, got = taken.plan, taken.played, dict(taken.got)
    refuse_shared(plan.pair, plan.arguments, {*got, *played.changes})
    derivative = Derivative(plan.pair, plan.arguments, ring, plan.outputs, plan.tell)
    changed = {path: change for path, change in played.changes.items() if _wanted(path, plan)}
    update: Update | None = None
    if changed and not _buffers(changed, plan.arguments):
        update = beside_gradients(changed, derivative) if got else recovered(changed, derivative)
        got |= update.got if update is not None else {}
    found = compared(got, derivative, plan.brief) if got else Found({}, [])
    if taken.matched.unsure and found.differences:
        raise UsageError(_unclear(played, found.wrong, plan))
    clipped = thresholds(found, {**taken.returned, **got}, derivative)
    return replace(
        found, update=update, thresholds=clipped, ignored=taken.matched.ignored, none=taken.matched.none,
        beside=played.beside, changed=tuple(played.changes), arguments=plan.arguments,
    )  # fmt: skip


def gradients(plan: Plan, ring: Ring) -> _Taken:
    """The gradients that are returned, or left behind, by the paths of their arguments.

    Errors: as of ``check``.
    """
    ring.unclipped = plan.unclipped
    played = _play(plan, ring)
    ring.must_suffice()
    if not enough(ring):
        raise ArithmeticError("logarithms have cost too many digits")  # it is executed again, with more
    matched = _match(plan, played, ring)
    strange = [path for path in matched.of_data if _wanted(path, plan)]
    if strange:
        told = f"{plan.pair.names[1]} returned a gradient by {', '.join(strange)}, which is given as integers"
        raise UsageError(f"{told}: give floats, or name the gradients meant (wrt)")
    more = [path for path in matched.got if path not in plan.arguments.unknown]
    if more:
        return gradients(replace(plan, arguments=plan.arguments.as_unknown(more)), ring)
    returned = matching.checked(matched, plan.arguments, ring, plan.pair.names[1])
    got = {path: value for path, value in returned.items() if _wanted(path, plan)}
    absent = [path for path in plan.arguments.unknown if path not in got and path not in played.changes]
    if plan.wrt is not None and (absent := [path for path in absent if _wanted(path, plan)]):
        raise TargetError(f"{plan.pair.names[1]} returned no gradient by {', '.join(absent)}")
    return _Taken(plan, played, got, returned, matched)


def _unclear(played: _Played, wrong: Collection[str], plan: Plan) -> str:
    told = f"{plan.pair.names[1]} changes {', '.join(played.changes)}, and returns an expression"
    return f"{told} that is not the derivative by {', '.join(wrong)}: is it one? Name what is returned (returns)"


def _wanted(path: str, plan: Plan) -> bool:
    return plan.wrt is None or path in plan.wrt or plan.arguments.name_of(path) in plan.wrt


def _buffers(changed: Changes, arguments: Arguments) -> bool:
    return all(arguments.data.get(path) == "buffer" for path in changed)


def _play(plan: Plan, ring: Ring) -> _Played:
    """The gradient called once, the function before it where it needs that."""
    before, lifted = plan.arguments.lifted(ring), plan.arguments.lifted(ring)
    pair = plan.pair
    taken: Mapping[str, Any] = {}
    beside: tuple[str, ...] = ()
    plan.tell(f"{pair.names[1]}")
    with scene(pair, lifted, ring) as played:
        if plan.after:
            outputs = outputs_of(pair, played.call_function(), lifted, plan.outputs, ring)
            taken = outputs.taken
            used = {id(value) for value in taken.values()} | {id(outputs.items[n][1]) for n in outputs.weighted}
            aside = (item for n, item in enumerate(outputs.items) if n != outputs.loss)
            beside = tuple(label for label, value in aside if id(value) not in used)
        value = played.call_gradient(taken)
        nothing_drawn(played, pair.names[1])
        now = {name: played.now(name) for name in before}
        left = _left(played, plan)
    changed = changes(before, now, plan.arguments)
    exact = {**by_path({RETURNED: value, **now}), **dict(left)}
    follows(exact, of_gradient(pair, plan.arguments, plan.outputs, plan.after), ring)
    items = [] if value is None else items_of(pair.gradient, value, plan.returns, "returns")
    return _Played(items, fields_of(value) is not None, changed, left, beside)


def _left(played: Scene, plan: Plan) -> Items:
    """What the gradient left in its object or its module, under the name of a gradient."""
    names = [last(path) for path in plan.arguments.unknown]
    found = [item for space in played.kept() for item in space.items() if item[0] not in played.values]
    inner = [item for _, value in found if type(value) is dict for item in value.items() if isinstance(item[0], str)]
    inner += of_parameters(dict(found), names)
    return [(name, value) for name, value in (*found, *inner) if base_of(name, names) and _written(value)]


def _written(value: Any) -> bool:
    array = value.dual.x if isinstance(value, RingArray) else value
    return isinstance(array, np.ndarray) and is_number(value) and bool(np.any(array))


def _match(plan: Plan, played: _Played, ring: Ring) -> Matched:
    """Whose gradient is whose: said, by name, in what was left behind, or in order; none where there is an update."""
    arguments, what = plan.arguments, plan.pair.names[1]
    if plan.returns is not None and played.items:
        return matching.explicit(played.items, plan.returns, arguments)
    together = (
        None if played.keyed or not played.items else matching.whole(_without_loss(plan, played.items, ring), arguments)
    )
    matched = together or matching.by_name(played.items, arguments, played.keyed)
    if matched.got or matched.of_data:
        return matched
    filled = [(path, after) for path, (_, after) in played.changes.items() if arguments.data.get(path) == "buffer"]
    left = matching.by_name([*filled, *played.left], arguments, exact=False)
    if left.got:
        return replace(left, ignored=(*left.ignored, *matched.ignored))
    items = _without_loss(plan, played.items, ring)
    if played.changes:
        return _beside_changes(plan, played, items, ring) or replace(left, ignored=(*left.ignored, *matched.ignored))
    if not items:
        told = "only the loss" if played.items else "None"
        raise TargetError(f"{what} returned {told}, and changed none of {', '.join(arguments.given)}: no gradient")
    return matching.in_order(items, arguments, plan.wrt, what)


def _beside_changes(plan: Plan, played: _Played, items: Items, ring: Ring) -> Matched | None:
    """What is returned without a name of an argument's, if it may be gradients; those of the arrays updated, if any."""
    found = matching.likely(items, plan.arguments, plan.wrt, plan.pair.names[1])
    if found is None or _buffers(played.changes, plan.arguments):
        return None
    derivative = Derivative(plan.pair, plan.arguments, ring, plan.outputs, plan.tell)
    update = beside_gradients(played.changes, derivative)
    if update is None:
        return found
    got = {path: value for path, value in found.got.items() if path in update.factors}
    return replace(found, got=got) if got else None


def _without_loss(plan: Plan, items: Items, ring: Ring) -> Items:
    """What was returned, without a loss before it: the very number that the function returns."""
    if not items or not single(items[0][1]):
        return items
    derivative = Derivative(plan.pair, plan.arguments, ring, plan.outputs, plan.tell)
    loss = derivative.loss(plan.arguments.lifted(ring))
    first = items[0][1]
    same = isinstance(first, RingArray) and int(first.dual.x.reshape(-1)[0] - loss.x.item()) % derivative.modulus == 0
    return items[1:] if same else items
