"""The equations of one step, over matrices and entry by entry, and what each symbol in them is."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from rnnproof.model.activation import Activation, definition, reciprocal, relu, step
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Equation, Softmax, signal
from rnnproof.model.recognised import KNOWN, clip, hardsigmoid, recognised
from rnnproof.symbolic.roles import affine_targets, elementwise, gates
from rnnproof.symbolic.vectors import affine
from rnnproof.usecases.derive.layout import lines
from rnnproof.usecases.derive.names import Names
from rnnproof.usecases.derive.page import display, heading, inline, table, text
from rnnproof.usecases.derive.printer import Printer
from rnnproof.usecases.derive.subject import Subject

ODOT = r"\odot"
OF_STEP = "[s]_{t}"
Z = signal("z")
LETTERS = {"I": "inputs", "H": "hidden units", "O": "outputs", "P": "units of the projection"}


def equations(subject: Subject, checked: list[str]) -> list[str]:
    """The section. ``checked``: what was checked of the equations."""
    cell = subject.cell
    return [
        *heading(2, "1. The equations of one step"),
        *text(_about(subject)),
        *heading(3, "Over vectors and matrices"),
        *display(row for equation in cell.equations for row in matrix_form(subject, equation)),
        *_readout(subject),
        *_functions(cell),
        *text(
            f"Here {inline(ODOT)} is the product entry by entry, and a function of a vector is taken of "
            f"each entry. With {inline(OF_STEP)} for the signal {inline('s')} of step {inline('t')}, what a step "
            "stores is what the next one begins with:"
        ),
        *display(_stored(subject)),
        *checked,
        *heading(3, "Entry by entry"),
        *display(row for equation in cell.equations for row in _entry_form(subject, equation)),
        *heading(3, "What each symbol is"),
        *table(("symbol", "what it is", "shape"), _symbols(subject)),
        *text(f"Sizes: {_sizes(cell)}."),
    ]


def _functions(cell: Cell) -> list[str]:
    """What the functions in the equations are, by their definitions in the model."""
    calls = {call for expression in elementwise(cell).values() for call in _calls(recognised(expression))}
    found = dict.fromkeys(_definition(call) for call in sorted(calls, key=str))
    printer = Printer(Names(frozenset()))
    rows = [f"{printer.doprint(each.lhs)} &= {printer.doprint(each.rhs)}" for each in found]
    return [*text("with"), *display(rows)] if found else []


def _calls(expression: sympy.Expr) -> set[sympy.Expr]:
    """The functions of an expression, and those that a hard sigmoid or a clip is written with."""
    found: set[sympy.Expr] = expression.atoms(Activation, hardsigmoid, clip) - expression.atoms(reciprocal)
    cut = any(isinstance(each, (hardsigmoid, clip, relu)) for each in found)
    return found | ({relu(Z), step(Z)} if cut else set())


def _definition(call: sympy.Expr) -> sympy.Eq:
    """f(z) and what it is."""
    if isinstance(call, (hardsigmoid, clip)):
        (define,) = (define for define, named in KNOWN if isinstance(call, named))
        number = call.args[1]
        return sympy.Eq(call.func(Z, number), define(Z, number), evaluate=False)
    meaning = definition(call.func(Z))
    return sympy.Eq(
        call.func(Z), meaning if meaning.has(sympy.Piecewise) else meaning.rewrite(sympy.exp), evaluate=False
    )


def _about(subject: Subject) -> str:
    network = subject.network
    if network.direction == "bidirectional":
        layers = f"each of {network.layers} layers" if network.layers > 1 else "the layer"
        return (
            f"One layer in one direction. In `{network.name}` {layers} reads the sequence twice, from its first step "
            "on and from its last step back, each with parameters of its own, and the two outputs of a step are put "
            f"together by {network.merge}; a layer above reads that."
        )
    read = "from the last step back to the first" if network.direction == "backward" else "from the first step on"
    return f"The sequence is read {read}; at each step, in this order:"


def _readout(subject: Subject) -> list[str]:
    """The readout's equations, where they are no part of the step above."""
    network = subject.network
    if network.direction != "bidirectional" or network.readout is None:
        return []
    rows = [row for equation in network.readout.equations for row in _plain_form(subject, equation)]
    read = inline(subject.latex(network.cell.output))
    return [*text(f"And the readout, {read} being the merged outputs of the last layer:"), *display(rows)]


def _plain_form(subject: Subject, equation: Equation) -> list[str]:
    """An equation whose sizes are those of a merged output: written without them."""
    if isinstance(equation, Affine):
        products = [f"{subject.latex(weight)} {subject.latex(name)}" for weight, name in equation.terms]
        whole = " + ".join([*products, *([subject.latex(equation.bias)] if equation.bias else [])])
        return [f"{subject.latex(equation.target)} &= {whole}"]
    return matrix_form(subject, equation)


