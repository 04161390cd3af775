"""A module with one line of it changed: the fault that a check must refuse."""

from __future__ import annotations

import importlib
import inspect
import sys
from types import ModuleType

import rnnproof

PACKAGE = "rnnproof.cells"


def planted(module: ModuleType, right: str, wrong: str) -> ModuleType:
    """A copy of the module in which ``right``, which stands there exactly once, is ``wrong``."""
    source = inspect.getsource(module)
    assert source.count(right) == 1, f"{module.__name__}: {right!r} stands there {source.count(right)} times"
    copy = ModuleType(module.__name__)
    copy.__file__, copy.__package__ = module.__file__, module.__package__
    exec(compile(source.replace(right, wrong), f"{module.__name__} with {wrong!r}", "exec"), vars(copy))
    return copy


def cells_with(name: str, right: str, wrong: str) -> ModuleType:
    """A second package of cells, all of it read anew around the module of that name with its fault."""
    own = importlib.import_module(f"{PACKAGE}.{name}")
    before = {key: module for key, module in sys.modules.items() if key.partition(f"{PACKAGE}.")[0] in ("", PACKAGE)}
    package = rnnproof.cells
    try:
        faulty = planted(own, right, wrong)
        for key in before:
            del sys.modules[key]
        sys.modules[own.__name__] = faulty
        return importlib.import_module(PACKAGE)
    finally:
        for key in [key for key in sys.modules if key.partition(f"{PACKAGE}.")[0] in ("", PACKAGE)]:
            del sys.modules[key]
        sys.modules.update(before)
        rnnproof.cells = package
