"""Nothing that is returned as a gradient is dropped without a word, however it is packed."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.errors import UsageError
from rnnproof.model.verdict import Outcome

W, B, X = np.array([0.5, -0.25, 2.0]), np.array([0.3, 0.4]), np.array([1.5, 0.75, -0.3])
TWO = """
def loss(w, b, x):
    return ((w * x).sum() + (b * b).sum()) ** 2


def gradient(w, b, x):
    s = 2 * ((w * x).sum() + (b * b).sum())
    dw, db, dx = s * x, s * 2 * b, s * w
    return {}
"""
LIST = """
def loss(params, x):
    w, b = params
    return ((w * x).sum() + (b * b).sum()) ** 2


def gradient(params, x):
    w, b = params
    s = 2 * ((w * x).sum() + (b * b).sum())
    dw, db = s * x, s * 2 * b
    return {}
"""
LAYERS = """
def loss(layers, x):
    return sum((layer["w"] * x).sum() ** 2 for layer in layers)


def gradient(layers, x):
    return [{{"w": 2 * (layer["w"] * x).sum() * x{}}} for layer in layers]
"""
NUMBERS = """
def loss(w, x):
    return (np.array(w) * x).sum() ** 2


def gradient(w, x):
    return {{"w": 2 * (np.array(w) * x).sum() * x{}}}
"""
LEFT = """
class Model:
    def __init__(self):
        self.w, self.v = np.array([0.5, 1.5]), np.array([0.7, 0.2])

    def loss(self, x):
        return (self.w * x).sum() + self.v.sum()

    def gradient(self, x):
        self.dw, self.dv = x, np.array([{}, 1])


