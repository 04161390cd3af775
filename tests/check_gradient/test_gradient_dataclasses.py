"""Parameters and gradients in a dataclass or a SimpleNamespace that is no more than its fields: as in a dict."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.adapters.loading import load_together
from rnnproof.errors import UsageError
from rnnproof.exact import check_gradient
from rnnproof.model.verdict import Outcome

SOURCE = """
from dataclasses import dataclass
from types import SimpleNamespace


@dataclass{frozen}
class Params:
    W: np.ndarray
    b: np.ndarray
    name: str = "net"{more}


@dataclass
class Grads:
    dW: np.ndarray
    db: np.ndarray


def loss({takes}):
    return ((x @ {own}W + {own}b) ** 2).sum()


def gradient({takes}):
    d = 2 * (x @ {own}W + {own}b)
    dW, db = x.T @ d, d.sum(0)
    {wrong}
    {returned}


def arguments():
    r = np.random.default_rng(0)
    W, b, x = r.normal(size=(3, 2)), r.normal(size=2), r.normal(size=(4, 3))
    return {given}
"""
ONE = {"takes": "p, x", "own": "p.", "given": "{'p': Params(W, b), 'x': x}"}
APART = {"takes": "W, b, x", "own": "", "given": "{'W': W, 'b': b, 'x': x}"}
SHAPED = {
    "an argument like it": ONE | {"returned": "return Params(dW, db)"},
    "frozen": ONE | {"returned": "return Params(dW, db)", "frozen": "(frozen=True)"},
    "with slots": ONE | {"returned": "return Params(dW, db)", "frozen": "(slots=True)"},
    "fields named as gradients": ONE | {"returned": "return Grads(dW, db)"},
    "a dict for it": ONE | {"returned": "return {'W': dW, 'b': db}"},
    "two values for it": ONE | {"returned": "return dW, db"},
    "arguments apart": APART | {"returned": "return Grads(dW, db)"},
    "beside the loss": APART | {"returned": "return loss(W, b, x), Grads(dW, db)"},
    "by the arguments' names": APART | {"returned": "return Params(dW, db)"},
    "a namespace": APART | {"returned": "return SimpleNamespace(W=dW, b=db)"},
    "a namespace as argument": ONE | {"returned": "return dW, db", "given": "{'p': SimpleNamespace(W=W, b=b), 'x': x}"},
    "an update": ONE | {"returned": "p.W -= 0.1 * dW; p.b -= 0.1 * db"},
    "an update that is set": ONE | {"returned": "p.W = p.W - 0.1 * dW; p.b = p.b - 0.1 * db"},
}


def judged(folder, shape, wrong="pass", **more):
    (folder / "code.py").write_text(
        "import numpy as np\n" + SOURCE.format(**({"frozen": "", "more": ""} | shape | more), wrong=wrong)
    )
    function, gradient, arguments = load_together(
        [f"{folder}/code.py:{name}" for name in ("loss", "gradient", "arguments")]
    )
    (finding,) = check_gradient(function, gradient, arguments()).findings
    return finding


@pytest.mark.parametrize("what", SHAPED)
def test_its_fields_are_arguments_and_gradients(what, tmp_path):
    found = judged(tmp_path, SHAPED[what])
    assert found.outcome is Outcome.PASSED, found.message
    for wrong in ("db = db[::-1]", "dW = 2 * dW"):
        found = judged(tmp_path, SHAPED[what], wrong)
        assert found.outcome is Outcome.FAILED, found.message


@pytest.mark.parametrize(
    "more",
    [
        "\n\n    def __post_init__(self):\n        self.T = self.W.T",
        "\n    T: object = __import__('dataclasses').field(init=False, default=None)",
    ],
)
def test_what_computes_something_from_its_fields_is_not_looked_into(more, tmp_path):
    with pytest.raises(UsageError, match="plain dataclasses, but p is Params"):
        judged(tmp_path, SHAPED["an argument like it"], more=more)


class Opaque:
    """No dataclass."""


def test_an_object_of_another_kind_is_named(tmp_path):
    source = "def loss(p, x):\n    return (x * x).sum()\ndef gradient(p, x):\n    return x, p\n"
    with pytest.raises(UsageError, match="dicts, lists, tuples and plain dataclasses, but p is Opaque"):
        written(tmp_path, source, {"p": Opaque(), "x": np.ones(3) / 3})


def test_fields_that_are_one_array_are_refused(tmp_path):
    shape = ONE | {"returned": "return dW, db", "given": "{'p': Params(W, W[0]), 'x': x}"}
    with pytest.raises(UsageError, match=r"p\.\w is .*p\.\w|p\.\w .* memory"):
        judged(tmp_path, shape)
