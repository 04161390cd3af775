"""Network strings: what each says of itself, and what is refused with one sentence."""

import pytest
from variants import EVERY, target

from rnnproof.catalogue import network
from rnnproof.cells import plain_target
from rnnproof.errors import Unsupported, UsageError


@pytest.mark.parametrize("network", EVERY)
def test_the_network_it_claims_to_be(network):
    built = target(network)
    assert built.network == network.replace("elman:activation=tanh", "elman")
    assert built.claims == {"networks": [built.network], "dtypes": ["float64", "float32"], "lengths": True}


@pytest.mark.parametrize(
    ("options", "network"),
    [
        ({"network": "lstm"}, "lstm"),
        ({"network": "lstm", "bias": "false"}, "lstm:bias=false"),
        ({"network": "elman", "activation": "tanh"}, "elman"),
        ({"network": "elman", "readout": "identity", "activation": "relu"}, "elman:activation=relu,readout=identity"),
        ({"network": "gru", "reset": "after", "layers": "1", "direction": "forward"}, "gru"),
        ({"network": "gru", "direction": "bidirectional", "merge": "concat"}, "gru:direction=bidirectional"),
        ({"network": "lstm", "recurrent": "hard_sigmoid", "slope": "0.2"}, "lstm:recurrent=hard_sigmoid"),
        ({"network": "lstm", "clip": "0.5", "clip_place": "cell"}, "lstm:clip=1/2"),
        ({"network": "lstm", "forget_offset": "1.0"}, "lstm:forget_offset=1"),
        ({"network": "lstm", "forget_offset": "0"}, "lstm"),
        ({"network": "jordan", "readout": "identity"}, "jordan"),
    ],
    ids=str,
)
def test_defaults_are_not_said_and_numbers_are_fractions(options, network):
    assert plain_target(**options).network == network


def test_parameters_are_named_by_layer_and_direction_where_there_is_more_than_one():
    assert plain_target("elman", direction="backward").parameters == ("W_h", "U_h", "b_h")
    assert plain_target("elman", layers="2", direction="backward", readout="tanh").parameters == (
        *("0.backward.W_h", "0.backward.U_h", "0.backward.b_h"),
        *("1.backward.W_h", "1.backward.U_h", "1.backward.b_h", "W_y", "b_y"),
    )
    assert plain_target("lecture_lstm", direction="bidirectional").memory == ("0.forward.c", "0.backward.c")


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("mgu", "mgu is not written by hand; written are elman, gru, jordan, lecture_lstm, lstm, peephole"),
        (
            "gru:projection=2",
            "network gru: unknown option 'projection'; known are reset, hidden_bias, bias, layers",
        ),
        ("elman:activation=gelu", "activation='gelu'; expected one of tanh, relu, sigmoid, identity"),
        ("elman:activation=softmax", "activation='softmax'"),
        ("elman:readout=relu", "readout='relu'"),
        ("jordan:readout=none", "readout='none'; expected one of identity, tanh, sigmoid, softmax"),
        ("lstm:bias=no", "bias='no'; expected one of true, false"),
        ("lstm:direction=both", "direction='both'; expected one of forward, backward, bidirectional"),
        ("lstm:direction=bidirectional,merge=max", "merge='max'; expected one of concat, sum, mean, product"),
        ("lstm:padding=keep", "padding='keep'; expected one of zero, repeat, run"),
        ("lstm:coupled=output", "coupled='output'; expected one of none, input, forget"),
        ("lstm:clip=1,clip_place=output", "clip_place='output'; expected one of cell, gates"),
        ("lecture_lstm:g=relu", "g='relu'; expected one of tanh, identity"),
    ],
)
def test_what_is_not_written_is_refused_by_name(network, message):
    with pytest.raises(Unsupported if network == "mgu" else UsageError, match=message):
        target(network)


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ("lstm:slope=1/6", "slope goes with recurrent=hard_sigmoid alone"),
        ("lstm:clip_place=cell", "clip_place goes with clip=K, K being a positive number"),
        ("lstm:merge=sum", "merge=sum needs two directions: direction=bidirectional"),
        ("lstm:coupled=forget,forget_offset=1", "forget_offset=1 means nothing with coupled=forget"),
        ("lstm:clip=1,clip_place=gates,forget_offset=1", "whether the offset is clipped is not defined"),
        ("lstm:direction=backward,padding=run", "padding=run needs direction=forward: whoever starts"),
        ("lstm:clip=0", "clip='0'; expected a positive number such as 1, 0.5 or 1/2"),
        ("lstm:clip=-1", "clip='-1'; expected a positive number"),
        ("lstm:clip=1/0", "clip='1/0'; expected a positive number such as"),
        ("lstm:forget_offset=nan", "forget_offset='nan'; expected a number such as 1, 0.5 or 1/2"),
        ("lstm:recurrent=hard_sigmoid,slope=a", "slope='a'; expected a positive number"),
        ("lstm:layers=1/2", "layers='1/2'; expected a whole number from 1 to 16"),
        ("lstm:layers=0", "layers='0'; expected a whole number from 1 to 16"),
        ("lstm:layers=2.5", "layers='2.5'; expected a whole number"),
    ],
)
def test_options_that_contradict_each_other_or_are_no_numbers_are_refused(network, message):
    with pytest.raises(UsageError, match=message):
        target(network)


@pytest.mark.parametrize(
    "string",
    [
        "gru:layers=x",
        "gru:layers=0",
        "lstm:forget_offset=one",
        "lstm:bias=no",
        "elman:activation=rleu",
        "gru:rest=after",
        "lstm:layers=17",
        "gru:merge=sum",
        "lstm:slope=1/6",
        "lstm:clip_place=gates",
        "gru:padding=run,direction=backward",
    ],
)
def test_the_sentence_is_the_catalogue_s(string):
    with pytest.raises(UsageError) as told:
        target(string)
    with pytest.raises(UsageError) as expected:
        network(string)
    assert str(told.value) == str(expected.value)
