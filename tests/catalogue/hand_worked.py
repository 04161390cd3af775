"""Test vectors worked out by hand from the papers' equations, apart from the code: exact numbers throughout.

The weights are rational multiples of log 2, log 3, ... chosen so that every activation is a rational number:

    sigmoid(log r) = r / (1 + r)        tanh(log(r) / 2) = (r - 1) / (r + 1)

The working stands beside the numbers. T = 2, I = 3, H = 2, a readout has O = 3; nothing is zero that need not be.
"""

from __future__ import annotations

import sympy
from hand_worked_gated import GATED
from hand_worked_gradients import IDENTITY_GRADIENT, SOFTMAX_GRADIENT, TANH_GRADIENT
from hand_worked_jordan import JORDANS
from hand_worked_lecture import LECTURE_LSTMS
from hand_worked_lstms import LSTMS
from vector import Vector, scaled

from rnnproof.model.network import Sizes

R = sympy.Rational
L, M = sympy.log(2), sympy.log(3)
ONE = sympy.Integer(1)


X = ((ONE, -ONE, 2 * ONE), (2 * ONE, ONE, -ONE))
SIZES = Sizes(T=2, B=1, I=3, H=2, O=3)

# --- Elman, tanh: h_t = tanh(W x_t + U h_{t-1} + b) --------------------------------------------------------
# Unit 0 counts in log(2)/2, unit 1 in log(3)/2; h_0 = (1/2, -1).
#   t=1, x = (1,-1,2):   unit 0: (-1-3+2) + (6/2+2) - 1 = -2 + 5 - 1 = 2: tanh(log 2) = (4-1)/(4+1) = 3/5
#                        unit 1: (-1-2-2) + (2/2+4) + 2 = -5 + 5 + 2 = 2: tanh(log 3) = (9-1)/(9+1) = 4/5
#   t=2, x = (2,1,-1):   unit 0: (-2+3-1) + (18/5-8/5) - 1 = 0 + 2 - 1 = 1: tanh(log(2)/2) = (2-1)/(2+1) = 1/3
#                        unit 1: (-2+2+1) + (6/5-16/5) + 2 = 1 - 2 + 2 = 1: tanh(log(3)/2) = (3-1)/(3+1) = 1/2
TANH = {
    "W_h": scaled((L / 2, (-1, 3, 1)), (M / 2, (-1, 2, -1))),
    "U_h": scaled((L / 2, (6, -2)), (M / 2, (2, -4))),
    "b_h": (-L / 2, M),
    "x": X,
    "h": (R(1, 2), -ONE),
}
TANH_H = ((R(3, 5), R(4, 5)), (R(1, 3), R(1, 2)))

# --- Elman, sigmoid: unit 0 counts in log 2, unit 1 in log 3; h_0 = (1/2, -1) ------------------------------
#   t=1:  unit 0: (-1-2-4) + (3+4) + 1 = -7 + 7 + 1 = 1: sigmoid(log 2) = 2/3
#         unit 1: (-2-2-8) + (3+8) + 2 = -12 + 11 + 2 = 1: sigmoid(log 3) = 3/4
#   t=2:  unit 0: (-2+2+2) + (4-3) + 1 = 2 + 1 + 1 = 4: sigmoid(log 16) = 16/17
#         unit 1: (-4+2+4) + (4-6) + 2 = 2 - 2 + 2 = 2: sigmoid(log 9) = 9/10
SIGMOID = {
    "W_h": scaled((L, (-1, 2, -2)), (M, (-2, 2, -4))),
    "U_h": scaled((L, (6, -4)), (M, (6, -8))),
    "b_h": (L, 2 * M),
    "x": X,
    "h": (R(1, 2), -ONE),
}

# --- Elman, relu and identity on the same rational weights; h_0 = (1/2, -1) --------------------------------
#   t=1:  unit 0: (1+1+1) + (1+1) - 1 = 4
#         unit 1: (2-1/2-2) + (-1/2-3/2) - 1 = -1/2 - 2 - 1 = -7/2, which relu cuts to 0
#   t=2, relu, h_1 = (4, 0):         unit 0: (2-1-1/2) + 8 - 1 = 1/2 + 8 - 1 = 15/2
#                                    unit 1: (4+1/2+1) - 4 - 1 = 11/2 - 4 - 1 = 1/2
#   t=2, identity, h_1 = (4, -7/2):  unit 0: 1/2 + (8+7/2) - 1 = 11
#                                    unit 1: 11/2 + (-4-21/4) - 1 = -19/4
RATIONAL = {
    "W_h": ((ONE, -ONE, R(1, 2)), (2 * ONE, R(1, 2), -ONE)),
    "U_h": ((2 * ONE, -ONE), (-ONE, R(3, 2))),
    "b_h": (-ONE, -ONE),
    "x": X,
    "h": (R(1, 2), -ONE),
}
RELU_H = ((4 * ONE, 0 * ONE), (R(15, 2), R(1, 2)))
IDENTITY_H = ((4 * ONE, -R(7, 2)), (11 * ONE, -R(19, 4)))

