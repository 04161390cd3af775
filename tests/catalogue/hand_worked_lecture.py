"""Vectors worked by hand for the lecture's LSTM, x = 1, -1; see hand_worked.py. A row "(W, b): t1, t2"."""

from __future__ import annotations

import sympy
from hand_worked_gradients import Gradient
from vector import Vector

from rnnproof.model.network import Sizes

R = sympy.Rational
L, M = sympy.log(2), sympy.log(3)
ONE = sympy.Integer(1)
ONE_INPUT = ((ONE,), (-ONE,))

# --- The lecture's LSTM, tanh and tanh: two units, which count in log 2 and log 3 -----------------------------
#   i: unit 0 (2,-1):  1: 2/3;  -3: 1/9        unit 1 (2,-1):  1: 3/4;  -3: 1/28
#   f: unit 0 (-2,1):  -1: 1/3;  3: 8/9        unit 1 (-1,2):  1: 3/4;  3: 27/28
#   g: unit 0 (3,-1):  2: 3/5;  -4: -15/17     unit 1 (-2,1):  -1: -1/2;  3: 13/14
#   o: unit 0 (1,1):   2: 4/5;  0: 1/2         unit 1 (1,1):   2: 9/10;  0: 1/2
#   c_1 = (2/3 3/5 + 1/3 c_0, -3/4 1/2 + 3/4 c_0) = (log 2, -log 3);  a_1 = (4/5 3/5, -9/10 4/5)
#   c_2 = (-1/9 15/17 + 8/9 log 2, 1/28 13/14 - 27/28 log 3)
LECTURE = {
    "W_i": ((2 * L,), (2 * M,)),
    "b_i": (-L, -M),
    "W_f": ((-2 * L,), (-M,)),
    "b_f": (L, 2 * M),
    "W_g": ((3 * L / 2,), (-M,)),
    "b_g": (-L / 2, M / 2),
    "W_o": ((L,), (M,)),
    "b_o": (L, M),
    "x": ONE_INPUT,
    "c": (3 * L - R(6, 5), -R(4, 3) * M + R(1, 2)),
}
LECTURE_C = R(8, 9) * L - R(5, 51), R(13, 392) - R(27, 28) * M
LECTURE_A = (
    (R(12, 25), -R(18, 25)),
    (R(1, 2) * sympy.tanh(LECTURE_C[0]), R(1, 2) * sympy.tanh(LECTURE_C[1])),
)
# --- identity and identity: unit 0's gates, z_g = 3 x - 1 = 2, -4, c_0 = 1 ------------------------------------
#   c_1 = 2/3 2 + 1/3 = 5/3, a_1 = 4/5 5/3 = 4/3;   c_2 = -1/9 4 + 8/9 5/3 = 28/27, a_2 = 14/27
# da_1 = 3, da_2 = 6, dc_T = 2;  dz_i = dc g i (1-i), dz_f = dc c f (1-f), dz_g = dc i, dz_o = da c' o (1-o):
#   t=2: dc = 6/2 + 2 = 5;  dz_i = -20 8/81 = -160/81;  dz_f = 25/3 8/81 = 200/243;  dz_g = 5/9;  dz_o = 56/9 1/4 = 14/9
#   t=1: dc = 12/5 + 40/9 = 308/45;  dz_i = 616/45 2/9 = 1232/405;  dz_f = 308/45 2/9 = 616/405;
#        dz_g = 616/135;  dz_o = 5 4/25 = 4/5;  dc_0 = 308/135
#   dW = dz_1 - dz_2, db = dz_1 + dz_2;  dx = 2L dz_i - 2L dz_f + 3 dz_g + L dz_o
LECTURE_PLAIN = {
    "W_i": ((2 * L,),),
    "b_i": (-L,),
    "W_f": ((-2 * L,),),
    "b_f": (L,),
    "W_g": ((3 * ONE,),),
    "b_g": (-ONE,),
    "W_o": ((L,),),
    "b_o": (L,),
    "x": ONE_INPUT,
    "c": (ONE,),
}
LECTURE_GRADIENT = Gradient(
    outputs=((3 * ONE,), (6 * ONE,)),
    final={"c": (2 * ONE,)},
    expected={
        "W_i": ((R(2032, 405),),),
        "b_i": (R(16, 15),),
        "W_f": ((R(848, 1215),),),
        "b_f": (R(2848, 1215),),
        "W_g": ((R(541, 135),),),
        "b_g": (R(691, 135),),
        "W_o": ((-R(34, 45),),),
        "b_o": (R(106, 45),),
        "x": ((R(1556, 405) * L + R(616, 45),), (-R(982, 243) * L + R(5, 3),)),
        "c": (R(308, 135),),
    },
)


LECTURE_LSTMS = (
    Vector("lecture_lstm", Sizes(T=2, B=1, I=1, H=2), LECTURE, LECTURE_A, {"c": LECTURE_C}),
    Vector(
        "lecture_lstm:g=identity,h=identity",
        Sizes(T=2, B=1, I=1, H=1),
        LECTURE_PLAIN,
        ((R(4, 3),), (R(14, 27),)),
        {"c": (R(28, 27),)},
        LECTURE_GRADIENT,
    ),
)
