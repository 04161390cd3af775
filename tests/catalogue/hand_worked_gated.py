"""Vectors worked by hand for gru, mgu, mingru and minlstm; hand_worked.py says how they are made.

Where a state enters a product, its weights are multiples of the denominators that it has.
A row "(W, U, b): t1, t2" gives the integers of a gate, and how many logarithms it counts at each step.
"""

from __future__ import annotations

import sympy
from hand_worked_gradients import Gradient
from vector import Vector, scaled

from rnnproof.model.network import Sizes

R = sympy.Rational
L, M = sympy.log(2), sympy.log(3)
ONE = sympy.Integer(1)
ONE_INPUT = ((ONE,), (-ONE,))  # x_1 = 1, x_2 = -1

# --- GRU, h_0 = (1,-2), x = 1, -1; unit 0 counts in log 2 (n: log(2)/2), unit 1 in log 3 (n: log(3)/2) ------
# U (15 a, 10 b) gives 15 a - 20 b of h_0, and 13 a + b of h_1 = (13/15, 1/10).
#   r unit 0 (9, (15,10), -3):    9-5-3 = 1: 2/3;     -9+14-3 = 2: 4/5
#   r unit 1 (21, (15,20), 5):    21-25+5 = 1: 3/4;   -21+15+5 = -1: 1/4
#   z unit 0 (11, (15,10), -5):   11-5-5 = 1: 2/3;    -11+14-5 = -2: 1/5
#   z unit 1 (7, (30,10), -18):   7+10-18 = -1: 1/4;  -7+27-18 = 2: 9/10
# reset after: r (U_n h + b_hn) + W_n x + b_n
#   n unit 0 (10, (15,10), -12), b_hn 11:  2/3 6 + 10 - 12 = 2: 3/5;    4/5 25 - 10 - 12 = -2: -3/5
#   n unit 1 (6, (15,20), -7), b_hn 29:    3/4 4 + 6 - 7 = 2: 4/5;      1/4 44 - 6 - 7 = -2: -4/5
#   h_1 = (1/3 3/5 + 2/3, 3/4 4/5 - 1/4 2) = (13/15, 1/10)
#   h_2 = (-4/5 3/5 + 1/5 13/15, -1/10 4/5 + 9/10 1/10) = (-23/75, 1/100)
GRU_GATES = {
    "W_r": ((9 * L,), (21 * M,)),
    "U_r": scaled((L, (15, 10)), (M, (15, 20))),
    "b_r": (-3 * L, 5 * M),
    "W_z": ((11 * L,), (7 * M,)),
    "U_z": scaled((L, (15, 10)), (M, (30, 10))),
    "b_z": (-5 * L, -18 * M),
    "x": ONE_INPUT,
    "h": (ONE, -2 * ONE),
}
GRU_AFTER = GRU_GATES | {
    "W_n": ((5 * L,), (3 * M,)),
    "U_n": scaled((L / 2, (15, 10)), (M / 2, (15, 20))),
    "b_n": (-6 * L, -R(7, 2) * M),
    "b_hn": (R(11, 2) * L, R(29, 2) * M),
}
GRU_AFTER_H = ((R(13, 15), R(1, 10)), (-R(23, 75), R(1, 100)))
# reset after, no b_hn: r U_n h + W_n x + b_n
#   n unit 0 (-19, (15,-30), -29):  2/3 75 - 19 - 29 = 2: 3/5;    4/5 10 + 19 - 29 = -2: -3/5
#   n unit 1 (16, (60,40), 1):      -3/4 20 + 16 + 1 = 2: 4/5;    1/4 56 - 16 + 1 = -1: -1/2
#   h_1 as above;  h_2 = (-23/75 as above, -1/10 1/2 + 9/10 1/10) = (-23/75, 1/25)
GRU_WITHOUT = GRU_GATES | {
    "W_n": ((-R(19, 2) * L,), (8 * M,)),
    "U_n": scaled((L / 2, (15, -30)), (M / 2, (60, 40))),
    "b_n": (-R(29, 2) * L, M / 2),
}
GRU_WITHOUT_H = ((R(13, 15), R(1, 10)), (-R(23, 75), R(1, 25)))
# reset before: r h is (2/3, -3/2), then (4/5 13/15, 1/4 1/10) = (52/75, 1/40); U_n (75 a, 40 b) gives
# 50 a - 60 b and 52 a + b of them.
#   n unit 0 (33, (75,40), -21):    -10+33-21 = 2: 3/5;   53-33-21 = -1: -1/3
#   n unit 1 (-29, (75,-40), -79):  110-29-79 = 2: 4/5;   51+29-79 = 1: 1/2
#   h_1 as above;  h_2 = (-4/5 1/3 + 1/5 13/15, 1/10 1/2 + 9/10 1/10) = (-7/75, 7/50)
GRU_BEFORE = GRU_GATES | {
    "W_n": ((R(33, 2) * L,), (-R(29, 2) * M,)),
    "U_n": scaled((L / 2, (75, 40)), (M / 2, (75, -40))),
    "b_n": (-R(21, 2) * L, -R(79, 2) * M),
}
GRU_BEFORE_H = ((R(13, 15), R(1, 10)), (-R(7, 75), R(7, 50)))

