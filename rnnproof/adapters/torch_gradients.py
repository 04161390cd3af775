"""Gradients by torch.autograd, in one sweep, under canonical names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnproof.adapters.packed import unstacked
from rnnproof.adapters.tensors import calling, numpy_of
from rnnproof.dialects.dialect import Dialect
from rnnproof.dialects.packing import brought_back, unpack
from rnnproof.model.case import Array
from rnnproof.model.trace import Gradients


def weights(module: Any) -> dict[str, Array]:
    """A module's parameters as arrays on its own memory."""
    return {name: numpy_of(parameter) for name, parameter in module.named_parameters()}


def gradients(
    module: Any,
    dialect: Dialect,
    x: Any,
    state: Sequence[Any] | None,
    returned: Sequence[Any],
    cotangents: Sequence[Any],
) -> Gradients:
    """The vector-Jacobian product of what was returned, by x, every parameter and the states as the dialect packs them.

    Shapes: each gradient as what it belongs to.
    """
    parameters = dict(module.named_parameters())
    by = [x, *parameters.values(), *(state or ())]
    dx, *found = [numpy_of(gradient) for gradient in pulled_back(returned, cotangents, by)]
    packed = dict(zip(parameters, found, strict=False))
    initial = found[len(parameters) :]
    named = None if state is None else unstacked(dialect, initial)
    return Gradients(unpack(dialect, packed), brought_back(dialect, dx), named)


def pulled_back(returned: Sequence[Any], cotangents: Sequence[Any], by: Sequence[Any]) -> tuple[Any, ...]:
    """The vector-Jacobian product by each tensor of ``by``, in one sweep; zeros if nothing depends on it."""
    import torch

    roots = [(y, d) for y, d in zip(returned, cotangents, strict=True) if y.requires_grad]
    if not roots:
        return tuple(torch.zeros_like(each) for each in by)
    ys, ds = zip(*roots, strict=True)
    with calling("backward"):
        return torch.autograd.grad(ys, by, ds, allow_unused=True, materialize_grads=True)  # type: ignore[no-any-return]
