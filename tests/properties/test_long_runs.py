"""Runs of a hundred steps: right code passes, a step that errs late and little is found, and how surely is said."""

import numpy as np
import pytest
import right_lstms
from slightly_wrong_lstms import ConstantInTanh, with_gate_off

from rnnproof.adapters.resolve import resolve
from rnnproof.catalogue import network
from rnnproof.faults.fault import plant
from rnnproof.model.verdict import Outcome
from rnnproof.properties import forward, gradient, long
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.laws import LAWS
from rnnproof.properties.trial import Trial, start
from rnnproof.reference.implementation import Reference
from rnnproof.strategies.cases import Draw, fill, long_draw
from rnnproof.usecases.bench import Bench, late_draws
from rnnproof.usecases.verify import ANY


def trial(target, dtype, name="lstm"):
    page = network(name)
    return start(fill(page, long_draw(dtype, {}), dtype), resolve(target, name).implementation)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("target", ["numpy:lstm", right_lstms.Packed, right_lstms.TanhSigmoid])
def test_a_right_lstm_passes_a_long_run_and_each_of_its_steps(target, dtype):
    one = trial(target, dtype)
    whole, steps = forward.values(one), forward.step(one)
    assert (whole.outcome, whole.bound) == (Outcome.PASSED, "first-order")
    assert (steps.outcome, steps.bound) == (Outcome.PASSED, "rigorous")
    assert 0 < whole.ratio < 1 and 0 < steps.ratio < 1


@pytest.mark.parametrize(("dtype", "by"), [("float32", 1e-5), ("float64", 1e-13)])
def test_one_gate_off_by_little_in_every_step_is_found_in_a_step(dtype, by):
    verdict = forward.step(trial(with_gate_off(by), dtype))
    assert verdict.outcome is Outcome.FAILED and verdict.bound == "rigorous"


LATE = pytest.mark.parametrize(("dtype", "by"), [("float32", 1e-2), ("float64", 1e-10)])


@LATE
def test_one_gate_off_after_sixty_four_steps_has_failed_in_the_tube_of_right_code(dtype, by):
    one = trial(with_gate_off(by, since=64), dtype)
    verdict = forward.values(one)
    assert (verdict.outcome, verdict.bound, verdict.kind) == (Outcome.FAILED, "rigorous", "value")
    assert verdict.message.startswith("outputs[64,0,") and forward.step(one).outcome is Outcome.PASSED


@LATE
def test_to_first_order_alone_it_is_suspicious(dtype, by):
    verdict = long.judge(trial(with_gate_off(by, since=64), dtype))
    assert (verdict.outcome, verdict.bound, verdict.kind) == (Outcome.SUSPICIOUS, "first-order", "value")
    first, numbers, where, how_far = verdict.message.splitlines()
    assert first == "the sum of all results with the differences' own signs:"
    assert numbers.startswith("  got ") and numbers.endswith(", to first order") and "but should be" in numbers
    assert where == f"  lstm, T=100 B=1 I=16 H=32, {dtype}" and "bounds" in how_far


def test_what_is_not_finite_late_in_a_run_is_suspicious_to_first_order_and_has_failed_in_the_tube():
    one = trial(with_gate_off(np.nan, since=64), "float32")
    first, entries = long.judge(one), forward.values(one)
    assert (first.outcome, first.kind, first.bound) == (Outcome.SUSPICIOUS, "overflow", "first-order")
    assert (entries.outcome, entries.kind, entries.bound) == (Outcome.FAILED, "overflow", "rigorous")


def test_a_network_with_kinks_is_judged_by_the_running_bound_alone():
    verdict = forward.values(trial("numpy:elman:activation=relu", "float64", "elman:activation=relu"))
    assert verdict.bound == "rigorous"


@pytest.mark.parametrize("regime", ["zero", "saturated"])
def test_a_constant_that_is_off_by_a_millionth_is_found_in_float32_where_tanh_is_flat_or_nothing_is_there(regime):
    page, found = network("lstm"), []
    for seed in range(8):
        case = fill(page, Draw(4, 3, 2, 3, 2, 2, seed, regime, 18), "float32")
        found.append(forward.step(start(case, resolve(ConstantInTanh, "lstm").implementation)).outcome)
    assert set(found) == {Outcome.FAILED}


def test_a_constant_that_is_off_by_a_millionth_is_found_in_float64_in_every_case():
    page = network("lstm")
    for regime in ("typical", "saturated", "vanishing", "zero"):
        case = fill(page, Draw(4, 3, 2, 3, 2, 2, 1, regime, 18), "float64")
        one = start(case, resolve(ConstantInTanh, "lstm").implementation)
        assert forward.step(one).outcome is Outcome.FAILED


@pytest.mark.parametrize("name", ["lstm", "gru", "elman:readout=softmax", "elman:direction=backward", "peephole"])
def test_large_runs_hide_no_fault_of_the_laws_that_look_at_them(name):
    page = network(name)
    for law in (law for law in LAWS if law.late and law.excuse(ANY, page) is None):
        for draw in late_draws(law, Bench(resolve(Reference(), page), "float32", 0)):
            bounds = Bounds(fill(page, draw, "float32"))
            found = {law.judge(Trial(bounds.case, plant(fault), bounds)).outcome for fault in law.planted(page)}
            assert found & {Outcome.FAILED, Outcome.SUSPICIOUS}


class CarryOff(right_lstms.Packed):
    """A backward pass whose d(z) is off by a little in the first steps of a long run."""

    by = 0.0

    def grad(self, params, x, state, cotangents):
        self.steps = 0
        return super().grad(params, x, state, cotangents)

    def of_gates(self, dz):
        self.steps += 1
        return (dz * (1 + self.by * (self.steps > 64))).astype(dz.dtype)


def with_carry_off(by):
    return type("Off", (CarryOff,), {"by": by})


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("target", ["numpy:lstm", right_lstms.Packed, with_carry_off(0.0)])
def test_right_gradients_of_a_long_run_pass(target, dtype):
    one = trial(target, dtype)
    for law in (gradient.parameters, gradient.inputs, gradient.state):
        verdict = law(one)
        assert verdict.outcome in (Outcome.PASSED, Outcome.UNDECIDED) and verdict.bound == "first-order"
        assert 0 < verdict.ratio < 1
    assert gradient.parameters(one).outcome is Outcome.PASSED


@pytest.mark.parametrize(("dtype", "by"), [("float32", 0.1), ("float64", 1e-9)])
def test_gradients_that_are_off_after_sixty_four_steps_back_are_suspicious(dtype, by):
    verdict = gradient.parameters(trial(with_carry_off(by), dtype))
    assert (verdict.outcome, verdict.bound, verdict.kind) == (Outcome.SUSPICIOUS, "first-order", "value")
    assert verdict.message.startswith("the sum of all gradients with ")
