"""One word in two sentences: a labeller without memory gives it one label, a network with memory need not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sympy

from rnnproof.domains.algebra import as_exact
from rnnproof.errors import UsageError
from rnnproof.model.equation import signal
from rnnproof.model.network import Network, Sizes, sizes_in
from rnnproof.symbolic.directions import unroll_any
from rnnproof.symbolic.evaluate import bind
from rnnproof.symbolic.statement import Statement, Step
from rnnproof.symbolic.witness import Interval, enclosures, inside

Sentence = Sequence[Sequence[Any]]  # the input of every word
Scores = Mapping[str, Interval]
WHICH = ("first", "second")  # of the sentences


def one_word_two_labels(
    network: Network, parameters: Mapping[str, Any], sentences: tuple[Sentence, Sentence], labels: Sequence[str]
) -> Statement | None:
    """The last words of two sentences are the same input: any function of it alone has one value, the network two.

    The label is that of the largest output; all states begin at 0. Shapes: parameters as the network's arrays, each
    sentence (T,I), one label for each output. None where the network gives both the same label, or none for certain.
    Errors: UsageError where the last inputs of the sentences differ.
    """
    words = [tuple(as_exact(value) for value in sentence[-1]) for sentence in sentences]
    if words[0] != words[1]:
        raise UsageError(f"the last inputs of the two sentences differ: {words[0]} and {words[1]}; expected one word")
    scores = [
        {name.replace("[", f"_{which}[", 1): score for name, score in _scores(network, parameters, sentence).items()}
        for which, sentence in zip(WHICH, sentences, strict=True)
    ]
    first, second = (_best(one, labels) for one in scores)
    if first is None or second is None or first[0] == second[0]:
        return None
    same, one_label = _of_any_function()
    outputs = tuple(sympy.Tuple(*(inside(name, score) for name, score in one.items())) for one in scores)
    return Statement(
        name="memory: one word, two labels",
        claim=f"Any labeller that reads one word at a time gives the last word of both sentences one label; a network "
        f'with memory need not: this one gives it "{first[0]}" in the first and "{second[0]}" in the second.',
        formulas=(one_label, *outputs, first[1], second[1]),
        steps=(
            Step("The last words of the two sentences are one input", same),
            Step("Any function of the word alone, on the word of the first sentence less the second's", one_label),
            *(
                Step(f"Unrolled from the states 0, the network's outputs at the last word of the {which} sentence", one)
                for which, one in zip(WHICH, outputs, strict=True)
            ),
            Step(f'The largest in the first is that of "{first[0]}"', first[1]),
            Step(f'The largest in the second is that of "{second[0]}"', second[1]),
        ),
        conditions=("The label is that of the largest output.", "All states are 0 before the first word."),
    )


def _of_any_function() -> tuple[sympy.Basic, sympy.Basic]:
    """w_2 = w_1, as was looked at; and f(w_1) - f(w_2) then, of a function of which nothing is known."""
    f, (one, other) = sympy.Function("f"), sympy.symbols("w_1:3")
    difference = (f(one) - f(other)).subs(other, one)
    same = sympy.Eq(one, other, evaluate=False)
    return same, sympy.Implies(same, sympy.Eq(f(one) - f(other), difference, evaluate=False))


def _scores(network: Network, parameters: Mapping[str, Any], sentence: Sentence) -> Scores:
    """The bounds of each output at the last word; both bounds are the number itself where it is a short one."""
    letters = {"O": 1, "P": 1} | sizes_in(network, parameters)
    sizes = Sizes(T=len(sentence), B=1, **letters)
    program = unroll_any(network, sizes)
    states = {name: [0] * shape[-1] for name, shape in network.state_shapes(sizes).items()}
    bound = bind(program, {**parameters, network.cell.input: sentence, **states})
    point = {name: as_exact(value) for name, value in bound.items()}
    width = len(program.results["outputs"]) // sizes.T
    return enclosures(program, point, program.results["outputs"][-width:])


def _best(scores: Scores, labels: Sequence[str]) -> tuple[str, sympy.Basic] | None:
    """The label of the output that is above all others, and that it is; None where the bounds do not tell."""
    best = max(scores, key=lambda name: scores[name][0])
    nearest = max((name for name in scores if name != best), key=lambda name: scores[name][1])
    if scores[best][0] <= scores[nearest][1]:
        return None
    return labels[list(scores).index(best)], sympy.StrictGreaterThan(signal(best), signal(nearest))