# --- Readouts: y_t = g(W_y h_t + b_y), three outputs -------------------------------------------------------
# identity on relu's h:     t=1, h = (4, 0):       4 + 1/2 = 9/2;  -2 - 1 = -3;  12 + 2 = 14
#                           t=2, h = (15/2, 1/2):  15/2 + 1 + 1/2 = 9;  -15/4 + 2 - 1 = -11/4;  45/2 - 1/2 + 2 = 24
RELU_READ = {"W_y": ((ONE, 2 * ONE), (-R(1, 2), 4 * ONE), (3 * ONE, -ONE)), "b_y": (R(1, 2), -ONE, 2 * ONE)}
RELU_Y = ((R(9, 2), -3 * ONE, 14 * ONE), (9 * ONE, -R(11, 4), 24 * ONE))

# tanh on identity's h, rows counted in log(2)/2, log(3)/2, log(2)/2:
#   t=1, h = (4, -7/2):   8-14+5 = -1: (1/2-1)/(1/2+1) = -1/3
#                         -8+14-4 = 2: (9-1)/(9+1) = 4/5
#                         12-14-5 = -7: (1-128)/(1+128) = -127/129
#   t=2, h = (11, -19/4): 22-19+5 = 8: (256-1)/(256+1) = 255/257
#                         -22+19-4 = -7: (1-2187)/(1+2187) = -1093/1094
#                         33-19-5 = 9: (512-1)/(512+1) = 511/513
IDENTITY_READ = {
    "W_y": scaled((L / 2, (2, 4)), (M / 2, (-2, -4)), (L / 2, (3, 4))),
    "b_y": (5 * L / 2, -2 * M, -5 * L / 2),
}
IDENTITY_Y = ((-R(1, 3), R(4, 5), -R(127, 129)), (R(255, 257), -R(1093, 1094), R(511, 513)))

# sigmoid on tanh's h, rows counted in log 2, log 3, log 2:
#   t=1, h = (3/5, 4/5):  (-18+8)/5 + 3 = 1: 2/3;   (9+16)/5 - 6 = -1: 1/4;   (-9+24)/5 - 4 = -1: 1/3
#   t=2, h = (1/3, 1/2):  -2+1+3 = 2: 4/5;          1+2-6 = -3: 1/28;         -1+3-4 = -2: 1/5
TANH_READ = {
    "W_y": scaled((L, (-6, 2)), (M, (3, 4)), (L, (-3, 6))),
    "b_y": (3 * L, -6 * M, -4 * L),
}
TANH_Y = ((R(2, 3), R(1, 4), R(1, 3)), (R(4, 5), R(1, 28), R(1, 5)))

# softmax on tanh's h, rows counted in log 2, log 3, log 2, so that exp(z) is a power of 2 or of 3:
#   t=1, h = (3/5, 4/5):  (-18+8)/5 + 2 = 0: 1;   -(9+16)/5 + 5 = 0: 1;  (-9+24)/5 - 2 = 1: 2;  over their sum 4
#   t=2, h = (1/3, 1/2):  -2+1+2 = 1: 2;          -1-2+5 = 2: 9;         -1+3-2 = 0: 1;         over their sum 12
SOFTMAX_READ = {
    "W_y": scaled((L, (-6, 2)), (M, (-3, -4)), (L, (-3, 6))),
    "b_y": (2 * L, 5 * M, -2 * L),
}
SOFTMAX_Y = ((R(1, 4), R(1, 4), R(1, 2)), (R(1, 6), R(3, 4), R(1, 12)))

# --- The lecture's example, as published: every weight 1, no biases, memory 0 ------------------------------
ONES = ((ONE, ONE), (ONE, ONE))
LECTURE = {
    "W_h": ONES,
    "U_h": ONES,
    "W_y": ONES,
    "x": ((ONE, ONE), (ONE, ONE), (2 * ONE, 2 * ONE)),
    "h": (0 * ONE, 0 * ONE),
}

