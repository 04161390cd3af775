"""What is wrong with a gradient, told apart: its mathematics, its precision, a factor, an overflow, a call."""

from dataclasses import replace

import numpy as np
import pytest
import scaled_lstms as lstms

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.scale import Entries, constants, factor_of, factors, said
from rnnproof.properties.trial import start
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill
from rnnproof.strategies.regimes import RAGGED
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.examine import examine_law, judge

KINDS = {
    lstms.NotScaled: "value",
    lstms.Single: "precision",
    lstms.MeanOverTime: "scale",
    lstms.MeanOverAll: "scale",
    lstms.TimesT: "scale",
    lstms.BiasesOtherwise: "scale",
    lstms.SevenTenths: "scale",
    lstms.NotANumber: "overflow",
    lstms.Nothing: "ignored",
    lstms.Random: "unsteady",
}
SAID = {
    lstms.MeanOverTime: ("the ratio is 1/2 = 1/T in each of them", "with T=4 B=3 I=2 H=3, the ratio is 1/4 = 1/T"),
    lstms.MeanOverAll: ("the ratio is 1/2 = 1/B in each of them", "the ratio is 1/12 = 1/(T*B) or 1/(T*H) in each"),
    lstms.TimesT: ("the ratio is 2 = T in each of them", "the ratio is 4 = T in each of them"),
    lstms.BiasesOtherwise: ("1/4 = 1/T in dU_i, 1/12 = 1/(T*B) or 1/(T*H) in db_i",),
    lstms.SevenTenths: ("the ratio is 0.7 in each of them",),
    lstms.Random: ("two identical calls differ: the target is no function of its arguments",),
}


@pytest.fixture(scope="module")
def found():
    def of(target):
        finding = examine_law(BY_ID["gradient.parameters"], Bench(resolve(target, "lstm"), "float64", 0), 3)
        assert finding.outcome is Outcome.FAILED
        return finding

    return of


@pytest.mark.parametrize("target", KINDS)
def test_the_kind_of_a_wrong_gradient(target, found):
    finding = found(target)
    assert finding.kind == KINDS[target]
    told = " ".join(finding.message.split())
    assert all(words in told for words in SAID.get(target, ()))
    assert ("the ratio is" in told) is (finding.kind == "scale")
    assert ("two identical calls" in told) is (finding.kind == "unsteady")


UNDECIDED = {
    "kink": ("elman:activation=relu", "float64", 3, 0.0),
    "ill-conditioned": ("elman", "float32", 12, 4.0),
}


@pytest.mark.parametrize("law", ["gradient.inputs", "gradient.ledger"])
@pytest.mark.parametrize("kind", UNDECIDED)
def test_why_a_gradient_is_undecided(kind, law):
    """Every pre-activation is 0, a relu's kink; or U is so large that errors outgrow the numbers."""
    name, dtype, H, scale = UNDECIDED[kind]
    case = fill(network(name), Draw(20, 1, 2, H, 2, 2, 3, "typical", 8), dtype)
    scaled = {key: (scale if scale == 0 or key == "U_h" else 1) * value for key, value in case.parameters.items()}
    verdict = judge(BY_ID[law], start(replace(case, parameters=scaled), Reference()))
    assert (verdict.outcome, verdict.kind) == (Outcome.UNDECIDED, kind)
    assert ("a relu is given 0" in verdict.message) is (kind == "kink")


def entries(got, true, radius=2.0**-40, name="dW"):
    got, true = (np.array(part, dtype=float) for part in (got, true))
    return Entries(name, got, true, np.full_like(true, radius))


@pytest.mark.parametrize(
    ("got", "true", "radius", "k"),
    [
        ([2, 4, 6], [1, 2, 3], 2.0**-40, 2),
        ([-1, -2], [1, 2], 2.0**-40, -1),
        ([0.7, 1.4], [1, 2], 2.0**-40, 0.7),
        ([0.7, 0.7], [1, 1], 2.0**-40, None),  # one number twice
        ([2, 4, 6], [1, 2, 3], 2.0**-12, 2),  # in a low precision several entries tell it together
        ([2, 4], [1, 2], 2.0**-12, None),  # two do not: 13 bits of agreement
        ([1, 2], [1, 2], 2.0**-40, None),
        ([2], [1], 2.0**-40, None),
        ([2, 4 + 2.0**-30], [1, 2], 2.0**-40, None),
        ([0, 0], [1, 2], 2.0**-40, None),
        ([2, 1], [1, 0], 2.0**-40, None),
        ([np.inf, 4], [1, 2], 2.0**-40, None),
    ],
)
def test_a_common_factor(got, true, radius, k):
    assert factor_of(entries(got, true, radius)) == k


def test_arrays_with_factors_of_their_own():
    halved, thirds = entries([1, 2], [2, 4]), entries([1, 2], [3, 6], name="db")
    assert factors([halved, halved]) == {"": 0.5}
    assert factors([halved, thirds]) == {"dW": 1 / 2, "db": 1 / 3}
    assert factors([halved, entries([1, 3], [3, 6])]) == {}


def test_a_factor_by_its_names():
    case = fill(network("elman"), Draw(4, 3, 2, 5, 2, 2, 0, "typical", 8), "float64")
    known = constants(case)
    assert known == {"T": 4, "B": 3, "H": 5, "T*B": 12, "T*H": 20, "B*H": 15, "T*B*H": 60}
    assert said({"": -1 / 12}, known) == "the ratio is -1/12 = -1/(T*B) in each of them"
    assert said({"": 4.0}, known) == "the ratio is 4 = T in each of them"
    assert said({"": 1 + 2.0**-43}, known) == "the ratio is 1 + 1.1e-13 in each of them"
    assert said({"dW": 2.0**-22 - 1, "db": 0.99}, known) == "the ratio is -(1 - 2.4e-07) in dW, 0.99 in db"
    assert said({"": 7.0}, known) == "the ratio is 7 in each of them"
    assert said({"dW": 1 / 4, "db": 2.0}, known) == "the ratio is 1/4 = 1/T in dW, 2 in db"
    ragged = fill(network("elman"), Draw(4, 3, 2, 5, 2, 2, 0, RAGGED, 8), "float64")
    assert constants(ragged)["the sum of the lengths"] == ragged.lengths.sum()
