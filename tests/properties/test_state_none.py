"""No initial state, where a target claims to take none, is a state of zeros: also after another call."""

import numpy as np
import pytest
import right_lstms

from rnnproof.adapters.resolve import resolve
from rnnproof.model.verdict import Outcome
from rnnproof.properties import state
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill


class TakesNone(right_lstms.Packed):
    claims = {"state_none": True}

    def begin(self, params, x):
        return {name: np.zeros((x.shape[1], len(params["U_i"])), x.dtype) for name in ("h", "c")}

    def run(self, params, x, state):
        found = super().run(params, x, self.begin(params, x) if state is None else state)
        self.last = found[1]
        return found

    def grad(self, params, x, state, cotangents):
        return super().grad(params, x, self.begin(params, x) if state is None else state, cotangents)


class BeginsAtOne(TakesNone):
    def begin(self, params, x):
        return {name: value + 1 for name, value in super().begin(params, x).items()}


class GoesOnFromTheLastCall(TakesNone):
    last = None

    def begin(self, params, x):
        return super().begin(params, x) if self.last is None else self.last


class GradientWithoutAStateIsHalf(TakesNone):
    def grad(self, params, x, state, cotangents):
        found = super().grad(params, x, state, cotangents)
        return found if state is not None else {**found, "x": found["x"] / 2}


class NaNWithoutAState(TakesNone):
    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs * (np.nan if state is None else 1), final


class NaNWhateverTheState(TakesNone):
    def run(self, params, x, state):
        outputs, final = super().run(params, x, state)
        return outputs * np.nan, final


@pytest.mark.parametrize(
    ("target", "outcome", "words"),
    [
        (TakesNone, Outcome.PASSED, ""),
        (BeginsAtOne, Outcome.FAILED, "no initial state against an initial state of zeros"),
        (GoesOnFromTheLastCall, Outcome.FAILED, "after a call that had one"),
        (GradientWithoutAStateIsHalf, Outcome.FAILED, "the ratio is 0.5 in each of them"),
        (NaNWithoutAState, Outcome.FAILED, "outputs[0,0,0]: got nan, but should be"),
        (NaNWhateverTheState, Outcome.FAILED, "outputs[0,0,0]: got nan, but should be finite"),
    ],
)
def test_no_state_is_a_state_of_zeros(target, outcome, words):
    resolved = resolve(target, "lstm")
    case = fill(resolved.network, Draw(3, 2, 2, 3, 2, 2, 4, "typical", 8), "float64")
    verdict = state.initial(start(case, resolved.implementation))
    assert verdict.outcome is outcome
    assert words in verdict.message
