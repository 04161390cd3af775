"""The reference of networks without hand-written cells, against autograd and fifty digits; and ways to write them."""

from __future__ import annotations

import autograd.numpy as anp
import mpmath
import numpy as np
import pytest
from autograd import grad
from cases_and_balls import OTHERS, balls_of, cases, cast, full_precision, leaving, reference, results_of
from hypothesis import given, settings
from hypothesis import strategies as st
from interpreter import at_fifty_digits, gradients_by_autograd
from sympy import Rational

from rnnproof.catalogue import network
from rnnproof.domains.bounded import Bounded, evaluate, exact
from rnnproof.domains.formats import FORMATS, U64
from rnnproof.model.activation import clipped, hard_sigmoid
from rnnproof.model.case import first_steps
from rnnproof.model.equation import signal

SOME = settings(max_examples=8, deadline=None)
FEW = settings(max_examples=5, deadline=None)


def out_of(results, balls):
    """The results that leave a ball; a ball of which nothing is known holds everything."""
    known = {}
    for name, got in results.items():
        ball = balls[name]
        known[name] = np.where(np.isfinite(ball.radius), got, ball.value)
        balls = balls | {name: type(ball)(ball.value, np.where(np.isfinite(ball.radius), ball.radius, 0))}
    return leaving(known, balls)


def beside(case):
    found = gradients_by_autograd(case.network.step, case.parameters, case.x, case.state, case.cotangents)
    named = {f"d{name}": value for name, value in found.parameters.items()} | {"dx": found.x}
    return named | {f"d{name} initial": value for name, value in found.state.items()}


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("name", OTHERS)
def test_the_reference_lies_in_the_balls(name, dtype):
    @SOME
    @given(cases(network(name), dtype), st.integers(0, 99))
    def check(case, seed):
        for one in (case, full_precision(case, seed)):
            assert out_of(results_of(reference(one)), balls_of(one)) == []

    check()


@pytest.mark.parametrize("name", OTHERS)
def test_autograd_and_the_truth_at_fifty_digits_lie_in_the_balls(name):
    @FEW
    @given(cases(network(name), T=(1, 2, 3), B=(1, 2), H=(1, 2, 3)), st.integers(0, 99))
    def check(case, seed):
        assert out_of(beside(full_precision(case, seed)), balls_of(full_precision(case, seed))) == []
        balls = balls_of(case)
        outputs, final = at_fifty_digits(case.network.step, case.parameters, case.x, case.state)
        true = {"outputs": np.stack(outputs), **{f"final {name}": value for name, value in final.items()}}
        with mpmath.workdps(50):
            for name, numbers in true.items():
                for index, number in np.ndenumerate(numbers):
                    value, radius = float(balls[name].value[index]), float(balls[name].radius[index])
                    assert abs(number - mpmath.mpf(value)) <= mpmath.mpf(radius), (name, index)

    check()


@pytest.mark.parametrize("name", OTHERS)
def test_one_of_everything_and_nothing_at_all(name):
    @FEW
    @given(cases(network(name), "float32", T=(1,), B=(1,), I=(1,), H=(1,), O=(1,), P=(1,)), st.integers(0, 99))
    def check(case, seed):
        one = full_precision(case, seed)
        assert out_of(results_of(reference(one)), balls_of(one)) == []
        nothing = reference(first_steps(case, 0))
        assert all(np.array_equal(nothing.final[state], value) for state, value in case.state.items())

    check()


@pytest.mark.parametrize("name", OTHERS)
def test_a_wrong_run_leaves_the_balls(name):
    @FEW
    @given(cases(network(name), "float32", ("typical",), T=(1, 2), H=(2, 3)))
    def check(case):
        balls = balls_of(case)
        results = {n: v for n, v in results_of(reference(case)).items() if np.any(np.abs(v) > 1e-2)}
        wrong = {n: v * np.float32(1 + 2.0**-6) for n, v in results.items()}
        assert leaving(wrong, balls) == list(wrong)

    check()


# --- ways to write the same, none of which is the page's -----------------------------------------


def sigmoid(z):
    return 1 / (1 + anp.exp(-z))


def gates_of_minlstm(P, x):
    f, i = sigmoid(x @ P["W_f"].T + P["b_f"]), sigmoid(x @ P["W_i"].T + P["b_i"])
    return f, i, x @ P["W_n"].T + P["b_n"]


def normalised_first(P, x, h):
    f, i, n = gates_of_minlstm(P, x)
    return f / (f + i) * h + i / (f + i) * n


def one_quotient(P, x, h):
    f, i, n = gates_of_minlstm(P, x)
    return (f * h + i * n) / (f + i)


