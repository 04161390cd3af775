"""Elman networks in files, each holding something else between calls; run exactly, and what they held is compared."""

from enum import Enum

import numpy as np

from rnnproof.adapters.resolve import resolve
from rnnproof.properties import exact
from rnnproof.properties.trial import start
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill

CASE = Draw(3, 2, 2, 3, 2, 2, 7, "typical", 12)
HEAD = "import numpy as np\n"
BACKWARD = """
    def grad(self, params, x, state, cotangents):
        hs = [state["h"]]
        for x_t in x:
            hs.append(np.tanh(x_t @ params["W_h"].T + hs[-1] @ params["U_h"].T + params["b_h"]))
        d = {name: np.zeros_like(value) for name, value in params.items()}
        dx, dh = np.zeros_like(x), cotangents["state"]["h"]
        for t in reversed(range(len(x))):
            dz = (dh + cotangents["outputs"][t]) * (1 - hs[t + 1] ** 2)
            d["W_h"] += dz.T @ x[t]
            d["U_h"] += dz.T @ hs[t]
            d["b_h"] += dz.sum(axis=0)
            dx[t] = dz @ params["W_h"]
            dh = dz @ params["U_h"]
        return {"params": d, "x": dx, "state": {"h": dh}}
"""
# The step is put in; what stands before the class is put in front.
CLASS = """
class Elman:
    def run(self, params, x, state):
        h, outputs = state["h"], []
        for x_t in x:
            h = {step}
            outputs.append(h)
        return np.stack(outputs), {{"h": h}}
"""
STEP = 'np.tanh(x_t @ params["W_h"].T + h @ params["U_h"].T + params["b_h"])'


def source(step=STEP, before="", head=HEAD, backward=BACKWARD):
    """A file with the class Elman, whose step is an expression of x_t, h and params."""
    return head + before + CLASS.format(step=step) + backward


def written(folder, text, name="elman_file"):
    """The target in a file, and the file's names."""
    path = folder / f"{name}.py"
    path.write_text(text)
    target = resolve(f"{path}:Elman", "elman")
    return target, target.implementation.target.run.__globals__


def trial_of(target):
    """A trial whose runs in floats are done."""
    made = start(fill(target.network, CASE, "float64"), target.implementation)
    _ = made.base, made.pulled(None)
    return made


def judge(target, law=exact.gradient):
    """The verdict of an exact law."""
    return law(trial_of(target))


def not_run_in_floats(target):
    """A trial whose target runs in the ring alone; its floats are the reference's."""
    made = start(fill(target.network, CASE, "float64"), target.implementation)
    vars(made).update(base=made.on(Reference()).base, pulled=made.on(Reference()).pulled)
    return made


def snapshot(space):
    """What a module's names are, and what is in the containers, arrays, classes and functions under them."""
    return {name: (id(value), inside(value)) for name, value in space.items() if name != "__builtins__"}


def inside(value):
    own = type(value).__module__.endswith("elman_file")
    if isinstance(value, Enum) or (isinstance(value, type) and issubclass(value, Enum)):
        return None
    if isinstance(value, np.ndarray):
        return value.tobytes()
    if isinstance(value, list | tuple | set):
        return [(id(inner), inside(inner)) for inner in value]
    if isinstance(value, dict):
        return snapshot(value)
    if isinstance(value, type) and value.__module__.endswith("elman_file"):
        return snapshot(vars(value))
    if hasattr(value, "__code__"):
        cells = [cell.cell_contents for cell in getattr(value, "__closure__", None) or ()]
        cells = [each for each in cells if not isinstance(each, type)]  # a method knows its own class
        return inside([value.__defaults__, value.__kwdefaults__, *cells]), snapshot(vars(value))
    return snapshot(vars(value)) if own else None
