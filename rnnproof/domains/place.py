"""The line of somebody's code that is being executed."""

from __future__ import annotations

import ast
import dis
import linecache
import sys
from os import sep
from pathlib import Path
from traceback import walk_tb
from types import FrameType

import numpy as np

PACKAGE = Path(__file__).parents[1]
REMAINDERS = [number for number, (_, symbol) in enumerate(dis._nb_ops) if symbol.startswith("%")]  # type: ignore[attr-defined]
NOWHERE = "what the code is given, holds or returns"
# Frames of these are between the code and the operation that it called.
BETWEEN = (str(PACKAGE / "domains"), str(PACKAGE / "tracing"), str(Path(np.__file__).parent), "<frozen", "<string>")
# Neither is there a line of the code in what runs it: an array that it holds or returns is read there.
RUNNING = tuple(str(PACKAGE / name) for name in ("adapters", "dialects", "properties", "reference", "usecases"))
SCIPY = f"{sep}scipy{sep}"
STANDARD = str(Path(linecache.__file__).parent)  # Python's own modules, installed ones apart


def place() -> str:
    """ "file.py:12: h = np.tanh(z)": the innermost frame that is neither NumPy's nor the tracer's, if it is code's."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and between(frame.f_code.co_filename):
        frame = frame.f_back
    if frame is None or frame.f_code.co_filename.startswith(RUNNING):
        return NOWHERE
    return _line(frame.f_code.co_filename, frame.f_lineno)


def formatting() -> bool:
    """Whether a method was called because the code writes ``text % value``."""
    frame = sys._getframe(2)
    name, number = dis.opname[frame.f_code.co_code[frame.f_lasti]], frame.f_code.co_code[frame.f_lasti + 1]
    return name == "BINARY_OP" and number in REMAINDERS


def wanting() -> str:
    """ " by np.sort", ", put into a[0]": what the line does with a number where it was called for; "" if unclear."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and between(frame.f_code.co_filename):
        frame = frame.f_back
    part = None if frame is None else _part(frame)
    if isinstance(part, ast.Call):
        return f" by {ast.unparse(part.func)}"
    if isinstance(part, ast.Subscript):
        what = "an array of integers, of truth values or of floats made elsewhere"
        return f", put into {ast.unparse(part)}: {what}"
    return ""


def _part(frame: FrameType) -> ast.expr | None:
    """The part of its line that a frame executes; None where it cannot be told."""
    line, last, begin, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    if line is None or line != last:
        return None
    text = linecache.getline(frame.f_code.co_filename, line).encode()[begin:end].decode(errors="replace")
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        return None


def raised_at(problem: BaseException) -> str:
    """The innermost such line of an exception."""
    frames = (each for each in walk_tb(problem.__traceback__) if not between(each[0].f_code.co_filename))
    places = [(frame.f_code.co_filename, line) for frame, line in frames]
    return _line(*places[-1]) if places and not places[-1][0].startswith(RUNNING) else NOWHERE


def _line(file: str, line: int) -> str:
    source = linecache.getline(file, line).strip()
    return f"{Path(file).name}:{line}" + (f": {source}" if source else "")


def between(file: str) -> bool:
    """Whether a file is the tracer's, NumPy's, SciPy's or the standard library's."""
    if file.startswith(BETWEEN) or SCIPY in file or "autograd" in Path(file).parts:
        return True
    return file.startswith(STANDARD) and "site-packages" not in file
