"""The line of somebody's code that is being executed."""

from __future__ import annotations

import linecache
import sys
from pathlib import Path
from types import FrameType

import numpy as np

PACKAGE = Path(__file__).parents[1]
# Frames of these are between the code and the operation that it called.
BETWEEN = (str(PACKAGE / "domains"), str(PACKAGE / "tracing"), str(Path(np.__file__).parent), "autograd", "<frozen")


def place() -> str:
    """ "file.py:12: h = np.tanh(z)": the innermost frame that is neither NumPy's nor the tracer's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and between(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None:
        return "?"
    file, line = frame.f_code.co_filename, frame.f_lineno
    source = linecache.getline(file, line).strip()
    return f"{Path(file).name}:{line}" + (f": {source}" if source else "")


def between(file: str) -> bool:
    """Whether a file is the tracer's or NumPy's."""
    return file.startswith(BETWEEN[:3]) or any(part in Path(file).parts for part in BETWEEN[3:])
