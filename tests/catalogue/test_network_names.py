"""From a network string to a network: canonical names, and what each mistake is told."""

import pytest

from rnnproof.catalogue import NETWORKS, network
from rnnproof.errors import Unsupported, UsageError

CANONICAL = {
    "elman": "elman",
    "elman:activation=tanh": "elman",
    "elman:activation=tanh,bias=true": "elman",
    "elman:activation=relu": "elman:activation=relu",
    "elman:bias=false,activation=relu": "elman:activation=relu,bias=false",
    "elman:readout=identity,activation=sigmoid": "elman:activation=sigmoid,readout=identity",
    "lstm": "lstm",
    "lstm:bias=true": "lstm",
    "lstm:bias=false": "lstm:bias=false",
    "lstm:layers=2": "lstm:layers=2",
    "lstm:layers=02,bias=false": "lstm:bias=false,layers=2",
    "lstm:layers=1": "lstm",
    "lstm:merge=concat,direction=bidirectional,layers=2": "lstm:layers=2,direction=bidirectional",
    "lstm:direction=bidirectional,merge=mean": "lstm:direction=bidirectional,merge=mean",
    "lecture": "elman:activation=identity,readout=identity,bias=false",
}

UNKNOWN = [
    ("elmann", "unknown network 'elmann'; did you mean elman?"),
    ("LSTM", "unknown network 'LSTM'; known are "),
    ("", "unknown network ''; known are "),
    ("elman:activaton=relu", "network elman: unknown option 'activaton'; did you mean activation?"),
    ("elman:activation=rleu", "network elman: activation='rleu'; expected one of tanh, relu, sigmoid, identity"),
    ("elman:activation", "network elman: activation=''; expected one of tanh, relu, sigmoid, identity"),
    ("lstm:activation=relu", "network lstm: unknown option 'activation'; known are bias, layers"),
    ("lstm:layers=0", "network lstm: layers='0'; expected a whole number, at least 1"),
    ("lstm:direction=both", "network lstm: direction='both'; expected one of forward, backward, bidirectional"),
    ("lstm:merge=sum", "network lstm: merge=sum needs two directions: direction=bidirectional"),
    ("lstm:direction=backward,merge=sum", "network lstm: merge=sum needs two directions"),
    ("lstm:layers=two", "network lstm: layers='two'; expected a whole number, at least 1"),
    ("lstm:bias=no", "network lstm: bias='no'; expected one of true, false"),
    ("lstm:bias=true,bias=false", "network lstm: option bias is given twice"),
]

LATER = [
    ("gru", "network gru is not built yet; built are elman, lstm"),
    ("gru:reset=before", "network gru is not built yet"),
    ("jordan", "network jordan is not built yet"),
    ("lecture_lstm", "network lecture_lstm is not built yet"),
    ("lstm:padding=repeat", "network lstm: option padding is not built yet"),
    ("elman:readout=softmax", "network elman: readout=softmax is not built yet"),
]


@pytest.mark.parametrize(("given", "canonical"), CANONICAL.items())
def test_a_network_carries_its_canonical_name(given, canonical):
    assert network(given).name == canonical
    assert network(canonical) == network(given)


@pytest.mark.parametrize(("given", "message"), UNKNOWN)
def test_what_does_not_exist_is_told_with_the_nearest(given, message):
    with pytest.raises(UsageError) as told:
        network(given)
    assert str(told.value).startswith(message)


@pytest.mark.parametrize(("given", "message"), LATER)
def test_what_is_not_built_is_refused_by_name(given, message):
    with pytest.raises(Unsupported) as told:
        network(given)
    assert str(told.value).startswith(message)


def test_the_options_are_what_changes_the_parameters():
    assert list(network("lstm").parameters) == [
        *("W_i", "U_i", "b_i", "W_f", "U_f", "b_f", "W_g", "U_g", "b_g", "W_o", "U_o", "b_o")
    ]
    assert not [name for name in network("lstm:bias=false").parameters if name.startswith("b_")]
    assert dict(network("elman:readout=tanh").parameters) == {
        "W_h": ("H", "I"),
        "U_h": ("H", "H"),
        "b_h": ("H",),
        "W_y": ("O", "H"),
        "b_y": ("O",),
    }
    assert list(network("lecture").parameters) == ["W_h", "U_h", "W_y"]


def test_every_page_is_cited():
    assert "Elman" in NETWORKS["elman"].citation
    assert "figure 2" in NETWORKS["elman"].citation
    assert "Graves, arXiv:1308.0850 (2013), (7) to (11)" in NETWORKS["lstm"].citation
    assert {name: network(name).cell.citation for name in NETWORKS} == {
        name: page.citation for name, page in NETWORKS.items()
    }
