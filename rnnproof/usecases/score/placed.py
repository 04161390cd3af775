"""Where a suite imports the target from, it gets the stand-in: whatever name the module is imported under."""

from __future__ import annotations

import importlib.abc
import importlib.util
import sys
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from rnnproof.adapters.loading import parts
from rnnproof.errors import UsageError

Place = Callable[[ModuleType], object]


@dataclass(frozen=True)
class Site:
    """The file of a target's module, the attributes that lead to the target in it, and a directory it is found in."""

    file: Path
    path: tuple[str, ...]
    directory: Path


def site_of(target: str) -> Site:
    """Of ``path/file.py:object`` or ``package.module:object``.

    Errors: UsageError where there is no such file.
    """
    file, module, path = parts(target)
    if file is not None:
        return Site(file.resolve(), path, file.resolve().parent)
    sys.path.insert(0, str(Path.cwd()))
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError as problem:
        raise UsageError(f"no module {problem.name}") from problem
    finally:
        sys.path.remove(str(Path.cwd()))
    if spec is None or not spec.origin or not Path(spec.origin).is_file():
        raise UsageError(f"{module} is no module with a file: nothing can be put in its place")
    return Site(Path(spec.origin).resolve(), path, Path.cwd())


class _Loader(importlib.abc.Loader):
    """A module's own loader, after which its target is replaced."""

    def __init__(self, loader: Any, place: Place) -> None:
        self.loader, self.place = loader, place

    def create_module(self, spec: Any) -> Any:
        """The module's own."""
        return self.loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """The module's own, then the stand-in."""
        self.loader.exec_module(module)
        self.place(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the path finder finds; of the target's file, with the stand-in."""

    def __init__(self, file: Path, place: Place) -> None:
        self.file, self.place = file, place

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> Any:
        """The spec of the target's module; None for any other, which is then found as ever."""
        if name.rpartition(".")[2] != self.file.stem and self.file.name != "__init__.py":
            return None
        others = (finder for finder in sys.meta_path if not isinstance(finder, _Finder))
        found = (finder.find_spec(name, path, target) for finder in others)
        spec = next((each for each in found if each is not None), None)
        if spec is None or spec.loader is None or not spec.origin or Path(spec.origin).resolve() != self.file:
            return None
        spec.loader = _Loader(spec.loader, self.place)
        return spec


def insert(file: Path, place: Place) -> importlib.abc.MetaPathFinder:
    """From now on, whoever imports the file gets the stand-in: also who has imported it already."""
    for name, module in list(sys.modules.items()):
        origin = getattr(module, "__file__", None)
        if origin and Path(origin).name == file.name and Path(origin).resolve() == file:
            del sys.modules[name]
    finder = _Finder(file, place)
    sys.meta_path.insert(0, finder)
    return finder


@contextmanager
def placed(file: Path, place: Place) -> Iterator[None]:
    """While inside, whoever imports the file gets the stand-in; what was imported there is then forgotten."""
    finder, known, path = insert(file, place), set(sys.modules), list(sys.path)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.path[:] = path
        for name in set(sys.modules) - known:
            if _own(sys.modules[name]):
                del sys.modules[name]


def _own(module: Any) -> bool:
    """Whether a module is a user's: neither of the standard library, nor installed, nor rnnproof."""
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    where = next((Path(place) for place in places if place), None)
    if where is None or not INSTALLED.isdisjoint(where.parts):
        return False
    return not any(where.is_relative_to(place) for place in LIBRARIES)


INSTALLED = frozenset({"site-packages", "dist-packages"})
LIBRARIES = (
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib")),
    Path(__file__).parents[3] / "rnnproof",
)
