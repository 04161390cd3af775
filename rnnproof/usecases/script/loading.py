"""How a target is loaded in a script: as its user would, by a directory on the path and an import."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path

from rnnproof.adapters.loading import parts
from rnnproof.errors import Unsupported, UsageError
from rnnproof.usecases.script.numbers import quoted

ALIAS = "target"
# What a script calls by these names is something else.
USED = frozenset(
    {"np", "sys", "copy", "torch", "array", "tensor", "call", "check", "counted", "wrong"}
    | {"x", "p", "second", "state", "params", "cotangents", "lengths", "outputs", "final", "gradients", "states"}
)


@dataclass(frozen=True)
class Loaded:
    """The lines that import a target, and the expression that it then is; ``short`` is what a person calls it."""

    lines: tuple[str, ...]
    expression: str
    short: str


def loading(target: str) -> Loaded:
    """Of ``path/file.py:object`` or ``package.module:object``.

    Errors: UsageError for a text that names neither; Unsupported for our own cells.
    """
    if target.startswith("numpy:"):
        raise Unsupported(f"{target} is a cell of rnnproof's own: no script could load it without rnnproof")
    file, module, path = parts(target)
    if file is not None:
        directory, module, short = str(file.resolve().parent), file.stem, file.name
        lines = [f"sys.path.insert(0, {quoted(directory)})  # where {file.name} is"]
    else:
        short, lines = module, _beside(module)
    return _imported(lines, module, path, short)


def _imported(lines: list[str], module: str, path: tuple[str, ...], short: str) -> Loaded:
    if not all(part.isidentifier() for part in module.split(".")) or module in sys.stdlib_module_names:
        if not lines:
            raise UsageError(f"{module!r} names no module")
        place = [f'spec = importlib.util.spec_from_file_location("target", sys.path[0] + "/{module}.py")']
        place += ["module = importlib.util.module_from_spec(spec)", "spec.loader.exec_module(module)"]
        return Loaded(("import importlib.util", "", *lines, *place), ".".join(("module", *path)), short)
    if not path:
        return Loaded((*lines, f"import {module} as target"), "target", short)
    alias = f" as {ALIAS}" if path[0] in USED else ""
    expression = ".".join((ALIAS if alias else path[0], *path[1:]))
    return Loaded((*lines, f"from {module} import {path[0]}{alias}"), expression, f"{path[-1]} of {short}")


def _beside(module: str) -> list[str]:
    """A module that stands in the current directory is found there; an installed one is found anyway."""
    head = module.partition(".")[0]
    spec = importlib.util.find_spec(head) if head not in sys.modules else sys.modules[head].__spec__
    places = [] if spec is None else [*(spec.submodule_search_locations or ()), *filter(None, [spec.origin])]
    here = str(Path.cwd())
    if any(place.startswith(here) and "site-packages" not in place for place in places):
        return [f"sys.path.insert(0, {quoted(here)})  # where {head} is"]
    return []
