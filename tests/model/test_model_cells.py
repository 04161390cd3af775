"""Cells are validated when built, and derive the size of every signal and parameter from their equations."""

import pytest

from rnnproof.errors import ModelError
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, Softmax, signal, signals

x, h, z, n, a, y, p, q = signals("x h z n a y p q")
WEIGHTED = Affine("z", (("W", "x"), ("U", "h")), "b_z")
SQUASHED = Elementwise("h'", tanh(z))


def cell(*equations, states=(("h", "h'"),), output="h'", **options) -> Cell:
    return Cell("test", equations, states, output, **options)


def test_the_plain_cell_is_accepted():
    plain = cell(WEIGHTED, SQUASHED)
    assert plain.state_names == ("h",)
    assert plain.dimensions == {"x": "I", "h": "H", "z": "H", "h'": "H"}
    assert plain.parameters == {"W": ("H", "I"), "U": ("H", "H"), "b_z": ("H",)}


WRONG = {
    "an unknown signal": (
        lambda: cell(WEIGHTED, Elementwise("h'", tanh(z) * n)),
        "equation h': unknown signal n; known here are h, x, z",
    ),
    "a signal used before its equation": (
        lambda: cell(SQUASHED, WEIGHTED),
        "equation h': unknown signal z; known here are h, x",
    ),
    "a target that is defined twice": (
        lambda: cell(WEIGHTED, SQUASHED, SQUASHED),
        "equation h': this signal is already defined",
    ),
    "a target that is a state": (
        lambda: cell(WEIGHTED, Elementwise("h", tanh(z)), states=(("h", "h"),)),
        "equation h: this signal is already defined",
    ),
    "operands of different sizes": (
        lambda: cell(WEIGHTED, Elementwise("h'", tanh(z) * x)),
        "equation h': its operands differ in size: x (I), z (H); expected one size",
    ),
    "an equation of vectors alone": (
        lambda: cell(WEIGHTED, Elementwise("n", p * q), SQUASHED, vectors=("p", "q")),
        "equation n: its size cannot be derived; it uses no signal",
    ),
    "a softmax of a vector parameter": (
        lambda: cell(WEIGHTED, Softmax("n", "p"), SQUASHED, vectors=("p",)),
        "equation n: p is a vector parameter; expected a signal",
    ),
    "a softmax of an unknown signal": (
        lambda: cell(WEIGHTED, Softmax("n", "y"), SQUASHED),
        "equation n: unknown signal y; known here are h, x, z",
    ),
    "an output that nothing defines": (
        lambda: cell(WEIGHTED, SQUASHED, output="y"),
        "cell test: no equation defines y; known are h, h', x, z",
    ),
    "a state in which nothing is stored": (
        lambda: cell(WEIGHTED, SQUASHED, states=(("h", "h'"), ("c", "c'"))),
        "cell test: no equation defines c'; known are c, h, h', x, z",
    ),
    "a vector stored in a state": (
        lambda: cell(WEIGHTED, SQUASHED, states=(("h", "p"),), vectors=("p",)),
        "cell test: no equation defines p; known are h, h', p, x, z",
    ),
    "a name that is two states": (
        lambda: cell(WEIGHTED, SQUASHED, states=(("h", "h'"), ("h", "z"))),
        "cell test: h stands for two of its input, states and vector parameters",
    ),
    "an input that is a state": (
        lambda: cell(WEIGHTED, SQUASHED, input="h"),
        "cell test: h stands for two of its input, states and vector parameters",
    ),
    "a vector in an affine equation": (
        lambda: cell(Affine("z", (("W", "x"), ("U", "p"))), SQUASHED, vectors=("p",)),
        "equation z: p is a vector parameter; expected a signal",
    ),
    "a parameter of two shapes": (
        lambda: cell(Affine("z", (("W", "x"), ("W", "h"))), SQUASHED),
        "equation z: W is used as ('H', 'H') and as ('H', 'I')",
    ),
    "a parameter named as a signal": (
        lambda: cell(Affine("z", (("W", "x"), ("h", "h"))), SQUASHED),
        "parameter h: this is a signal too; expected another name",
    ),
    "a vector of two sizes": (
        lambda: cell(
            WEIGHTED,
            Elementwise("h'", p * z),
            Affine("a", (("A", "h'"),), rows="O"),
            Elementwise("y", p + a),
            vectors=("p",),
        ),
        "vector p: the equations that use it differ in size: h' (H), y (O); expected one size",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_cell_is_refused(name):
    build, message = WRONG[name]
    with pytest.raises(ModelError) as refused:
        build()
    assert str(refused.value) == message


def test_a_vector_parameter_has_the_size_of_what_it_multiplies():
    read = Affine("a", (("A", "h'"),), rows="O")
    sized = cell(WEIGHTED, SQUASHED, read, Elementwise("y", a + q * a), output="y", vectors=("q", "p"))
    assert sized.parameters == {
        "W": ("H", "I"),
        "U": ("H", "H"),
        "b_z": ("H",),
        "A": ("O", "H"),
        "q": ("O",),
        "p": ("H",),  # of no use, so of no size of its own
    }


def test_sizes_follow_from_what_is_stored_however_late():
    """h is read before anything says how large it is, twice removed; what is stored in it has O entries."""
    early = (Elementwise("a", tanh(h)), Elementwise("b", a * a), Affine("z", (("W", "x"), ("U", "b")), rows="O"))
    late = cell(*early, states=(("h", "z"),), output="z")
    assert late.dimensions == {"x": "I", "h": "O", "a": "O", "b": "O", "z": "O"}
    assert late.parameters == {"W": ("O", "I"), "U": ("O", "O")}


def test_sizes_follow_through_any_number_of_states():
    """Each state is the next one a step late, the last is made of O entries; and what is made of the first says so."""
    named = tuple((f"s{n}", f"s{n + 1}") for n in range(6))
    first = Elementwise("a", tanh(signal("s0")))
    last = Affine("z", (("W", "x"), ("U", "a")), rows="O")
    chain = cell(first, last, states=(*named, ("s6", "z")), output="a")
    assert {chain.dimensions[name] for name in ("a", "z", *chain.state_names)} == {"O"}
    assert chain.parameters["U"] == ("O", "O")


def test_a_state_that_only_meets_itself_is_hidden_units():
    kept = cell(Elementwise("a", sigmoid(h)), Elementwise("h'", a * a * h))
    assert kept.dimensions == {"x": "I", "h": "H", "a": "H", "h'": "H"}
    assert kept.parameters == {}


def test_a_delayed_input_has_the_inputs_size():
    delayed = cell(Affine("z", (("W", "x"), ("V", "h"))), states=(("h", "x"),), output="z")
    assert delayed.dimensions == {"x": "I", "h": "I", "z": "H"}
