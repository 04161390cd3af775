"""What stands in a target's place: called and packed as the target is, it is right by every law of values."""

import numpy as np
import pytest
from lstm_packings import PACKINGS

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.dialects import Dialect, Stack
from rnnproof.faults.bank import bank
from rnnproof.model.verdict import Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.usecases.examine import judge
from rnnproof.usecases.score.standin import StandIn, in_place_of
from rnnproof.usecases.verify import verify

PACKED = Dialect(
    {
        "kernel": Stack("z r n", of="W", axis=1, transpose=True, negate="z"),
        "recurrent": Stack("z r n", of="U", axis=1, transpose=True, negate="z"),
        "b_x": (Stack("z r", of="b", negate="z", shift={"r": 1.0}, part=1), Stack("n", of="b")),
        "b_h": (Stack("z r", of="b", negate="z", shift={"r": 1.0}, part=2), Stack("hn", of="b")),
    },
    state=("h",),
    layout="BTI",
)


class Target:
    """Only what it can be asked matters: none of this is run."""

    units = 7

    def run(self, params, x, state, lengths=None):
        raise AssertionError

    def grad(self, params, x, state, cotangents, lengths=None):
        raise AssertionError

    def step(self, params, x, state):
        raise AssertionError


def standing(fault=None, name="gru", dialect=PACKED):
    planted = next((each for each in bank(network(name)) if each.text == fault), None)
    assert fault is None or planted is not None
    standing = StandIn(network(name), dialect, planted)
    cls = in_place_of(type("Target", (Target,), {"dialect": dialect}), standing)
    return cls, standing


LAWS = ["forward.values", "forward.step", "gradient.parameters", "gradient.inputs", "sequence.lengths"]


def test_a_stand_in_without_a_fault_is_right_packed_as_the_target():
    cls, counting = standing()
    assert (cls.__name__, cls.units, issubclass(cls, Target)) == ("Target", 7, True)
    report = verify(cls, "gru", properties=LAWS, dtype="float64", max_examples=2)
    assert {finding.outcome for finding in report.findings} == {Outcome.PASSED}
    assert counting.calls > 10


def test_state_is_kept_by_one_object_and_not_by_another():
    cls, _ = standing("the state is kept between calls")
    params = {"kernel": np.ones((1, 3)), "recurrent": np.ones((1, 3)), "b_x": np.ones(3), "b_h": np.ones(3)}
    x, h = np.ones((1, 2, 1)), (np.zeros((1, 1)),)
    first, second = cls(), cls()
    (a, _), (b, _), (c, _) = first.run(params, x, h), first.run(params, x, h), second.run(params, x, h)
    assert np.array_equal(a, c) and not np.array_equal(a, b)


@pytest.mark.parametrize("fault", ["x is scaled in place", "the initial state is overwritten in place"])
def test_what_a_fault_changes_of_its_arguments_the_caller_sees(fault):
    cls, _ = standing(fault)
    params = {"kernel": np.ones((1, 3)), "recurrent": np.ones((1, 3)), "b_x": np.ones(3), "b_h": np.ones(3)}
    x, h = np.ones((1, 2, 1)), np.zeros((1, 1))
    cls().run(params, x, (h,))
    assert bool((x != 1).all()) is ("x is" in fault) and bool((h != 0).all()) is ("state" in fault)


WRONG = {
    "the sum of dz_f in db_f has the wrong sign": "gradient.parameters",
    "the term dz_g x^T of dW_g is missing": "gradient.parameters",
    "the gates are read in the order i f o g, not i f g o": "forward.values",
}


@pytest.mark.parametrize("dialect", PACKINGS.values(), ids=PACKINGS)
def test_whatever_the_packing_a_right_stand_in_is_right_and_a_wrong_one_wrong(dialect):
    right, laws = standing(None, "lstm", dialect)[0], ["forward.values", "forward.step", "gradient.parameters"]
    report = verify(right, "lstm", properties=laws, dtype="float64", max_examples=2)
    assert [finding.outcome for finding in report.findings] == [Outcome.PASSED] * len(laws)
    case = fill(network("lstm"), Draw(3, 2, 2, 3, 1, 1, seed=1, regime="typical", q=8), "float64")
    for fault, law in WRONG.items():
        wrong = resolve(standing(fault, "lstm", dialect)[0], "lstm").implementation
        assert judge(BY_ID[law], start(case, wrong)).outcome is Outcome.FAILED


def test_parameters_that_are_no_network_s_are_refused_as_a_target_would():
    cls, _ = standing(None, "lstm", PACKINGS["W above U"])
    params = {"kernel": np.ones((4, 8)), "b": np.ones(4)}
    with pytest.raises(ValueError, match="no lstm with 2 inputs has arrays of the shapes kernel"):
        cls().run(params, np.ones((1, 1, 2)), (np.ones((1, 2)), np.ones((1, 2))))
