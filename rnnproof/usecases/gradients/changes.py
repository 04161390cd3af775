"""What of the arguments a call has changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from rnnproof.domains.ring_array import RingArray
from rnnproof.usecases.gradients.arguments import Arguments
from rnnproof.usecases.gradients.tree import leaves

Changes = dict[str, tuple[Any, Any]]  # path -> (before, after)


def changes(before: Mapping[str, Any], now: Mapping[str, Any], arguments: Arguments) -> Changes:
    """The arguments' arrays that are not what they were."""
    first = dict(leaf for name, value in before.items() for leaf in leaves(value, name))
    after = dict(leaf for name, value in now.items() for leaf in leaves(value, name))
    return {
        path: (first[path], after[path])
        for path in (*arguments.unknown, *(path for path, kind in arguments.data.items() if kind == "buffer"))
        if path in after and _differ(first[path], after[path])
    }


def _differ(before: Any, after: Any) -> bool:
    if not isinstance(after, RingArray):
        return False
    if not isinstance(before, RingArray):
        return bool(after.dual.x.any())
    same = before.shape == after.shape and not np.any(np.not_equal(before.dual.x, after.dual.x))
    return not same
