"""Gradients of a hand-written forward pass, without its hand-written backward pass."""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
from autograd import grad

from rnnproof.cells.contract import Array, Arrays, Cotangents, Forward, Gradients


def gradients(forward: Forward, params: Arrays, x: Array, state: Arrays, cotangents: Cotangents) -> Gradients:
    """The gradients of L = <cotangents, (outputs, final state)> by parameters, x and initial state.

    ``forward`` runs unchanged, in autograd's namespace; its cache is thrown away.

    Shapes: params as the cell says; x (T,B,I); states (B,H); cotangents as outputs and final states.
    Reference: D. Maclaurin, D. Duvenaud and R. P. Adams, Autograd: effortless gradients in NumPy,
    ICML 2015 AutoML workshop.
    """

    def loss(params: Arrays, x: Array, state: Arrays) -> Array:
        (outputs, final), _ = forward(params, x, state, xp=anp)
        pairings = [anp.sum(final[name] * d) for name, d in cotangents["state"].items()]
        value: Array = sum(pairings, anp.sum(outputs * cotangents["outputs"]))
        return value

    # autograd's slope of tanh is 1 / cosh(z)^2; where that overflows the slope is 0, as it should be.
    with np.errstate(over="ignore"):
        d_params, d_x, d_state = grad(loss, argnum=(0, 1, 2))(dict(params), x, dict(state))
    return {"params": d_params, "x": d_x, "state": d_state}
