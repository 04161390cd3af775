"""The function and the gradient run in plain floats first: what they raise there is theirs, and no limit of ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnproof.errors import TargetError, Untraceable
from rnnproof.usecases.gradients import matching
from rnnproof.usecases.gradients.check import Plan
from rnnproof.usecases.gradients.outputs import Outputs, items_of, outputs_of
from rnnproof.usecases.gradients.scene import Scene, scene
from rnnproof.usecases.gradients.tree import fields_of, is_number, leaves


def ways(plan: Plan) -> tuple[list[bool], tuple[str, ...]]:
    """Whether the gradient is called on its own, after the function, or either; and the arguments changed by the
    function.

    Errors: TargetError for what either raises, None, or a loss that is not finite; Untraceable where two equal
    calls differ.
    """
    first, changed = _function(plan)
    again, _ = _function(plan)
    if not _equal(first.items, again.items):
        raise Untraceable(f"two equal calls of {plan.pair.names[0]} differ: it draws random numbers, or keeps a state")
    if plan.pair.same:
        return [False], ()
    if first.taken:
        _gradient(plan, after=True)
        return [True], changed
    return _callable_ways(plan), changed


def _callable_ways(plan: Plan) -> list[bool]:
    try:
        _gradient(plan, after=False)
    except TargetError:
        _gradient(plan, after=True)
        return [True]
    try:
        _gradient(plan, after=True)
    except TargetError:
        return [False]
    return [False, True]


def not_finite(plan: Plan) -> str | None:
    """The first gradient returned, or argument updated in place, that is not finite in floats; None: all are."""
    try:
        value, now = _gradient(plan, after=not plan.pair.same)
    except TargetError:
        return None
    items = items_of(plan.pair.gradient, value, plan.returns, "returns") if value is not None else []
    known = list(matching.named(items, plan.arguments, fields_of(value) is not None))
    by_name = any(target is not None for _, target, _ in known)
    got = [(f"d{target or label}", each) for label, target, each in known if target is not None or not by_name]
    for name, each in (*got, *now.items()):
        for path, leaf in leaves(each, name):
            if is_number(leaf) and (lost := np.argwhere(~np.isfinite(leaf))).size:
                index = ",".join(map(str, lost[0]))
                return f"{path}[{index}]: got {np.asarray(leaf)[tuple(lost[0])]}, where the loss is finite"
    return None


def _function(plan: Plan) -> tuple[Outputs, tuple[str, ...]]:
    given = plan.arguments.fresh()
    with scene(plan.pair, given, None) as played:
        outputs = _outputs(plan, played, given)
        now = {name: played.now(name) for name in given}
        changed = () if plan.pair.same else _changed(plan.arguments.fresh(), now)
        return outputs, changed


def _outputs(plan: Plan, played: Scene, given: Mapping[str, Any]) -> Outputs:
    outputs: Outputs = outputs_of(plan.pair, played.call_function(), given, plan.outputs, None)
    if outputs.loss is not None and not np.all(np.isfinite(outputs.items[outputs.loss][1])):
        loss = float(np.reshape(outputs.items[outputs.loss][1], ()))
        raise TargetError(f"{plan.pair.names[0]}: the loss is {loss} at these arguments")
    return outputs


def _gradient(plan: Plan, after: bool) -> tuple[Any, dict[str, Any]]:
    """What the gradient returns in floats, and what the arguments are afterwards."""
    given = plan.arguments.fresh()
    with scene(plan.pair, given, None) as played:
        value = played.call_gradient(_outputs(plan, played, given).taken if after else {})
        return value, {name: played.now(name) for name in given}


def _changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name in before if not _equal([(name, before[name])], [(name, now[name])]))


def _equal(first: Any, second: Any) -> bool:
    """The same numbers in the same places; what is no number is not looked at."""
    pairs = zip(_numbers(first), _numbers(second), strict=False)
    return all(one.shape == other.shape and np.array_equal(one, other, equal_nan=True) for one, other in pairs)


def _numbers(items: Any) -> list[Any]:
    every = [leaf for name, value in items for _, leaf in leaves(value, str(name))]
    return [
        np.asarray(leaf, dtype=float)
        for leaf in every
        if isinstance(leaf, float | np.ndarray | np.floating) and np.asarray(leaf).dtype.kind == "f"
    ]
