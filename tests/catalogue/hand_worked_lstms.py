"""Vectors worked by hand for the LSTM's options and for peepholes; see hand_worked.py.

x = 1, -1 throughout. A row "(W, U, b): t1, t2" gives the integers of a gate, and how many logarithms of two it counts
at each step (half as many for g). c_0 is chosen so that c_1 = log 2, hence tanh(c_1) = 3/5; with h_0 = 1 and o = 2/3
that is h_1 = 2/5, and U = 5 u counts 5 u at the first step, 2 u at the second.
"""

from __future__ import annotations

import sympy
from vector import Vector

from rnnproof.model.network import Sizes

R, E = sympy.Rational, sympy.E
L, M = sympy.log(2), sympy.log(3)
ONE = sympy.Integer(1)
ONE_INPUT = ((ONE,), (-ONE,))
ONE_UNIT = Sizes(T=2, B=1, I=1, H=1)


def gate(k: str, unit: sympy.Expr, W: int, U: int, b: int, more: sympy.Expr = 0 * ONE) -> dict:
    """The parameters of one gate of one unit, counted in ``unit``; ``more`` is added to the bias."""
    return {f"W_{k}": ((W * unit,),), f"U_{k}": ((U * unit,),), f"b_{k}": (b * unit + more,)}


def cell_of(*gates: dict, **states: sympy.Expr) -> dict:
    made = {"x": ONE_INPUT} | {name: (value,) for name, value in states.items()}
    for parameters in gates:
        made |= parameters
    return made


def final(h: sympy.Expr, c: sympy.Expr) -> dict:
    return {"h": (h,), "c": (c,)}


A = ONE * -2, 5, -2  # t1: -2+5-2 = 1: 2/3;   t2: 2+2-2 = 2: 4/5
B = 1, -5, 5  # t1: 1-5+5 = 1: 2/3;   t2: -1-2+5 = 2: 4/5
G = gate("g", L / 2, 3, -5, 4)  # t1: 3-5+4 = 2: 3/5;   t2: -3-2+4 = -1: -1/3
O = gate("o", L, -1, 5, -3)  # t1: -1+5-3 = 1: 2/3;   t2: 1+2-3 = 0: 1/2

# --- i = 1 - f: f = 2/3, 4/5, i = 1/3, 1/5 --------------------------------------------------------------------
#   c_1 = 2/3 c_0 + 1/3 3/5 = log 2, so c_0 = 3/2 log 2 - 3/10;   c_2 = 4/5 log 2 - 1/5 1/3
COUPLED_INPUT = cell_of(gate("f", L, *A), G, O, h=ONE, c=R(3, 2) * L - R(3, 10))
COUPLED_INPUT_C = R(4, 5) * L - R(1, 15)
# --- f = 1 - i: i = 2/3, 4/5, f = 1/3, 1/5 --------------------------------------------------------------------
#   c_1 = 1/3 c_0 + 2/3 3/5 = log 2, so c_0 = 3 log 2 - 6/5;   c_2 = 1/5 log 2 - 4/5 1/3
COUPLED_FORGET = cell_of(gate("i", L, *A), G, O, h=ONE, c=3 * L - R(6, 5))
COUPLED_FORGET_C = R(1, 5) * L - R(4, 15)
# --- f = sigmoid(z_f + 1): the bias of f has a -1 besides, which the offset takes away ------------------------
#   c_1 = 2/3 c_0 + 2/3 3/5 = log 2, so c_0 = 3/2 log 2 - 3/5;   c_2 = 4/5 log 2 - 4/5 1/3
OFFSET = cell_of(gate("i", L, *B), gate("f", L, *A, -ONE), G, O, h=ONE, c=R(3, 2) * L - R(3, 5))
OFFSET_C = R(4, 5) * L - R(4, 15)

