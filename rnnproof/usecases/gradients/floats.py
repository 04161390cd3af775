"""What the function and the gradient return and change in a plain run, to be compared with an exact one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rnnproof.usecases.gradients.arguments import Arguments
from rnnproof.usecases.gradients.names import last, of_parameters
from rnnproof.usecases.gradients.outputs import outputs_of
from rnnproof.usecases.gradients.scene import Pair, scene
from rnnproof.usecases.gradients.tree import leaves

RETURNED = "returned"


def of_function(pair: Pair, arguments: Arguments) -> dict[str, Any]:
    """What the function returns, by path."""
    with scene(pair, arguments.fresh(), None) as played:
        return by_path({RETURNED: played.call_function()})


def of_gradient(pair: Pair, arguments: Arguments, outputs: Sequence[str] | None, after: bool) -> dict[str, Any]:
    """What the gradient returns, what its arguments are afterwards, and what it leaves in its object or module."""
    given = arguments.fresh()
    with scene(pair, given, None) as played:
        taken = outputs_of(pair, played.call_function(), given, outputs, None).taken if after else {}
        value = played.call_gradient(taken)
        now = {name: played.now(name) for name in given}
        kept = {name: inner for space in played.kept() for name, inner in space.items() if name not in given}
        inside = {name: inner for each in kept.values() if type(each) is dict for name, inner in each.items()}
        inside |= dict(of_parameters(kept, [last(path) for path in arguments.unknown]))
        return {**inside, **kept, **by_path({RETURNED: value, **now})}


def by_path(values: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is no container, by its path."""
    return dict(leaf for name, value in values.items() for leaf in leaves(value, name))
