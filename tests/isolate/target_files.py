"""Targets that do to their process what no target should, written into files."""

from pathlib import Path

from rnnproof.isolate.request import Place, Request

HEAD = """\
import ctypes, os, signal, sys, time
from rnnproof.cells import plain_target

cell = plain_target("lstm")

class LSTM:
    def run(self, params, x, state):
        return cell.run(params, x, state)

    def grad(self, params, x, state, cotangents):
        return cell.grad(params, x, state, cotangents)

"""
FIRST = HEAD.count("\n") + 1  # the line of what follows


def target(directory: Path, body: str, name: str = "target") -> str:
    """A file with a right LSTM, and below it a class Wrong with the method that ``body`` is."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    file = directory / f"{name}.py"
    file.write_text(f"{HEAD}class Wrong(LSTM):\n{indented}")
    return f"{file}:Wrong"


def request(place: str | None, *properties: str, timeout: float = 60.0) -> Request:
    options = {"properties": list(properties) or None, "dtypes": ["float64"], "seed": 0, "max_examples": 2}
    return Request(None if place is None else Place(place, "lstm"), {**options, "profile": "quick"}, timeout)
