"""Cells that are in no catalogue, written as a user would; and a forward pass by hand for the first."""

from __future__ import annotations

import autograd.numpy as anp

from rnnproof.model.activation import relu, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signals


def gated(reset_first: bool = True) -> Cell:
    """Two gates, the second with a peephole p; the reset acts before the product, or after it, with a bias inside."""
    z_z, z_r, z_n, u, z, r, n, h, p = signals("z_z z_r z_n u z r n h p")
    before = (
        Elementwise("s", r * h),
        Affine("z_n", (("W_n", "x"), ("U_n", "s")), "b_n"),
        Elementwise("n", tanh(z_n)),
    )
    after = (
        Affine("u", (("U_n", "h"),), "b_hn"),
        Affine("z_n", (("W_n", "x"),), "b_n"),
        Elementwise("n", tanh(z_n + r * u)),
    )
    return Cell(
        name="gated",
        equations=(
            Affine("z_z", (("W_z", "x"), ("U_z", "h")), "b_z"),
            Affine("z_r", (("W_r", "x"), ("U_r", "h")), "b_r"),
            Elementwise("z", sigmoid(z_z)),
            Elementwise("r", sigmoid(z_r + p * h)),
            *(before if reset_first else after),
            Elementwise("h'", (1 - z) * n + z * h),
        ),
        states=(("h", "h'"),),
        output="h'",
        vectors=("p",),
    )


def gated_by_hand(reset_first: bool):
    """The same as one writes it without a tool: (outputs, final h), to be differentiated by autograd."""

    def sigmoid(a):
        return 1 / (1 + anp.exp(-a))

    def forward(P, x, h):
        outputs = []
        for t in range(x.shape[0]):
            z = sigmoid(x[t] @ P["W_z"].T + h @ P["U_z"].T + P["b_z"])
            r = sigmoid(x[t] @ P["W_r"].T + h @ P["U_r"].T + P["b_r"] + P["p"] * h)
            if reset_first:
                n = anp.tanh(x[t] @ P["W_n"].T + (r * h) @ P["U_n"].T + P["b_n"])
            else:
                n = anp.tanh(x[t] @ P["W_n"].T + P["b_n"] + r * (h @ P["U_n"].T + P["b_hn"]))
            h = n + z * (h - n)
            outputs.append(h)
        return outputs, h

    return forward


def scattered() -> Cell:
    """Three affine equations in a row, of which the first and the third read h, the second and third a second state."""
    z_a, z_b, z_c, m = signals("z_a z_b z_c m")
    return Cell(
        "scattered",
        (
            Affine("z_a", (("W_a", "x"), ("U_a", "h")), "b_a"),
            Affine("z_b", (("V_b", "m"), ("W_b", "x"))),
            Affine("z_c", (("U_c", "h"), ("V_c", "m")), "b_c"),
            Elementwise("h'", tanh(z_a) * sigmoid(z_b)),
            Elementwise("m'", relu(z_c) + m / 2),
        ),
        (("h", "h'"), ("m", "m'")),
        "h'",
    )


def twice() -> Cell:
    """One signal multiplied by two weights in one equation, one weight used in two equations and of two signals."""
    z_h, z_y = signals("z_h z_y")
    return Cell(
        "twice",
        (
            Affine("z_h", (("W", "x"), ("A", "h"), ("B", "h"), ("A", "m")), "b"),
            Affine("z_y", (("A", "m"), ("V", "x")), "b"),
            Elementwise("h'", tanh(z_h) + z_y / 4),
        ),
        (("h", "h'"), ("m", "h")),
        "h'",
    )


def delayed() -> Cell:
    """A state that is the last input, one that is another state one step late, two that are exchanged at each step."""
    z, a, b = signals("z a b")
    return Cell(
        "delayed",
        (
            Affine("z", (("W", "x"), ("V", "before"), ("U", "late"))),
            Elementwise("h'", tanh(z) + a - b / 2),
        ),
        (("before", "x"), ("h", "h'"), ("late", "h"), ("a", "b"), ("b", "a")),
        "h",
    )


def stored_before() -> Cell:
    """What is stored is a pre-activation; the output is a gate of it through a peephole used in two terms."""
    z, q, h = signals("z q h")
    return Cell(
        "stored before",
        (
            Affine("z", (("W", "x"), ("U", "h")), "b"),
            Elementwise("y", sigmoid(z + q * z) * q + tanh(q * h)),
        ),
        (("h", "z"),),
        "y",
        vectors=("q",),
    )


def leaky() -> Cell:
    """Polynomial throughout, so that whole numbers stay whole: h' = p z - h."""
    p, z, h = signals("p z h")
    return Cell(
        "leaky",
        (Affine("z", (("W", "x"), ("U", "h")), "b"), Elementwise("h'", p * z - h)),
        (("h", "h'"),),
        "h'",
        vectors=("p",),
    )


CELLS = (gated(), gated(reset_first=False), scattered(), twice(), delayed(), stored_before(), leaky())
