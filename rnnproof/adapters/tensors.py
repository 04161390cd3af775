"""NumPy arrays as tensors, and back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from rnnproof.adapters import foreign
from rnnproof.adapters.results import Shape, numbers, real_array
from rnnproof.errors import TargetError, Unsupported
from rnnproof.model.case import Array

NOT_DONE = "not implemented for '"  # as PyTorch says it: "addmm_impl_cpu_" not implemented for 'Half'


def tensor(array: Array) -> Any:
    """A tensor on the same memory, so with the same strides and open to the same changes.

    PyTorch has neither read-only tensors nor negative strides: such an array is copied, with its strides if
    they are positive.
    """
    import torch

    if array.flags.writeable and _strides_at_least(0, array):
        return _on_the_memory_of(array)
    copied = _on_the_memory_of(np.array(array, order="C"))
    if not _strides_at_least(1, array):
        return copied
    strides = tuple(stride // array.itemsize for stride in array.strides)
    return torch.empty_strided(array.shape, strides, dtype=copied.dtype).copy_(copied)


def _on_the_memory_of(array: Array) -> Any:
    """PyTorch takes NumPy's bfloat16 by its bits alone."""
    import torch

    if array.dtype.name != "bfloat16":
        return torch.from_numpy(array)
    return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)


def numpy_of(value: Any) -> Array:
    """A tensor's numbers, on its own memory."""
    import torch

    found = value.detach()
    if found.dtype != torch.bfloat16:
        return found.numpy()  # type: ignore[no-any-return]
    return found.view(torch.int16).numpy().view("bfloat16")  # type: ignore[no-any-return]


def _strides_at_least(least: int, array: Array) -> bool:
    return all(stride >= least and stride % array.itemsize == 0 for stride in array.strides)


@contextmanager
def calling(what: str) -> Iterator[None]:
    """As ``foreign.calling``; what PyTorch does not do in a format on this machine is refused, no error.

    Errors: Unsupported, TargetError.
    """
    try:
        with foreign.calling(what):
            yield
    except TargetError as problem:
        if isinstance(problem.__cause__, RuntimeError) and NOT_DONE in str(problem.__cause__):
            raise Unsupported(f"torch does not do this format on this machine: {problem.__cause__}") from None
        raise


def array(what: str, value: Any, expected: Shape) -> Array:
    """A returned tensor as an array of the shape expected.

    Errors: TargetError for anything but a tensor of real numbers of that shape.
    """
    import torch

    if not isinstance(value, torch.Tensor):
        raise TargetError(f"{what}: got a {type(value).__name__}, expected a tensor of shape {expected}")
    return real_array(what, numbers(what, numpy_of(value.cpu()), str(expected)), expected)