# --- hard sigmoid: i, f and o count in 1; o = 1 at the first step, so h_1 = 3/5, and U = 5 counts 5, then 3 ---
# slope 1/5:  i (1,5,-5):  1+5-5 = 1: 7/10;       -1+3-5 = -3: -1/10, cut to 0
#             f (-1,5,-5): -1+5-5 = -1: 3/10;     1+3-5 = -1: 3/10
#             o (1,5,-3):  1+5-3 = 3: 11/10, cut to 1;   -1+3-3 = -1: 3/10
#             g:           as above 3/5;          -3-3+4 = -2: -3/5, times i = 0
#   c_1 = 3/10 c_0 + 7/10 3/5 = log 2, so c_0 = 10/3 log 2 - 7/5;   c_2 = 3/10 log 2
HARD_FIFTH = cell_of(
    gate("i", ONE, 1, 5, -5), gate("f", ONE, -1, 5, -5), gate("o", ONE, 1, 5, -3), G, h=ONE, c=R(10, 3) * L - R(7, 5)
)
# slope 1/6:  i (2,5,-6):  2+5-6 = 1: 2/3;        -2+3-6 = -5: -1/3, cut to 0
#             f:           -1: 1/3;               -1: 1/3
#             o (1,5,-2):  1+5-2 = 4: 7/6, cut to 1;     -1+3-2 = 0: 1/2
#   c_1 = 1/3 c_0 + 2/3 3/5 = log 2, so c_0 = 3 log 2 - 6/5;   c_2 = 1/3 log 2
HARD_SIXTH = cell_of(
    gate("i", ONE, 2, 5, -6), gate("f", ONE, -1, 5, -5), gate("o", ONE, 1, 5, -2), G, h=ONE, c=3 * L - R(6, 5)
)

# --- clip=1 of the memory, two units that see the h of unit 0 alone -------------------------------------------
# Both have i = f = 2/3, 4/5 and o = 2/3, 1/2; g = 3/5, -1/3 of unit 0, -3/5, 1/3 of unit 1.
#   unit 0: as with the offset, log 2 < 1 and c_2 = 4/5 log 2 - 4/15 are not clipped
#   unit 1, c_0 = -3:  -2 - 2/5 = -12/5, clipped to -1;   -4/5 + 4/15 = -8/15 (of -12/5 it would be -124/75)
CLIP_SIZES = Sizes(T=2, B=1, I=1, H=2)
CLIPPED = {
    "W_i": ((L,), (L,)),
    "U_i": ((-5 * L, 0 * L), (-5 * L, 0 * L)),
    "b_i": (5 * L, 5 * L),
    "W_f": ((-2 * L,), (-2 * L,)),
    "U_f": ((5 * L, 0 * L), (5 * L, 0 * L)),
    "b_f": (-2 * L, -2 * L),
    "W_g": ((3 * L / 2,), (-3 * L / 2,)),
    "U_g": ((-5 * L / 2, 0 * L), (5 * L / 2, 0 * L)),
    "b_g": (2 * L, -2 * L),
    "W_o": ((-L,), (-L,)),
    "U_o": ((5 * L, 0 * L), (5 * L, 0 * L)),
    "b_o": (-3 * L, -3 * L),
    "x": ONE_INPUT,
    "h": (ONE, ONE),
    "c": (R(3, 2) * L - R(3, 5), -3 * ONE),
}
CLIPPED_H = (
    (R(2, 5), -R(2, 3) * sympy.tanh(1)),
    (R(1, 2) * sympy.tanh(OFFSET_C), -R(1, 2) * sympy.tanh(R(8, 15))),
)

# --- clip=1 of the gates: log 2 < 1 is not clipped, 2 log 2 > 1 is --------------------------------------------
#   i (3,-5,4):   2: clipped, sigmoid(1) = e/(1+e);   -1: 1/3       g as above: 3/5; -1/3
#   f (-2,5,-2):  1: 2/3;   2: clipped, e/(1+e)                     o (3,-5,3):  1: 2/3;   -2: clipped, 1/(1+e)
#   c_1 = 2/3 c_0 + e/(1+e) 3/5 = log 2;   c_2 = e/(1+e) log 2 - 1/3 1/3
S = E / (1 + E)
GATES_CLIPPED = cell_of(
    gate("i", L, 3, -5, 4), gate("f", L, *A), G, gate("o", L, 3, -5, 3), h=ONE, c=R(3, 2) * (L - R(3, 5) * S)
)
GATES_CLIPPED_C = S * L - R(1, 9)

