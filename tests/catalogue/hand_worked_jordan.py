"""Vectors worked by hand for Jordan's network; see hand_worked.py."""

from __future__ import annotations

import sympy
from hand_worked_gradients import Gradient
from vector import Vector, scaled

from rnnproof.model.network import Sizes

R = sympy.Rational
L, M = sympy.log(2), sympy.log(3)
ONE = sympy.Integer(1)

# --- Jordan, tanh and identity: h = tanh(W x + U y + b), y' = W_y h + b_y ----------------------------------
# x_1 = (1,-1), x_2 = (2,1), y_0 = (1,1,-1); unit 0 counts in log(2)/2, unit 1 in log(3)/2.
#   t=1: unit 0: (1+2) + (1-1-2) + 1 = 2: 3/5      unit 1: (2+3) + (-1+2-1) - 4 = 1: 1/2
#        y_1 = (3+1-3, 6-1-6, -3+2+3) = (1, -1, 2)
#   t=2: unit 0: (2-2) + (1+1+4) + 1 = 7: 127/129  unit 1: (4-3) + (-1-2+2) - 4 = -4: (1/81-1)/(1/81+1) = -40/41
#        y_2 = (5 127/129 - 2 40/41 - 3, 10 127/129 + 2 40/41 - 6, -5 127/129 - 4 40/41 + 3)
JORDAN = {
    "W_h": scaled((L / 2, (1, -2)), (M / 2, (2, -3))),
    "U_h": scaled((L / 2, (1, -1, 2)), (M / 2, (-1, 2, 1))),
    "b_h": (L / 2, -2 * M),
    "W_y": ((5 * ONE, 2 * ONE), (10 * ONE, -2 * ONE), (-5 * ONE, 4 * ONE)),
    "b_y": (-3 * ONE, -6 * ONE, 3 * ONE),
    "x": ((ONE, -ONE), (2 * ONE, ONE)),
    "y": (ONE, ONE, -ONE),
}
JORDAN_Y = (
    (ONE, -ONE, 2 * ONE),
    (
        R(635, 129) - R(80, 41) - 3,
        R(1270, 129) + R(80, 41) - 6,
        -R(635, 129) - R(160, 41) + 3,
    ),
)

# --- Jordan, one output, x = 1, 2, y_0 = -1 -----------------------------------------------------------------
# identity, identity:  t=1: h = (2-1+1, -1-3-2) = (2,-6),       y_1 = 4 + 6 + 3 = 13
#                      t=2: h = (4+13+1, -2+39-2) = (18,35),    y_2 = 36 - 35 + 3 = 4
# dy_1 = 2, dy_2 = 2, dy_T = -1:
#   t=2: dy = 1; dW_y = (18,35), dh = (2,-1), dW = (4,-2), dU = 13 (2,-1), dx = 4 + 1, dy_1 = 2 - 3 = -1
#   t=1: dy = 2 - 1 = 1; dW_y = (2,-6), dh = (2,-1), dW = (2,-1), dU = -(2,-1), dx = 5, dy_0 = -1
COLUMN_X = ((ONE,), (2 * ONE,))
JORDAN_PLAIN = {
    "W_h": ((2 * ONE,), (-ONE,)),
    "U_h": ((ONE,), (3 * ONE,)),
    "b_h": (ONE, -2 * ONE),
    "W_y": ((2 * ONE, -ONE),),
    "b_y": (3 * ONE,),
    "x": COLUMN_X,
    "y": (-ONE,),
}
JORDAN_GRADIENT = Gradient(
    outputs=((2 * ONE,), (2 * ONE,)),
    final={"y": (-ONE,)},
    expected={
        "W_h": ((6 * ONE,), (-3 * ONE,)),
        "U_h": ((24 * ONE,), (-12 * ONE,)),
        "b_h": (4 * ONE, -2 * ONE),
        "W_y": ((20 * ONE, 29 * ONE),),
        "b_y": (2 * ONE,),
        "x": ((5 * ONE,), (5 * ONE,)),
        "y": (-ONE,),
    },
)
# relu, sigmoid in log 2:  t=1: (2-3+3, -1-6-1) = (2,-8), cut to (2,0); 2 - 0 - 1 = 1: 2/3
#                          t=2: (4+2+3, -2+4-1) = (9,1); 9 - 1 - 1 = 7: 128/129
JORDAN_RELU = {
    "W_h": ((2 * ONE,), (-ONE,)),
    "U_h": ((3 * ONE,), (6 * ONE,)),
    "b_h": (3 * ONE, -ONE),
    "W_y": ((L, -L),),
    "b_y": (-L,),
    "x": COLUMN_X,
    "y": (-ONE,),
}
# sigmoid in log 2, identity:  t=1: (2-3+2, -1-6+6) = (1,-1): (2/3,1/3); y_1 = 2 + 2 - 3 = 1
#                              t=2: (4+3+2, -2+6+6) = (9,10): (512/513, 1024/1025)
JORDAN_SIGMOID = {
    "W_h": ((2 * L,), (-L,)),
    "U_h": ((3 * L,), (6 * L,)),
    "b_h": (2 * L, 6 * L),
    "W_y": ((3 * ONE, 6 * ONE),),
    "b_y": (-3 * ONE,),
    "x": COLUMN_X,
    "y": (-ONE,),
}
# identity, tanh in log(2)/2:  t=1: (2-3+2, -1-6+6) = (1,-1); 3 - 3 + 1 = 1: 1/3
#                              t=2: (4+1+2, -2+2+6) = (7,6); 21 + 18 + 1 = 40
JORDAN_TANH = {
    "W_h": ((2 * ONE,), (-ONE,)),
    "U_h": ((3 * ONE,), (6 * ONE,)),
    "b_h": (2 * ONE, 6 * ONE),
    "W_y": ((3 * L / 2, 3 * L / 2),),
    "b_y": (L / 2,),
    "x": COLUMN_X,
    "y": (-ONE,),
}

