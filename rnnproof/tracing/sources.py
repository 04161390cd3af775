"""Clocks and sources of chance beside NumPy's and Python's generators: no two runs read the same from them."""

from __future__ import annotations

import os
import secrets
import time
import uuid
from collections.abc import Mapping
from types import ModuleType
from typing import Any

CLOCKS = ("monotonic", "perf_counter", "process_time", "thread_time", "time")
NAMES: Mapping[ModuleType, tuple[str, ...]] = {
    time: (*CLOCKS, *(f"{name}_ns" for name in CLOCKS)),
    os: ("getrandom", "urandom"),
    secrets: ("choice", "randbelow", "randbits", "token_bytes", "token_hex", "token_urlsafe"),
    uuid: ("uuid1", "uuid4"),
}
MODULES: Mapping[str, Mapping[str, Any]] = {
    module.__name__: {name: getattr(module, name) for name in names if hasattr(module, name)}
    for module, names in NAMES.items()
}
BY_ID = {id(value): (home, name) for home, values in MODULES.items() for name, value in values.items()}


def told(home: str, name: str) -> str:
    """What reading one means."""
    return f"the clock is read ({name})" if home == "time" else f"random numbers are drawn ({home}.{name})"
