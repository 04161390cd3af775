"""A network unrolled: every line as it must read, from the equations of the cell alone."""

from dataclasses import replace

import pytest
import sympy
from sympy import Integer

from rnnproof.catalogue import network
from rnnproof.errors import ModelError, Unsupported
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.cell import Cell
from rnnproof.model.equation import BATCH, Affine, Elementwise, Softmax, signal, signals
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import Line, Program, bind, evaluate_exactly, unroll

ONE_UNIT = Sizes(T=1, B=1, I=1, H=1, O=1)


def lines(net: Network, sizes: Sizes = ONE_UNIT) -> list[str]:
    return str(unroll(net, sizes)).splitlines()


def test_an_lstm_step_reads_like_its_equations():
    assert lines(network("lstm")) == [
        "z_i[1][0] = U_i[0,0]*h[0][0] + W_i[0,0]*x[1][0] + b_i[0]",
        "z_f[1][0] = U_f[0,0]*h[0][0] + W_f[0,0]*x[1][0] + b_f[0]",
        "z_g[1][0] = U_g[0,0]*h[0][0] + W_g[0,0]*x[1][0] + b_g[0]",
        "z_o[1][0] = U_o[0,0]*h[0][0] + W_o[0,0]*x[1][0] + b_o[0]",
        "i[1][0] = sigmoid(z_i[1][0])",
        "f[1][0] = sigmoid(z_f[1][0])",
        "g[1][0] = tanh(z_g[1][0])",
        "o[1][0] = sigmoid(z_o[1][0])",
        "c[1][0] = c[0][0]*f[1][0] + g[1][0]*i[1][0]",
        "tanh_c[1][0] = tanh(c[1][0])",
        "h[1][0] = o[1][0]*tanh_c[1][0]",
    ]


def test_affine_equations_are_written_as_sums_and_the_readout_follows():
    assert lines(network("elman:readout=sigmoid,bias=false"), Sizes(T=2, B=4, I=2, H=2, O=1)) == [
        "z_h[1][0] = U_h[0,0]*h[0][0] + U_h[0,1]*h[0][1] + W_h[0,0]*x[1][0] + W_h[0,1]*x[1][1]",
        "z_h[1][1] = U_h[1,0]*h[0][0] + U_h[1,1]*h[0][1] + W_h[1,0]*x[1][0] + W_h[1,1]*x[1][1]",
        "h[1][0] = tanh(z_h[1][0])",
        "h[1][1] = tanh(z_h[1][1])",
        "z_y[1][0] = W_y[0,0]*h[1][0] + W_y[0,1]*h[1][1]",
        "y[1][0] = sigmoid(z_y[1][0])",
        "z_h[2][0] = U_h[0,0]*h[1][0] + U_h[0,1]*h[1][1] + W_h[0,0]*x[2][0] + W_h[0,1]*x[2][1]",
        "z_h[2][1] = U_h[1,0]*h[1][0] + U_h[1,1]*h[1][1] + W_h[1,0]*x[2][0] + W_h[1,1]*x[2][1]",
        "h[2][0] = tanh(z_h[2][0])",
        "h[2][1] = tanh(z_h[2][1])",
        "z_y[2][0] = W_y[0,0]*h[2][0] + W_y[0,1]*h[2][1]",
        "y[2][0] = sigmoid(z_y[2][0])",
    ]


def test_a_softmax_is_exp_over_its_sum():
    found = lines(network("elman:readout=softmax,bias=false"), Sizes(T=1, B=1, I=1, H=1, O=2))
    assert found[-5:] == [
        "exp_z_y[1][0] = exp(z_y[1][0])",
        "exp_z_y[1][1] = exp(z_y[1][1])",
        "sum_exp_z_y[1] = exp_z_y[1][0] + exp_z_y[1][1]",
        "y[1][0] = exp_z_y[1][0]*reciprocal(sum_exp_z_y[1])",
        "y[1][1] = exp_z_y[1][1]*reciprocal(sum_exp_z_y[1])",
    ]