# identity, softmax in log 2, two outputs, y_0 = (1,-1):
#   t=1: h = (2+3-6+2, -1-3-3+4) = (1,-3);    (1-3+3, 1-6+5) = (1,0):       (2,1) / 3
#   t=2: h = (4+2+2+2, -2-2+1+4) = (10,1);    (10+1+3, 10+2+5) = (14,17):   (1,8) / 9
JORDAN_SOFTMAX = {
    "W_h": ((2 * ONE,), (-ONE,)),
    "U_h": ((3 * ONE, 6 * ONE), (-3 * ONE, 3 * ONE)),
    "b_h": (2 * ONE, 4 * ONE),
    "W_y": ((L, L), (L, 2 * L)),
    "b_y": (3 * L, 5 * L),
    "x": COLUMN_X,
    "y": (ONE, -ONE),
}

TWO_UNITS = Sizes(T=2, B=1, I=1, H=2, O=1)
JORDANS = (
    Vector("jordan", Sizes(T=2, B=1, I=2, H=2, O=3), JORDAN, JORDAN_Y, {"y": JORDAN_Y[1]}),
    Vector(
        "jordan:activation=identity",
        TWO_UNITS,
        JORDAN_PLAIN,
        ((13 * ONE,), (4 * ONE,)),
        {"y": (4 * ONE,)},
        JORDAN_GRADIENT,
    ),
    Vector(
        "jordan:activation=relu,readout=sigmoid",
        TWO_UNITS,
        JORDAN_RELU,
        ((R(2, 3),), (R(128, 129),)),
        {"y": (R(128, 129),)},
    ),
    Vector(
        "jordan:activation=sigmoid",
        TWO_UNITS,
        JORDAN_SIGMOID,
        ((ONE,), (R(3 * 512, 513) + R(6 * 1024, 1025) - 3,)),
        {"y": (R(3 * 512, 513) + R(6 * 1024, 1025) - 3,)},
    ),
    Vector(
        "jordan:activation=identity,readout=tanh",
        TWO_UNITS,
        JORDAN_TANH,
        ((R(1, 3),), (R(2**40 - 1, 2**40 + 1),)),
        {"y": (R(2**40 - 1, 2**40 + 1),)},
    ),
    Vector(
        "jordan:activation=identity,readout=softmax",
        Sizes(T=2, B=1, I=1, H=2, O=2),
        JORDAN_SOFTMAX,
        ((R(2, 3), R(1, 3)), (R(1, 9), R(8, 9))),
        {"y": (R(1, 9), R(8, 9))},
    ),
)
