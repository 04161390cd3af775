"""The document of a network: its parts, any network and any cell, what cannot be derived, what does not hold."""

import re
from dataclasses import replace
from functools import cache

import pytest
import sympy
from reading import stumbles

import rnnproof
from rnnproof.catalogue import NETWORKS, network
from rnnproof.errors import Unsupported, UsageError, VerificationFailed
from rnnproof.model.activation import clipped, sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise, signal, signals
from rnnproof.model.network import Network
from rnnproof.model.recognised import clip, recognised
from rnnproof.usecases.derive import derive as derive_afresh
from rnnproof.usecases.derive.checks.table import OF_A_LAYER, OF_THE_NETWORK, UNCHECKED
from rnnproof.usecases.derive.statements import EVERY, OWN_SECTION

derive = cache(derive_afresh)
SECTIONS = ["1. The equations of one step", "2. Unrolled", "3. The gradients", "4. What holds", "5. A worked example"]
OTHERS = (
    "lstm:recurrent=hard_sigmoid,clip=1/2,projection=P",
    "lstm:clip=1,clip_place=gates",
    "elman:activation=relu,readout=softmax",
    "elman:layers=2,readout=tanh",
    "gru:direction=bidirectional,merge=mean",
    "lstm:layers=2,direction=bidirectional",
    "gru:direction=backward",
    "lstm:clip=1,direction=bidirectional",
    "lstm:projection=P,layers=2",
    "lstm:projection=P,direction=bidirectional",
    "elman:activation=identity,layers=2",
    "jordan:layers=2",
    "jordan:activation=identity,bias=false",
    "elman:activation=identity,padding=repeat",
)


def headings(text):
    return re.findall(r"^## (.*)$", text, re.MULTILINE)


def test_the_equations_are_printed_over_matrices_and_entry_by_entry():
    text = derive("elman", steps=2)
    assert text.startswith("# elman\n\nElman, Finding structure in time, Cognitive Science 14 (1990) 179-211")
    assert "z_{h} &= W_{h} x + U_{h} h + b_{h} \\\\\nh' &= \\tanh(z_{h})\n" in text
    assert r"\sum_{k=1}^{I} (W_{h})_{jk} x_{k} + \sum_{k=1}^{H} (U_{h})_{jk} h_{k} + (b_{h})_{j}" in text
    assert "| $U_{h}$ | a weight of $z_{h}$, from $h$ | $H \\times H$ |" in text
    assert "| $z_{h}$ | a pre-activation | $H$ |" in text


def test_the_outputs_are_unrolled_with_named_intermediates():
    text = derive("lstm", steps=3)
    assert r"c^{(3)} &= f^{(3)} c^{(2)} + i^{(3)} g^{(3)} \\" in text
    assert r"h^{(3)} &= o^{(3)} \mathrm{tanh}_{c}^{(3)}" in text
    assert "would take" in text


def test_the_gradients_name_each_way_of_the_chain_rule():
    text = derive("lstm")
    assert r"\mathrm{d}z_{f} &= \mathrm{d}c' \odot f \odot (1 - f) \odot c && " in text
    assert r" by $f$: through $c'$: $\mathrm{d}f = \mathrm{d}c' \odot c$" in text
    assert r"[\mathrm{d}h']_{t} &= \frac{\partial L}{\partial [h']_{t}} + [\mathrm{d}h]_{t+1}" in text
    assert r"\mathrm{d}U_{f} &= \sum_{t=1}^{T} [\mathrm{d}U_{f}]_{t}" in text


def test_the_lecture_is_the_worked_example():
    text = derive("lecture")
    assert "Hung-yi Lee, Machine Learning (2020)" in text
    for t, output in enumerate((4, 12, 32), 1):
        assert f"y^{{({t})}}_{{1}} &= {output} \\\\" in text
    assert r"(z_{h})^{(2)}_{1} &= 1 \cdot 2 + 1 \cdot 2 + 1 \cdot 1 + 1 \cdot 1 = 6" in text
    assert "every number is exact" in text


