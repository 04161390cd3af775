"""What stands in a target's place: called and packed as the target is, it is right by every law of values."""

import numpy as np
import pytest

from rnnproof.catalogue import network
from rnnproof.dialects import Dialect, Stack
from rnnproof.faults.bank import bank
from rnnproof.model.verdict import Outcome
from rnnproof.usecases.score.standin import Behaviour, in_place_of
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


class GRU:
    """Only what it can be asked matters: none of this is run."""

    dialect = PACKED
    units = 7

    def run(self, params, x, state, lengths=None):
        raise AssertionError

    def grad(self, params, x, state, cotangents, lengths=None):
        raise AssertionError

    def step(self, params, x, state):
        raise AssertionError


def standing(fault=None):
    planted = next((each for each in bank(network("gru")) if each.text == fault), None)
    behaviour = Behaviour(network("gru"), PACKED, planted)
    return in_place_of(GRU, behaviour), behaviour


LAWS = ["forward.values", "forward.step", "gradient.parameters", "gradient.inputs", "sequence.lengths"]


def test_a_stand_in_without_a_fault_is_right_packed_as_the_target():
    cls, behaviour = standing()
    assert (cls.__name__, cls.units, issubclass(cls, GRU)) == ("GRU", 7, True)
    report = verify(cls, "gru", properties=LAWS, dtype="float64", max_examples=2)
    assert {finding.outcome for finding in report.findings} == {Outcome.PASSED}
    assert behaviour.calls > 10


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
