"""Long short-term memory with a forget gate.

    i, f, o = sigmoid(z_i), sigmoid(z_f), sigmoid(z_o)     g = tanh(z_g)
    c_t = f c_{t-1} + i g                                  h_t = o tanh(c_t)

with z_k = W_k x_t + U_k h_{t-1} + b_k for each gate k.

The gates are computed together, stacked in the order i f g o wherever they share an axis. A variant exchanges
parts: another sigmoid, i and f of one gate (``coupling``), h_t a linear map of o tanh(c_t) (``projection``),
bounds on z or on c_t; each part comes with its pullback, so that the passes below stay the same.

Reference: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997) 1735-1780;
the forget gate: F. A. Gers, J. Schmidhuber and F. Cummins, Learning to forget: continual prediction with
LSTM, Neural Computation 12 (2000) 2451-2471.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType

import numpy as np

from rnnproof.cells import activation as activations
from rnnproof.cells.activation import ACTIVATIONS, Activation, hard_sigmoid
from rnnproof.cells.affine import outer_sum, total
from rnnproof.cells.contract import Array, Arrays, Cotangents, Forward, Gradients
from rnnproof.cells.coupling import COUPLINGS, Coupling
from rnnproof.cells.options import choice, needs, number, positive
from rnnproof.cells.projection import DIRECT, LINEAR, Projection
from rnnproof.cells.stacked import stack, unstack
from rnnproof.cells.written import Written, changed
from rnnproof.errors import UsageError

Step = tuple[Array, Array, Array, Array, Array]


@dataclass(frozen=True)
class Variant:
    """The parts of an LSTM: how i and f hang together, the sigmoid, bounds on z and on c_t, h_t of o tanh(c_t)."""

    coupling: Coupling = COUPLINGS["none"]
    sigmoid: Activation = ACTIVATIONS["sigmoid"]
    bound_z: Activation = ACTIVATIONS["identity"]
    bound_c: Activation = ACTIVATIONS["identity"]
    projection: Projection = DIRECT

    @property
    def gates(self) -> tuple[str, ...]:
        """The gates with parameters of their own, in the order i f g o."""
        return (*self.coupling.names, "g", "o")

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of its parameters."""
        own = tuple(f"{kind}_{gate}" for kind in "WUb" for gate in self.gates)
        return (*own, *self.projection.parameters)


PLAIN = Variant()
PARAMETERS = PLAIN.parameters


@dataclass(frozen=True)
class Cache:
    """Of a run: its input, parameters, stacked weights, states, and i with f, g, o, tanh(c_t), z of each step.

    Shapes: x (T,B,I), W (4H,I), U (4H,P), states["h"] (T+1,B,P) and states["c"] (T+1,B,H); of a step z (B,4H),
    i with f (B,2H), the other three (B,H). Where i and f are one gate, 3H for 4H and H for 2H.
    """

    x: Array
    params: Arrays
    W: Array
    U: Array
    states: dict[str, Array]
    steps: Sequence[Step]
    variant: Variant


