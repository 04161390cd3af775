"""The course of a verification, its children played by lists of messages."""

import pytest
from target_files import request

from rnnproof.errors import RnnproofError, Unsupported, UsageError
from rnnproof.isolate import course as module
from rnnproof.isolate.ending import Died
from rnnproof.model.event import Found, Refusal, Started, Unfit
from rnnproof.model.report import finding_as_json
from rnnproof.model.verdict import Finding, Outcome

LAWS = ("forward.values", "forward.step", "state.final", "state.repeat", "numerics.dtype")
PLAN = [[law, "float64"] for law in LAWS]
SEGV, EXIT = Died("SIGSEGV"), Died("exit code 3")
END = {"event": "end"}


def opening(target="t"):
    return {"event": "opening", "target": target}


def begin(target="t", aside=()):
    started = {"event": "started", "target": target, "network": "lstm", "plan": PLAN, "mine": PLAN, "aside": aside}
    return [opening(target), {**started, "dialect": None, "versions": {}}]


def running(law):
    return {"event": "running", "property": law, "dtype": "float64"}


def found(law):
    finding = Finding(law, "float64", Outcome.PASSED, cases=2)
    return [running(law), {"event": "found", "finding": finding_as_json(finding)}]


@pytest.fixture
def play(monkeypatch):
    """Events of a verification whose children say these things, and what each child was asked."""

    def played(*children, place="t"):
        asked, left = [], list(children)

        def converse(request, stopped):
            asked.append(request)
            return iter_of(left.pop(0))

        monkeypatch.setattr(module, "converse", converse)
        happened = list(module.verify(request(place)))
        assert not left
        return happened, asked

    return played


def iter_of(messages):
    yield from messages


def outcomes(happened):
    return [(e.finding.property, e.finding.outcome.value) for e in happened if isinstance(e, Found)]


def test_the_next_child_is_told_what_is_done(play):
    happened, asked = play(
        [*begin(), *found(LAWS[0]), running(LAWS[1]), SEGV],
        [*begin(), *[m for law in LAWS[2:] for m in found(law)], END],
    )
    assert sum(isinstance(event, Started) for event in happened) == 1
    assert outcomes(happened) == list(zip(LAWS, ("passed", "error", "passed", "passed", "passed"), strict=True))
    assert asked[0]["done"] == []
    assert asked[1]["done"] == [("t", law, "float64") for law in sorted(LAWS[:2])]


def test_a_death_on_the_last_law_needs_no_other_child(play):
    happened, asked = play([*begin(), *[m for law in LAWS[:4] for m in found(law)], running(LAWS[4]), SEGV])
    assert outcomes(happened)[-1] == ("numerics.dtype", "error")
    assert len(asked) == 1


def test_a_death_between_two_laws_is_the_next_ones(play):
    happened, _ = play(
        [*begin(), *found(LAWS[0]), SEGV],
        [*begin(), *[m for law in LAWS[2:] for m in found(law)], END],
    )
    assert outcomes(happened)[1] == ("forward.step", "error")


def test_once_something_was_found_every_law_is_tried(play):
    dying = [[*begin(), running(law), SEGV] for law in LAWS[1:]]
    happened, asked = play([*begin(), *found(LAWS[0]), running(LAWS[1]), SEGV], *dying[1:])
    assert [e.finding.message for e in happened if isinstance(e, Found)][1:] == ["SIGSEGV"] * 4
    assert len(asked) == 4


def test_what_does_not_apply_is_no_error_where_the_rest_is_given_up(play):
    excused = Finding(LAWS[3], "float64", Outcome.NOT_APPLICABLE, "the target has no grad")
    start = begin(aside=[finding_as_json(excused)])
    happened, _ = play(*([*start, running(law), SEGV] for law in LAWS[:3]))
    assert outcomes(happened) == list(zip(LAWS, ["error"] * 3 + ["not_applicable", "error"], strict=True))
    *_, known, untried = [event.finding.message for event in happened if isinstance(event, Found)]
    assert (known, untried) == ("the target has no grad", "not tried, since 3 laws in a row ended so: SIGSEGV")


def test_deaths_of_different_kinds_do_not_give_the_rest_up(play):
    kinds = (SEGV, EXIT, SEGV, EXIT, SEGV)
    happened, asked = play(*([*begin(), running(law), kind] for law, kind in zip(LAWS, kinds, strict=True)))
    assert [e.finding.message for e in happened if isinstance(e, Found)] == [kind.reason for kind in kinds]
    assert len(asked) == 5


def test_of_everything_an_unfit_target_is_left_out(play):
    happened, asked = play(
        [*begin("a"), *[m for law in LAWS for m in found(law)], opening("b"), SEGV],
        [*begin("a"), opening("c"), {"event": "unfit", "target": "c", "reason": "no torch"}, *PLANTED, END],
        place=None,
    )
    assert [event for event in happened if isinstance(event, Unfit)] == [Unfit("b", "SIGSEGV"), Unfit("c", "no torch")]
    assert [one["unfit"] for one in asked] == [[], ["b"]]
    assert [one["places"] for one in asked] == [None, None]
    assert happened[-1] == Refusal("state.final", "h and c are exchanged", True, "final h")


PLANTED = [
    {
        "event": "planted",
        "property": "state.final",
        "fault": "h and c are exchanged",
        "refused": True,
        "message": "final h",
    }
]


@pytest.mark.parametrize(
    ("kind", "made"), [("UsageError", UsageError), ("Unsupported", Unsupported), ("X", RnnproofError)]
)
def test_a_problem_is_raised_as_it_was(play, kind, made):
    said = {"event": "problem", "type": kind, "message": "no file x.py", "details": "its traceback"}
    with pytest.raises(made) as caught:
        play([opening(), said])
    assert (type(caught.value), str(caught.value), caught.value.details) == (made, "no file x.py", "its traceback")


def test_a_child_that_does_not_start_is_said(play):
    with pytest.raises(UsageError, match="this cannot be verified: exit code 3"):
        play([EXIT])


def test_the_request_is_plain_data():
    assert request("x.py", "forward.values").as_json() == {
        "do": "verify",
        "places": [{"target": "x.py", "network": "lstm", "dialect": None}],
        "group": None,
        "share": None,
        "options": {
            "properties": ["forward.values"],
            "dtypes": ["float64"],
            "seed": 0,
            "max_examples": 2,
            "profile": "quick",
        },
        "timeout_s": 60.0,
    }


def judged(law):
    finding = Finding(law, "float64", Outcome.FAILED, "dU_f: got 0", cases=2)
    return [running(law), {"event": "judged", "finding": finding_as_json(finding)}]


def test_a_failure_stands_where_the_process_ends_while_its_diagnosis_is_looked_for(play):
    first, *rest = LAWS
    goes_on = [*begin(), *(one for law in rest for one in found(law)), END]
    happened, asked = play([*begin(), *judged(first), SEGV], goes_on)
    failure = next(event.finding for event in happened if isinstance(event, Found) and event.finding.property == first)
    assert failure.outcome is Outcome.FAILED
    assert failure.message == "dU_f: got 0"
    assert failure.diagnosis == {
        "text": f"no diagnosis: while one was looked for, {SEGV.message}",
        "names": [],
        "explains": [],
    }
    assert [request["diagnosing"] for request in asked] == [True, False]
    assert [event.finding.property for event in happened if isinstance(event, Found)] == [first, *rest]
