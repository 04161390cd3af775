"""Every single-token mutant of our hand-written backward passes is found exactly, crashes, or is proved equivalent.

All sizes are 2: where sizes differ, more mutants crash for their shapes, and fewer are left for the checker to find.
A mutant that divides by a tanh is refused by name and line: a tanh is a multiple of every p.
"""

import ast
from collections import Counter
from functools import cache
from itertools import product

import numpy as np
import pytest
import sympy
from mutants import mutants, planted

from rnnproof.adapters.plain import plain_implementation
from rnnproof.catalogue import network
from rnnproof.cells import plain_target
from rnnproof.model.activation import definition, relu
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.followed import ANOTHER_WAY
from rnnproof.properties.gradient import gradients_of
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill

# Each function of a backward pass, with networks whose gradients go through it: all of it in one or another of them.
LSTMS = "lstm", "lstm:projection=P", "lstm:clip=1/8", "lstm:clip=1/8,clip_place=gates"
FUNCTIONS = (
    ("lstm", "step_back", LSTMS),
    ("lstm", "backward", LSTMS),
    ("gru", "step_back", ("gru",)),
    ("gru", "backward", ("gru",)),
    ("gru_reset_before", "backward", ("gru:reset=before",)),
    ("peephole", "backward", ("peephole",)),
    ("jordan", "backward", ("jordan:activation=relu,readout=tanh",)),
    ("lecture_lstm", "backward", ("lecture_lstm:g=identity", "lecture_lstm:h=identity")),
    ("stacked", "unstack", ("lstm",)),
    ("elman", "backward", ("elman",)),
    ("affine", "outer_sum", ("elman",)),
    ("affine", "total", ("elman",)),
    ("readout", "backward_read", ("elman:readout=tanh",)),
    ("activation", "pullback of tanh", ("elman",)),
    ("activation", "pullback of sigmoid", ("elman:activation=sigmoid",)),
    ("activation", "pullback of relu", ("elman:activation=relu",)),
    ("activation", "pullback of identity", ("elman:activation=identity",)),
    ("activation", "pullback of softmax", ("elman:readout=softmax",)),
)
SMALL = Draw(2, 1, 2, 2, 2, 2, 7, "typical", 12)
LONGER = Draw(3, 2, 2, 2, 2, 2, 8, "typical", 12)  # for what the first case leaves
DIFFERENT = Draw(2, 4, 2, 3, 5, 2, 8, "typical", 12)  # for what only looks right where sizes are equal
ALL_SIZES_DIFFER = (Draw(5, 4, 2, 3, 6, 2, 8, "typical", 12), Draw(1, 2, 5, 4, 3, 2, 9, "saturated", 12))
UNSEEN = 1e-6  # a relative difference that a central difference quotient in float64 cannot tell from its own error


def implementation(name):
    """The hand-written network, made anew: its closures are of the functions as they stand now."""
    return plain_implementation(name, plain_target(name.partition(":")[0], **dict(network(name).options)))


def gradients(case):
    trial = start(case, implementation(case.network.name))
    return trial, gradients_of(trial.pulled(None))


@cache
def true_gradients(name, draw):
    """Those of the right cells."""
    case = fill(network(name), draw, "float64")
    return case, gradients(case)[1]


def largest_difference(got, true):
    """Of all arrays, the largest difference relative to the array's largest entry."""
    with np.errstate(all="ignore"):
        found = (np.abs(got[name] - true[name]).max() / np.abs(true[name]).max() for name in got)
        return max(np.inf if np.isnan(each) else float(each) for each in found)


def fate(mutant, names):
    """ "crashed", or what exact.gradient says of the first case that does not pass; how far its floats are off."""
    off = 0.0
    for name, draw in product(names, (SMALL, LONGER, DIFFERENT)):
        case, true = true_gradients(name, draw)
        with planted(mutant):
            try:
                trial, got = gradients(case)
            except Exception:
                return "crashed", np.inf
            verdict, off = exact.gradient(trial), largest_difference(got, true)
        if verdict.outcome is not Outcome.PASSED:
            break
    if verdict.outcome is Outcome.NOT_APPLICABLE:
        assert f"{mutant.file}.py:" in verdict.message or ANOTHER_WAY in verdict.message, mutant.text
    return verdict.outcome.value, off


def only_its_shape_is_used(mutant):
    """len(a), a.shape and np.empty_like(a, ...) look at no number; the shapes are equal, see same_bits."""
    callers = [each.func for each in mutant.around if isinstance(each, ast.Call)]
    of_shape = isinstance(mutant.around[-1], ast.Attribute) and mutant.around[-1].attr == "shape"
    return of_shape or any(ast.unparse(each) in ("len", "np.empty_like") for each in callers)


