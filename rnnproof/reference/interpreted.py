"""The equations and edges executed one by one in floats: slower than compiled, and nothing has to be compiled."""

from __future__ import annotations

from functools import cache, partial
from operator import matmul

import sympy

from rnnproof.domains.floating import FUNCTIONS, softmax
from rnnproof.model.case import Cotangents
from rnnproof.model.trace import Gradients
from rnnproof.reference.adjoint import Adjoint
from rnnproof.reference.implementation import zeros
from rnnproof.reference.interpreter import Numbers, Tape, backward, forward
from rnnproof.reference.network import System


@cache
def _float(value: sympy.Rational) -> float:
    return float(value)


NUMBERS = Numbers(
    activations=FUNCTIONS,
    softmax=softmax,
    rational=lambda like, value: _float(value),
    matrix=lambda weight: weight,
    product=matmul,
)


def _backward(pulled: Adjoint, tape: Tape, cotangents: Cotangents) -> Gradients:
    return backward(NUMBERS, pulled, tape, cotangents)[0]


INTERPRETED = System(partial(forward, NUMBERS), _backward, zeros)
