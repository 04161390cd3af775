"""Full substitution for few steps; counted, and refused, before anything is substituted."""

import pytest

from rnnproof.catalogue import network
from rnnproof.errors import UsageError
from rnnproof.model.activation import sigmoid, tanh
from rnnproof.model.equation import signals
from rnnproof.model.network import Sizes
from rnnproof.symbolic import expand, operations, unroll


def test_one_step_written_out():
    W, U, b, x, h = signals("W_h[0,0] U_h[0,0] b_h[0] x[1][0] h[0][0]")
    V, d = signals("W_y[0,0] b_y[0]")
    program = unroll(network("elman:readout=sigmoid"), Sizes(T=1, B=1, I=1, H=1, O=1))
    assert expand(program, "h[1][0]") == tanh(W * x + U * h + b)
    assert expand(program, "y[1][0]") == sigmoid(V * tanh(W * x + U * h + b) + d)


def test_the_count_is_that_of_the_expression():
    program = unroll(network("lstm"), Sizes(T=4, B=1, I=1, H=1))
    for t, count in enumerate((25, 143, 708, 3415), 1):
        assert operations(program, f"h[{t}][0]") == count == expand(program, f"h[{t}][0]").count_ops()


def test_what_would_be_too_large_is_refused_before_it_is_built():
    program = unroll(network("lstm"), Sizes(T=60, B=1, I=2, H=2))
    with pytest.raises(UsageError, match=r"h\[60\]\[0\] written out in full would take \d{40,} operations"):
        expand(program, "h[60][0]")
    with pytest.raises(UsageError, match="would take 25 operations, and the limit is 24: ask for fewer steps"):
        expand(unroll(network("lstm"), Sizes(T=1, B=1, I=1, H=1)), "h[1][0]", limit=24)


def test_an_unknown_line_is_refused():
    with pytest.raises(UsageError, match=r"no line of this program defines 'q\[1\]\[0\]'"):
        expand(unroll(network("lstm"), Sizes(T=1, B=1, I=1, H=1)), "q[1][0]")
