"""Groups at work together are told one after the other, and what ends one of them is raised."""

import pytest

from rnnproof.adapters.frameworks import frameworks_found
from rnnproof.cells.named import WRITTEN
from rnnproof.errors import UsageError
from rnnproof.isolate import together
from rnnproof.isolate.request import Request
from rnnproof.model.event import Running
from rnnproof.usecases.verify import targets_found


def test_the_groups_are_told_in_order(monkeypatch):
    def verify(request):
        yield from (Running(f"{request.group}.{n}", None) for n in range(3))

    monkeypatch.setattr(together, "verify", verify)
    told = [event.property for event in together.verify_everything(Request(None))]
    assert told == [f"{group}.{n}" for group in range(together.GROUPS) for n in range(3)]


def test_what_a_group_raises_is_raised(monkeypatch):
    def verify(request):
        yield Running(f"{request.group}", None)
        if request.group == 1:
            raise UsageError("no")

    monkeypatch.setattr(together, "verify", verify)
    told = []
    with pytest.raises(UsageError, match="no"):
        told.extend(event.property for event in together.verify_everything(Request(None)))


def test_closing_it_ends_every_group(monkeypatch):
    ended = []

    def verify(request):
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

    def verify(request):
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