def forward(
    params: Arrays, x: Array, state: Arrays, variant: Variant = PLAIN, xp: ModuleType = np
) -> tuple[tuple[Array, dict[str, Array]], Cache]:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t) for t = 1..T, from h_0 and c_0; the outputs are the h_t.

    Shapes: params W_k (H,I), U_k (H,P), b_k (H,) for each gate k, W_p (P,H) with a projection; x (T,B,I);
    state h (B,P), c (B,H); outputs (T,B,P). P = H without a projection.
    Errors: KeyError for a missing parameter or state.
    Reference: Hochreiter and Schmidhuber (1997); Gers, Schmidhuber and Cummins (2000).
    """
    W, U, b = (stack(params, kind, variant.gates, xp) for kind in "WUb")
    from_x = x @ W.T + b  # every step at once: only U h has to wait for the step before
    h, c, steps = [state["h"]], [state["c"]], []
    for t in range(len(x)):
        z = variant.bound_z.value(from_x[t] + h[t] @ U.T, xp)
        i_and_f, g, o = activate(z, variant, xp)
        i, f = variant.coupling.value(i_and_f)
        c.append(variant.bound_c.value(f * c[t] + i * g, xp))
        tanh_c = xp.tanh(c[t + 1])
        h.append(variant.projection.value(o * tanh_c, params))
        steps.append((i_and_f, g, o, tanh_c, z))
    states = {"h": xp.stack(h), "c": xp.stack(c)}
    return (states["h"][1:], {"h": h[-1], "c": c[-1]}), Cache(x, params, W, U, states, steps, variant)


def with_offset(forward: Forward, offset: float) -> Forward:
    """The forward pass with f = sigmoid(z_f + offset): a constant that no backward pass sees.

    Reference: R. Jozefowicz, W. Zaremba and I. Sutskever, An empirical exploration of recurrent network
    architectures, ICML 2015.
    """

    def forward_with_offset(
        params: Arrays, x: Array, state: Arrays, *, xp: ModuleType = np
    ) -> tuple[tuple[Array, dict[str, Array]], Cache]:
        return forward({**params, "b_f": params["b_f"] + offset}, x, state, xp=xp)

    return forward_with_offset


def activate(z: Array, variant: Variant, xp: ModuleType) -> tuple[Array, Array, Array]:
    """sigmoid(z_i) beside sigmoid(z_f), or the only one of them; g = tanh(z_g); o = sigmoid(z_o).

    Shapes: z (B,4H), i and f (B,2H); z (B,3H), i or f (B,H) where they are one gate; g, o (B,H).
    """
    H = z.shape[1] // len(variant.gates)
    sigmoid = variant.sigmoid.value
    return sigmoid(z[:, : -2 * H], xp), xp.tanh(z[:, -2 * H : -H]), sigmoid(z[:, -H:], xp)


def backward(cotangents: Cotangents, cache: Cache) -> Gradients:
    """dz_t, dc_{t-1} from dh_t, dc_t as in ``step_back``; dh_{t-1} = dy_{t-1} + U^T dz_t; and with them

    dW = sum dz_t x_t^T, dU = sum dz_t h_{t-1}^T, db = sum dz_t, dx_t = W^T dz_t, for the four gates at once.

    Shapes: cotangents outputs (T,B,P), states h (B,P), c (B,H); the gradients are shaped as what they belong to.
    """
    h, c, variant = cache.states["h"], cache.states["c"], cache.variant
    dh_before, dc = cotangents["state"]["h"], cotangents["state"]["c"]
    dh = np.empty_like(h[1:])
    dz = np.empty_like(h, shape=(*cache.x.shape[:2], len(cache.U)))
    for t in reversed(range(len(dz))):
        dh[t] = dh_before + cotangents["outputs"][t]
        dm = variant.projection.pullback(dh[t], cache.params)
        dz[t], dc = step_back(dm, dc, c[t], c[t + 1], cache.steps[t], variant)
        dh_before = dz[t] @ cache.U
    gates = {"W": outer_sum(dz, cache.x), "U": outer_sum(dz, h[:-1]), "b": total(dz)}
    params = {**unstack(gates, variant.gates), **variant.projection.gradients(dh, shown(cache))}
    return {"params": params, "x": dz @ cache.W, "state": {"h": dh_before, "c": dc}}


def shown(cache: Cache) -> Array:
    """m_t = o tanh(c_t) of every step. Shapes: (T,B,H)."""
    m = [o * tanh_c for _, _, o, tanh_c, _ in cache.steps]
    return np.stack(m) if m else cache.states["c"][1:]  # an empty sequence shows nothing


def step_back(dm: Array, dc: Array, c_before: Array, c_now: Array, step: Step, variant: Variant) -> tuple[Array, Array]:
    """(dm_t, dc_t), m_t = o tanh(c_t), back to the pre-activations and the stored value before: (dz_t, dc_{t-1}).

    A sigmoid with output y has the slope y (1 - y), a tanh 1 - y^2.

    Shapes: dz (B,4H), or (B,3H) where i and f are one gate; all others (B,H).
    """
    i_and_f, g, o, tanh_c, z = step
    i, f = variant.coupling.value(i_and_f)
    dc = variant.bound_c.pullback(dc + dm * o * (1 - tanh_c * tanh_c), c_now)
    dz_i_and_f = variant.sigmoid.pullback(variant.coupling.pullback(dc * g, dc * c_before), i_and_f)
    dz_g = dc * i * (1 - g * g)
    dz_o = variant.sigmoid.pullback(dm * tanh_c, o)
    return variant.bound_z.pullback(np.concatenate((dz_i_and_f, dz_g, dz_o), axis=1), z), dc * f


NOTHING = ACTIVATIONS["identity"]


def written(
    coupled: str = "none",
    forget_offset: str = "0",
    recurrent: str = "sigmoid",
    slope: str | None = None,
    clip: str = "none",
    clip_place: str | None = None,
    projection: str = "none",
) -> Written:
    """c_t = f c_{t-1} + i g and h_t = o tanh(c_t), or the variant that the options say."""
    choice("coupled", coupled, COUPLINGS)
    offset = number("forget_offset", forget_offset)
    gate, told = _sigmoid(recurrent, slope)
    bound_z, bound_c, bounded = _bounds(clip, clip_place)
    if offset and coupled == "forget":
        raise UsageError(f"forget_offset={offset} means nothing with coupled=forget: there f is 1 - i")
    if offset and bound_z is not NOTHING:
        raise UsageError(f"forget_offset={offset} with clip_place=gates: whether the offset is clipped is not defined")
    output = {"none": DIRECT, "P": LINEAR}[choice("projection", projection, ("none", "P"))]
    variant = Variant(COUPLINGS[coupled], gate, bound_z, bound_c, output)
    run: Forward = partial(forward, variant=variant)
    if offset:
        run = with_offset(run, float(offset))
    options = changed({"coupled": "none", "forget_offset": "0"}, coupled=coupled, forget_offset=str(offset))
    options |= told | bounded | changed({"projection": "none"}, projection=projection)
    return Written(run, backward, variant.parameters, ("h", "c"), options)


def _sigmoid(recurrent: str, slope: str | None) -> tuple[Activation, dict[str, str]]:
    """The sigmoid of the gates, and the options that say so."""
    choice("recurrent", recurrent, ("sigmoid", "hard_sigmoid"))
    needs(slope, "slope goes with recurrent=hard_sigmoid alone", recurrent == "hard_sigmoid")
    if recurrent == "sigmoid":
        return ACTIVATIONS["sigmoid"], {}
    rises = positive("slope", slope or "1/5")
    return hard_sigmoid(float(rises)), {"recurrent": recurrent, **changed({"slope": "1/5"}, slope=str(rises))}


def _bounds(bound: str, place: str | None) -> tuple[Activation, Activation, dict[str, str]]:
    """What bounds z and what bounds c_t, and the options that say so."""
    needs(place, "clip_place goes with clip=K, K being a positive number", bound != "none")
    if bound == "none":
        return NOTHING, NOTHING, {}
    limit, place = positive("clip", bound), choice("clip_place", place or "cell", ("cell", "gates"))
    bounded = activations.clip(float(limit))
    told = {"clip": str(limit), **changed({"clip_place": "cell"}, clip_place=place)}
    return (NOTHING, bounded, told) if place == "cell" else (bounded, NOTHING, told)
