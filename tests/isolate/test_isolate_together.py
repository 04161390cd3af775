"""Groups at work together are told one after the other, and what ends one of them is raised."""

from threading import Event

import pytest

from rnnproof.adapters.frameworks import frameworks_found
from rnnproof.cells.named import WRITTEN
from rnnproof.errors import UsageError
from rnnproof.isolate import together
from rnnproof.isolate.request import Place, Request
from rnnproof.model.event import Found, Printed, Running, Started
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.usecases.verify import share_of, targets_found


def test_the_groups_are_told_in_order(monkeypatch):
    def verify(request, stopped=None):
        yield from (Running(f"{request.group}.{n}", None) for n in range(3))

    monkeypatch.setattr(together, "verify", verify)
    told = [event.property for event in together.verify_everything(Request(None))]
    assert told == [f"{group}.{n}" for group in range(together.GROUPS) for n in range(3)]


def test_what_a_group_raises_is_raised(monkeypatch):
    def verify(request, stopped=None):
        yield Running(f"{request.group}", None)
        if request.group == 1:
            raise UsageError("no")

    monkeypatch.setattr(together, "verify", verify)
    told = []
    with pytest.raises(UsageError, match="no"):
        told.extend(event.property for event in together.verify_everything(Request(None)))


def test_closing_it_ends_every_group(monkeypatch):
    ended = []

    def verify(request, stopped=None):
        try:
            for n in range(1000):
                yield Running(f"{request.group}.{n}", None)
        finally:
            ended.append(request.group)

    monkeypatch.setattr(together, "verify", verify)
    events = together.verify_everything(Request(None))
    assert next(events).property == "0.0"
    events.close()
    assert 0 in ended and sorted(ended) == sorted(set(ended))


def test_no_more_groups_work_at_once_than_there_are_processors(monkeypatch):
    at_work, most = [], []

    def verify(request, stopped=None):
        at_work.append(request.group)
        for n in range(100):
            most.append(len(at_work))
            yield Running(f"{request.group}.{n}", None)
        at_work.remove(request.group)

    monkeypatch.setattr(together, "verify", verify)
    monkeypatch.setattr(together.os, "cpu_count", lambda: 1)
    assert len(list(together.verify_everything(Request(None)))) == 100 * together.GROUPS
    assert set(most) == {1}


def test_every_hand_written_network_and_every_framework_layer_is_in_a_group():
    assert len(targets_found()) == together.GROUPS
    found = {target for group in targets_found() for target in group}
    assert found >= set(frameworks_found())
    assert {target.split(":")[1] for target in found if target.startswith("numpy:")} == set(WRITTEN)


PLAN = (("a", "float64"), ("b", "float64"), ("a", "float32"), ("b", "float32"), ("exact.forward", None))


@pytest.mark.parametrize("plan", [PLAN, PLAN[:2], PLAN[:1], PLAN[-1:], (PLAN[0], PLAN[4])])
def test_each_item_of_a_plan_is_in_one_share(plan):
    assert sum((share_of(plan, n) for n in range(together.SHARES)), ()) == plan == share_of(plan, None)


def test_the_first_share_is_what_is_found_in_the_first_format():
    assert share_of(PLAN, 0) == PLAN[:2] and share_of(PLAN[-1:], 0) == PLAN[-1:]


def shared(monkeypatch, **options):
    """The shares in which a target was asked for, and what was told of it, on two processors."""
    asked = []

    def verify(request, stopped=None):
        asked.append(request.share)
        yield Printed(f"imported in {request.share}\n")
        yield Started("t", "lstm", PLAN)
        yield from (Found(Finding(*item, Outcome.PASSED)) for item in share_of(PLAN, request.share))

    monkeypatch.setattr(together, "verify", verify)
    monkeypatch.setattr(together.os, "cpu_count", lambda: 2)
    return list(together.verify_target(Request(Place("t"), options))), asked


def test_a_target_is_shared_out_and_told_once_in_the_order_of_its_plan(monkeypatch):
    (printed, started, *found), asked = shared(monkeypatch)
    assert sorted(asked) == [0, 1] and printed.text == "imported in 0\n" and started.plan == PLAN
    assert [(event.finding.property, event.finding.dtype) for event in found] == list(PLAN)


@pytest.mark.parametrize(
    "options", [{"properties": ["a"]}, {"dtypes": ["float32"]}, {"max_examples": together.FEW - 1}], ids=str
)
def test_what_is_done_soon_is_not_shared_out(monkeypatch, options):
    assert shared(monkeypatch, **options)[1] == [None]


@pytest.mark.parametrize("options", [{"dtypes": ["float32", "float64"]}, {"max_examples": together.FEW}], ids=str)
def test_what_takes_long_is_shared_out(monkeypatch, options):
    assert sorted(shared(monkeypatch, **options)[1]) == [0, 1]


def test_where_it_is_interrupted_what_the_other_share_has_found_is_told(monkeypatch):
    ready = Event()

    def verify(request, stopped=None):
        yield Started("t", "lstm", PLAN)
        if request.share == 1:
            yield from (Found(Finding(*item, Outcome.PASSED)) for item in share_of(PLAN, 1))
            ready.set()
        yield Running("a", "float64")

    monkeypatch.setattr(together, "verify", verify)
    monkeypatch.setattr(together.os, "cpu_count", lambda: 2)
    events = together.verify_target(Request(Place("t")))
    assert isinstance(next(events), Started) and ready.wait(60)
    told = [events.throw(KeyboardInterrupt)]
    with pytest.raises(KeyboardInterrupt):
        told.extend(events)
    assert [(event.finding.property, event.finding.dtype) for event in told] == list(PLAN[2:])