def one_reciprocal(P, x, h):
    f, i, n = gates_of_minlstm(P, x)
    r = 1 / (f + i)
    return (f * r) * h + (i * r) * n


def moved_towards(P, x, h):
    f, i, n = gates_of_minlstm(P, x)
    return h + i / (f + i) * (n - h)


WAYS = (normalised_first, one_quotient, one_reciprocal, moved_towards)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_the_minlstm_lies_in_the_balls(way):
    @settings(max_examples=12, deadline=None)
    @given(cases(network("minlstm"), T=(1, 2, 4)), st.integers(0, 99))
    def check(case, seed):
        one = full_precision(case, seed)

        def loss(parameters, x, h):
            total = 0.0
            for x_t, d in zip(x, one.cotangents.outputs, strict=True):
                h = way(parameters, x_t, h)
                total = total + anp.sum(h * d)
            return total + anp.sum(h * one.cotangents.state["h"])

        d_parameters, dx, dh = grad(loss, argnum=(0, 1, 2))(dict(one.parameters), one.x, one.state["h"])
        found = {f"d{name}": value for name, value in d_parameters.items()} | {"dx": dx, "dh initial": dh}
        assert out_of(found, balls_of(one)) == []

    check()


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("way", WAYS)
def test_every_way_of_writing_the_minlstm_forward(way, dtype):
    @settings(max_examples=12, deadline=None)
    @given(cases(network("minlstm"), dtype, T=(1, 2, 4)), st.integers(0, 99))
    def check(case, seed):
        one = full_precision(case, seed)
        P, h, outputs = cast(one.parameters, dtype), one.state["h"].astype(dtype), []
        for x_t in one.x.astype(dtype):
            h = way(P, x_t, h)
            outputs.append(h)
        assert out_of({"outputs": np.stack(outputs), "final h": h}, balls_of(one)) == []

    check()


def cut(z, slope):
    return np.clip(z.dtype.type(slope) * z + z.dtype.type(0.5), 0, 1)


def relu6(z, slope):
    """As torch.nn.Hardsigmoid and JAX write it, for slope 1/6; else the other way round."""
    half = z.dtype.type(1 / (2 * slope))
    return np.minimum(np.maximum(z + half, 0), 2 * half) / (2 * half)


@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize("hard", [cut, relu6])
@pytest.mark.parametrize("more", ["clip=1/2", "slope=1/6,clip=3"])
def test_every_way_of_writing_a_hard_sigmoid_and_a_clip_lies_in_the_balls(more, hard, dtype):
    name = f"lstm:recurrent=hard_sigmoid,{more}"
    slope, k = (1 / 6, 3) if "1/6" in name else (1 / 5, 0.5)

    @SOME
    @given(cases(network(name), dtype), st.integers(0, 99))
    def check(case, seed):
        one = full_precision(case, seed)
        P, state, outputs = cast(one.parameters, dtype), cast(one.state, dtype), []
        h, c = state["h"], state["c"]
        for x_t in one.x.astype(dtype):
            z = {g: x_t @ P[f"W_{g}"].T + h @ P[f"U_{g}"].T + P[f"b_{g}"] for g in "ifgo"}
            c = np.clip(hard(z["f"], slope) * c + hard(z["i"], slope) * np.tanh(z["g"]), -k, k)
            h = hard(z["o"], slope) * np.tanh(c)
            outputs.append(h)
        assert out_of({"outputs": np.stack(outputs), "final h": h, "final c": c}, balls_of(one)) == []

    check()


def test_a_gate_that_is_cut_off_keeps_a_few_units_however_far_out():
    z = Bounded(np.array([-1e8, -2.6, 2.6, 1e8]), np.array([1e-9, 1e-9, 1e-9, 1e-9]))
    ball = evaluate(hard_sigmoid(signal("z"), Rational(1, 5)), {"z": z}, FORMATS["float64"])
    assert ball.value.tolist() == [0, 0, 1, 1] and np.all(ball.radius <= 16 * U64)


def test_what_is_not_clipped_keeps_its_rounding_however_large_the_clip():
    z = exact(np.array([-300.0, -(2.0**-9), 2.0**-9, 300.0]))
    ball = evaluate(clipped(signal("z"), Rational(100)), {"z": z}, FORMATS["float64"])
    assert ball.value.tolist() == [-100, -(2.0**-9), 2.0**-9, 100]
    assert np.all(ball.radius[1:3] <= 16 * U64 * 2.0**-9) and np.all(ball.radius <= 16 * U64 * 300)