# --- projection: h' = 5 m_0 - 5 m_1; unit 0 counts in log 2, unit 1 in log 3; h_0 = 1, h_1 = -1 ---------------
#   i: unit 0 (1,-2,2):   1: 2/3;  3: 8/9        unit 1 (-1,3,-1):  1: 3/4;  -3: 1/28
#   f: unit 0 (3,-1,-1):  1: 2/3;  -3: 1/9       unit 1 (1,-2,2):   1: 3/4;  3: 27/28
#   g: unit 0 (1,2,-1):   2: 3/5;  -4: -15/17    unit 1 (-3,1,1):   -1: -1/2;  3: 13/14
#   o: unit 0 (-2,1,2):   1: 2/3;  3: 8/9        unit 1 (3,-1,-1):  1: 3/4;  -3: 1/28
#   c_1 = (log 2, log 3);  m_1 = (2/3 3/5, 3/4 4/5) = (2/5, 3/5);  h_1 = 2 - 3 = -1
#   c_2 = (1/9 log 2 - 8/9 15/17, 27/28 log 3 + 1/28 13/14)
PROJECTED = {
    "W_i": ((L,), (-M,)),
    "U_i": ((-2 * L,), (3 * M,)),
    "b_i": (2 * L, -M),
    "W_f": ((3 * L,), (M,)),
    "U_f": ((-L,), (-2 * M,)),
    "b_f": (-L, 2 * M),
    "W_g": ((L / 2,), (-3 * M / 2,)),
    "U_g": ((L,), (M / 2,)),
    "b_g": (-L / 2, M / 2),
    "W_o": ((-2 * L,), (3 * M,)),
    "U_o": ((L,), (-M,)),
    "b_o": (2 * L, -M),
    "W_p": ((5 * ONE, -5 * ONE),),
    "x": ONE_INPUT,
    "h": (ONE,),
    "c": (R(3, 2) * L - R(3, 5), R(4, 3) * M + R(1, 2)),
}
PROJECTED_C = R(1, 9) * L - R(40, 51), R(27, 28) * M + R(13, 392)
PROJECTED_H = R(40, 9) * sympy.tanh(PROJECTED_C[0]) - R(5, 28) * sympy.tanh(PROJECTED_C[1])

# --- Peepholes: c_0 = 3/2 log 2 and g = 0 at the first step, so that c_1 = f c_0 = log 2 ----------------------
#   f (-2,5,-5), p_f = 2:   -2 + 3 = 1: 2/3;   -1 + 2 = 1: 2/3
#   i (1,-5,5), p_i = -1:   unseen;            2 - 1 = 1: 2/3
#   g (-4,10,-6):           0: 0;              4+4-6 = 2: 3/5
#   o (1,-5,2), p_o = 3:    -2 + 3 = 1: 2/3 (the new c; with the old one 5/2);   -1 log 2 + 3 c_2
#   c_2 = 2/3 log 2 + 2/3 3/5;   z_o + p_o c_2 = log 2 + 6/5
PEEPHOLE_F = gate("f", L, -2, 5, -5) | {"p_f": (2 * ONE,)}
PEEPHOLE_I = gate("i", L, 1, -5, 5) | {"p_i": (-ONE,)}
PEEPHOLE_G = gate("g", L / 2, -4, 10, -6)
PEEPHOLE_O = gate("o", L, 1, -5, 2) | {"p_o": (3 * ONE,)}
PEEPHOLE = cell_of(PEEPHOLE_I, PEEPHOLE_F, PEEPHOLE_G, PEEPHOLE_O, h=ONE, c=R(3, 2) * L)
PEEPHOLE_C = R(2, 3) * L + R(2, 5)
# i = 1 - f:  c_2 = 2/3 log 2 + 1/3 3/5;   z_o + p_o c_2 = log 2 + 3/5
PEEPHOLE_INPUT = cell_of(PEEPHOLE_F, PEEPHOLE_G, PEEPHOLE_O, h=ONE, c=R(3, 2) * L)
PEEPHOLE_INPUT_C = R(2, 3) * L + R(1, 5)
# f = 1 - i:  i (-3,5,-6), p_i = 2:  -4 + 3 = -1: 1/3;   -1 + 2 = 1: 2/3
#   c_1 = 2/3 c_0;   c_2 = 1/3 log 2 + 2/3 3/5;   z_o + p_o c_2 = 6/5
PEEPHOLE_FORGET = cell_of(gate("i", L, -3, 5, -6) | {"p_i": (2 * ONE,)}, PEEPHOLE_G, PEEPHOLE_O, h=ONE, c=R(3, 2) * L)
PEEPHOLE_FORGET_C = R(1, 3) * L + R(2, 5)


