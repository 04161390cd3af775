"""One bias as the sum of two."""

from __future__ import annotations

import numpy as np

from rnnproof.domains.dual import unknown
from rnnproof.domains.formats import FORMATS
from rnnproof.domains.ring_array import RingArray
from rnnproof.model.case import Array


def split(b: Array) -> tuple[Array, Array]:
    """b = first + second, the sum exact in b's own format, and neither is zero, whatever b.

    second is 2^(e-2) with b's sign, where 2^e <= |b| < 2^(e+1): a quarter of b's leading bit, hence first and
    second differ, |first| + |second| = |b|, and both lie on b's grid or one at most four times finer.
    Exact, since b - second needs no bit that b or second does not have, and is smaller than b.
    Where 2^(e-2) is below the smallest subnormal, b = 2 b + (-b). 0 = -m + m, with m the smallest normal
    number: what adding it costs is no more than one subnormal spacing.

    Shapes: b and both results (H,).
    """
    _, exponent = np.frexp(b)  # |b| = f 2^exponent with 1/2 <= f < 1, so e = exponent - 1
    with np.errstate(under="ignore"):
        quarter = np.copysign(np.ldexp(np.ones_like(b), exponent - 3), b)
    second = np.where(quarter == 0, -b, quarter)
    second = np.where(b == 0, FORMATS[b.dtype.name].normal, second).astype(b.dtype)
    return b - second, second


def halves(name: str, b: Array) -> tuple[Array, Array]:
    """b, of that name, as the sum of two; in a ring the second is an unknown whose float is the second of b's float.

    Whoever splits b in that ring has the same unknown. Shapes: as ``split``.
    """
    if not isinstance(b, RingArray):
        return split(b)
    second = RingArray(unknown(b.ring, f"half of {name}", split(b.dual.f)[1]))
    return b - second, second
