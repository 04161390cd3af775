"""Cases and reports as JSON: every number comes back exactly, and what is no case is refused by name."""

import copy
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rnnproof.catalogue import network
from rnnproof.errors import UsageError
from rnnproof.model.case import Case, Cotangents
from rnnproof.model.document import case_as_json, case_from_json, number, numbers
from rnnproof.model.network import Sizes
from rnnproof.model.report import Matrix, Report, finding_from_json, matrix_as_json, report_as_json
from rnnproof.model.verdict import Finding, Outcome

NETWORKS = ("lstm", "elman:readout=tanh", "elman:activation=relu,bias=false")


@st.composite
def cases(draw) -> Case:
    """Any sizes from 0 on, any floats: subnormal, negative zero, infinite, not a number."""
    page, width = network(draw(st.sampled_from(NETWORKS))), draw(st.sampled_from([32, 64]))
    sizes = Sizes(*(draw(st.integers(0, 3)) for _ in "TB"), *(draw(st.integers(1, 3)) for _ in "IHO"))

    def array(shape):
        return draw(hnp.arrays(np.float64, shape, elements=st.floats(width=width)))

    states = page.state_shapes(sizes)
    outputs = sizes.shape(("T", "B", page.output_size))
    lengths = draw(st.none() | hnp.arrays(int, (sizes.B,), elements=st.integers(0, sizes.T)))
    return Case(
        page,
        sizes,
        {name: array(shape) for name, shape in page.shapes(sizes).items()},
        array(sizes.shape(("T", "B", "I"))),
        {name: array(shape) for name, shape in states.items()},
        Cotangents(array(outputs), {name: array(shape) for name, shape in states.items()}),
        lengths,
        f"float{width}",
        "typical",
    )


def arrays_of(case: Case) -> dict:
    named = {**case.parameters, "x": case.x, "d_outputs": case.cotangents.outputs}
    named |= {f"initial {name}": value for name, value in case.state.items()}
    return named | {f"d_final {name}": value for name, value in case.cotangents.state.items()}


def same_bits(first, second) -> bool:
    """Equal, of one shape, and with the same signs of zero; NaN equal to NaN."""
    equal = first.shape == second.shape and np.array_equal(first, second, equal_nan=True)
    nan = np.isnan(first)
    return equal and np.array_equal(np.signbit(first)[~nan], np.signbit(second)[~nan])


@settings(max_examples=60, deadline=None)
@given(cases())
def test_a_case_comes_back_exactly(case):
    text = json.dumps(case_as_json(case), allow_nan=False)
    back = case_from_json(json.loads(text), case.network)
    assert (back.sizes, back.dtype, back.regime) == (case.sizes, case.dtype, case.regime)
    assert (back.lengths is None) == (case.lengths is None)
    assert case.lengths is None or np.array_equal(back.lengths, case.lengths)
    first, second = arrays_of(case), arrays_of(back)
    assert [name for name in first if not same_bits(first[name], second[name])] == []
    assert {value.dtype for value in second.values()} == {np.dtype(np.float64)}


@pytest.mark.parametrize(
    ("value", "expected"),
    [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), (None, None), (0.1, 0.1), (np.float32(0.5), 0.5)],
)
def test_a_number_that_is_not_finite_is_a_string(value, expected):
    assert number(value) == expected
    assert type(number(value)) in (str, float, type(None))


def test_arrays_of_no_entries_keep_their_place():
    assert numbers(np.zeros((2, 0, 3))) == [[], []]
    assert numbers([np.array([1.5, -np.inf]), 2]) == [[1.5, "-inf"], 2.0]


def small() -> dict:
    page = network("elman:bias=false")
    ones = {"W_h": np.ones((2, 1)), "U_h": np.ones((2, 2))}
    state = {"h": np.ones((1, 2))}
    case = Case(page, Sizes(1, 1, 1, 2), ones, np.ones((1, 1, 1)), state, Cotangents(np.ones((1, 1, 2)), state))
    return json.loads(json.dumps(case_as_json(case)))


def change(*path, to):
    """The small case with one place changed."""
    document = copy.deepcopy(small())
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = to
    return document


