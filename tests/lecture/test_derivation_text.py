"""The derivation of a network as a short text."""

import pytest

from rnnproof.catalogue import NETWORKS
from rnnproof.errors import Unsupported, UsageError
from rnnproof.usecases.derive import derive


def test_the_text_holds_the_equations_the_program_and_a_gradient():
    text = derive("elman", steps=2)
    assert text.startswith(
        "# elman\n\nElman, Finding structure in time, Cognitive Science 14 (1990) 179-211, figure 2.\n"
    )
    assert "## The equations of one step\n\n```\nz_h = W_h x + U_h h + b_h\nh' = tanh(z_h)\n```\n" in text
    assert text.endswith(
        "## Unrolled over 2 steps, with one unit in every layer\n\n```\n"
        "z_h[1][0] = U_h[0,0]*h[0][0] + W_h[0,0]*x[1][0] + b_h[0]\n"
        "h[1][0] = tanh(z_h[1][0])\n"
        "z_h[2][0] = U_h[0,0]*h[1][0] + W_h[0,0]*x[2][0] + b_h[0]\n"
        "h[2][0] = tanh(z_h[2][0])\n```\n\n"
        "## From there, the gradient of h[2][0] by U_h[0,0]\n\n```\n"
        "dh[2][0] = 1\n"
        "dz_h[2][0] = dh[2][0]*(1 - h[2][0]**2)\n"
        "dh[1][0] = U_h[0,0]*dz_h[2][0]\n"
        "dz_h[1][0] = dh[1][0]*(1 - h[1][0]**2)\n"
        "dU_h[0,0] = dz_h[1][0]*h[0][0] + dz_h[2][0]*h[1][0]\n```\n"
    )


def test_a_softmax_has_two_outputs():
    text = derive("elman:readout=softmax", steps=1)
    assert "\ny = softmax(z_y)\n" in text
    assert "## Unrolled over 1 step, with one unit in every layer and 2 outputs\n" in text
    assert "\ny[1][1] = exp_z_y[1][1]*reciprocal(sum_exp_z_y[1])\n" in text
    assert "\ndsum_exp_z_y[1] = -dy[1][1]*exp_z_y[1][1]*reciprocal(sum_exp_z_y[1])**2\n" in text


def test_every_network_has_a_text():
    assert "tanh_c[3][0] = tanh(c[3][0])" in derive("lstm", 3)
    assert "## Unrolled over 1 step, with" in derive("lecture", 1)


def test_what_cannot_be_derived_is_told():
    with pytest.raises(UsageError, match="steps=0: expected at least 1"):
        derive("lstm", 0)
    with pytest.raises(Unsupported, match="format tex is not built yet; built are md"):
        derive("lstm", 1, format="tex")
    with pytest.raises(UsageError, match="did you mean lstm"):
        derive("ltsm", 1)
    with pytest.raises(UsageError, match="network is an int; expected the name of one"):
        derive(3)
    with pytest.raises(UsageError, match="steps is 'two'; expected a whole number"):
        derive("lstm", "two")


@pytest.mark.parametrize("name", [*NETWORKS, "lstm:recurrent=hard_sigmoid,clip=1/2,projection=P", "gru:reset=before"])
def test_every_network_has_its_text(name):
    """By the weight that its first state is multiplied by; by its first where it has none, as the minimal GRU."""
    text = derive(name, steps=2)
    head, _, _ = name.partition(":")
    assert text.startswith(f"# {head}") and NETWORKS[head].citation in text
    first = {"lecture_lstm": "W_i", "mingru": "W_z", "minlstm": "W_f", "elman": "U_h", "jordan": "U_h", "mgu": "U_f"}
    weight = first.get(head, "U_r" if head == "gru" else "U_i")
    assert f" by {weight}[0,0]\n" in text and f"\nd{weight}[0,0] = " in text
