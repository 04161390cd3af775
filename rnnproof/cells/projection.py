"""What an LSTM puts out of m = o tanh(c): m itself, or a linear map of it that is also what it remembers.

Reference: H. Sak, A. Senior and F. Beaufays, Long short-term memory recurrent neural network architectures for
large scale acoustic modeling, Interspeech 2014.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rnnproof.cells.affine import outer_sum
from rnnproof.cells.contract import Array, Arrays


@dataclass(frozen=True)
class Projection:
    """h = v(m), dm = v'^T dh and, for a whole sequence, the gradients of the parameters by (dh, m).

    Shapes: m, dm (B,H); h, dh (B,P), P = H without a map.
    """

    parameters: tuple[str, ...]
    value: Callable[[Array, Arrays], Array]
    pullback: Callable[[Array, Arrays], Array]
    gradients: Callable[[Array, Array], dict[str, Array]]


DIRECT = Projection((), lambda m, params: m, lambda dh, params: dh, lambda dh, m: {})
LINEAR = Projection(
    ("W_p",),
    lambda m, params: m @ params["W_p"].T,
    lambda dh, params: dh @ params["W_p"],
    lambda dh, m: {"W_p": outer_sum(dh, m)},
)
