"""A gradient beside the derivative of the target's own forward pass, whatever network that is; how to tell of it."""

from __future__ import annotations

from functools import partial, reduce
from operator import add
from typing import Any

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.model.implementation import Implementation
from rnnproof.model.trace import Trace
from rnnproof.properties.exactly import Unequal, unequal
from rnnproof.properties.forward import LAST, results
from rnnproof.properties.lifted import Lifted, lift
from rnnproof.properties.trial import Trial

NAMED = 4  # of the arrays that are wrong


def not_its_own(trial: Trial, implementation: Implementation, ring: Ring, got: dict[str, Any]) -> list[str]:
    """The gradients that are not the derivatives of the target's own forward pass."""
    agrees = partial(_derivative_agrees, trial, implementation, ring, got)
    names = tuple(dict.fromkeys(name.split("@")[0] for name in got))
    return [] if agrees(names) else [name for name in names if not agrees((name,))]


def remark(network: str, same: bool, beside: bool, wrong: list[str]) -> str:
    """What to add to a difference: whose gradient this is. ``beside``: the network's differs from it."""
    if same:
        return "\n  the forward pass agrees exactly"
    if not wrong:
        return f"\n  the gradient is right for your own forward pass, but your forward pass is not {network}"
    named = ", ".join(wrong[:NAMED]) + (" and others" if len(wrong) > NAMED else "")
    if beside:
        told = f"your forward pass is not {network}, and the gradient is not that of your own forward pass either"
        return f"\n  {told}: {named}"
    return (
        f"\n  the gradient is the reference's, right for {network}, but your forward pass is not {network}"
        f"\n  it is not the gradient of your own forward pass: {named}"
    )


def _derivative_agrees(
    trial: Trial, implementation: Implementation, ring: Ring, got: dict[str, Any], names: tuple[str, ...]
) -> bool:
    """Whether sum(g V) is the derivative of the loss, sum of cotangents times results, in a random direction V."""
    lifted = lift(trial.case, ring, names)
    moved = lifted.arguments()
    along = sum((got[name].dual.x * moved[name].dual.d).sum() for name in names)
    loss = _loss(lifted, lifted.run(lifted.build(implementation)))
    return bool((along - loss.dual.d.item()) % ring.known == 0)


def _loss(lifted: Lifted, trace: Trace) -> Any:
    cotangents = {"outputs": lifted.cotangents.outputs, LAST: lifted.cotangents.outputs[-1]}
    cotangents |= {f"final {name}": value for name, value in lifted.cotangents.state.items()}
    return reduce(add, ((cotangents[name] * value).sum() for name, value in results(trace).items()))


def by_entry(trial: Trial, implementation: Implementation, ring: Ring, name: str, got: dict[str, Any]) -> list[Unequal]:
    """One gradient beside the derivative of the target's own forward pass, an entry at a time."""
    lifted = lift(trial.case, ring)
    argument = lifted.arguments()[name].dual
    true = np.zeros_like(got[name])
    for index in np.ndindex(argument.x.shape):
        argument.d[...], argument.df[...] = 0, 0
        argument.d[index], argument.df[index] = 1, 1
        loss = _loss(lifted, lifted.run(lifted.build(implementation))).dual
        true.dual.x[index], true.dual.f[index] = loss.d.item(), loss.df.item()
    return unequal({name: (got[name], true)}, ring)
