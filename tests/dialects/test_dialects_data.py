"""A dialect is data: validated, printed so that it can be pasted back, and importing no framework."""

import subprocess
import sys

import pytest

from rnnproof.catalogue import network
from rnnproof.dialects import DIALECTS, Dialect, Stack, get
from rnnproof.dialects.packing import check
from rnnproof.errors import ModelError, UsageError

ODD = Dialect(
    {"kernel": Stack("i f", of="W", axis=1, transpose=True, negate="f", shift=(("i", -1.5),))},
    state=["c", "h"],
    layout="BTI",
)


@pytest.mark.parametrize("dialect", [*DIALECTS.values(), ODD], ids=lambda dialect: dialect.name or "odd")
def test_what_is_printed_can_be_pasted_back(dialect):
    pasted = eval(repr(dialect), {"Dialect": Dialect, "Stack": Stack})
    assert pasted == dialect and hash(pasted) == hash(dialect) and repr(pasted) == repr(dialect)


def test_how_it_is_printed():
    assert repr(ODD) == (
        "Dialect(arrays={'kernel': Stack('i f', of='W', axis=1, transpose=True, negate='f', "
        "shift=(('i', -1.5),))}, state=('c', 'h'), layout='BTI')"
    )


def test_it_cannot_be_changed():
    with pytest.raises(TypeError):
        ODD.arrays["kernel"] = Stack("i", of="W")
    with pytest.raises(AttributeError):
        ODD.layout = "TBI"


def test_dialects_differ_in_whatever_they_say_but_the_name():
    assert Dialect({}, name="a") == Dialect({}, name="b")
    assert Dialect({}, layout="BTI") != Dialect({})
    assert Dialect({}, state=("h", "c")) != Dialect({}, state=("c", "h"))
    assert Dialect({"W": Stack("i f", of="W")}) != Dialect({"W": Stack("f i", of="W")})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Stack("", of="W"), "expected at least one gate"),
        (lambda: Stack("i f i", of="W"), "each once"),
        (lambda: Stack("i f", of="W", negate="g"), "'g' is none of its gates i f"),
        (lambda: Stack("i f", of="b", shift=(("o", 1.0),)), "'o' is none of its gates i f"),
        (lambda: Stack("i f", of="b", shift={"o": 1.0}), "'o' is none of its gates i f"),
        (lambda: Stack("i f", of="b", shift=1.0), "shift is 1.0; expected a dict of an amount by gate"),
        (lambda: Stack("i f", of="b", shift={"f": "one"}), "expected a dict of an amount by gate"),
        (lambda: Stack("i", of="W", axis=2), "axis is 2; expected 0 or 1"),
        (lambda: Stack("i", of="W", part=3), "part is 3; expected 0"),
        (
            lambda: Dialect({"b": (Stack("i", of="W"), Stack("f", of="W", axis=1))}),
            "expected one stack or several, along",
        ),
        (lambda: Dialect({"b": ()}), "expected one stack or several"),
        (lambda: Dialect({}, state=(("a.h", "b.h"), "a.h")), "expected each state once"),
        (lambda: Dialect({}, layout="TB"), "layout is 'TB'; expected T, B and I in some order"),
        (lambda: Dialect({}, state=("h", "h")), "expected each state once"),
        (
            lambda: Dialect({"a": Stack("i", of="W"), "b": Stack("f i", of="W")}),
            "W_i stands in 2 arrays whole, in 0 as first and in 0 as second part",
        ),
        (lambda: Dialect({"a": Stack("i", of="b", part=1)}), "in 1 as first and in 0 as second part"),
        (
            lambda: Dialect({"a": Stack("i", of="b", part=1), "b": Stack("i", of="b", negate="i", part=2)}),
            "the two parts of b_i differ in sign or shift",
        ),
    ],
)
def test_what_is_not_well_formed_is_refused(make, message):
    with pytest.raises(ModelError) as caught:
        make()
    assert message in str(caught.value)


def test_a_shift_is_said_as_a_dict_too():
    assert Stack("i f", of="b", shift={"f": 1}) == Stack("i f", of="b", shift=(("f", 1.0),))


def test_a_vector_has_no_second_axis_to_stack_along():
    kernel = {"W": Stack("h", of="W"), "U": Stack("h", of="U"), "b": Stack("h", of="b", axis=1)}
    with pytest.raises(UsageError, match=r"b is stacked along axis 1, but b_h has one axis, 0$"):
        check(Dialect(kernel, name="mine"), network("elman"))
    check(Dialect(kernel | {"b": Stack("h", of="b"), "W": Stack("h", of="W", axis=1)}), network("elman"))


def test_an_unknown_name_suggests_the_nearest():
    assert get("torch:lstm").arrays["weight_ih_l0"] == Stack("i f g o", of="W")
    with pytest.raises(UsageError, match=r"^unknown dialect 'torch:lst'; did you mean torch:lstm\?$"):
        get("torch:lst")


def test_no_framework_is_imported():
    code = "import sys, rnnproof.dialects; print([m for m in ('torch', 'hypothesis') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
