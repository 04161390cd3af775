"""The ring against plain Python integers: every function, and its tangent as a p-adic difference quotient."""

import numpy as np
import pytest
from flint import fmpz
from hypothesis import given
from hypothesis import strategies as st

from rnnproof.domains.dual import Dual
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_ufuncs import UNARY

P, K = 10007, 12
M = P**K
HALF = P ** (K // 2)
NUMBER = st.integers(0, M - 1)
UNIT = NUMBER.filter(lambda n: n % P)


def one_over(n):
    return pow(n, -1, M)


def exp(n):
    return pow(1 + P, n, M)


def log(u):
    """The y with (1+p)^y = u / w, w the root of unity with w = u modulo p: digit by digit, for (1+p)^(d p^j) is
    1 + d p^(j+1) modulo p^(j+2).
    """
    u, y = u * one_over(pow(u, P ** (K - 1), M)) % M, 0
    for j in range(K - 1):
        left = u * one_over(exp(y)) % P ** (j + 2)
        y += (left - 1) // P ** (j + 1) * P**j
    return y


def tanh(n):
    return (exp(2 * n) - 1) * one_over(exp(2 * n) + 1)


FUNCTIONS = {
    "negative": lambda n: -n,
    "positive": lambda n: n,
    "conjugate": lambda n: n,
    "square": lambda n: n * n,
    "reciprocal": one_over,
    "exp": exp,
    "expm1": lambda n: exp(n) - 1,
    "tanh": tanh,
    "expit": lambda n: one_over(1 + exp(-n)),
    "log": log,
    "log1p": lambda n: log(1 + n),
    "log2": lambda n: log(n) * one_over(log(2)),
    "log10": lambda n: log(n) * one_over(log(10)),
    "exp2": lambda n: exp(n * log(2)),
    "sinh": lambda n: (exp(n) - exp(-n)) * one_over(2),
    "cosh": lambda n: (exp(n) + exp(-n)) * one_over(2),
    **{f"power {n}": lambda x, n=n: pow(x, n, M) for n in (-3, -1, 0, 1, 2, 7)},
}
EXPONENTIALS = {"exp", "expm1", "tanh", "expit", "exp2", "sinh", "cosh"}
LOGARITHMS = {"log", "log1p", "log2", "log10"}
KNOWN = dict.fromkeys(("exp2", *LOGARITHMS), M // P)  # the last digit of a logarithm is not known
CHOOSING = {"absolute", "fabs", "sign", "sqrt"}  # by the shadow, and the opaque root


def of(x, d=0, f=2.0):
    def entries(n):
        made = np.empty(1, dtype=object)
        made[0] = fmpz(n % M)
        return made

    zero = np.zeros(1)
    return RingArray(Dual(Ring(Residues(P, K)), entries(x), entries(d), zero + f, zero + 1.0, zero.astype(np.int64)))


def called(name, a):
    word, _, n = name.partition(" ")
    return RingArray(UNARY[word](a.dual)) if word in UNARY else a ** int(n)


def test_every_function_of_one_number_is_here():
    assert set(UNARY) == {name for name in FUNCTIONS if name in UNARY} | CHOOSING


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=UNIT.filter(lambda n: (1 + n) % P))
def test_a_function_of_one_number(name, x):
    got = int(called(name, of(x)).dual.x[0])
    assert (got - FUNCTIONS[name](x)) % KNOWN.get(name, M) == 0


@pytest.mark.parametrize("name", FUNCTIONS)
@given(x=UNIT.filter(lambda n: (1 + n) % P), d=NUMBER)
def test_a_tangent_is_a_difference_quotient(name, x, d):
    """f(x + h d) = f(x) + h d f'(x) modulo h^2, for h a power of p.

    The derivative of exp is exp here, as over the reals; of (1+p)^x it is L (1+p)^x with L = Log(1+p), which is the
    difference quotient at 0.
    """
    L = (exp(HALF) - 1) // HALF
    difference = FUNCTIONS[name]((x + HALF * d) % M) - FUNCTIONS[name](x)
    moved = HALF * int(called(name, of(x, d)).dual.d[0])
    moved, difference = (L * moved, difference) if name in EXPONENTIALS else (moved, difference)
    moved, difference = (moved, L * difference) if name in LOGARITHMS else (moved, difference)
    assert (moved - difference) % KNOWN.get(name, M) == 0


@given(NUMBER, NUMBER, UNIT, NUMBER)
def test_arithmetic_and_its_tangents(x, dx, y, dy):
    ring = Ring(Residues(P, K))
    a, b = (RingArray(Dual(ring, *each.dual.parts)) for each in (of(x, dx), of(y, dy)))
    for result, value, tangent in (
        (a + b, x + y, dx + dy),
        (a - b, x - y, dx - dy),
        (a * b, x * y, x * dy + dx * y),
        (a / b, x * one_over(y), (dx * y - x * dy) * one_over(y * y)),
        (a @ b, x * y, x * dy + dx * y),
        (2 * a + 1, 2 * x + 1, 2 * dx),
        (a / 4, x * one_over(4), dx * one_over(4)),
    ):
        got = result.dual
        assert (int(np.ravel(got.x)[0]) - value) % M == (int(np.ravel(got.d)[0]) - tangent) % M == 0


@given(NUMBER, NUMBER)
def test_identities_of_exponentials(x, y):
    ring = Ring(Residues(P, K))
    # 2.5: a number that is its own float would be one that the code says, and multiplied out
    a, b = (RingArray(Dual(ring, *of(n, f=2.5).dual.parts)) for n in (x, y))
    pairs = (
        (np.exp(a + b), np.exp(a) * np.exp(b)),
        (np.tanh(a), 2 / (1 + np.exp(-2 * a)) - 1),
        (np.tanh(a + b), (np.tanh(a) + np.tanh(b)) / (1 + np.tanh(a) * np.tanh(b))),
        (np.exp(np.log1p(np.exp(a))), 1 + np.exp(a)),
        (np.exp(a - np.log(np.exp(a) + np.exp(b))), 1 / (1 + np.exp(b - a))),
        (np.exp(2 * np.log(np.exp(a) + 2)), (np.exp(a) + 2) ** 2),
        (np.expm1(np.log(np.exp(b) + 3)), np.exp(b) + 2),
        (np.cosh(a) ** 2 - np.sinh(a) ** 2, np.exp(a - a)),
        (np.sinh(a + b), np.sinh(a) * np.cosh(b) + np.cosh(a) * np.sinh(b)),
        (np.e**a, np.exp(a)),
        (3.0 ** (a + b), 3.0**a * 3.0**b),
        (np.exp2(a), 2.0**a),
    )
    for one, other in pairs:
        assert one.dual.x[0] == other.dual.x[0]
