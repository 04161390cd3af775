"""Ways in which an LSTM's arrays may be packed, one of each kind that a dialect can say."""

from rnnproof.dialects import Dialect, Joined, Stack

GATES, STATE = "i f g o", ("h", "c")


def rows(of, **further):
    return Stack(GATES, of=of, **further)


def columns(of, **further):
    return Stack(GATES, of=of, axis=1, transpose=True, **further)


def each_like(stack, **bias):
    return Dialect({"W": stack("W"), "U": stack("U"), "b": rows("b", **bias)}, STATE)


PACKINGS = {
    "rows": each_like(rows),
    "columns": each_like(columns, shift={"f": 1}),
    "W above U": Dialect({"kernel": Joined((columns("W"), columns("U")), axis=0), "b": rows("b")}, STATE),
    "W, U and b side by side": Dialect(
        {"all": Joined((Joined((rows("W"), rows("U")), axis=1), Joined((rows("b"),), axis=1, new=True)), axis=1)}, STATE
    ),
    "gates along an axis of their own": Dialect(
        {of: Joined(tuple(Stack(gate, of=of) for gate in GATES.split()), axis=0, new=True) for of in "WUb"}, STATE
    ),
    "an axis of length 1": Dialect({of: Joined((rows(of),), axis=0, new=True) for of in "WUb"}, STATE),
    "interleaved": Dialect({of: rows(of, interleaved=True) for of in "WUb"}, STATE),
    "interleaved columns": each_like(lambda of: columns(of, interleaved=True), interleaved=True),
    "a block that is not read": Dialect({of: Stack("i f _ g o", of=of) for of in "WUb"}, STATE),
    "negated and shifted": Dialect(
        {of: rows(of, negate="f g", shift={"f": 1, "o": -2} if of == "b" else ()) for of in "WUb"}, STATE
    ),
    "two biases": Dialect(
        {"W": rows("W"), "U": rows("U"), "b_x": rows("b", part=1, negate="i"), "b_h": rows("b", part=2, negate="i")},
        STATE,
    ),
    "two biases as the rows of one array": Dialect(
        {"W": rows("W"), "U": rows("U"), "b": Joined((rows("b", part=1), rows("b", part=2)), axis=0, new=True)}, STATE
    ),
    "two stacks in one array": Dialect(
        {of: (Stack("o i", of=of, negate="o"), Stack("g f", of=of, interleaved=True)) for of in "WUb"}, STATE
    ),
}
