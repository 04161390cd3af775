"""What can be a function or a gradient: closures, partial applications, objects, NumPy's own, code without a file."""

import sys
import time
from functools import partial

import numpy as np
import pytest

from rnnproof.errors import UsageError
from rnnproof.exact import check_gradient
from rnnproof.model.verdict import Outcome
from rnnproof.tracing.namespaces import namespaces

K = np.array([1.5, 2.25])
W = np.array([0.5, 1.5])


def square(w, k):
    return (k * w).sum() ** 2


def slope(w, k):
    return 2 * (k * w).sum() * k


def closed(k):
    return (lambda w: (k * w).sum() ** 2), (lambda w: 2 * (k * w).sum() * k)


def scaled(w, x):
    out, cache = w * x, (w, x)
    return out, cache


def scaled_backward(dout, cache):
    w, x = cache
    return x * dout, w * dout


class Linear:
    def __init__(self):
        self.w = W

    def __call__(self, x):
        return (self.w * x).sum() ** 2

    def grad(self, x):
        s = 2 * (self.w * x).sum()
        return {"x": s * self.w, "w": s * x}


def without_file():
    """Code as in an interactive session: its module has no file, and it imports modules that have none either."""
    space = {"__name__": "__main__"}
    source = "import sys, time, itertools, numpy as np\ndef f(w):\n    time.time()\n    return np.tanh(w).sum()\n"
    exec(source + "def g(w):\n    return 1 - np.tanh(w) ** 2\n", space)
    return space["f"], space["g"]


LINEAR = Linear()


@pytest.mark.parametrize(
    ("function", "gradient", "arguments"),
    [
        (square, slope, {"w": W, "k": np.array([2, 3])}),
        (partial(square, k=K), partial(slope, k=K), {"w": W}),
        (*closed(K), {"w": W}),
        (LINEAR, LINEAR.grad, {"x": K, "w": W}),
        (LINEAR.__call__, LINEAR.grad, {"x": K, "w": W}),
        (*without_file(), {"w": W}),
        (np.sum, np.ones_like, {"a": W}),
        (square, slope, (W, np.array([2, 3]))),
        (square, lambda a, b: 2 * (a * b).sum() * b, (W, np.array([2, 3]))),
        (square, lambda w, b: 2 * (w * b).sum() * b, (W, np.array([2, 3]))),
        (lambda w, x: w * x, lambda a, b, dout: (b * dout, a * dout), (W, K)),
        (scaled, scaled_backward, (W, K)),
        (scaled, scaled_backward, {"w": W, "x": K}),
        (lambda **p: (p["k"] * p["w"]).sum(), lambda **p: {"k": p["w"], "w": p["k"]}, {"w": W, "k": K}),
        (lambda *p: (p[0] * p[1]).sum(), lambda *p: (p[1], p[0]), (W, K)),
    ],
    ids=range(15),
)
def test_a_callable_of_any_kind(function, gradient, arguments):
    (finding,) = check_gradient(function, gradient, arguments).findings
    assert finding.outcome is Outcome.PASSED, finding.message
    if isinstance(arguments, dict) and function is not scaled:
        (finding,) = check_gradient(
            function, lambda *_, **__: {next(iter(arguments)): np.array([1.0, 2.0])}, arguments
        ).findings
        assert finding.outcome is Outcome.FAILED, finding.message
    assert LINEAR.w is W


def test_a_wrong_vector_jacobian_product_is_refused():
    (finding,) = check_gradient(scaled, lambda dout, cache: (cache[1] * dout, dout), (W, K)).findings
    assert finding.outcome is Outcome.FAILED
    assert finding.message.startswith("dx[0]: got")
    with pytest.raises(UsageError, match="must take the cotangent"):  # out is what was returned, and no cotangent
        check_gradient(scaled, lambda out, cache: (cache[1], cache[0]), (W, K))


def test_no_module_of_the_interpreter_is_ever_touched():
    function, _ = without_file()
    assert namespaces(function) == [function.__globals__]
    assert namespaces(np.sum) == []
    assert vars(sys) not in namespaces(without_file)
    assert vars(time) not in namespaces(without_file)


def test_the_function_may_be_a_method_that_counts_its_calls():
    class Counting(Linear):
        calls = 0

        def __call__(self, x):
            self.calls += 1
            return super().__call__(x)

    counting = Counting()
    (finding,) = check_gradient(counting, counting.grad, {"x": K}).findings
    assert finding.outcome is Outcome.PASSED, finding.message
    assert vars(counting) == {"w": W}


def test_a_module_whose_name_begins_like_that_of_another_is_the_user_s(tmp_path, monkeypatch):
    (tmp_path / "random_features.py").write_text("def doubled(w):\n    return 2 * w\n")
    monkeypatch.syspath_prepend(tmp_path)
    from random_features import doubled

    space = {"doubled": doubled, "__name__": "mine"}
    exec("def f(w):\n    return doubled(w).sum()\ndef g(w):\n    return doubled(w) / w\n", space)
    (finding,) = check_gradient(space["f"], space["g"], {"w": W}).findings
    assert finding.outcome is Outcome.PASSED