def test_two_softmaxes_of_one_signal_share_its_exp_and_no_name():
    weighted = Affine("z", (("W", "x"), ("U", "h")))
    net = own((weighted, Softmax("a", "z"), Softmax("h'", "z")), (("h", "h'"),), "a")
    assert lines(net)[1:] == [
        "exp_z[1][0] = exp(z[1][0])",
        "sum_exp_z[1] = exp_z[1][0]",
        "a[1][0] = exp_z[1][0]*reciprocal(sum_exp_z[1])",
        "sum_exp_z_[1] = exp_z[1][0]",
        "h[1][0] = exp_z[1][0]*reciprocal(sum_exp_z_[1])",
    ]


def test_a_softmax_over_the_batch_is_refused_by_name():
    weighted = Affine("z", (("W", "x"), ("U", "h")))
    net = own((weighted, Softmax("h'", "z", axis=BATCH)), (("h", "h'"),), "h'")
    with pytest.raises(Unsupported, match="equation h': a softmax over the batch is no formula of one row"):
        lines(net)


def test_arguments_and_results_are_grouped_by_array():
    program = unroll(network("elman:readout=identity"), Sizes(T=2, B=1, I=1, H=2, O=1))
    assert program.arguments == {
        "W_h": ("W_h[0,0]", "W_h[1,0]"),
        "U_h": ("U_h[0,0]", "U_h[0,1]", "U_h[1,0]", "U_h[1,1]"),
        "b_h": ("b_h[0]", "b_h[1]"),
        "W_y": ("W_y[0,0]", "W_y[0,1]"),
        "b_y": ("b_y[0]",),
        "x": ("x[1][0]", "x[2][0]"),
        "h": ("h[0][0]", "h[0][1]"),
    }
    assert program.results == {"outputs": ("y[1][0]", "y[2][0]"), "h": ("h[2][0]", "h[2][1]")}


def test_every_symbol_is_real_and_every_activation_opaque():
    program = unroll(network("lstm"), Sizes(T=2, B=1, I=2, H=2))
    assert all(symbol.is_real for line in program.lines for symbol in line.expression.free_symbols)
    assert not any(line.expression.has(sympy.tanh, sympy.exp) for line in program.lines)


def test_no_steps_are_no_lines():
    program = unroll(network("lstm"), Sizes(T=0, B=1, I=2, H=1))
    assert program.lines == ()
    assert program.results == {"outputs": (), "h": ("h[0][0]",), "c": ("c[0][0]",)}


def test_a_program_grows_by_the_same_lines_every_step():
    counts = [len(unroll(network("lstm"), Sizes(T=T, B=1, I=2, H=3)).lines) for T in (1, 2, 3, 10)]
    assert counts == [33, 66, 99, 330]


def test_a_layer_reads_what_the_layer_below_put_out_at_the_same_step():
    lines = {line.name: line.expression for line in unroll(network("elman:layers=2"), ONE_UNIT).lines}
    read = lines["1.forward.z_h[1][0]"].free_symbols
    names = {"1.forward.W_h[0,0]", "1.forward.U_h[0,0]", "1.forward.b_h[0]", "0.forward.h[1][0]", "1.forward.h[0][0]"}
    assert {symbol.name for symbol in read} == names


def test_another_direction_is_refused_by_name():
    with pytest.raises(Unsupported, match="has no step: its direction is backward, not forward"):
        unroll(replace(network("lstm"), direction="backward"), ONE_UNIT)


z, h, h_new, c, p, s = signals("z h h' c p s")


def own(equations: tuple, states: tuple, output: str, vectors: tuple[str, ...] = ()) -> Network:
    return Network("own", Cell("own", equations, states, output, vectors=vectors))