model = Model()
loss, gradient = model.loss, model.gradient
"""


def two(folder, values, **options):
    return written(folder, TWO.format(values), {"w": W, "b": B, "x": X}, **options)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("{'w': dw, 'b': db}", "{'w': dw, 'b': np.zeros(2, dtype=int)}"),
        ("{'w': dw, 'rest': {'b': db}}", "{'w': dw, 'rest': {'b': 3 * db}}"),
        ("(dw, db, dx)", "(dw, [0, 0], dx)"),
    ],
)
def test_a_gradient_of_integers_or_inside_is_compared(right, wrong, tmp_path):
    returns = {"returns": ["w", "b", "x"]} if right.startswith("(") else {}
    assert two(tmp_path, right, **returns).outcome is Outcome.PASSED
    assert two(tmp_path, wrong, **returns).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("{'w': dw}", "no gradient was returned for: b, x"),
        ("{'w': dw, 'b': None, 'x': dx}", "None was returned as the gradient by: b"),
        ("(1.0 * dw, None, 1.0 * dx)", "None was returned as the gradient by: b"),
        ("{'w': dw, 'x': dx, 'bias': 3 * db}", "returned beside the gradients, not looked at: bias"),
        ("(dw, db, dx, 3 * db)", "returned beside the gradients, not looked at: 3 * db"),
        ("{'w': dw, 'x': dx, 'rest': [3 * db]}", "returned beside the gradients, not looked at: rest"),
    ],
)
def test_what_is_not_compared_is_said(values, said, tmp_path):
    found = two(tmp_path, values)
    assert found.outcome is Outcome.PASSED, found.message
    assert found.message.startswith("equal to the derivative, exactly: dw")
    assert said in found.message


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("{'w': dw, 'dbias': 3 * db}", "dbias (2,) is returned among the gradients: is it one?"),
        ("[1.0 * dw, 1.0 * db, 1.0 * dx, 1.0 * db]", "which of them is the gradient by which"),
    ],
)
def test_what_may_be_a_gradient_is_asked_for(values, words, tmp_path):
    with pytest.raises(UsageError) as problem:
        two(tmp_path, values)
    assert words in str(problem.value)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ("{'w': dw, 'b': np.zeros(2, dtype=bool)}", "the gradient by b is an array of bool, not of floats"),
        ("{'w': dw, 'b': db[:1]}", "the gradient by b has shape (1,), but b has (2,)"),
    ],
)
def test_what_is_no_gradient_is_an_error(values, words, tmp_path):
    found = two(tmp_path, values)
    assert found.outcome is Outcome.ERROR
    assert words in found.message


@pytest.mark.parametrize("wrong", ["dw * np.nan", "np.full(3, np.inf)", "dw / 0.0"])
def test_a_gradient_that_is_not_finite_in_floats_fails_with_its_line(wrong, tmp_path):
    found = two(tmp_path, f"{{'w': {wrong}, 'b': db}}")
    assert (found.outcome, found.kind) == (Outcome.FAILED, "overflow"), found.message
    assert found.message.startswith("dw[0]: got ")
    assert "(code.py:" in found.message


def test_a_gradient_by_integers_is_no_gradient_that_may_be_left_out(tmp_path):
    given = {"w": np.array([1, 2, 3]), "b": B, "x": X}
    with pytest.raises(UsageError, match="a gradient by w, which is given as integers: give floats"):
        written(tmp_path, TWO.format("{'w': dw, 'b': db}"), given)
    assert written(tmp_path, TWO.format("{'w': dw, 'b': db}"), given, wrt=["b"]).outcome is Outcome.PASSED
    found = written(tmp_path, TWO.format("{'w': w, 'b': db}"), given)  # given back, as a cache may
    assert (found.outcome, "not looked at: w" in found.message) == (Outcome.PASSED, True)


@pytest.mark.parametrize(("value", "outcome"), [(1, Outcome.PASSED), (2, Outcome.FAILED)])
def test_integers_left_in_an_object_are_a_gradient(value, outcome, tmp_path):
    given = {"w": np.array([0.5, 1.5]), "v": np.array([0.7, 0.2]), "x": np.array([1.5, 2.5])}
    found = written(tmp_path, LEFT.format(value), given)
    assert found.outcome is outcome, found.message
    assert "dv" in found.message


@pytest.mark.parametrize(
    "values", ["[{}, {}]", "({}, {})", "{{'params': [{}, {}]}}", "([{}, {}], s * w)", "({}, {}, s * w)"]
)
@pytest.mark.parametrize("wrong", ["", "3 * "])
def test_a_list_of_arrays_has_a_list_of_gradients(values, wrong, tmp_path):
    source = LIST.format(values.format("dw", f"{wrong}db"))
    for params in ([W, B], (W, B)):
        found = written(tmp_path, source, {"params": params, "x": X})
        assert found.outcome is (Outcome.FAILED if wrong else Outcome.PASSED), found.message
        assert "dparams[0]" in found.message


def test_a_list_in_another_order_is_asked_for(tmp_path):
    with pytest.raises(UsageError, match="which of them is the gradient by which"):
        written(tmp_path, LIST.format("[db, dw]"), {"params": [W, B], "x": X})


@pytest.mark.parametrize(
    ("source", "given"), [(LAYERS, {"layers": [{"w": W}, {"w": 2 * W}], "x": X}), (NUMBERS, {"w": W.tolist(), "x": X})]
)
def test_dicts_in_a_list_and_a_list_of_numbers(source, given, tmp_path):
    assert written(tmp_path, source.format(""), given).outcome is Outcome.PASSED
    assert written(tmp_path, source.format(" + 1"), given).outcome is Outcome.FAILED


def test_integers_are_refused_also_where_nothing_else_has_a_gradient(tmp_path):
    given = {"w": np.array([1, 2, 3]), "b": B, "x": X}
    for values in ("{'w': dw}", "{'dw': dw}", "dw"):
        with pytest.raises(UsageError, match="a gradient by w, which is given as integers: give floats"):
            written(tmp_path, TWO.format(values), given)
    with pytest.raises(UsageError, match=r"w is integers.*: give floats"):
        written(tmp_path, TWO.format("{'w': dw}"), {"w": given["w"], "b": np.array([2, 3]), "x": given["w"]})
    assert written(tmp_path, TWO.format("{'b': db}"), given).outcome is Outcome.PASSED


IN_A_DICT = """
w = np.array([0.5, 1.5])
{name} = {{}}


def loss(x):
    return (w * x).sum() ** 2


def gradient(x):
    {name}["w"] = {times} * (w * x).sum() * x
"""


@pytest.mark.parametrize("name", ["grads", "gradients", "grad"])
def test_gradients_are_left_in_a_dict_under_the_parameters_names(name, tmp_path):
    given = {"w": np.array([0.5, 1.5]), "x": np.array([1.5, 2.5])}
    right = written(tmp_path, IN_A_DICT.format(name=name, times=2), given)
    assert right.outcome is Outcome.PASSED, right.message
    assert right.message.startswith("equal to the derivative, exactly: dw\n")
    wrong = written(tmp_path, IN_A_DICT.format(name=name, times=3), given)
    assert (wrong.outcome, "dw[0]: got" in wrong.message) == (Outcome.FAILED, True), wrong.message
    other = written(tmp_path, IN_A_DICT.format(name="cache", times=2), given)
    assert other.outcome is Outcome.ERROR, other.message
