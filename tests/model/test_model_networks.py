"""A network's options are checked; one layer forward is one step, with its readout joined."""

import pytest

from rnnproof.catalogue import network
from rnnproof.errors import ModelError
from rnnproof.model.equation import Affine
from rnnproof.model.network import Network, Readout, Sizes

CELL = network("elman").cell
SIZES = Sizes(T=5, B=2, I=3, H=4, O=6)


def test_the_parameters_and_states_have_their_shapes():
    lstm = network("lstm")
    shapes = lstm.shapes(SIZES)
    assert list(shapes) == [f"{kind}_{gate}" for gate in "ifgo" for kind in "WUb"]
    assert (shapes["W_o"], shapes["U_o"], shapes["b_o"]) == ((4, 3), (4, 4), (4,))
    assert lstm.state_shapes(SIZES) == {"h": (2, 4), "c": (2, 4)}
    assert lstm.output_size == "H"


def test_a_readout_is_joined_to_the_cell():
    joined = network("elman:readout=identity")
    assert [str(equation) for equation in joined.step.equations] == [
        "z_h = W_h x + U_h h + b_h",
        "h' = tanh(z_h)",
        "z_y = W_y h' + b_y",
        "y = z_y",
    ]
    assert (joined.step.output, joined.output_size) == ("y", "O")
    assert joined.shapes(SIZES)["W_y"] == (6, 4)
    assert joined.states == ("h",)


def test_a_readout_of_an_unknown_signal_is_refused():
    wrong = Network("mine", CELL, Readout((Affine("y", (("W_y", "s"),), rows="O"),), "y"))
    with pytest.raises(ModelError, match="equation y: unknown signal s; known here are h, h', x, z_h"):
        _ = wrong.step


@pytest.mark.parametrize(("letter", "size"), [("T", -1), ("B", 2.0), ("H", True), ("I", "3")])
def test_sizes_are_whole_numbers(letter, size):
    with pytest.raises(ModelError) as refused:
        Sizes(**{"T": 1, "B": 1, "I": 1, "H": 1, letter: size})
    assert str(refused.value) == f"sizes: {letter}={size!r}; expected a whole number, at least 0"