def test_a_peephole_is_a_vector_parameter():
    net = own(
        (Affine("z", (("W", "x"),), "b"), Elementwise("c'", tanh(z + p * c))), (("c", "c'"),), "c'", vectors=("p",)
    )
    assert lines(net, Sizes(T=1, B=1, I=1, H=2)) == [
        "z[1][0] = W[0,0]*x[1][0] + b[0]",
        "z[1][1] = W[1,0]*x[1][0] + b[1]",
        "c[1][0] = tanh(c[0][0]*p[0] + z[1][0])",
        "c[1][1] = tanh(c[0][1]*p[1] + z[1][1])",
    ]


def test_nested_activations_are_named_from_the_inside_and_only_once():
    net = own(
        (
            Affine("z", (("W", "x"), ("U", "h"))),
            Elementwise("s", 1 - sigmoid(tanh(z)) * tanh(h)),
            Elementwise("h'", s + sigmoid(tanh(z)) + tanh(z + s)),
        ),
        (("h", "h'"),),
        "h'",
    )
    assert lines(net)[1:] == [
        "tanh_z[1][0] = tanh(z[1][0])",
        "sigmoid_tanh_z[1][0] = sigmoid(tanh_z[1][0])",
        "tanh_previous_h[1][0] = tanh(h[0][0])",
        "s[1][0] = -sigmoid_tanh_z[1][0]*tanh_previous_h[1][0] + 1",
        "tanh_inside[1][0] = tanh(s[1][0] + z[1][0])",
        "h[1][0] = s[1][0] + sigmoid_tanh_z[1][0] + tanh_inside[1][0]",
    ]


def test_a_name_already_taken_is_not_given_twice():
    taken = signal("tanh_z")
    net = own(
        (
            Affine("z", (("W", "x"), ("U", "h"))),
            Elementwise("tanh_z", 2 * z),
            Elementwise("h'", taken * tanh(z)),
        ),
        (("h", "h'"),),
        "h'",
    )
    assert lines(net)[1:] == [
        "tanh_z[1][0] = 2*z[1][0]",
        "tanh_z_[1][0] = tanh(z[1][0])",
        "h[1][0] = tanh_z[1][0]*tanh_z_[1][0]",
    ]


def test_a_state_may_store_another_state_or_a_signal_stored_already():
    """before holds h of the step before; twin holds the same as h."""
    before, twin = signals("before twin")
    net = own(
        (Affine("z", (("W", "x"), ("U", "h"))), Elementwise("h'", z + before + 10 * twin)),
        (("h", "h'"), ("before", "h"), ("twin", "h'")),
        "h'",
    )
    program = unroll(net, replace(ONE_UNIT, T=2))
    assert str(program).splitlines() == [
        "z[1][0] = U[0,0]*h[0][0] + W[0,0]*x[1][0]",
        "h[1][0] = before[0][0] + 10*twin[0][0] + z[1][0]",
        "z[2][0] = U[0,0]*h[1][0] + W[0,0]*x[2][0]",
        "h[2][0] = h[0][0] + 10*h[1][0] + z[2][0]",
    ]
    assert program.results == {
        "outputs": ("h[1][0]", "h[2][0]"),
        "h": ("h[2][0]",),
        "before": ("h[1][0]",),
        "twin": ("h[2][0]",),
    }
    arrays = {"W": [[1]], "U": [[2]], "x": [[3], [4]], "h": [5], "before": [6], "twin": [7]}
    values = evaluate_exactly(program, bind(program, arrays))
    assert (values["h[1][0]"], values["h[2][0]"]) == (13 + 6 + 70, (4 + 2 * 89) + 5 + 890)


def test_a_program_is_checked_when_it_is_built():
    a, b = Line("a", signal("x") + 1), Line("b", 2 * signal("a"))
    assert str(Program((a, b), {"x": ("x",)}, {})) == "a = x + 1\nb = 2*a"
    with pytest.raises(ModelError, match="line b: a is not defined before it"):
        Program((b, a), {"x": ("x",)}, {})
    with pytest.raises(ModelError, match="line a: this name is already defined"):
        Program((a, b, Line("a", Integer(0))), {"x": ("x",)}, {})
