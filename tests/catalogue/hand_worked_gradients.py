"""Gradients worked out by hand for the vectors of hand_worked.py: dz is what comes back to a pre-activation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy

R = sympy.Rational
L, M = sympy.log(2), sympy.log(3)
ONE = sympy.Integer(1)
Numbers = Any  # nested tuples of exact SymPy numbers


@dataclass(frozen=True)
class Gradient:
    """Cotangents of the outputs (T,.) and of the final states, and the gradients by what they are named after."""

    outputs: Numbers
    final: Mapping[str, Numbers]
    expected: Mapping[str, Numbers]


# --- Elman, tanh --------------------------------------------------------------------------------
# The gradient for dy_1 = (1,-1), dy_2 = (2,1), dh_T = (1,2); write L = log 2, M = log 3:
#   dh_2 = (2,1) + (1,2) = (3,3)
#   dz_2 = (1 - 1/9, 1 - 1/4) dh_2 = (8/3, 9/4)
#   dh_1 = (1,-1) + U^T dz_2 = (1 + 3L 8/3 + M 9/4, -1 - L 8/3 - 2M 9/4) = (1 + 8L + 9/4 M, -1 - 8/3 L - 9/2 M)
#   dz_1 = (16/25, 9/25) dh_1 = (16/25 + 128/25 L + 36/25 M, -9/25 - 24/25 L - 81/50 M)
#   dW = dz_1 x_1^T + dz_2 x_2^T, dU = dz_1 h_0^T + dz_2 h_1^T, db = dz_1 + dz_2, dx_t = W^T dz_t, dh_0 = U^T dz_1
TANH_GRADIENT = Gradient(
    outputs=((ONE, -ONE), (2 * ONE, ONE)),
    final={"h": (ONE, 2 * ONE)},
    expected={
        "W_h": (
            (
                R(448, 75) + R(128, 25) * L + R(36, 25) * M,
                R(152, 75) - R(128, 25) * L - R(36, 25) * M,
                -R(104, 75) + R(256, 25) * L + R(72, 25) * M,
            ),
            (
                R(207, 50) - R(24, 25) * L - R(81, 50) * M,
                R(261, 100) + R(24, 25) * L + R(81, 50) * M,
                -R(297, 100) - R(48, 25) * L - R(81, 25) * M,
            ),
        ),
        "U_h": (
            (R(48, 25) + R(64, 25) * L + R(18, 25) * M, R(112, 75) - R(128, 25) * L - R(36, 25) * M),
            (R(117, 100) - R(12, 25) * L - R(81, 100) * M, R(54, 25) + R(24, 25) * L + R(81, 50) * M),
        ),
        "b_h": (R(248, 75) + R(128, 25) * L + R(36, 25) * M, R(189, 100) - R(24, 25) * L - R(81, 50) * M),
        "x": (
            (
                -R(8, 25) * L + R(9, 50) * M - R(64, 25) * L**2 - R(6, 25) * L * M + R(81, 100) * M**2,
                R(24, 25) * L - R(9, 25) * M + R(192, 25) * L**2 + R(30, 25) * L * M - R(81, 50) * M**2,
                R(8, 25) * L + R(9, 50) * M + R(64, 25) * L**2 + R(30, 25) * L * M + R(81, 100) * M**2,
            ),
            (-R(4, 3) * L - R(9, 8) * M, 4 * L + R(9, 4) * M, R(4, 3) * L - R(9, 8) * M),
        ),
        "h": (
            R(48, 25) * L - R(9, 25) * M + R(384, 25) * L**2 + R(84, 25) * L * M - R(81, 50) * M**2,
            -R(16, 25) * L + R(18, 25) * M - R(128, 25) * L**2 + R(12, 25) * L * M + R(81, 25) * M**2,
        ),
    },
)

# --- Elman, identity ----------------------------------------------------------------------------
# The gradient for dy_1 = (1,-1), dy_2 = (2,1), dh_T = (1,2), identity, so dz_t = dh_t:
#   dz_2 = (2,1) + (1,2) = (3,3);  dz_1 = (1,-1) + U^T (3,3) = (1,-1) + (6-3, -3+9/2) = (4, 1/2)
#   dW = (4, 1/2) (1,-1,2)^T + (3,3) (2,1,-1)^T        dU = (4, 1/2) (1/2,-1)^T + (3,3) (4,-7/2)^T
#   dx_1 = W^T (4, 1/2) = (4+1, -4+1/4, 2-1/2)         dx_2 = W^T (3,3) = (3+6, -3+3/2, 3/2-3)
#   dh_0 = U^T (4, 1/2) = (8-1/2, -4+3/4)
IDENTITY_GRADIENT = Gradient(
    outputs=((ONE, -ONE), (2 * ONE, ONE)),
    final={"h": (ONE, 2 * ONE)},
    expected={
        "W_h": ((10 * ONE, -ONE, 5 * ONE), (R(13, 2), R(5, 2), -2 * ONE)),
        "U_h": ((14 * ONE, -R(29, 2)), (R(49, 4), -11 * ONE)),
        "b_h": (7 * ONE, R(7, 2)),
        "x": ((5 * ONE, -R(15, 4), R(3, 2)), (9 * ONE, -R(3, 2), -R(3, 2))),
        "h": (R(15, 2), -R(13, 4)),
    },
)

# --- Elman, tanh, read out by softmax -----------------------------------------------------------
# The gradient for dy_1 = (2,-2,1), dy_2 = (6,1,3), dh_T = (1,2). Of the readout, dz = y (dy - sum of y dy):
#   t=2: sum = 6/6 + 3/4 + 3/12 = 2:       dz = (1/6 4, -3/4, 1/12) = (2/3, -3/4, 1/12)
#   t=1: sum = 2/4 - 2/4 + 1/2 = 1/2:      dz = (1/4 3/2, -1/4 5/2, 1/2 1/2) = (3/8, -5/8, 1/4)
#   dW_y = dz_1 (3/5,4/5) + dz_2 (1/3,1/2), db_y = dz_1 + dz_2
# Of the hidden units, W_y^T = ((-6L, -3M, -3L), (2L, -4M, 6L)), U^T = ((3L, M), (-L, -2M)):
#   dh_2 = (1, 2) + W_y^T dz_2 = (1 - 17/4 L + 9/4 M, 2 + 11/6 L + 3M)
#   dz_2 = (8/9, 3/4) dh_2 = (8/9 - 34/9 L + 2M, 3/2 + 11/8 L + 9/4 M)
#   dh_1 = U^T dz_2 + W_y^T (3/8, -5/8, 1/4), where the latter is (-3L + 15/8 M, 9/4 L + 5/2 M)
#        = (-1/3 L + 27/8 M - 34/3 LL + 59/8 LM + 9/4 MM, 49/36 L - 1/2 M + 34/9 LL - 19/4 LM - 9/2 MM)
#   db_h = (16/25, 9/25) dh_1 + dz_2
SOFTMAX_GRADIENT = Gradient(
    outputs=((2 * ONE, -2 * ONE, ONE), (6 * ONE, ONE, 3 * ONE)),
    final={"h": (ONE, 2 * ONE)},
    expected={
        "W_y": ((R(161, 360), R(19, 30)), (-R(5, 8), -R(7, 8)), (R(8, 45), R(29, 120))),
        "b_y": (R(25, 24), -R(11, 8), R(1, 3)),
        "b_h": (
            R(8, 9) - R(898, 225) * L + R(104, 25) * M - R(544, 75) * L**2 + R(118, 25) * L * M + R(36, 25) * M**2,
            R(3, 2) + R(373, 200) * L + R(207, 100) * M + R(34, 25) * L**2 - R(171, 100) * L * M - R(81, 50) * M**2,
        ),
    },
)
