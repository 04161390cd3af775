"""The floats beside an exact run compared with a plain run of the same code: where they part, nothing is judged.

Both are made by the same NumPy operations in the same order, so they part where the exact run did something else than
the code does in floats: took another branch, lost what was written in place, shared memory that is not shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.errors import Untraceable

ANOTHER_WAY = "exact execution went another way than the floats"


def follows(exact: Mapping[str, Any], floats: Mapping[str, Any], ring: Ring) -> None:
    """The results of an exact run that are of the ring, beside those of the plain run.

    Where clips are left out, or tiny literals read as zero, another way is what was asked for.
    Errors: Untraceable for one that differs by more than rounding may make.
    """
    if ring.unclipped or ring.reading == "tiny as zero":
        return
    for name, value in exact.items():
        if isinstance(value, RingArray) and not _near(value.dual.f, floats.get(name), ring):
            raise Untraceable(f"{ANOTHER_WAY}: {name} is not what a plain run gives")


def _near(shadow: Any, plain: Any, ring: Ring) -> bool:
    """Whether both are one but for rounding; what is read of memory that was not set is any number."""
    if np.shape(plain) != shadow.shape or getattr(np.asarray(plain), "dtype", shadow.dtype).kind not in "fiub":
        return False
    plain = np.asarray(plain, dtype=float)
    with np.errstate(all="ignore"):
        same = (shadow == plain) | (np.abs(shadow - plain) <= ring.noise)
        same |= np.isnan(shadow) & (np.isnan(plain) | (ring.unset > 0))
    return bool(np.all(same))
