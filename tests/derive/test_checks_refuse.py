"""Every check refuses: each formula of each statement, changed, makes the check of that statement fail."""

from functools import cache

import pytest
from planted import planted

from rnnproof.catalogue import network
from rnnproof.errors import VerificationFailed
from rnnproof.usecases.derive.checks.table import OF_A_LAYER, OF_THE_NETWORK, UNCHECKED, checked
from rnnproof.usecases.derive.statements import Proved, proved
from rnnproof.usecases.derive.subject import Subject

NETWORKS = (
    "lecture",
    "lstm",
    "gru",
    "jordan",
    "lstm:layers=2",
    "elman:direction=bidirectional",
    "elman:activation=relu",
)


@cache
def found(name):
    return tuple(proved(network(name)))


def accepted(subject, one):
    try:
        return UNCHECKED not in checked(subject, one)
    except VerificationFailed:
        return False


@pytest.mark.parametrize("name", NETWORKS)
def test_a_changed_formula_is_refused_and_the_right_one_accepted(name):
    subject = Subject(network(name))
    for one in found(name):
        assert accepted(subject, one), one.key
        changed = list(planted(one.statement))
        assert [formula for formula, wrong in changed if accepted(subject, Proved(one.key, wrong))] == [], one.key


def test_every_check_was_seen_to_refuse():
    seen = {one.key for name in NETWORKS for one in found(name) if any(True for _ in planted(one.statement))}
    assert seen == OF_A_LAYER.keys() | OF_THE_NETWORK.keys()
