"""Outputs and gradients of a case, and the radius that every right computation keeps: the tolerance, derived.

A third computation beside the hand-written backward pass and autograd: one step and one gate at a time.
"""

from __future__ import annotations

import numpy as np
import rounded_arrays as ra


def flat(run, gradients):
    """{"outputs", "final <state>", "d<parameter>", "dx", "d<state>"} of one run and its gradients."""
    outputs, final = run
    named = {"outputs": outputs, "dx": gradients["x"]}
    named |= {f"final {name}": value for name, value in final.items()}
    return named | {f"d{name}": value for part in ("params", "state") for name, value in gradients[part].items()}


def beyond(first, second, bounds):
    """The names at which two computations differ by more than both radii, with the worst ratio."""
    ratios = {name: worst_ratio(first[name], second[name], bounds[name].radius) for name in first}
    return {name: ratio for name, ratio in ratios.items() if not ratio <= 1}


def worst_ratio(first, second, radius):
    """max |first - second| / (2 radius); nan where one of them is."""
    difference = np.abs(np.asarray(first, dtype=np.float64) - second)
    ratios = np.zeros_like(difference)
    with np.errstate(divide="ignore", over="ignore"):  # a difference where none is allowed
        np.divide(difference, 2 * radius, out=ratios, where=difference != 0)
    return float(ratios.max(initial=0.0))


def enclose(target, case, dtype):
    """The same names with their ``Rounded`` arrays, for computations in ``dtype``."""

    def exact(array):
        return ra.exact(array, np.finfo(dtype))

    name, _, options = target.network.partition(":")
    chosen = {"activation": "tanh", "readout": "none", **dict(o.split("=") for o in options.split(",") if o)}
    params, state, d_state = (
        {key: exact(array) for key, array in arrays.items()}
        for arrays in (case.params, case.state, case.cotangents["state"])
    )
    if len(case.x) == 0:
        nothing = {f"d{key}": exact(np.zeros_like(array)) for key, array in case.params.items()}
        empty = {"outputs": exact(case.cotangents["outputs"]), "dx": exact(case.x)}
        final = {f"final {key}": value for key, value in state.items()}
        return nothing | empty | final | {f"d{key}": value for key, value in d_state.items()}
    x, dy = ([exact(at_t) for at_t in array] for array in (case.x, case.cotangents["outputs"]))
    run, pull_back = {"elman": (elman, elman_back), "lstm": (lstm, lstm_back)}[name]
    steps = run(params, x, state, chosen["activation"])
    outputs, dh, found = read(params, [step["h"] for step in steps], dy, chosen["readout"])
    final = {f"final {key}": steps[-1][key] for key in state}
    return {"outputs": ra.stack(outputs), **final, **found, **pull_back(params, x, steps, dh, d_state)}


def pre_activation(p, gate, *terms):
    """W s + ... + b. A bias may come as 3/4 b + 1/4 b, which is one term more: hence the zero."""
    ones = terms[0][1].full(1.0)
    bias = [(p[f"b_{gate}"][:, np.newaxis], ones)] if f"b_{gate}" in p else []
    zero = (terms[0][0].full(0.0), ones)
    return ra.affine(*terms, *bias, zero)


def affine_gradients(p, gate, dz, **signals):
    """dW = sum dz s^T for W, s among the signals, and db. Shapes: lists over time of dz (B,N), s (B,M)."""
    d = ra.join(dz).T
    found = {f"d{weight}_{gate}": d @ ra.join(signal) for weight, signal in signals.items()}
    found[f"db_{gate}"] = (d @ d.T.full(1.0))[:, 0]
    return {name: value for name, value in found.items() if name[1:] in p}


def elman(p, x, state, activation):
    value, slope = ra.ACTIVATIONS[activation]
    h, steps = state["h"], []
    for x_t in x:
        z = pre_activation(p, "h", (p["W_h"], x_t), (p["U_h"], h))
        steps.append({"h before": h, "h": value(z), "slope": slope(z)})
        h = steps[-1]["h"]
    return steps


def elman_back(p, x, steps, dy, d_state):
    dh, dz = d_state["h"], []
    for step, dy_t in zip(reversed(steps), reversed(dy), strict=True):
        dz.insert(0, (dh + dy_t) * step["slope"])
        dh = dz[0] @ p["U_h"]
    dx = ra.stack([dz_t @ p["W_h"] for dz_t in dz])
    return {"dh": dh, "dx": dx, **affine_gradients(p, "h", dz, W=x, U=[step["h before"] for step in steps])}


def lstm(p, x, state, activation):
    h, c, steps = state["h"], state["c"], []
    for x_t in x:
        s = {"h before": h, "c before": c}
        for gate in "ifgo":
            value, slope = ra.ACTIVATIONS[activation if gate == "g" else "sigmoid"]
            z = pre_activation(p, gate, (p[f"W_{gate}"], x_t), (p[f"U_{gate}"], h))
            s |= {gate: value(z), f"{gate} slope": slope(z)}
        c = s["f"] * c + s["i"] * s["g"]
        s |= {"c": c, "tanh c": ra.tanh(c), "tanh c slope": ra.tanh_slope(c)}
        h = s["o"] * s["tanh c"]
        steps.append({**s, "h": h})
    return steps


def lstm_back(p, x, steps, dy, d_state):
    dh, dc, dz = d_state["h"], d_state["c"], {gate: [] for gate in "ifgo"}
    for s, dy_t in zip(reversed(steps), reversed(dy), strict=True):
        dh = dh + dy_t
        dc = dc + dh * s["o"] * s["tanh c slope"]
        dz["i"].insert(0, dc * s["g"] * s["i slope"])
        dz["f"].insert(0, dc * s["c before"] * s["f slope"])
        dz["g"].insert(0, dc * s["i"] * s["g slope"])
        dz["o"].insert(0, dh * s["tanh c"] * s["o slope"])
        dh = ra.affine(*((p[f"U_{gate}"].T, dz[gate][0]) for gate in "ifgo"))
        dc = dc * s["f"]
    found = {"dh": dh, "dc": dc}
    found["dx"] = ra.stack([ra.affine(*((p[f"W_{k}"].T, dz[k][t]) for k in "ifgo")) for t in range(len(x))])
    for gate in "ifgo":
        found |= affine_gradients(p, gate, dz[gate], W=x, U=[s["h before"] for s in steps])
    return found


def read(p, hidden, dy, activation):
    """(outputs, the hidden layer's cotangents, gradients) of y = g(W_y h + b_y), lists over time."""
    if activation == "none":
        return hidden, dy, {}
    z = [pre_activation(p, "y", (p["W_y"], h)) for h in hidden]
    if activation == "softmax":
        outputs = [ra.softmax(z_t) for z_t in z]
        dz = [ra.softmax_pullback(z_t, dy_t) for z_t, dy_t in zip(z, dy, strict=True)]
    else:
        value, slope = ra.ACTIVATIONS[activation]
        outputs = [value(z_t) for z_t in z]
        dz = [dy_t * slope(z_t) for z_t, dy_t in zip(z, dy, strict=True)]
    return outputs, [dz_t @ p["W_y"] for dz_t in dz], affine_gradients(p, "y", dz, W=hidden)
