"""Outputs and gradients of a case, and the radius that every right computation keeps: the tolerance, derived.

A third computation beside the hand-written backward pass and autograd: one step, one gate and, where the rows
have lengths, one row at a time.
"""

from __future__ import annotations

from functools import partial

import numpy as np
import rounded_arrays as ra
from cell_cases import options_of
from equations import STEPS, read
from tape import Signal, Tape

MERGES = {
    "concat": lambda a, b: a.beside(b),
    "sum": lambda a, b: a + b,
    "mean": lambda a, b: (a + b).scaled(0.5),
    "product": lambda a, b: a * b,
}


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
    exact = partial(ra.exact, format=np.finfo(dtype))
    tape = Tape({name: exact(array) for name, array in case.params.items()})
    T, B = case.x.shape[:2]
    groups = [(slice(0, B), T)] if case.lengths is None else [(slice(b, b + 1), n) for b, n in enumerate(case.lengths)]
    runs = [run(target, tape, case, rows, int(length), exact) for rows, length in groups]
    tape.pull_back()
    found = {
        "outputs": placed(runs, "outputs", exact(np.zeros_like(case.cotangents["outputs"]))),
        "dx": placed(runs, "dx", exact(np.zeros_like(case.x))),
    }
    for name in case.state:
        found[f"final {name}"] = ra.join([each["final"][name].value for _, each in runs])
        found[f"d{name}"] = ra.join([each["initial"][name].cotangent() for _, each in runs])
    return found | {f"d{name}": tape.gradient(name) for name in case.params}


def run(target, tape, case, rows, length, exact):
    """Some rows of the network, with their cotangents put where they belong."""
    name, options = options_of(target.network)
    T, padding = len(case.x), options.get("padding", "zero")
    x = [Signal(tape, exact(case.x[t, rows])) for t in range(T if padding == "run" else length)]
    initial = {key: Signal(tape, exact(array[rows])) for key, array in case.state.items()}
    outputs, final = x, {}
    for layer in layers_of(target):
        halves = []
        for prefix in layer:
            own = {key.removeprefix(prefix): s for key, s in initial.items() if key.startswith(prefix)}
            backward = "backward" in (prefix.split(".") if prefix else [options.get("direction")])
            half, last = one_direction(partial(STEPS[name], tape, prefix), outputs, own, options, backward, length)
            halves.append(half)
            final |= {f"{prefix}{key}": s for key, s in last.items()}
        merge = MERGES[options.get("merge", "concat")]
        outputs = halves[0] if len(halves) == 1 else [merge(*pair) for pair in zip(*halves, strict=True)]
    if name == "elman" and "readout" in options:
        outputs = [read(tape, "", h, options["readout"]) for h in outputs]
    if padding == "repeat":
        outputs = outputs + outputs[-1:] * (T - length)
    for t, y in enumerate(outputs):
        y.came_back.append(exact(case.cotangents["outputs"][t, rows]))
    for key, s in final.items():
        s.came_back.append(exact(case.cotangents["state"][key][rows]))
    return rows, {"outputs": outputs, "dx": x, "final": final, "initial": initial}


def layers_of(target):
    """The prefixes of each layer's directions: ("",), or ("0.forward.", "0.backward."), ("1.forward.", ...)."""
    prefixes = list(dict.fromkeys(key.rpartition(".")[0] for key in target.memory))
    if prefixes == [""]:
        return [("",)]
    depth = 1 + max(int(prefix.partition(".")[0]) for prefix in prefixes)
    return [tuple(f"{p}." for p in prefixes if p.startswith(f"{k}.")) for k in range(depth)]


def one_direction(step, x, state, options, backward, length):
    """(outputs in the order of time, the state after ``length`` steps, all but those that run on)."""
    outputs, states = [], [state]
    for x_t in reversed(x) if backward else x:
        y, state = step(x_t, state, options)
        outputs.append(y)
        states.append(state)
    return outputs[::-1] if backward else outputs, states[length]


def placed(runs, part, whole):
    """The signals or cotangents of all rows in one array, zeros where there is none. Shapes: (T,B,N)."""
    value, radius = whole.value.copy(), whole.radius.copy()
    for rows, each in runs:
        for t, signal in enumerate(each[part]):
            entry = signal.value if part == "outputs" else signal.cotangent()
            if entry is not None:
                value[t, rows], radius[t, rows] = entry.value, entry.radius
    return ra.Rounded(value, radius, whole.format)