# --- LSTM, Graves (2013), equations (7) to (11) without peepholes; h_0 = (1, -2) ---------------------------
# z = log(base) * (W x + U h + b) with the integers below; x_1 = (1,-1,2), x_2 = (2,1,-1). c_0 is chosen so that
# c_1 = (log 2, -log 3), hence tanh(c_1) = (3/5, -4/5).
#   t=1, h = (1,-2):        W x      U h    b
#     i unit 0, base 2:     5       -5      1     = 1:   sigmoid(log 2) = 2/3
#     i unit 1, base 3:     4       -6      1     = -1:  sigmoid(-log 3) = 1/4
#     f unit 0, base 2:    -9        6      2     = -1:  1/3
#     f unit 1, base 3:     8       -6     -1     = 1:   3/4
#     g unit 0, base 2:     5       -3     -1     = 1:   tanh(log 2) = 3/5
#     g unit 1, base 3/2:  -7        3      2     = -2:  tanh(-log 3) = -4/5      (counts in log(3)/2)
#     o unit 0, base 5:    -1        1      1     = 1:   5/6
#     o unit 1, base 5/3:  -3        5     -1     = 1:   (5/3) / (8/3) = 5/8
#     c_0 = (3 log 2 - 6/5, -4/3 log 3 + 4/15)
#     c_1 = (log 2 - 2/5 + 2/3 3/5, -log 3 + 1/5 - 1/4 4/5) = (log 2, -log 3)
#     h_1 = (5/6 3/5, -5/8 4/5) = (1/2, -1/2)
#   t=2, h = (1/2,-1/2):    W x      U h    b
#     i:                   -1       -1      1     = -1:  1/3            unit 1:  1   -1    1  = 1:   3/4
#     f:                   -2        2      2     = 2:   4/5            unit 1:  2   -2   -1  = -1:  1/4
#     g:                    1       -1     -1     = -1:  -3/5           unit 1: -2    1    2  = 1:   1/2
#     o:                   -3        1      1     = -1:  1/6            unit 1: -2    2   -1  = -1:  3/8
#     c_2 = (4/5 log 2 - 1/3 3/5, -1/4 log 3 + 3/4 1/2) = (4/5 log 2 - 1/5, 3/8 - 1/4 log 3)
#     h_2 = (1/6 tanh(c_2), 3/8 tanh(c_2))
B5, B53 = sympy.log(5), sympy.log(5) - sympy.log(3)
LSTM = {
    "W_i": scaled((L, (1, -2, 1)), (M, (1, 1, 2))),
    "W_f": scaled((L, (-3, 2, -2)), (M, (3, -3, 1))),
    "W_g": scaled((L, (1, 2, 3)), (M / 2, (-2, -1, -3))),
    "W_o": scaled((B5, (-1, -2, -1)), (B53, (-1, -2, -2))),
    "U_i": scaled((L, (1, 3)), (M, (2, 4))),
    "U_f": scaled((L, (2, -2)), (M, (-2, 2))),
    "U_g": scaled((L, (-1, 1)), (M / 2, (1, -1))),
    "U_o": scaled((B5, (3, 1)), (B53, (3, -1))),
    "b_i": (L, M),
    "b_f": (2 * L, -M),
    "b_g": (-L, M),
    "b_o": (B5, -B53),
    "x": X,
    "h": (ONE, -2 * ONE),
    "c": (3 * L - R(6, 5), -R(4, 3) * M + R(4, 15)),
}
LSTM_C = (R(4, 5) * L - R(1, 5), R(3, 8) - R(1, 4) * M)
LSTM_H = (R(1, 6) * sympy.tanh(LSTM_C[0]), R(3, 8) * sympy.tanh(LSTM_C[1]))

VECTORS = (
    Vector("elman", SIZES, TANH, TANH_H, {"h": TANH_H[1]}, TANH_GRADIENT),
    Vector(
        "elman:activation=sigmoid",
        SIZES,
        SIGMOID,
        ((R(2, 3), R(3, 4)), (R(16, 17), R(9, 10))),
        {"h": (R(16, 17), R(9, 10))},
    ),
    Vector("elman:activation=relu", SIZES, RATIONAL, RELU_H, {"h": RELU_H[1]}),
    Vector("elman:activation=identity", SIZES, RATIONAL, IDENTITY_H, {"h": IDENTITY_H[1]}, IDENTITY_GRADIENT),
    Vector("elman:readout=sigmoid", SIZES, TANH | TANH_READ, TANH_Y, {"h": TANH_H[1]}),
    Vector("elman:readout=softmax", SIZES, TANH | SOFTMAX_READ, SOFTMAX_Y, {"h": TANH_H[1]}, SOFTMAX_GRADIENT),
    Vector("elman:activation=relu,readout=identity", SIZES, RATIONAL | RELU_READ, RELU_Y, {"h": RELU_H[1]}),
    Vector(
        "elman:activation=identity,readout=tanh",
        SIZES,
        RATIONAL | IDENTITY_READ,
        IDENTITY_Y,
        {"h": IDENTITY_H[1]},
    ),
    Vector(
        "lecture",
        Sizes(T=3, B=1, I=2, H=2, O=2),
        LECTURE,
        ((4 * ONE, 4 * ONE), (12 * ONE, 12 * ONE), (32 * ONE, 32 * ONE)),
        {"h": (16 * ONE, 16 * ONE)},
    ),
    Vector("lstm", SIZES, LSTM, ((R(1, 2), -R(1, 2)), LSTM_H), {"h": LSTM_H, "c": LSTM_C}),
    *(*JORDANS, *LECTURE_LSTMS, *LSTMS, *GATED),
)
