"""Activation functions as opaque SymPy functions: differentiated here, evaluated only where a domain says how.

They are opaque because SymPy spends its time on assumption queries about ``tanh`` and ``exp``
(is it zero? is it real?) and not on the algebra; a name without a definition asks nothing.
"""

from __future__ import annotations

import sympy


class Activation(sympy.Function):  # type: ignore[misc]
    """A function of one real variable, applied entry by entry; real for real arguments."""

    nargs = 1
    is_real = True
    is_commutative = True

    def fdiff(self, argindex: int = 1) -> sympy.Expr:
        """The derivative, as SymPy's chain rule asks for it."""
        return derivative(self)


class sigmoid(Activation):
    """sigmoid(z) = 1 / (1 + exp(-z))."""


class tanh(Activation):
    """tanh(z) = (exp(z) - exp(-z)) / (exp(z) + exp(-z))."""


class relu(Activation):
    """relu(z) = max(z, 0)."""


class step(Activation):
    """step(z) = 1 if z > 0, else 0: the derivative of relu, with the value 0 at the kink."""


class exp(Activation):
    """exp(z)."""


class reciprocal(Activation):
    """reciprocal(z) = 1 / z."""


def derivative(call: Activation) -> sympy.Expr:
    """d f(z) / dz, in terms of f(z) where the function allows it.

    Errors: ValueError for a function that is not in this module.
    """
    (z,) = call.args
    table = {
        sigmoid: call * (1 - call),
        tanh: 1 - call**2,
        relu: step(z),
        step: sympy.Integer(0),
        exp: call,
        reciprocal: -(call**2),
    }
    if call.func not in table:
        raise ValueError(f"no derivative is known for the function {call.func.__name__}")
    return table[call.func]


def definition(call: Activation) -> sympy.Expr:
    """The same value written with SymPy's own elementary functions, for printing and for exact evaluation."""
    (z,) = call.args
    table = {
        sigmoid: lambda: 1 / (1 + sympy.exp(-z)),
        tanh: lambda: sympy.tanh(z),
        relu: lambda: sympy.Piecewise((z, z > 0), (0, True)),
        step: lambda: sympy.Piecewise((1, z > 0), (0, True)),
        exp: lambda: sympy.exp(z),
        reciprocal: lambda: 1 / z,
    }
    value: sympy.Expr = table[call.func]()  # type: ignore[no-untyped-call]
    return value


def identity(z: sympy.Expr) -> sympy.Expr:
    """identity(z) = z; it leaves no trace in an expression."""
    return z


# Both of the following are written with relu, so that every domain, the kinks included, is relu's own. Written so,
# what is cut off is off by a few units roundoff at the most however large z is, and what is not clipped by a few
# units of itself however large k is. The difference of two relus, relu(a) - relu(a - 1), is off by units of z.


def hard_sigmoid(z: sympy.Expr, slope: sympy.Expr) -> sympy.Expr:
    """min(max(slope z + 1/2, 0), 1)."""
    return 1 - relu(1 - relu(slope * z + sympy.Rational(1, 2)))


def clipped(z: sympy.Expr, k: sympy.Expr) -> sympy.Expr:
    """min(max(z, -k), k) for k > 0."""
    return z - relu(z - k) + relu(-z - k)


ACTIVATIONS = {"tanh": tanh, "relu": relu, "sigmoid": sigmoid, "identity": identity}