def matrix_form(subject: Subject, equation: Equation) -> list[str]:
    """z = W x + U h + b; products of signals entry by entry."""
    target = subject.latex(equation.target)
    if isinstance(equation, Softmax):
        return [rf"{target} &= \operatorname{{softmax}}({subject.latex(equation.source)})"]
    if isinstance(equation, Affine):
        left = sympy.MatrixSymbol(equation.target, sympy.Integer(1), sympy.Integer(1))
        right = affine(subject.cell, equation)
        shown = " + ".join(subject.printer().doprint(term) for term in right.args) if right.is_MatAdd else None
        return [f"{subject.printer().doprint(left)} &= {shown or subject.printer().doprint(right)}"]
    relation = sympy.Eq(signal(equation.target), recognised(equation.expression), evaluate=False)
    return lines(relation, subject.printer(odot=True))


def _entry_form(subject: Subject, equation: Equation) -> list[str]:
    if isinstance(equation, Affine):
        return [f"{_entry(subject, equation.target)} &= {' + '.join(_entry_terms(subject, equation))}"]
    if isinstance(equation, Softmax):
        above, below = (rf"\exp({_entry(subject, equation.source, k)})" for k in "jk")
        total = rf"\sum_{{k=1}}^{{{subject.cell.dimensions[equation.target]}}} {below}"
        return [rf"{_entry(subject, equation.target)} &= \frac{{{above}}}{{{total}}}"]
    places = {symbol: signal(f"{symbol.name}[j]") for symbol in equation.expression.free_symbols}
    relation = sympy.Eq(
        signal(f"{equation.target}[j]"), recognised(equation.expression).xreplace(places), evaluate=False
    )
    return lines(relation, subject.printer(single=False))


def _entry_terms(subject: Subject, equation: Affine) -> Iterator[str]:
    for weight, name in equation.terms:
        letters = subject.cell.dimensions[name]
        yield rf"\sum_{{k=1}}^{{{letters}}} {_entry(subject, weight, 'j,k')} {_entry(subject, name, 'k')}"
    if equation.bias is not None:
        yield _entry(subject, equation.bias)


def _entry(subject: Subject, name: str, index: str = "j") -> str:
    return str(subject.printer(single=False).doprint(signal(f"{name}[{index}]")))


def _stored(subject: Subject) -> list[str]:
    """h at step t + 1 is h' of step t: in the order in which the steps are read."""
    after = "t-1" if subject.network.direction == "backward" else "t+1"
    return [
        rf"{subject.names.of_step(state, after)} &= {subject.names.of_step(stored, 't')}"
        for state, stored in subject.cell.states
    ]


def _symbols(subject: Subject) -> Iterator[tuple[str, str, str]]:
    cell = subject.cell
    signals = dict.fromkeys((cell.input, *cell.state_names, *(equation.target for equation in cell.equations)))
    for name in signals:
        yield inline(subject.latex(name)), _signal(subject, name), _shape((cell.dimensions[name],))
    for name, shape in cell.parameters.items():
        yield inline(subject.latex(name)), _parameter(subject, name), _shape(shape)


def _shape(letters: tuple[str, ...]) -> str:
    return inline(r" \times ".join(letters) if len(letters) > 1 else letters[0])


def _signal(subject: Subject, name: str) -> str:
    """What a signal is to the cell, from the equations."""
    cell = subject.cell
    if name == cell.input:
        return "the input of the step"
    for state, stored in cell.states:
        if name == state:
            return f"a state: the {inline(subject.latex(stored))} of the step read before"
    parts = [_kind(cell, name)]
    parts += [f"stored in the state {inline(subject.latex(state))}" for state, stored in cell.states if stored == name]
    parts += ["the output of the step"] * (name == cell.output)
    return ", ".join(filter(None, parts))


def _kind(cell: Cell, name: str) -> str:
    if name in affine_targets(cell):
        calls = [call for expression in elementwise(cell).values() for call in expression.atoms(Activation)]
        softmaxes = [equation.source for equation in cell.equations if isinstance(equation, Softmax)]
        activated = name in softmaxes or any(signal(name) in call.free_symbols for call in calls)
        activated = activated or signal(name) in elementwise(cell).values()  # its activation is the identity
        return "a pre-activation" if activated else "an affine map"
    found = {gate.name: gate for gate in gates(cell)}
    if name in found:
        return "a gate, between 0 and 1"
    if any(isinstance(equation, Softmax) and equation.target == name for equation in cell.equations):
        return "a softmax"
    expression = elementwise(cell)[name]
    if {symbol.name for symbol in expression.free_symbols} <= affine_targets(cell):
        return "a value"
    return "" if name == cell.output or name in (stored for _, stored in cell.states) else "a value made from others"


def _parameter(subject: Subject, name: str) -> str:
    """Of which equation, and what it multiplies."""
    for equation in subject.cell.equations:
        target = inline(subject.latex(equation.target))
        if isinstance(equation, Affine):
            for weight, read in equation.terms:
                if weight == name:
                    return f"a weight of {target}, from {inline(subject.latex(read))}"
            if equation.bias == name:
                return f"the bias of {target}"
        elif name in equation.uses:
            return f"a parameter of {target}, one number for each unit"
    return "a parameter"


def _sizes(cell: Cell) -> str:
    used = dict.fromkeys(
        letter[-1] for letters in (*cell.parameters.values(), tuple(cell.dimensions.values())) for letter in letters
    )
    return ", ".join(f"{inline(letter)} {LETTERS[letter]}" for letter in LETTERS if letter in used)
