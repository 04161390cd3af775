"""A module with one line of it changed: the fault that a check must refuse."""

from __future__ import annotations

import inspect
from types import ModuleType


def planted(module: ModuleType, right: str, wrong: str) -> ModuleType:
    """A copy of the module in which ``right``, which stands there exactly once, is ``wrong``."""
    source = inspect.getsource(module)
    assert source.count(right) == 1, f"{module.__name__}: {right!r} stands there {source.count(right)} times"
    copy = ModuleType(module.__name__)
    exec(compile(source.replace(right, wrong), f"{module.__name__} with {wrong!r}", "exec"), vars(copy))
    return copy
