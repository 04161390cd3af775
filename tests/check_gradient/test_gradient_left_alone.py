"""Whatever code writes to: modules, objects, classes, closures and defaults are what they were, after errors too."""

import numpy as np
import pytest

from rnnproof.adapters.loading import load
from rnnproof.exact import check_gradient
from rnnproof.model.verdict import Outcome

MODULE = """
import numpy as np

W = np.array([0.5, -0.25, 2.0])
every = [W]
table = {"W": W, "seen": [1.5]}


class Keeper:
    shared = np.array([1.0, 2.0, 3.0])
    count = 0
    log = []

    def __init__(self):
        self.w = W.copy()
        self.parts = {"w": self.w, "h": [np.zeros(3)]}


keeper = Keeper()


def closed():
    total, calls = np.array([1.5, 2.5, 3.5]), []

    def inner(x):
        calls.append(x)
        total[...] = total + x
        return total

    return inner


inner = closed()


def cached(x, cache={}, *, more=[]):
    cache["x"] = x
    more.append(x)
    cached.calls = x
    return x


def loss(x, fail=0):
    global W
    table["seen"].append(2.5)
    table["W"][0] += 1
    keeper.w += 1
    keeper.shared += x
    Keeper.count += 1
    Keeper.log.append(x)
    Keeper.extra = x
    keeper.parts["h"][0] += x
    W = W * 2
    if fail:
        x.foo()
    return (W * inner(cached(x))).sum() + keeper.shared.sum()


def gradient(x, fail=0):
    return {"x": 2 * (W + np.array([2.0, 0, 0])) + 1}
"""


def everything(module):
    """All that could have been changed: objects by identity, arrays and containers by what they hold."""
    cells = [cell.cell_contents for cell in module.inner.__closure__]
    arrays = [module.W, module.keeper.w, module.Keeper.shared, module.keeper.parts["h"][0], *cells]
    functions = [module.cached.__defaults__, module.cached.__kwdefaults__, vars(module.cached)]
    plain = [module.table["seen"], module.Keeper.log, module.Keeper.count, vars(module.keeper).keys(), *functions]
    spaces = [vars(module), vars(module.keeper), dict(vars(module.Keeper))]
    return [{n: id(v) for n, v in space.items()} for space in spaces], [str(each) for each in (*arrays, *plain)]


@pytest.mark.parametrize("fail", [0, 1])
def test_everything_is_left_as_it_was(fail, tmp_path):
    (tmp_path / "code.py").write_text(MODULE)
    module = load(str(tmp_path / "code.py"))
    before = everything(module)
    x = np.array([1.5, 0.75, -0.3])
    (finding,) = check_gradient(module.loss, module.gradient, {"x": x, "fail": fail}).findings
    assert finding.outcome is (Outcome.ERROR if fail else Outcome.FAILED), finding.message
    assert everything(module) == before
    assert module.every[0] is module.W is module.table["W"]
    assert x.tolist() == [1.5, 0.75, -0.3]
    assert module.np is np


def test_what_is_changed_is_seen_by_this_check(tmp_path):
    """Called outside, the same code changes nearly all of it."""
    (tmp_path / "code.py").write_text(MODULE)
    module = load(str(tmp_path / "code.py"))
    before = everything(module)
    module.loss(np.array([1.5, 0.75, -0.3]))
    after = everything(module)
    assert [one == other for one, other in zip(before[0], after[0], strict=True)] == [False, False, False]
    assert sum(one != other for one, other in zip(before[1], after[1], strict=True)) >= 12
