"""Groups at work together are told one after the other, and what ends one of them is raised."""

import pytest

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
    assert told == ["0.0", "0.1", "0.2", "1.0", "1.1", "1.2"]


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
    assert sorted(ended) == [0, 1]


def test_there_are_as_many_groups_as_are_asked_for():
    assert len(targets_found()) == together.GROUPS
    assert targets_found()[0][0] == "numpy:lstm"
