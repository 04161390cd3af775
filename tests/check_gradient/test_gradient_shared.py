"""What shares memory with an argument moves with it: it is refused by name, and never taken for another array."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.adapters.loading import load
from rnnproof.errors import UsageError
from rnnproof.exact import check_gradient
from rnnproof.model.verdict import Outcome

MODULE = """
rng = np.random.default_rng(3)
E = rng.normal(size=(4, 3))
D = {D}


def loss(x):
    return ((x @ E @ D - x) ** 2).sum() / 2


def gradient(x):
    e = x @ E @ D - x
    dE = x.T @ (e @ D.T){tie}
    return dE
"""
TIE = " + (e.T @ (x @ E))"
OBJECT = """
class Tied:
    def __init__(self):
        self.E = np.random.default_rng(3).normal(size=(4, 3))
        self.D = {D}

    def loss(self, x):
        return ((x @ self.E @ self.D - x) ** 2).sum() / 2

    def gradient(self, x):
        e = x @ self.E @ self.D - x
        return {{"E": x.T @ (e @ self.D.T){tie}}}


model = Tied()
loss, gradient = model.loss, model.gradient
"""
TIE_OF_OBJECT = " + (e.T @ (x @ self.E))"
FLAT = """
theta = np.arange(1.0, 9.0)
W = theta[:6].reshape(3, 2)


def loss(x):
    return {penalty}((x @ W) ** 2).sum() / 2


def gradient(x):
    return {{"W": x.T @ (x @ W)}}
"""
X = np.random.default_rng(1).normal(size=(5, 4))


def held(folder, source, name):
    (folder / "code.py").write_text("import numpy as np\n" + source)
    module = load(str(folder / "code.py"))
    owner = getattr(module, "model", module)
    value = getattr(owner, name)
    (finding,) = check_gradient(module.loss, module.gradient, {"x": X[:, : len(value)].copy(), name: value}).findings
    return finding


@pytest.mark.parametrize(
    ("source", "view", "tie"),
    [
        (MODULE, "E.T", TIE),
        (MODULE, "E.T", ""),
        (MODULE, "[E.T][0][:]", ""),
        (OBJECT, "self.E.T", TIE_OF_OBJECT),
        (OBJECT, "self.E.T", ""),
    ],
)
def test_a_view_of_an_argument_is_refused_by_name(source, view, tie, tmp_path):
    with pytest.raises(UsageError, match="E and D share memory"):
        held(tmp_path, source.format(D=view, tie=tie), "E")


@pytest.mark.parametrize(("source", "copied"), [(MODULE, "E.T.copy()"), (OBJECT, "self.E.T.copy()")])
def test_a_copy_is_another_array(source, copied, tmp_path):
    assert held(tmp_path, source.format(D=copied, tie=""), "E").outcome is Outcome.PASSED
    tie = TIE if source is MODULE else TIE_OF_OBJECT
    (tmp_path / "tied").mkdir()
    assert held(tmp_path / "tied", source.format(D=copied, tie=tie), "E").outcome is Outcome.FAILED


def test_a_flat_array_that_the_code_reads_is_refused_and_one_that_it_does_not_read_is_none_of_it(tmp_path):
    assert held(tmp_path, FLAT.format(penalty=""), "W").outcome is Outcome.PASSED
    (tmp_path / "read").mkdir()
    with pytest.raises(UsageError, match="W and theta share memory"):
        held(tmp_path / "read", FLAT.format(penalty="0.5 * (theta ** 2).sum() + "), "W")


TWO = """
def loss(E, D, x):
    return ((x @ E @ D - x) ** 2).sum() / 2


def gradient(E, D, x):
    e = x @ E @ D - x
    return {"E": x.T @ (e @ D.T)}
"""


def test_two_arguments_that_share_memory_are_refused_where_one_is_differentiated(tmp_path):
    E = np.random.default_rng(3).normal(size=(4, 3))
    with pytest.raises(UsageError, match="E and D share memory"):
        written(tmp_path, TWO, {"E": E, "D": E.T, "x": X})
    assert written(tmp_path, TWO, {"E": E, "D": E.T.copy(), "x": X}).outcome is Outcome.PASSED


def test_data_may_share_memory(tmp_path):
    source = "def loss(w, x, y):\n    return ((w * x - y) ** 2).sum() / 2\n"
    source += "def gradient(w, x, y):\n    return {'w': ((w * x - y) * x).sum()}\n"
    series = X.ravel()
    assert written(tmp_path, source, {"w": 0.7, "x": series[:-1], "y": series[1:]}).outcome is Outcome.PASSED


def test_what_an_argument_stands_for_may_be_held_elsewhere_too(tmp_path):
    source = FLAT.format(penalty="0 * every[0].sum() + ").replace("theta[:6].reshape(3, 2)", "theta.reshape(4, 2)")
    source = source.replace("\n\n\ndef loss", "\nevery = [W]\n\n\ndef loss")
    assert held(tmp_path, source, "W").outcome is Outcome.PASSED
