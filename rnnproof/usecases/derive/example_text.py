"""The worked example as text: each line with its numbers put in, and what that gives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import sympy

from rnnproof.model.equation import signal
from rnnproof.symbolic.program import Line
from rnnproof.usecases.derive.checks.measure import shown
from rnnproof.usecases.derive.example import Example
from rnnproof.usecases.derive.layout import WIDE, packed, width
from rnnproof.usecases.derive.page import checked, display, heading, inline, text
from rnnproof.usecases.derive.printer import Printer
from rnnproof.usecases.derive.programs import single
from rnnproof.usecases.derive.subject import Subject

DIGITS = 6


class Numbers(Printer):
    """Formulas with numbers in place of names."""

    def __init__(self, printer: Printer, values: Mapping[str, str]) -> None:
        super().__init__(printer.names)
        self._values = values
        self._between = r" \cdot "

    def _print_Symbol(self, expr: sympy.Symbol, style: str = "plain") -> str:
        value = self._values[expr.name]
        return f"({value})" if value.startswith("-") else value

    def _print_Function(self, expr: sympy.Expr, exp: Any = None) -> str:
        return super()._print_Function(expr, exp).replace("((", "(").replace("))", ")")


def worked(subject: Subject, example: Example, who: str) -> list[str]:
    """The section."""
    more = [line.name for line in example.program.lines]
    printer = subject.printer(single=single(example.program), more=more)
    values = {name: _value(name, example)[1] for name in example.balls}
    numbers = Numbers(printer, values)
    steps, loss = example.case.sizes.T, inline(f"L = {printer.doprint(signal(example.output))}")
    forward = [_forward(line, printer, numbers, example) for line in example.program.lines]
    backward = [row for line in example.backward for row in _backward(line, printer, numbers, example)]
    return [
        *heading(2, "5. A worked example"),
        *text(f"Over {steps} steps, with"),
        *display(_given(example, printer, values)),
        *text(f"the signals are, one after the other{_decimals(example)}:"),
        *display(forward),
        *text(f"Backward, for the loss {loss}, from the last line to the first:"),
        *display(backward),
        *checked(
            f"Checked by {who} at these numbers: outputs, final states and all gradients; worst error "
            f"{shown(example.checked.worst)} of its bound{_whole(example)}."
        ),
    ]


def _decimals(example: Example) -> str:
    rational = all(name in example.exact for name in example.balls)
    return "" if rational else f"; what is no rational number is rounded to {DIGITS} digits"


def _whole(example: Example) -> str:
    return "; every number is exact" if all(name in example.exact for name in example.balls) else ""


def _given(example: Example, printer: Printer, values: Mapping[str, str]) -> list[str]:
    """The arguments, as many in a line as it takes; those with one value together."""
    found: list[str] = []
    for group in example.program.arguments.values():
        if len(group) > 1 and len({values[name] for name in group}) == 1:
            each = ", ".join(printer.doprint(signal(name)) for name in group)
            parts = [f"{each} = {values[group[0]]}"]
        else:
            parts = [f"{printer.doprint(signal(name))} = {values[name]}" for name in group]
        found += parts
    return [f"&{line}" for line in packed(found)]


def _forward(line: Line, printer: Printer, numbers: Numbers, example: Example) -> str:
    sign, value = _value(line.name, example)
    put_in = numbers.doprint(line.expression)
    middle = "" if put_in == value else f"{put_in} {sign} "
    return (
        f"{printer.doprint(signal(line.name))} &= {middle}{value}"
        if middle
        else (f"{printer.doprint(signal(line.name))} &{sign} {value}")
    )


def _backward(line: Line, printer: Printer, numbers: Numbers, example: Example) -> list[str]:
    """The formula, the numbers in it, the value: in one line or in two."""
    sign, value = _value(line.name, example)
    name, formula = printer.doprint(signal(line.name)), printer.doprint(line.expression)
    put_in = numbers.doprint(line.expression)
    end = "" if put_in == value else f" {sign} {value}"
    if formula == put_in:
        return [f"{name} &= {formula}{end}"]
    first = f"{name} &= {formula}"
    if width(f"{first} = {put_in}{end}") <= WIDE:
        return [f"{first} = {put_in}{end}"]
    return [first, f"&= {put_in}{end}"]


def _value(name: str, example: Example) -> tuple[str, str]:
    """How a number is said to be equal, and the number: exactly, or to DIGITS digits."""
    if name in example.exact:
        return "=", _fraction(example.exact[name])
    return r"\approx", _decimal(example.balls[name])


def _fraction(number: sympy.Rational) -> str:
    sign = "-" if number < 0 else ""
    return f"{sign}{abs(number)}" if number.q == 1 else rf"{sign}\frac{{{abs(number.p)}}}{{{number.q}}}"


def _decimal(number: Any) -> str:
    rounded = Decimal(f"{float(number.mid()):.{DIGITS - 1}e}")
    return f"{rounded:f}"