def test_a_hard_sigmoid_and_a_clip_are_shown_as_such():
    text = derive("lstm:recurrent=hard_sigmoid,clip=1/2")
    assert r"i &= \operatorname{hardsigmoid}_{\frac{1}{5}}(z_{i})" in text
    assert r"c' &= \operatorname{clip}_{\frac{1}{2}}(s)" in text
    assert r"\operatorname{hardsigmoid}_{\frac{1}{5}}(z) &= 1 - \operatorname{relu}(" in text
    f, c, z = signals("f c z")
    for inside in (f * c, f * c + 1, tanh(z)):
        assert recognised(clipped(inside, sympy.Integer(1))) == clip(inside, sympy.Integer(1))


@pytest.mark.parametrize("name", [*NETWORKS, *OTHERS])
def test_every_network_has_its_document(name):
    text = derive(name, steps=1)
    assert headings(text) == SECTIONS
    assert all(told in " ".join(text.split()) for told in [network(name).cell.citation])
    assert text.count("\n```math\n") == text.count("\n```\n") and text.count("*Checked") >= 6
    assert UNCHECKED not in text and stumbles(text) == []


def test_every_statement_has_a_check():
    named = {function.__name__ for function in EVERY if function not in OWN_SECTION}
    assert named == OF_A_LAYER.keys() | OF_THE_NETWORK.keys()


@pytest.mark.parametrize("name", ["lstm", "gru", "lecture", "peephole"])
def test_no_line_is_wider_than_a_page(name):
    wide = [line for line in derive(name).splitlines() if len(line) > 100]
    assert [line for line in wide if not line.startswith("|")] == []


def own_cell(sign=1):
    """A leaky unit: a part of the old state, and of a new value."""
    z_h, h, p = signals("z_h h p")
    equations = (
        Affine("z_h", (("W_h", "x"), ("U_h", "h")), "b_h"),
        Elementwise("h'", p * h + sign * (1 - p) * tanh(z_h)),
    )
    return Cell("leaky", equations, (("h", "h'"),), "h'", vectors=("p",))


def test_a_cell_of_ones_own_has_its_document():
    text = rnnproof.derive(Network("leaky", own_cell()))
    assert text.startswith("# leaky\n\nA cell of your own.\n")
    assert headings(text) == SECTIONS
    assert "as nobody wrote this cell by hand" in " ".join(text.split())
    assert "| $p$ | a parameter of $h'$, one number for each unit | $H$ |" in text


def test_a_cell_of_ones_own_may_have_an_input_and_names_of_others():
    """Its input is u, and z_h, W_h and U_h, as an Elman network has them, are its gate's."""
    z_h, h, p, k, v = signals("z_h h p k v")
    equations = (
        Affine("z_h", (("W_h", "u"), ("U_h", "h")), "b_h"),
        Elementwise("k", sigmoid(z_h + p * h)),
        Affine("v", (("V", "u"), ("R", "h")), "b_v"),
        Elementwise("h'", k * h + (1 - k) * tanh(v)),
    )
    text = derive(Network("leaky gate", Cell("leaky", equations, (("h", "h'"),), "h'", vectors=("p",), input="u")))
    assert headings(text) == SECTIONS and stumbles(text) == []
    assert "$u^{(t)}$ is read at step $t$" in text and r"z_{h,E} &= V u + R h + b_{v} \\" in text


def wrong(name, target, expression):
    """A network of that name with another equation."""
    page = network(name)
    equations = tuple(Elementwise(target, expression) if e.target == target else e for e in page.cell.equations)
    return replace(page, cell=replace(page.cell, equations=equations))


@pytest.mark.parametrize(
    "stored", [lambda z, h: z**2, lambda z, h: tanh(z) ** 2, lambda z, h: h / 2 + tanh(z) / 2, lambda z, h: h + tanh(z)]
)
def test_a_cell_that_is_no_known_one_has_its_document(stored):
    z, h = signals("z h")
    equations = (Affine("z", (("W", "x"), ("U", "h")), "b", "H"), Elementwise("h'", stored(z, h)))
    text = derive(Network("mine", Cell("mine", equations, (("h", "h'"),), "h'")))
    assert headings(text) == SECTIONS and "explodes" not in text and UNCHECKED not in text


