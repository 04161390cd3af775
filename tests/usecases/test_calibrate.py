"""A small calibration: right code in every manner raises no alarm; a wrong one does, and it is said how to see it."""

from dataclasses import fields, replace

import numpy as np
import pytest

from rnnproof.adapters.resolve import resolve
from rnnproof.cli.main import run
from rnnproof.domains.formats import FORMATS
from rnnproof.errors import UsageError
from rnnproof.isolate.calibrate import calibrate
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.report import calibration
from rnnproof.usecases.calibrate import Judged, Plan, Tally, judged, manner, plan_of, share
from rnnproof.usecases.calibrate.cells import IN_MANNERS
from rnnproof.usecases.calibrate.drawn import draw
from rnnproof.usecases.calibrate.judged import judge_drawn
from rnnproof.usecases.calibrate.manner import WAYS, Manner

SMALL = 8


def tally_of(plan):
    tally = Tally()
    for dtype, number in share(plan, 0, 1):
        for one in judged(plan.seed, dtype, number):
            tally.add(one)
    return tally


def in_this_process(plan):
    return (one for dtype, number in share(plan, 0, 1) for one in judged(plan.seed, dtype, number))


@pytest.fixture
def here(monkeypatch):
    monkeypatch.setattr("rnnproof.cli.calibrate.in_children", in_this_process)


def test_a_small_calibration_raises_no_alarm():
    tally = tally_of(plan_of(0, SMALL))
    assert tally.false_alarms == [] and tally.total == SMALL * len(FORMATS)
    for dtype in ("float64", "float32"):
        median, _, _, worst = tally.quantiles((dtype, "forward.step"))
        assert 0.001 < median < worst < 1
        assert tally.sensitivity((dtype, "forward.step")) < 2**12 * FORMATS[dtype].roundoff


EVERY_WAY = [(way, name) for way, names in WAYS.items() for name in names]


@pytest.mark.parametrize("network", IN_MANNERS)
def test_a_cell_written_in_any_way_is_right(network):
    """One way of each at a time, beside the plain ones."""
    wide = {name: draw(2, "float32", number) for name, number in _of_each_network(network)}
    for way, name in EVERY_WAY:
        target = resolve(IN_MANNERS[network](replace(Manner(), **{way: name})), network)
        one = replace(wide[network], implementation=target.implementation)
        outcomes = {each.law: each.verdict.outcome for each in judge_drawn(one, 0)}
        assert set(outcomes.values()) == {Outcome.PASSED}, (way, name, outcomes)


def _of_each_network(network):
    numbers = (n for n in range(1000) if draw(2, "float32", n).case.network.name == network)
    yield network, next(numbers)


def test_a_manner_says_what_is_not_plain_in_it():
    assert str(Manner()) == "plain"
    assert str(Manner(sigmoid="tanh", stacked="stacked")) == "sigmoid tanh, stacked stacked"
    assert {way.name for way in fields(Manner)} == set(WAYS)


def test_the_same_seed_draws_the_same_cases():
    one, again, other = (draw(seed, "float64", 5) for seed in (1, 1, 2))
    assert one.words == again.words and str(one.case) == str(again.case)
    assert all(np.array_equal(one.case.parameters[n], again.case.parameters[n]) for n in one.case.parameters)
    assert str(other.case) != str(one.case) or not np.array_equal(other.case.x, one.case.x)


def test_every_case_is_judged_by_one_process_of_several():
    plan = plan_of(0, 7)
    every = [item for n in range(3) for item in share(plan, n, 3)]
    assert sorted(every) == sorted(share(plan, 0, 1)) and len(every) == plan.total


def test_a_wrong_sigmoid_is_a_false_alarm_and_it_is_said_how_to_see_it_again(here, monkeypatch, capsys):
    def wrong(z):
        return manner.by_exp(z) * z.dtype.type(1 + 1e-4)

    monkeypatch.setitem(manner.SIGMOIDS, "exp", wrong)
    assert run(["calibrate", "--seed", "3", "--cases", "20", "--dtype", "float32"]) == 1
    told = capsys.readouterr().out
    assert "FAILED  " in told and " false alarm" in told and "but should be" in told
    line = next(line for line in told.splitlines() if "again: rnnproof calibrate --seed 3 --case float32:" in line)
    assert run(line.split("rnnproof ")[1].split()) == 1
    assert all(len(line) <= 80 for line in told.splitlines())


def test_right_code_ends_in_0_and_prints_the_distribution(here, capsys):
    assert run(["calibrate", "--cases", "3"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert any(line.startswith("  gradient parameters ") for line in told)
    assert told[-1].startswith("PASSED  no false alarm in 12 cases of right code")
    assert all(len(line) <= 80 for line in told)


def test_interrupted_it_keeps_what_it_has_found(monkeypatch, capsys):
    def interrupted(plan):
        yield from judged(plan.seed, "float64", 0)
        raise KeyboardInterrupt

    monkeypatch.setattr("rnnproof.cli.calibrate.in_children", interrupted)
    assert run(["calibrate", "--cases", "9"]) == 130
    told = capsys.readouterr().out
    assert "float64, 1 case," in told and "INTERRUPTED after 1 of 36 cases" in told
    assert all(len(line) <= 80 for line in told.splitlines())


def test_as_many_suspicious_cases_as_were_promised_are_no_false_alarm():
    tally = Tally()
    verdict = Verdict(Outcome.SUSPICIOUS, "", "value", "probabilistic", 0.9)
    tally.add(Judged("float32", 0, "forward.step", verdict, "", True))
    assert len(tally.false_alarms) == 1
    for number in range(1, 3 * 10**6, 7):  # every seventh, of which each counts
        tally.two_tiers["float32"].add(number)
    assert len(tally.false_alarms) == 1
    tally.two_tiers["float32"].update(range(10**6 + 1))
    assert tally.false_alarms == []
    first_order = replace(verdict, bound="first-order")
    tally.add(Judged("float32", 1, "forward.values", first_order, "", True))
    assert [one.verdict for one in tally.false_alarms] == [first_order]


def test_what_cannot_be_asked_is_refused():
    for asked in ({"case": "float32"}, {"case": "float32:x"}, {"dtypes": ["float61"]}):
        with pytest.raises(UsageError):
            plan_of(0, **asked)
    assert plan_of(4, case="float32:17") == Plan(4, {"float32": 1}, 17)


def test_processes_of_their_own_say_the_same():
    plan = plan_of(5, 2, ["float64"])
    found = {(one.number, one.law): one.verdict for one in calibrate(plan, processes=2)}
    assert found == {(one.number, one.law): one.verdict for one in in_this_process(plan)}
    assert calibration.table(tally_of(plan))[1].startswith("float64, 2 cases")