# --- MGU, the same states and units -------------------------------------------------------------------------
# U_f (15 a, 10 b) gives 15 a - 20 b of h_0, and 11 a + b of h_1 = (11/15, 1/10).
#   f unit 0 (10, (15,10), -4):   10-5-4 = 1: 2/3;    -10+12-4 = -2: 1/5
#   f unit 1 (20, (15,20), 6):    20-25+6 = 1: 3/4;   -20+13+6 = -1: 1/4
# f h is (2/3, -3/2), then (11/75, 1/40); U_n (75 a, 40 b) gives 50 a - 60 b and 11 a + b of them.
#   n unit 0 (13, (75,40), -1):     -10+13-1 = 2: 3/5;    12-13-1 = -2: -3/5
#   n unit 1 (-50, (75,-40), -58):  110-50-58 = 2: 4/5;   10+50-58 = 2: 4/5
#   h_1 = (1/3 + 2/3 3/5, -1/4 2 + 3/4 4/5) = (11/15, 1/10)
#   h_2 = (4/5 11/15 - 1/5 3/5, 3/4 1/10 + 1/4 4/5) = (7/15, 11/40)
MGU = {
    "W_f": ((10 * L,), (20 * M,)),
    "U_f": scaled((L, (15, 10)), (M, (15, 20))),
    "b_f": (-4 * L, 6 * M),
    "W_n": ((R(13, 2) * L,), (-25 * M,)),
    "U_n": scaled((L / 2, (75, 40)), (M / 2, (75, -40))),
    "b_n": (-L / 2, -29 * M),
    "x": ONE_INPUT,
    "h": (ONE, -2 * ONE),
}
MGU_H = ((R(11, 15), R(1, 10)), (R(7, 15), R(11, 40)))

# --- minGRU, the same states; the gate counts in log 2 and log 3 --------------------------------------------
#   z: unit 0 (2,-1): 1: 2/3, -3: 1/9;   unit 1 (1,-2): -1: 1/4, -3: 1/28
#   n: unit 0 (3,1): 4, -2;              unit 1 (-1,3): 2, 4
#   h_1 = (1/3 + 2/3 4, -3/4 2 + 1/4 2) = (3,-1)
#   h_2 = (8/9 3 - 1/9 2, -27/28 + 1/28 4) = (22/9, -23/28)
# dy_1 = (1,-1), dy_2 = (8,27), dh_T = (1,1); dz = z (1-z) (n - h) dh, dn = z dh, d(h before) = (1-z) dh:
#   t=2: dh = (9,28);  dz = (8/81 (-5) 9, 27/784 5 28) = (-40/9, 135/28);  dn = (1,1)
#   t=1: dh = (8+1, 27-1) = (9,26);  dz = (2/9 3 9, 3/16 4 26) = (6, 39/2);  dn = (6, 13/2);  dh_0 = (3, 39/2)
#   dx = 2L dz + 3 dn of unit 0, M dz - dn of unit 1
MINGRU = {
    "W_z": ((2 * L,), (M,)),
    "b_z": (-L, -2 * M),
    "W_n": ((3 * ONE,), (-ONE,)),
    "b_n": (ONE, 3 * ONE),
    "x": ONE_INPUT,
    "h": (ONE, -2 * ONE),
}
MINGRU_H = ((3 * ONE, -ONE), (R(22, 9), -R(23, 28)))
MINGRU_GRADIENT = Gradient(
    outputs=((ONE, -ONE), (8 * ONE, 27 * ONE)),
    final={"h": (ONE, ONE)},
    expected={
        "W_z": ((R(94, 9),), (R(411, 28),)),
        "b_z": (R(14, 9), R(681, 28)),
        "W_n": ((5 * ONE,), (R(11, 2),)),
        "b_n": (7 * ONE, R(15, 2)),
        "x": ((12 * L + R(39, 2) * M + R(23, 2),), (-R(80, 9) * L + R(135, 28) * M + 2,)),
        "h": (3 * ONE, R(39, 2)),
    },
)

