"""The gradients that a document prints, read back by a small parser and computed; no text is ever executed.

formula  = name "=" sum
sum      = ["-"] product { ("+" | "-") product }
product  = power { ["\\odot"] power }         with \\odot entry by entry, without it a product of matrices
power    = atom [ "^{" ("\\top" | "\\odot" number) "}" ]
atom     = number | name | function "(" sum ")" | "(" sum ")"
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

TOKEN = re.compile(
    r"\\mathrm\{d\}|\\text\{later\}|\\sigma|\\tanh|\\odot|\\top|\d+|[A-Za-z]'*|[-+=^_(){}]|\s+|(?P<other>.)"
)
FUNCTIONS = {r"\sigma": lambda z: 1 / (1 + np.exp(-z)), r"\tanh": np.tanh}


def printed(document):
    """The rows of the display under the heading of one step's gradients: one a formula, without the last column."""
    _, _, rest = document.partition("### The gradients of one step\n\n```math\n\\begin{aligned}\n")
    body, _, _ = rest.partition("\n\\end{aligned}")
    rows = re.split(r"\\\\\s*\n", body)
    return [" ".join(row.partition("&&")[0].replace("&", "").split()) for row in rows]


def tokens(text):
    for found in TOKEN.finditer(text):
        assert found["other"] is None, f"{found[0]!r} in {text}"
        if found[0].strip():
            yield found[0]


@dataclass
class Reader:
    """Reads tokens from the front; computes with columns (n,1) and matrices."""

    left: list
    values: dict = field(default_factory=dict)

    def next_is(self, *wanted):
        return bool(self.left) and self.left[0] in wanted

    def take(self, *wanted):
        token = self.left.pop(0)
        assert not wanted or token in wanted, f"{token}, but expected one of {wanted}"
        return token

    def name(self):
        """A letter with primes, d before it, and what stands below: the network's own spelling of it."""
        d = "d" if self.next_is(r"\mathrm{d}") and self.take() else ""
        whole = d + self.take()
        if self.next_is("_"):
            self.take("_"), self.take("{")
            below = ""
            while not self.next_is("}"):
                below += self.take().removeprefix(r"\text{").removesuffix("}")
            self.take("}")
            whole += f"_{below}"
        return whole

    def sum(self):
        sign = -1 if self.next_is("-") and self.take() else 1
        total = sign * self.product()
        while self.next_is("+", "-"):
            sign = 1 if self.take() == "+" else -1
            total = total + sign * self.product()
        return total

    def product(self):
        value = self.power()
        while self.left and not self.next_is("+", "-", ")", "="):
            if self.next_is(r"\odot"):
                self.take()
                value = value * self.power()
            else:
                value = value @ self.power()
        return value

    def power(self):
        value = self.atom()
        if self.next_is("^"):
            self.take("^"), self.take("{")
            value = value.T if self.take(r"\top", r"\odot") == r"\top" else value ** int(self.take())
            self.take("}")
        return value

    def atom(self):
        if self.next_is("("):
            return self.bracket()
        if self.next_is(*FUNCTIONS):
            return FUNCTIONS[self.take()](self.bracket())
        if self.left[0].isdigit():
            return float(self.take())
        name = self.name()
        assert name in self.values, f"{name}, but known are {sorted(self.values)}"
        return self.values[name]

    def bracket(self):
        self.take("(")
        value = self.sum()
        self.take(")")
        return value


def compute(rows, values):
    """Every formula in order, each with the values so far: the values with those of the left-hand sides added."""
    known = dict(values)
    for row in rows:
        reader = Reader(list(tokens(row)), known)
        name = reader.name()
        reader.take("=")
        known[name] = reader.sum()
        assert reader.left == [], row
    return known
