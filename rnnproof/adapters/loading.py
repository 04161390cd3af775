"""From a target's text to the live object: a file or a module is imported, and looked into.

A file is imported under a name of its own, its directory first on the path, as if it were run as a script;
afterwards the path is as it was, and no bytecode is left behind.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from rnnproof.adapters.foreign import last_line, own_traceback, said
from rnnproof.adapters.frameworks import how_to_install
from rnnproof.catalogue import NETWORKS
from rnnproof.errors import RnnproofError, UsageError, meant

FILE = re.compile(r"(?P<file>.*\.py)(?::(?P<object>.*))?", re.DOTALL)
NUMBERS = count(1)


def load(target: str) -> Any:
    """The object that ``path/file.py:object.attribute``, ``path/file.py`` or ``package.module:object`` names.

    Errors: UsageError for what is not found, with the nearest, and for what cannot be imported, with why.
    """
    file, module, path = parts(target)
    found = _import_file(file) if file is not None else _import_module(module)
    return _attribute(found, path, str(file or module))


def load_together(targets: Sequence[str]) -> list[Any]:
    """The objects that several texts name; those of one file or module come from one import of it.

    Errors: UsageError, as ``load``.
    """
    imported: dict[tuple[Path | None, str], Any] = {}
    found = []
    for target in targets:
        file, module, path = parts(target)
        place = (file, module)
        if place not in imported:
            imported[place] = _import_file(file) if file is not None else _import_module(module)
        found.append(_attribute(imported[place], path, str(file or module)))
    return found


def parts(target: str) -> tuple[Path | None, str, tuple[str, ...]]:
    """(the file or None, the module's name, the attributes); a colon inside a file's path stays there."""
    matched = FILE.fullmatch(target)
    if matched:
        return Path(matched["file"]), "", _names(matched["object"])
    place, colon, attributes = target.rpartition(":")
    if not colon or _is_path(attributes):
        place, attributes = target, ""
    return (Path(place), "", _names(attributes)) if _is_path(place) else (None, place, _names(attributes))


def _is_path(text: str) -> bool:
    return "/" in text or "\\" in text


def _names(attributes: str | None) -> tuple[str, ...]:
    return tuple(attributes.split(".")) if attributes else ()


def importable(target: str) -> None:
    """For the rest of this process, find what the target imports while it runs: beside its file, or here.

    Meant for a child process, which serves one target.
    """
    file, _, _ = parts(target)
    directory = str(Path.cwd() if file is None else file.resolve().parent)
    if directory not in sys.path:
        sys.path.append(directory)


def _import_file(file: Path) -> ModuleType:
    if file.is_dir():
        raise UsageError(f"{file} is a directory; expected a file in it: {file / 'name.py'}:object")
    if not file.is_file():
        raise UsageError(f"no file {file}{_nearest_file(file)}")
    if file.suffix != ".py":
        raise UsageError(f"{file} is not a Python file; expected a name that ends in .py")
    directory = file.resolve().parent
    name = f"_rnnproof_target_{next(NUMBERS)}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    known = set(sys.modules)
    sys.modules[name] = module  # dataclasses look their module up
    try:
        with _importing(str(file), directory):
            spec.loader.exec_module(module)
        known.add(name)
    finally:
        _forget(directory, known)
    return module


def _import_module(name: str) -> ModuleType:
    if not all(part.isidentifier() for part in name.split(".")):
        raise UsageError(f"{name!r} names no module and no file; expected package.module:object or file.py:object")
    importlib.invalidate_caches()
    try:
        with _importing(name, Path.cwd()):
            return importlib.import_module(name)
    except UsageError as problem:
        cause = problem.__cause__
        if isinstance(cause, ModuleNotFoundError) and f"{name}.".startswith(f"{cause.name}."):
            raise UsageError(_not_found(str(cause.name))) from cause
        raise


def _not_found(module: str) -> str:
    if module in NETWORKS:
        return f"no module {module}; the hand-written cells are numpy:{module}"
    return how_to_install(module.partition(".")[0]) or f"no module {module}{_nearest_module(module)}"


@contextmanager
def _importing(what: str, directory: Path) -> Iterator[None]:
    """Import somebody's code with ``directory`` first on the path, and no bytecode written.

    Errors: UsageError for a syntax error, what we refuse, sys.exit, or any other exception.
    """
    written = sys.dont_write_bytecode
    sys.path.insert(0, str(directory))
    sys.dont_write_bytecode = True
    try:
        yield
    except SyntaxError as problem:
        where = Path(problem.filename).name if problem.filename else what
        text = f": {problem.text.strip()}" if problem.text else ""
        raise UsageError(f"{where}, line {problem.lineno}: {problem.msg}{text}") from problem
    except SystemExit as problem:
        told = f"{what} called sys.exit({problem.code!r}) when it was imported"
        raise UsageError(told, own_traceback(problem)) from problem
    except KeyboardInterrupt:
        raise
    except RnnproofError as problem:
        raise UsageError(f"{last_line(problem) or what}: {problem}", problem.details) from problem
    except BaseException as problem:
        told = f"{what} cannot be imported: {said(problem)}{_hint(problem)}"
        raise UsageError(told, own_traceback(problem)) from problem
    finally:
        if str(directory) in sys.path:
            sys.path.remove(str(directory))
        sys.dont_write_bytecode = written


def _hint(problem: BaseException) -> str:
    if isinstance(problem, ImportError) and "relative import" in str(problem):
        return "; a file of a package is named as its module: package.module:object"
    needed = how_to_install(str(problem.name).partition(".")[0]) if isinstance(problem, ModuleNotFoundError) else None
    return f"; {needed}" if needed else ""


def _forget(directory: Path, known: set[str]) -> None:
    """Forget what was imported from beside a file: another target may have other modules of the same names."""
    new = set(sys.modules) - known
    beside = {name for name in new if "." not in name and _stands_in(directory, sys.modules[name])}
    for name in new:
        if name.partition(".")[0] in beside:
            del sys.modules[name]


def _stands_in(directory: Path, module: ModuleType) -> bool:
    """Is it directory/name.py, or the package directory/name?"""
    packages = list(getattr(module, "__path__", []))
    places = packages or [getattr(module, "__file__", None)]
    return any(place is not None and Path(place).resolve().parent == directory for place in places)


def _attribute(found: Any, names: tuple[str, ...], place: str) -> Any:
    for name in names:
        try:
            inner = getattr(found, name)
        except AttributeError as problem:
            public = [each for each in dir(found) if not each.startswith("_")]
            raise UsageError(f"{place} has no {name}{meant(name, public)}") from problem
        except Exception as problem:
            raise UsageError(f"{place}: {name} raised {said(problem)}", own_traceback(problem)) from problem
        found, place = inner, f"{place}:{name}" if ":" not in place else f"{place}.{name}"
    return found


def _nearest_file(file: Path) -> str:
    directory = file.parent
    if not directory.is_dir():
        return f": there is no directory {directory}"
    return meant(file.name, sorted(each.name for each in directory.iterdir()))


def _nearest_module(name: str) -> str:
    parent, _, last = name.rpartition(".")
    if not parent:
        return meant(last, [module.name for module in pkgutil.iter_modules([str(Path.cwd()), *sys.path])])
    path = getattr(sys.modules.get(parent), "__path__", [])
    return meant(last, [module.name for module in pkgutil.iter_modules(path)])