# --- minLSTM, the same states and n -------------------------------------------------------------------------
#   f: unit 0 (2,-1): 1: 2/3, -3: 1/9;   unit 1 (2,1): 3: 27/28, -1: 1/4
#   i: unit 0 (1,1): 2: 4/5, 0: 1/2;     unit 1 (-2,1): -1: 1/4, 3: 27/28
#   f + i: 22/15, then 11/18;            34/28 both times
#   h_1 = ((2/3 + 16/5) 15/22, (-54 + 14)/34) = (29/11, -20/17)
#   h_2 = ((29/99 - 1) 18/11, (-140/17 + 108)/34) = (-140/121, 848/289)
# With s = f + i:  df = dh (h before - h after)/s, di = dh (n - h after)/s, dn = dh i/s, d(h before) = dh f/s.
# dy_1 = (11, 17/2), dy_2 = (120,288), dh_T = (1,1), so that dh_2 = (121,289):
#   unit 0, t=2: df = (319+140) 18/11, dz_f = 8/81 df = 816/11;  di = (-242+140) 18/11, dz_i = di/4 = -459/11;
#                dn = 99;  dh_1 = 22 + 11 = 33
#           t=1: df = -54 15/22, dz_f = 2/9 df = -90/11;  di = 45 15/22, dz_i = 4/25 di = 54/11;  dn = 18;  dh_0 = 15
#   unit 1, t=2: df = (-340-848) 14/17, dz_f = 3/16 df = -6237/34;  di = (1156-848) 14/17, dz_i = 27/784 di = 297/34;
#                dn = 459/2;  dh_1 = 119/2 + 17/2 = 68
#           t=1: df = -784/17, dz_f = 27/784 df = -27/17;  di = 3024/17, dz_i = 3/16 di = 567/17;  dn = 14;  dh_0 = 54
#   dx = 2L dz_f + L dz_i + 3 dn of unit 0, 2M dz_f - 2M dz_i - dn of unit 1
MINLSTM = {
    "W_f": ((2 * L,), (2 * M,)),
    "b_f": (-L, M),
    "W_i": ((L,), (-2 * M,)),
    "b_i": (L, M),
    "W_n": ((3 * ONE,), (-ONE,)),
    "b_n": (ONE, 3 * ONE),
    "x": ONE_INPUT,
    "h": (ONE, -2 * ONE),
}
MINLSTM_H = ((R(29, 11), -R(20, 17)), (-R(140, 121), R(848, 289)))
MINLSTM_GRADIENT = Gradient(
    outputs=((11 * ONE, R(17, 2)), (120 * ONE, 288 * ONE)),
    final={"h": (ONE, ONE)},
    expected={
        "W_f": ((-R(906, 11),), (R(6183, 34),)),
        "b_f": (66 * ONE, -R(6291, 34)),
        "W_i": ((R(513, 11),), (R(837, 34),)),
        "b_i": (-R(405, 11), R(1431, 34)),
        "W_n": ((-81 * ONE,), (-R(431, 2),)),
        "b_n": (117 * ONE, R(487, 2)),
        "x": (
            (-R(126, 11) * L - R(1188, 17) * M + 40,),
            (R(1173, 11) * L - R(6534, 17) * M + R(135, 2),),
        ),
        "h": (15 * ONE, 54 * ONE),
    },
)

TWO_UNITS = Sizes(T=2, B=1, I=1, H=2)
GATED = (
    Vector("gru", TWO_UNITS, GRU_AFTER, GRU_AFTER_H, {"h": GRU_AFTER_H[1]}),
    Vector("gru:hidden_bias=false", TWO_UNITS, GRU_WITHOUT, GRU_WITHOUT_H, {"h": GRU_WITHOUT_H[1]}),
    Vector("gru:reset=before", TWO_UNITS, GRU_BEFORE, GRU_BEFORE_H, {"h": GRU_BEFORE_H[1]}),
    Vector("mgu", TWO_UNITS, MGU, MGU_H, {"h": MGU_H[1]}),
    Vector("mingru", TWO_UNITS, MINGRU, MINGRU_H, {"h": MINGRU_H[1]}, MINGRU_GRADIENT),
    Vector("minlstm", TWO_UNITS, MINLSTM, MINLSTM_H, {"h": MINLSTM_H[1]}, MINLSTM_GRADIENT),
)
