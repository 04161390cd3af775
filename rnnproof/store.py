"""Counterexamples on disk: plain JSON, exact numbers, named by the SHA-256 of what they say."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnproof.errors import UsageError
from rnnproof.model.verdict import Finding

SCHEMA = "rnnproof-counterexample/1"
KEYS = ("target", "network", "dialect", "property", "dtype", "seed", "case", "message")
SHORTEST = 4
ID = re.compile(rf"[0-9a-f]{{{SHORTEST},64}}")
FILE = re.compile(r"(?P<file>.*\.py)(?P<rest>(:.*)?)", re.DOTALL)


def cache() -> Path:
    """The user's cache directory for rnnproof."""
    from platformdirs import user_cache_dir

    return Path(user_cache_dir("rnnproof"))


def default_directory() -> Path:
    """Where counterexamples are kept unless the user says where."""
    return cache() / "counterexamples"


def content(document: Mapping[str, Any]) -> bytes:
    """The canonical text: sorted keys, no whitespace; numbers are the shortest that read back the same."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def identify(document: Mapping[str, Any]) -> str:
    """The id: the SHA-256 of the content, 64 digits."""
    return hashlib.sha256(content(document)).hexdigest()


def completed(finding: Finding, target: str | None) -> Finding:
    """The finding with its counterexample as a whole document; ``target`` is None for a live object."""
    if finding.counterexample is None:
        return finding
    document = {"schema": SCHEMA, **finding.counterexample, "target": target, "message": finding.message}
    return replace(finding, counterexample=document)


def keeper(directory: Path, complain: Callable[[str], object]) -> Callable[[Finding, str | None], Finding]:
    """What writes each counterexample down and gives its finding the id.

    Where nothing can be written it complains, once, and findings go on without an id.
    """
    complaints: list[str] = []

    def kept(finding: Finding, target: str | None) -> Finding:
        finding = completed(finding, target)
        if finding.counterexample is None or complaints:
            return finding
        where = None if target is None else _from_anywhere(target)
        try:
            return replace(finding, replay=keep({**finding.counterexample, "target": where}, directory))
        except UsageError as problem:
            complaints.append(str(problem))
            complain(complaints[0])
            return finding

    return kept


def _from_anywhere(target: str) -> str:
    """A target whose file is found from any directory; an import name stays as it is."""
    matched = FILE.fullmatch(target)
    if matched is None or not Path(matched["file"]).is_file():
        return target
    return str(Path(matched["file"]).resolve()) + matched["rest"]


def keep(document: Mapping[str, Any], directory: Path) -> str:
    """Write a counterexample, whole or not at all; the shortest id that names it.

    Errors: UsageError where nothing can be written there.
    """
    name = identify(document)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        _write(directory / f"{name}.json", content(document))
    except OSError as problem:
        told = f"counterexamples cannot be kept in {directory}: {problem.strerror or problem}"
        raise UsageError(told) from problem
    return _shortest(name, directory)


def _write(file: Path, data: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(data)
        os.replace(temporary, file)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary)
        raise


def _names(directory: Path) -> list[str]:
    return sorted(file.stem for file in directory.glob("*.json") if ID.fullmatch(file.stem))


def _shortest(name: str, directory: Path) -> str:
    others = [other for other in _names(directory) if other != name]
    length = SHORTEST
    while any(other.startswith(name[:length]) for other in others):
        length += 1
    return name[:length]


def load(what: str, directory: Path, with_target: bool) -> dict[str, Any]:
    """The counterexample of an id (any prefix of at least 4 digits that names only one), or in a file.

    Errors: UsageError for what is not found, ambiguous, changed since it was stored, or no counterexample; for a
    file where no target is given.
    """
    if ID.fullmatch(what.lower()) and (found := _find(what.lower(), directory)) is not None:
        document = _read(found)
        if identify(document) != found.stem:
            raise UsageError(f"counterexample {what} was changed since it was stored, in {found}")
        return document
    if Path(what).is_file():
        if not with_target:
            raise UsageError(f"a file is replayed on a target: rnnproof replay {what} TARGET")
        return _read(Path(what))
    raise UsageError(_not_found(what, directory))


def _find(prefix: str, directory: Path) -> Path | None:
    found = [name for name in _names(directory) if name.startswith(prefix)]
    if len(found) > 1:
        listed = ", ".join(_shortest(name, directory) for name in found)
        raise UsageError(f"counterexample {prefix} is ambiguous; there are {listed}")
    return directory / f"{found[0]}.json" if found else None


def _not_found(what: str, directory: Path) -> str:
    if ID.fullmatch(what.lower()):
        return f"no counterexample {what} in {directory}"
    if re.fullmatch(r"[0-9a-fA-F]+", what):
        return f"counterexample {what}: give at least {SHORTEST} digits of its id"
    return f"no counterexample {what!r}: expected an id ({SHORTEST} digits or more) or a file"


def _read(file: Path) -> dict[str, Any]:
    """A document with every key that it must have."""
    try:
        document = json.loads(file.read_bytes())
    except OSError as problem:
        raise UsageError(f"{file} cannot be read: {problem.strerror}") from problem
    except ValueError as problem:
        raise UsageError(f"{file} is not JSON: {problem}") from problem
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise UsageError(f"{file} is no counterexample: its schema is {schema!r}, expected {SCHEMA!r}")
    missing = [key for key in KEYS if key not in document]
    if missing:
        raise UsageError(f"{file} is no counterexample: it has no {', '.join(missing)}")
    return dict(document)