def strict_is_a_check(mutant):
    """zip(strict=...) decides only whether unequal lengths raise, and these are 4 gates and 4 parts of np.split."""
    nearest = mutant.around[-1] if mutant.around else None
    return isinstance(nearest, ast.keyword) and nearest.arg == "strict"


def same_for_what_relu_returns(mutant):
    """y > 0 and y != 0 are the same for y = relu(z), z positive, zero and negative."""
    if mutant.function != "pullback of relu" or ast.unparse(mutant.after) != "y != 0":
        return False
    signs = (sympy.Symbol("z", positive=True), sympy.Integer(0), sympy.Symbol("z", negative=True))
    values = [sympy.simplify(definition(relu(z))) for z in signs]
    return all((y > 0) == sympy.Ne(y, 0) for y in values)


def less_is_returned(mutant):
    """The key "x" became another one that comes again: dx is not returned, which is not judged and never wrong."""
    keys = [ast.unparse(each) for each in mutant.around[-1].keys] if isinstance(mutant.around[-1], ast.Dict) else []
    return ast.unparse(mutant.before) == "'x'" and ast.unparse(mutant.after) in keys


def any_dict_makes_one_from_keys(mutant):
    """fromkeys is the class's: dict.fromkeys and d.fromkeys are the same."""
    return isinstance(mutant.around[-1], ast.Attribute) and mutant.around[-1].attr == "fromkeys"


REASONS = (
    any_dict_makes_one_from_keys,
    only_its_shape_is_used,
    strict_is_a_check,
    same_for_what_relu_returns,
    less_is_returned,
)


def same_bits(mutant, names):
    """Whether all that is returned has the right one's bits, where no two sizes are equal."""
    for name, draw in product(names, ALL_SIZES_DIFFER):
        case, true = true_gradients(name, draw)
        with planted(mutant):
            _, got = gradients(case)
        if not got or not all(np.array_equal(value, true[key]) for key, value in got.items()):
            return False
    return True


def divides(mutant):
    """What was no division is one: by a tanh, which is a multiple of every p, or by a comparison's zeros."""
    return isinstance(mutant.after, ast.BinOp) and isinstance(mutant.after.op, ast.Div)


@pytest.mark.parametrize(("file", "function", "names"), FUNCTIONS)
def test_every_mutant_is_found_or_crashes_or_is_equivalent(file, function, names, record_property):
    for name, draw in product(names, (SMALL, LONGER, DIFFERENT)):
        assert exact.gradient(gradients(fill(network(name), draw, "float64"))[0]).outcome is Outcome.PASSED
    fates = {mutant: fate(mutant, names) for mutant in mutants(file, function)}
    why = {}
    for mutant, (word, off) in fates.items():
        assert word in ("crashed", "failed", "passed", "not_applicable"), mutant.text
        if word == "passed":
            (reason,) = [each for each in REASONS if each(mutant)] or [pytest.fail(mutant.text)]
            assert same_bits(mutant, names), mutant.text
            why[mutant.text] = reason.__name__.replace("_", " ")
        elif word == "not_applicable":
            assert off > UNSEEN, mutant.text
    record_property("mutation table", row(f"{file}.py, {function}", fates, why))


def row(name, fates, why):
    """Of one function: its name, how many mutants of each fate, how many found ones no float check sees, reasons."""
    words = Counter(word for word, _ in fates.values())
    unseen = sum(word == "failed" and off < UNSEEN for word, off in fates.values())
    return name, dict(words), unseen, why


@pytest.mark.parametrize(
    ("body", "made"),
    [
        ("a += -b", {"a = -b", "a -= -b", "a *= -b", "a /= -b", "a @= -b", "a += b", "a += -a"}),
        ("return a[0].T", {"return a[0]", "return b[0].T", "return a[1].T", "return a[-1].T"}),
        ("a < b", {"a <= b", "a > b", "a >= b", "a == b", "a != b", "b < b", "a < a"}),
        ("return len(a)", {"return a", "return len(b)"}),
    ],
)
def test_the_mutants_of_a_line(body, made, monkeypatch):
    tree = ast.parse(f"def f(a, b):\n    {body}")
    monkeypatch.setattr("mutants.parsed", lambda file: tree)
    every = [ast.unparse(mutant.tree).splitlines()[1].strip() for mutant in mutants("file", "f")]
    assert set(every) == made
    assert len(every) == len(made)
