"""Gradients packed as a target packs its arrays: the adjoint of reading them; and the sizes that arrays tell."""

import numpy as np
import pytest
from lstm_packings import PACKINGS, columns, rows

from rnnproof.catalogue import network
from rnnproof.dialects import Dialect, Joined, Stack
from rnnproof.dialects.extents import shapes_in
from rnnproof.dialects.packing import check, pack, pack_gradients, read, unpack
from rnnproof.model.network import Sizes

LSTM = network("lstm")
EVERY = pytest.mark.parametrize("dialect", PACKINGS.values(), ids=PACKINGS)


def drawn(seed, shapes):
    """Sixteenths, so that no sum below is rounded."""
    rng = np.random.default_rng(seed)
    return {name: rng.integers(-64, 64, shape) / 16 for name, shape in shapes.items()}


def inner(one, other):
    return sum(float((one[name] * other[name]).sum()) for name in one)


@EVERY
def test_gradients_are_packed_by_the_adjoint_of_reading(dialect):
    """<g, read(a + e) - read(a)> = <packed g, e>, on each array alone and on all."""
    check(dialect, LSTM)
    shapes = LSTM.shapes(Sizes(T=1, B=1, I=2, H=3))
    g, a = drawn(1, shapes), pack(dialect, drawn(2, shapes))
    packed, whole = pack_gradients(dialect, g), drawn(3, {name: array.shape for name, array in a.items()})
    before = read(dialect, a, shapes)
    assert set(packed) == set(a)
    for moved in ({name: whole[name]} for name in whole):
        e = {name: moved.get(name, np.zeros_like(array)) for name, array in a.items()}
        after = read(dialect, {name: array + e[name] for name, array in a.items()}, shapes)
        assert inner(g, {name: after[name] - before[name] for name in g}) == inner(packed, e) != 0


@EVERY
def test_what_is_packed_is_unpacked(dialect):
    shapes = LSTM.shapes(Sizes(T=1, B=1, I=2, H=3))
    g = drawn(1, shapes)
    found = unpack(dialect, pack_gradients(dialect, g), shapes)
    assert {name.partition("@")[0] for name in found} == set(g)
    assert all(np.array_equal(value, g[name.partition("@")[0]]) for name, value in found.items())


def test_each_of_two_biases_has_the_whole_gradient_and_an_unread_block_zeros():
    dialect = Dialect(
        {
            "w": Joined((Stack("i f", of="W", negate="f"), Stack("i f", of="U")), axis=1),
            "b": Joined((Stack("i _ f", of="b", part=1), Stack("i _ f", of="b", part=2)), axis=0, new=True),
        }
    )
    gradients = {"W_i": [[1.0, 2.0]], "W_f": [[3.0, 4.0]], "U_i": [[5.0]], "U_f": [[6.0]], "b_i": [7.0], "b_f": [8.0]}
    packed = pack_gradients(dialect, {name: np.array(value) for name, value in gradients.items()})
    assert packed["w"].tolist() == [[1, 2, 5], [-3, -4, 6]]
    assert packed["b"].tolist() == [[7, 0, 8], [7, 0, 8]]


def test_without_arrays_gradients_stay_as_they_are():
    gradients = {"W_h": np.ones((1, 1))}
    assert (
        pack_gradients(Dialect({}), gradients) == gradients and pack_gradients(Dialect({}), gradients) is not gradients
    )


@EVERY
@pytest.mark.parametrize(("I", "H"), [(2, 3), (3, 3), (1, 1), (5, 2)])
def test_the_arrays_tell_the_canonical_shapes(dialect, I, H):
    shapes = LSTM.shapes(Sizes(T=1, B=1, I=I, H=H))
    assert shapes_in(dialect, LSTM, pack(dialect, drawn(0, shapes)), I) == shapes


def test_the_sizes_of_layers_directions_and_projections_are_told_too():
    stacked = network("lstm:layers=2,direction=bidirectional,projection=P,bias=false")
    arrays = {
        f"{layer}{side}": Joined(
            (columns("W", within=f"{layer}.{side}."), columns("U", within=f"{layer}.{side}.")), axis=0
        )
        for layer in (0, 1)
        for side in ("forward", "backward")
    }
    arrays |= {
        f"p{name}": Stack("p", of="W", within=name.removesuffix("W_p")) for name in stacked.parameters if "p" in name
    }
    dialect, shapes = Dialect(arrays), stacked.shapes(Sizes(T=1, B=1, I=2, H=4, P=3))
    check(dialect, stacked)
    assert shapes_in(dialect, stacked, pack(dialect, drawn(0, shapes)), 2) == shapes


def test_the_input_tells_what_the_arrays_leave_open():
    """W_h beside the transposed W_y is (H,I+O), and nothing else tells I or O."""
    elman = network("elman:readout=identity,bias=false")
    joined = Joined((Stack("h", of="W"), Stack("y", of="W", axis=1, transpose=True)), axis=1)
    dialect, shapes = Dialect({"W": joined, "U": Stack("h", of="U")}), elman.shapes(Sizes(T=1, B=1, I=2, H=3, O=4))
    arrays = pack(dialect, drawn(0, shapes))
    assert arrays["W"].shape == (3, 6)
    assert shapes_in(dialect, elman, arrays, 2) == shapes


@pytest.mark.parametrize(("W", "U"), [((12, 2), (11, 3)), ((12, 2), (12, 4)), ((8, 2), (12, 3)), ((12, 3), (12, 3))])
def test_arrays_of_no_sizes_are_refused(W, U):
    dialect = Dialect({"W": rows("W"), "U": rows("U"), "b": rows("b")})
    arrays = {"W": np.ones(W), "U": np.ones(U), "b": np.ones(12)}
    with pytest.raises(ValueError, match=r"^no lstm with 2 inputs has arrays of the shapes W \(\d+, \d\), U "):
        shapes_in(dialect, LSTM, arrays, 2)
