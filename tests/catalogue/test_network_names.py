"""From a network string to a network: canonical names, and what each mistake is told."""

import pytest

from rnnproof.catalogue import NETWORKS, network
from rnnproof.errors import UsageError

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
    "lstm:padding=zero": "lstm",
    "lstm:padding=repeat,merge=sum,direction=bidirectional": "lstm:direction=bidirectional,merge=sum,padding=repeat",
    "gru:padding=run,direction=forward,layers=2": "gru:layers=2,padding=run",
    "lstm:forget_offset=1.0": "lstm:forget_offset=1",
    "lstm:forget_offset=0.0": "lstm",
    "lstm:forget_offset=-0.5": "lstm:forget_offset=-1/2",
    "lstm:slope=0.2,recurrent=hard_sigmoid": "lstm:recurrent=hard_sigmoid",
    "lstm:slope=2/12,recurrent=hard_sigmoid": "lstm:recurrent=hard_sigmoid,slope=1/6",
    "lstm:clip_place=gates,clip=3.50,coupled=input": "lstm:coupled=input,clip=7/2,clip_place=gates",
    "lstm:clip=3,clip_place=cell": "lstm:clip=3",
    "lstm:projection=P,coupled=forget,bias=false": "lstm:coupled=forget,projection=P,bias=false",
    "gru:reset=after": "gru",
    "gru:reset=before": "gru:reset=before",
    "gru:hidden_bias=false,reset=after": "gru:hidden_bias=false",
    "jordan:readout=identity,activation=relu": "jordan:activation=relu",
    "lecture_lstm:h=identity,g=identity": "lecture_lstm:g=identity,h=identity",
    "peephole:coupled=forget": "peephole:coupled=forget",
    "mingru:bias=false": "mingru:bias=false",
    "lecture": "elman:activation=identity,readout=identity,bias=false",
}

UNKNOWN = [
    ("elmann", "unknown network 'elmann'; did you mean elman?"),
    ("LSTM", "unknown network 'LSTM'; did you mean lstm?"),
    ("", "unknown network ''; known are "),
    ("elman:activaton=relu", "network elman: unknown option 'activaton'; did you mean activation?"),
    ("elman:activation=rleu", "network elman: activation='rleu'; expected one of tanh, relu, sigmoid, identity"),
    ("elman:activation", "network elman: activation=''; expected one of tanh, relu, sigmoid, identity"),
    ("lstm:layers=0", "network lstm: layers='0'; expected a whole number from 1 to 16"),
    ("lstm:layers=17", "network lstm: layers='17'; expected a whole number from 1 to 16"),
    ("lstm:layers=3/2", "network lstm: layers='3/2'; expected a whole number from 1 to 16"),
    ("lstm:direction=both", "network lstm: direction='both'; expected one of forward, backward, bidirectional"),
    ("lstm:merge=sum", "network lstm: merge=sum needs two directions: direction=bidirectional"),
    ("lstm:direction=backward,merge=sum", "network lstm: merge=sum needs two directions"),
    ("lstm:layers=two", "network lstm: layers='two'; expected a whole number from 1 to 16"),
    ("lstm:activation=relu", "network lstm: unknown option 'activation'; known are coupled, forget_offset, "),
    ("mingru:projection=2", "network mingru: unknown option 'projection'; known are bias"),
    ("gru:activation=relu", "network gru: unknown option 'activation'; known are reset, bias"),
    (
        "lstm:projection=2",
        "network lstm: projection='2'; expected one of none, P; P is a letter, its size is drawn with each case",
    ),
    ("lstm:coupled=output", "network lstm: coupled='output'; expected one of none, input, forget"),
    ("lstm:recurrent=hard_sigmoid,slope=1/4", "network lstm: slope='1/4'; expected one of 1/5, 1/6"),
    ("lstm:clip=0", "network lstm: clip='0'; expected none or a positive number such as 1, 0.5 or 1/2"),
    ("lstm:clip=-1", "network lstm: clip='-1'; expected none or a positive number such as 1, 0.5 or 1/2"),
    (
        "lstm:clip=a positive number",
        "network lstm: clip='a positive number'; expected none or a positive number such as 1, 0.5 or 1/2",
    ),
    ("lstm:clip=1/0", "network lstm: clip='1/0'; expected"),
    ("lstm:clip=1e9", "network lstm: clip='1e9'; expected"),
    ("lstm:clip=9999999999", "network lstm: clip='9999999999'; expected"),
    ("lstm:clip=²", "network lstm: clip='²'; expected"),
    ("lstm:forget_offset=one", "network lstm: forget_offset='one'; expected a number such as 1, 0.5 or 1/2"),
    ("lstm:forget_offset=nan", "network lstm: forget_offset='nan'; expected a number such as 1, 0.5 or 1/2"),
    ("lstm:forget_offset", "network lstm: forget_offset=''; expected a number such as 1, 0.5 or 1/2"),
    ("gru:hidden_bias=false,reset=before", "network gru: reset=before has no b_hn that hidden_bias=false could leave"),
    ("gru:bias=false,hidden_bias=false", "network gru: bias=false leaves out b_hn too; expected bias=false alone"),
    ("lstm:slope=1/6", "network lstm: slope goes with recurrent=hard_sigmoid alone"),
    ("lstm:slope=1/5,recurrent=sigmoid", "network lstm: slope goes with recurrent=hard_sigmoid alone"),
    ("lstm:clip_place=gates", "network lstm: clip_place goes with clip=K, K being a positive number"),
    ("lstm:clip=none,clip_place=cell", "network lstm: clip_place goes with clip=K, K being a positive number"),
    ("lstm:coupled=forget,forget_offset=1", "network lstm: coupled=forget has no z_f that forget_offset could be"),
    ("lstm:clip=1,clip_place=gates,forget_offset=1", "network lstm: forget_offset and clip_place=gates: which comes"),
    ("gur", "unknown network 'gur'; did you mean gru?"),
    ("peep", "unknown network 'peep'; did you mean peephole?"),
    ("rnn", "unknown network 'rnn'; did you mean elman?"),
    ("numpy:gru:reset=before", "unknown network 'numpy'; did you mean gru:reset=before?"),
    ("my/cell.py:LSTM", "unknown network 'my/cell.py'; my/cell.py:LSTM looks like a target, and a network is expected"),
    ("gru:reset=befor", "network gru: reset='befor'; expected one of after, before; did you mean before?"),
    ("lstm:bias=no", "network lstm: bias='no'; expected one of true, false"),
    ("lstm:padding=none", "network lstm: padding='none'; expected one of zero, repeat, run"),
    ("gru:padding=run,direction=backward", "network gru: padding=run needs direction=forward: whoever starts at"),
    ("gru:padding=run,direction=bidirectional", "network gru: padding=run needs direction=forward: whoever starts at"),
    ("lstm:bias=true,bias=false", "network lstm: option bias is given twice"),
]


