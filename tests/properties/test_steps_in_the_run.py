"""A target that shows its states is judged step by step inside one run, from its own states."""

import numpy as np
import right_lstms

from rnnproof.adapters.resolve import resolve
from rnnproof.model.verdict import Outcome
from rnnproof.properties import forward
from rnnproof.properties.steps import step_residuals
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill


class WrongInTheMiddle(right_lstms.WithStep):
    """Its step and its runs of one step are right; in a longer run, step 1 forgets a little."""

    def run(self, params, x, state):
        if len(x) == 1:
            return super().run(params, x, state)
        kept = self.states(params, x, state)
        outputs = kept["h"] * 1.0
        return outputs, {name: value[-1] for name, value in kept.items()}

    def states(self, params, x, state, lengths=None):
        h, c, kept = state["h"], state["c"], {"h": [], "c": []}
        for t, x_t in enumerate(x):
            _, final = right_lstms.WithStep().step(params, x_t, {"h": h, "c": c})
            h, c = final["h"], final["c"] * (1 - 2.0**-30 if t == 1 and len(x) > 1 else 1)
            kept["h"].append(h)
            kept["c"].append(c)
        return {name: np.stack(values) for name, values in kept.items()}


def trial_of(target):
    resolved = resolve(target, "lstm")
    case = fill(resolved.network, Draw(4, 2, 2, 3, 2, 2, 4, "typical", 8), "float64")
    return start(case, resolved.implementation)


def outside(trial):
    found = step_residuals(trial, trial.bounds)
    return {name: {t for t, _, _ in np.argwhere(np.abs(got - b.value) > b.radius)} for name, (got, b) in found.items()}


def test_the_step_that_is_wrong_is_found_and_no_other():
    wrong = outside(trial_of(WrongInTheMiddle))
    assert wrong["c in the run"] == {1}
    assert wrong["h in the run"] == set() == wrong["outputs in the run"]
    assert wrong["c"] == wrong["c by step"] == set()
    assert forward.step(trial_of(WrongInTheMiddle)).outcome is Outcome.FAILED


def test_every_way_is_looked_at_and_right_code_is_right_in_each():
    found = outside(trial_of(right_lstms.WithStep))
    ways = ("", " by step", " in the run")
    expected = {f"{name}{way}" for name in ("outputs", "h", "c") for way in ways}
    assert set(found) == expected | {"h of every step", "c of every step"}
    assert not any(found.values())


def test_the_second_half_of_the_law_of_order_is_seen_to_refuse():
    """It can fire only where the first half is blind; so it is asked by itself."""

    class Averages(right_lstms.Packed):
        def run(self, params, x, state):
            return super().run(params, np.broadcast_to(x.mean(axis=0), x.shape), state)

    def asked(target):
        trial = trial_of(target)
        other = start(forward.reordered(trial.case), trial.implementation)
        return forward._must_differ(trial, other, "the verdict so far")

    assert asked(right_lstms.Packed) == "the verdict so far"
    refused = asked(Averages)
    assert (refused.outcome, refused.kind) == (Outcome.FAILED, "ignored")
    assert refused.message.startswith("outputs: the same for inputs in another order, but must differ")