def last(c: sympy.Expr, odds: sympy.Expr) -> sympy.Expr:
    """o tanh(c) for an o of these odds, sigmoid(log odds) = odds / (1 + odds)."""
    return sympy.tanh(c) * odds / (1 + odds)


def one_unit(name: str, arguments: dict, h_1: sympy.Expr, h_2: sympy.Expr, c: sympy.Expr) -> Vector:
    return Vector(name, ONE_UNIT, arguments, ((h_1,), (h_2,)), final(h_2, c))


def half(c: sympy.Expr) -> sympy.Expr:
    return R(1, 2) * sympy.tanh(c)


H1 = R(2, 5)
LSTMS = (
    one_unit("lstm:coupled=input", COUPLED_INPUT, H1, half(COUPLED_INPUT_C), COUPLED_INPUT_C),
    one_unit("lstm:coupled=forget", COUPLED_FORGET, H1, half(COUPLED_FORGET_C), COUPLED_FORGET_C),
    one_unit("lstm:forget_offset=1", OFFSET, H1, half(OFFSET_C), OFFSET_C),
    one_unit("lstm:recurrent=hard_sigmoid", HARD_FIFTH, R(3, 5), R(3, 10) * sympy.tanh(R(3, 10) * L), R(3, 10) * L),
    one_unit("lstm:recurrent=hard_sigmoid,slope=1/6", HARD_SIXTH, R(3, 5), half(L / 3), L / 3),
    Vector("lstm:clip=1", CLIP_SIZES, CLIPPED, CLIPPED_H, {"h": CLIPPED_H[1], "c": (OFFSET_C, -R(8, 15))}),
    one_unit("lstm:clip=1,clip_place=gates", GATES_CLIPPED, H1, last(GATES_CLIPPED_C, 1 / E), GATES_CLIPPED_C),
    Vector(
        "lstm:projection=P",
        Sizes(T=2, B=1, I=1, H=2, P=1),
        PROJECTED,
        ((-ONE,), (PROJECTED_H,)),
        {"h": (PROJECTED_H,), "c": PROJECTED_C},
    ),
    one_unit("peephole", PEEPHOLE, H1, last(PEEPHOLE_C, 2 * sympy.exp(R(6, 5))), PEEPHOLE_C),
    one_unit(
        "peephole:coupled=input", PEEPHOLE_INPUT, H1, last(PEEPHOLE_INPUT_C, 2 * sympy.exp(R(3, 5))), PEEPHOLE_INPUT_C
    ),
    one_unit(
        "peephole:coupled=forget", PEEPHOLE_FORGET, H1, last(PEEPHOLE_FORGET_C, sympy.exp(R(6, 5))), PEEPHOLE_FORGET_C
    ),
)
