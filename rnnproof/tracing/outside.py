"""What reaches outside the code, to files, processes and the calendar, by whichever name it is called: refused."""

from __future__ import annotations

import datetime
import io
import os
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NoReturn

Refuse = Callable[[str], NoReturn]
FILES: Mapping[ModuleType, tuple[str, ...]] = {
    io: ("FileIO", "open", "open_code"),
    os: (
        *("abort", "chdir", "chmod", "chown", "execl", "execv", "execve", "execvp", "fdopen", "fork", "kill", "link"),
        *("listdir", "makedirs", "mkdir", "open", "pipe", "popen", "posix_spawn", "read", "remove", "removedirs"),
        *("rename", "renames", "replace", "rmdir", "scandir", "spawnl", "spawnv", "spawnvp", "startfile", "symlink"),
        *("system", "truncate", "unlink", "utime", "walk", "write"),
    ),
    shutil: ("copy", "copy2", "copyfile", "copyfileobj", "copytree", "make_archive", "move", "rmtree"),
    subprocess: ("Popen", "call", "check_call", "check_output", "getoutput", "getstatusoutput", "run"),
    tempfile: ("NamedTemporaryFile", "TemporaryDirectory", "TemporaryFile", "mkdtemp", "mkstemp"),
}
PATHS = ("Path", "PosixPath", "WindowsPath")
OF_A_PATH = (
    *("chmod", "glob", "hardlink_to", "iterdir", "mkdir", "open", "read_bytes", "read_text", "rename", "replace"),
    *("rglob", "rmdir", "symlink_to", "touch", "unlink", "walk", "write_bytes", "write_text"),
)
TODAY: Mapping[str, tuple[str, ...]] = {"date": ("today",), "datetime": ("now", "today", "utcnow")}
MODULES: Mapping[str, Mapping[str, Any]] = {
    **{home.__name__: {name: getattr(home, name) for name in FILES[home] if hasattr(home, name)} for home in FILES},
    "pathlib": {name: getattr(pathlib, name) for name in PATHS},
    "datetime": {name: getattr(datetime, name) for name in TODAY},
}
BY_ID = {id(value): (home, name) for home, values in MODULES.items() for name, value in values.items()}


def stand_for(value: Any, is_building: Callable[[], bool], refuse: Refuse) -> Any:
    """What stands for one of these: a function that refuses, or a class some of whose methods do.

    The calendar may be looked at while an object is built.
    """
    home, name = BY_ID[id(value)]
    if home == "pathlib":
        return paths(value, refuse)
    if home == "datetime":
        return _calendar(value, name, is_building, refuse)
    return _refusing(f"{home}.{name}", refuse)


def path(value: pathlib.Path, refuse: Refuse) -> Any:
    """The same path, whose file is out of reach."""
    return paths(type(value), refuse)(value)


def paths(kind: type, refuse: Refuse) -> Any:
    """A class of paths whose files are out of reach."""
    own = type(pathlib.Path()) if kind is pathlib.Path else kind
    refused = {name: _refusing(f"Path.{name}", refuse) for name in OF_A_PATH if hasattr(own, name)}
    return _Kind("Path", (own,), refused | {"base": kind, "__slots__": ()})


def _calendar(kind: type, name: str, is_building: Callable[[], bool], refuse: Refuse) -> Any:
    def reading(method: str) -> Any:
        def read(*args: Any) -> Any:
            return getattr(kind, method)(*args) if is_building() else refuse(f"the clock is read ({name}.{method})")

        return staticmethod(read)

    return _Kind(name, (kind,), {method: reading(method) for method in TODAY[name]} | {"base": kind})


class _Kind(type):
    """A class that stands for another one: whatever is an instance of ``base`` is one of it."""

    base: type

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, cls.base)


def _refusing(name: str, refuse: Refuse) -> Callable[..., NoReturn]:
    return lambda *args, **kwargs: refuse(f"{name} reads or writes a file, or starts a process")
