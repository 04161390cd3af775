"""The equations of every hand-written network, one step and one gate at a time, on signals with a radius.

``step(tape, prefix, x, state, options)`` gives the output and the new state.
"""

from __future__ import annotations

from fractions import Fraction

import rounded_arrays as ra

SIGMOID, TANH = ra.ACTIVATIONS["sigmoid"], ra.ACTIVATIONS["tanh"]


def elman(tape, prefix, x, state, options):
    z = tape.affine(prefix, "h", W=x, U=state["h"])
    h = z.through(ra.ACTIVATIONS[options.get("activation", "tanh")])
    return h, {"h": h}


def read(tape, prefix, h, activation):
    z = tape.affine(prefix, "y", W=h)
    return z.softmax() if activation == "softmax" else z.through(ra.ACTIVATIONS[activation])


def jordan(tape, prefix, x, state, options):
    z = tape.affine(prefix, "h", W=x, U=state["y"])
    h = z.through(ra.ACTIVATIONS[options.get("activation", "tanh")])
    y = read(tape, prefix, h, options.get("readout", "identity"))
    return y, {"y": y}


def lecture_lstm(tape, prefix, x, state, options):
    g, h = (ra.ACTIVATIONS[options.get(name, "tanh")] for name in "gh")
    z, z_i, z_f, z_o = (tape.affine(prefix, gate, W=x) for gate in "gifo")
    c = z.through(g) * z_i.through(SIGMOID) + state["c"] * z_f.through(SIGMOID)
    return c.through(h) * z_o.through(SIGMOID), {"c": c}


def lstm(tape, prefix, x, state, options):
    sigmoid = SIGMOID
    if "recurrent" in options:
        sigmoid = ra.hard_sigmoid(float(Fraction(options.get("slope", "1/5"))))
    bound = ra.clip(float(Fraction(options["clip"]))) if "clip" in options else ra.ACTIVATIONS["identity"]
    nothing = ra.ACTIVATIONS["identity"]
    on_z, on_c = (bound, nothing) if options.get("clip_place") == "gates" else (nothing, bound)

    def gate(name, function, offset=0.0):
        return tape.affine(prefix, name, offset, W=x, U=state["h"]).through(on_z).through(function)

    g, o = gate("g", TANH), gate("o", sigmoid)
    coupled = options.get("coupled")
    f = None if coupled == "forget" else gate("f", sigmoid, float(Fraction(options.get("forget_offset", "0"))))
    i = f.left_over() if coupled == "input" else gate("i", sigmoid)
    f = i.left_over() if coupled == "forget" else f
    c = (f * state["c"] + i * g).through(on_c)
    h = o * c.through(TANH)
    if "projection" in options:
        h = tape.affine(prefix, "p", W=h)
    return h, {"h": h, "c": c}


def peephole(tape, prefix, x, state, options):
    def gate(name, seen):
        z = tape.affine(prefix, name, W=x, U=state["h"])
        return (z + tape.vector(f"{prefix}p_{name}", seen)).through(SIGMOID)

    coupled = options.get("coupled")
    f = None if coupled == "forget" else gate("f", state["c"])
    i = f.left_over() if coupled == "input" else gate("i", state["c"])
    f = i.left_over() if coupled == "forget" else f
    c = f * state["c"] + i * tape.affine(prefix, "g", W=x, U=state["h"]).through(TANH)
    h = gate("o", c) * c.through(TANH)
    return h, {"h": h, "c": c}


def gru(tape, prefix, x, state, options):
    h = state["h"]
    r, z = (tape.affine(prefix, gate, W=x, U=h).through(SIGMOID) for gate in "rz")
    if options.get("reset") == "before":
        n = tape.affine(prefix, "n", W=x, U=r * h).through(TANH)
    else:
        inside = tape.affine(prefix, "n", bias="b_hn", U=h)
        n = (tape.affine(prefix, "n", W=x) + r * inside).through(TANH)
    h = z.left_over() * n + z * h
    return h, {"h": h}


STEPS = {
    "elman": elman,
    "jordan": jordan,
    "lecture_lstm": lecture_lstm,
    "lstm": lstm,
    "peephole": peephole,
    "gru": gru,
}