LATE = (Affine("z", (("W", "x"),), "b"), Elementwise("h'", tanh(signal("z"))), Elementwise("c'", signal("h") * 1))
TURNS = (*LATE[1:2], Affine("z", (("W", "x"), ("U", "c")), "b"), Affine("c'", (("V", "h"),), "d"))
NO_STATE = (Affine("z", (("W", "x"),), "b", "H"), Elementwise("y", tanh(signal("z"))))


@pytest.mark.parametrize(
    ("equations", "states", "output"),
    [
        ((*LATE, Elementwise("y", signal("c") * 1)), (("h", "h'"), ("c", "c'")), "y"),
        ((TURNS[1], TURNS[0], TURNS[2]), (("h", "h'"), ("c", "c'")), "h'"),
        (NO_STATE, (), "y"),
    ],
    ids=["a delay of two steps", "two states that take turns", "no state"],
)
def test_a_cell_that_carries_an_input_to_some_steps_alone_has_its_document(equations, states, output):
    text = derive(Network("mine", Cell("mine", equations, states, output)), steps=1)
    assert headings(text) == SECTIONS and UNCHECKED not in text and "Eq}(" not in text


def test_a_cell_that_does_not_read_its_input_has_its_document():
    equations = (Affine("z", (("U", "h"),), "b", "H"), Elementwise("h'", tanh(signal("z"))))
    assert headings(derive(Network("mine", Cell("mine", equations, (("h", "h'"),), "h'")))) == SECTIONS


def test_a_name_that_is_a_word_is_a_name_in_formulas_alone():
    equations = (Affine("z", (("W", "x"),), "by", "H"), Elementwise("a'", tanh(signal("z")) * signal("a")))
    text = " ".join(derive(Network("mine", Cell("mine", equations, (("a", "a'"),), "a'")), steps=1).split())
    assert "Checked by the reference" in text and r"path $\mathrm{by}$ path" not in text
    assert r"the loss by $\mathrm{by}$: through $z$" in text and "the state $a$" in text.lower()


def test_a_parameter_that_leads_to_no_output_has_the_derivative_0():
    unused = Affine("z_i", (("W_i", "x"),), "b_i", "H")
    equations = (unused, Affine("z", (("W", "x"), ("U", "h")), "b"), Elementwise("h'", tanh(signal("z"))))
    text = derive(Network("mine", Cell("mine", equations, (("h", "h'"),), "h'")), steps=1)
    assert r"from $W_{i}$ and $b_{i}$ to what is put out or stored: the derivative is 0." in " ".join(text.split())


def test_no_document_is_made_of_a_wrong_equation():
    f, c, i, g = signals("f c i g")
    with pytest.raises(VerificationFailed, match=r"lstm, the equations: .* is off by .* times what it may be off"):
        derive(wrong("lstm", "c'", f * c - i * g))
    with pytest.raises(VerificationFailed, match="no document is made of it"):
        derive(wrong("elman", "h'", tanh(2 * signal("z_h"))))


def test_what_cannot_be_derived_is_told():
    with pytest.raises(UsageError, match="steps=0: expected at least 1"):
        derive("lstm", 0)
    with pytest.raises(Unsupported, match="format tex is not built yet; md is"):
        derive("lstm", 1, format="tex")
    with pytest.raises(UsageError, match="did you mean lstm"):
        derive("ltsm", 1)
    with pytest.raises(UsageError, match="network is an int; expected the name of one"):
        derive(3)
    with pytest.raises(UsageError, match="steps is 'two'; expected a whole number"):
        derive("lstm", "two")


def test_too_many_steps_are_refused_with_the_size_and_what_can_be_had():
    with pytest.raises(UsageError) as told:
        derive("lstm", 1000)
    message = str(told.value)
    assert "11000 lines with named intermediates" in message
    assert re.search(r"about 10\^\d+ operations in its last output written out in full", message)
    assert "ask for --steps 21 or fewer" in message and derive("elman", 100)