def without(*path):
    document = copy.deepcopy(small())
    place = document
    for key in path[:-1]:
        place = place[key]
    del place[path[-1]]
    return document


KINDS = "expected a number or one of nan, inf, -inf"
GARBAGE = {
    "a list": ([], "got list, expected an object with names"),
    "no sizes": (without("sizes"), "'sizes' is missing"),
    "no size": (without("sizes", "T"), "'T' is missing"),
    "no cotangents": (without("cotangents", "state"), "'state' is missing"),
    "no lengths": (without("lengths"), "'lengths' is missing"),
    "no parameter": (without("parameters", "U_h"), "parameter: missing U_h; expected W_h, U_h"),
    "an unknown parameter": (
        change("parameters", "b_h", to=[1.0, 1.0]),
        "parameter: unknown b_h; expected W_h, U_h",
    ),
    "an unknown state": (change("state", "c", to=[[1.0, 1.0]]), "initial state: unknown c; expected h"),
    "half a step": (change("sizes", "T", to=1.5), "sizes: T=1.5; expected a whole number, at least 0"),
    "a size in words": (change("sizes", "H", to="2"), "sizes: H='2'; expected a whole number, at least 0"),
    "a negative size": (change("sizes", "B", to=-1), "sizes: B=-1; expected a whole number, at least 0"),
    "another shape": (change("x", to=[[[1.0], [1.0]]]), "input x: got shape (1, 2, 1), expected (1, 1, 1)"),
    "another size": (
        change("sizes", "H", to=3),
        "parameter W_h: got shape (2, 1), expected (3, 1)",
    ),
    "ragged rows": (change("parameters", "U_h", to=[[1.0, 1.0], [1.0]]), "parameter U_h: "),
    "a word": (change("x", to=[[["one"]]]), f"x: got 'one', {KINDS}"),
    "null": (change("state", "h", to=[[None, 1.0]]), f"initial state h: got None, {KINDS}"),
    "true": (change("cotangents", "outputs", to=[[[True, 1.0]]]), f"outputs: got True, {KINDS}"),
    "an object": (change("x", to={"0": 1.0}), f"x: got {{'0': 1.0}}, {KINDS}"),
    "an unknown format": (change("dtype", to="float61"), "dtype 'float61': expected one of float64, float32"),
    "a number that the format lacks": (
        {**change("x", to=[[[0.1]]]), "dtype": "float32"},
        "x: its numbers are not all exact in float32",
    ),
    "half a length": (change("lengths", to=[0.5]), "lengths: got [0.5], expected a list of whole numbers"),
    "too long": (change("lengths", to=[2]), "lengths: got 2; expected each from 0 to T=1"),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_what_is_no_case_is_refused(name):
    page = network("elman:bias=false")
    assert case_from_json(small(), page).sizes == Sizes(1, 1, 1, 2)
    document, message = GARBAGE[name]
    with pytest.raises(UsageError) as refused:
        case_from_json(document, page)
    assert str(refused.value).startswith(f"this is not a stored case: {message}")


FINDING = Finding("forward.values", "float32", Outcome.FAILED, "wrong", "scale", 50, 49, math.inf, math.nan, "rigorous")


def test_a_finding_comes_back_exactly():
    report = Report("mine", "lstm", (FINDING,), versions={"numpy": "2"}, seed=3, elapsed_s=0.5)
    document = json.loads(json.dumps(report_as_json(report), allow_nan=False))
    assert (document["schema"], document["ok"], document["seed"]) == ("rnnproof-report/1", False, 3)
    (data,) = document["findings"]
    assert (data["outcome"], data["worst_ratio"], data["sensitivity"]) == ("failed", "inf", "nan")
    back = finding_from_json(data)
    assert math.isnan(back.sensitivity)
    assert repr(back) == repr(FINDING)


def test_a_matrix_holds_its_reports():
    matrix = Matrix((Report("a", "lstm", (FINDING,)), Report("b", "lstm", ())))
    document = matrix_as_json(matrix)
    assert (document["schema"], document["ok"]) == ("rnnproof-matrix/1", False)
    assert [report["target"] for report in document["reports"]] == ["a", "b"]
