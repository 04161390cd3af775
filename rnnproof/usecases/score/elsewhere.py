"""In a process of a command: put the stand-in where it imports the target from, and count its calls."""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path


def begin() -> None:
    """For the rest of this process; what stands in is said in the environment."""
    from rnnproof.adapters.plain import PlainImplementation
    from rnnproof.adapters.resolve import resolve
    from rnnproof.usecases.score.placed import insert, site_of
    from rnnproof.usecases.score.session import ELSEWHERE, fault_of, standing_in
    from rnnproof.usecases.score.standin import place_in

    told = json.loads(os.environ[ELSEWHERE])
    before = list(sys.path)
    target = resolve(told["target"], told["network"], told["dialect"])
    sys.path[:] = before
    found = target.implementation
    assert isinstance(found, PlainImplementation)
    standing = standing_in(found, target, fault_of(target, told["fault"]))
    site = site_of(told["target"])
    insert(site.file, lambda module: place_in(module, site.path, standing))
    atexit.register(_count, Path(told["count"]), lambda: standing.calls)


def _count(file: Path, calls: object) -> None:
    with file.open("a") as opened:
        opened.write(f"{calls()} ")  # type: ignore[operator]