def test_blanks_around_options_make_no_difference():
    assert network("lstm: direction = bidirectional, merge =sum").name == "lstm:direction=bidirectional,merge=sum"


@pytest.mark.parametrize(("given", "canonical"), CANONICAL.items())
def test_a_network_carries_its_canonical_name(given, canonical):
    assert network(given).name == canonical
    assert network(canonical) == network(given)


@pytest.mark.parametrize(("given", "message"), UNKNOWN)
def test_what_does_not_exist_is_told_with_the_nearest(given, message):
    with pytest.raises(UsageError) as told:
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


PARAMETERS = {
    "jordan": ("O", {"W_h": "HI", "U_h": "HO", "b_h": "H", "W_y": "OH", "b_y": "O"}),
    "lecture_lstm:bias=false": ("H", {"W_i": "HI", "W_f": "HI", "W_g": "HI", "W_o": "HI"}),
    "lstm:coupled=input,bias=false": (
        "H",
        {"W_f": "HI", "U_f": "HH", "W_g": "HI", "U_g": "HH", "W_o": "HI", "U_o": "HH"},
    ),
    "lstm:coupled=forget,projection=P,bias=false": (
        "P",
        {"W_i": "HI", "U_i": "HP", "W_g": "HI", "U_g": "HP", "W_o": "HI", "U_o": "HP", "W_p": "PH"},
    ),
    "gru": (
        "H",
        {"W_r": "HI", "U_r": "HH", "b_r": "H", "W_z": "HI", "U_z": "HH", "b_z": "H"}
        | {"W_n": "HI", "b_n": "H", "U_n": "HH", "b_hn": "H"},
    ),
    "gru:hidden_bias=false": (
        "H",
        {"W_r": "HI", "U_r": "HH", "b_r": "H", "W_z": "HI", "U_z": "HH", "b_z": "H"}
        | {"W_n": "HI", "b_n": "H", "U_n": "HH"},
    ),
    "gru:reset=before,bias=false": (
        "H",
        {"W_r": "HI", "U_r": "HH", "W_z": "HI", "U_z": "HH", "W_n": "HI", "U_n": "HH"},
    ),
    "mgu": ("H", {"W_f": "HI", "U_f": "HH", "b_f": "H", "W_n": "HI", "U_n": "HH", "b_n": "H"}),
    "mingru": ("H", {"W_z": "HI", "b_z": "H", "W_n": "HI", "b_n": "H"}),
    "minlstm": ("H", {"W_f": "HI", "b_f": "H", "W_i": "HI", "b_i": "H", "W_n": "HI", "b_n": "H"}),
}


@pytest.mark.parametrize(("name", "expected"), PARAMETERS.items())
def test_the_parameters_have_their_canonical_names_and_shapes(name, expected):
    page = network(name)
    assert (page.output_size, {n: "".join(shape) for n, shape in page.parameters.items()}) == expected


def test_peepholes_are_one_for_each_unit():
    shapes = {name: network("peephole" + name).parameters for name in ("", ":coupled=input", ":coupled=forget")}
    found = {name: [p for p in of if p.startswith("p_")] for name, of in shapes.items()}
    assert found == {"": ["p_i", "p_f", "p_o"], ":coupled=input": ["p_f", "p_o"], ":coupled=forget": ["p_i", "p_o"]}
    assert all(of[p] == ("H",) for of in shapes.values() for p in of if p.startswith("p_"))


def test_the_states_are_those_of_the_papers():
    states = {name: {state: network(name).dimensions[state] for state in network(name).states} for name in NETWORKS}
    hidden = {name: {"h": "H"} for name in ("elman", "gru", "mgu", "mingru", "minlstm")}
    assert states == hidden | {
        "jordan": {"y": "O"},
        "lecture_lstm": {"c": "H"},
        "lstm": {"h": "H", "c": "H"},
        "peephole": {"h": "H", "c": "H"},
    }
    projected = network("lstm:projection=P")
    assert [projected.dimensions[state] for state in projected.states] == ["P", "H"]


def test_every_page_is_cited():
    assert "Elman" in NETWORKS["elman"].citation
    assert "figure 2" in NETWORKS["elman"].citation
    assert "Graves, arXiv:1308.0850 (2013), (7) to (11)" in NETWORKS["lstm"].citation
    assert {name: network(name).cell.citation for name in NETWORKS} == {
        name: page.citation for name, page in NETWORKS.items()
    }
