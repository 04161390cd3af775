"""Each piece of the machinery removed in turn: refusals, or the same verdict as before, and never a wrong one."""

from collections import Counter
from contextlib import nullcontext

import pytest
from styles import STYLES

from rnnproof.adapters.resolve import resolve
from rnnproof.domains import (
    dual_functions,
    execution,
    ring_arguments,
    ring_array,
    ring_calls,
    ring_functions,
)
from rnnproof.domains.padic import Residues
from rnnproof.domains.ring import Ring
from rnnproof.domains.ring_array import RingArray
from rnnproof.domains.ring_attributes import Attributes
from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact
from rnnproof.properties.trial import start
from rnnproof.strategies.cases import Draw, fill
from rnnproof.tracing import copies, holders, namespaces, standin

CASE = Draw(3, 2, 2, 2, 2, 2, 7, "typical", 12)
LAWS = (exact.forward, exact.gradient)
REFUSALS = (Outcome.NOT_APPLICABLE, Outcome.UNDECIDED)
FIRST_PRIME = 8209  # divides a literal of one of the styles


def without(table, *names):
    """A table of the machinery with less in it."""
    kept = (
        {name: table[name] for name in table if name not in names}
        if isinstance(table, dict)
        else set(table) - set(names)
    )
    return type(table)(kept)


def deleted(owner, *names):
    return lambda patch: [patch.delattr(owner, name) for name in names]


def emptied(owner, table, *names):
    """A table without some of its names, or with none."""

    def remove(patch):
        before = getattr(owner, table)
        patch.setattr(owner, table, without(before, *(names or before)))

    return remove


def refusing(owner, name):
    """A function of the machinery that refuses whatever it is asked."""

    def refuse(first, *args, **kwargs):
        (first if isinstance(first, Ring) else first.ring).refuse(f"{name} was removed")

    return lambda patch: patch.setattr(owner, name, refuse)


def in_place(patch):
    def stored(ring, result, out):
        return result if out is None else ring.refuse("in place was removed")

    patch.setattr(ring_calls, "stored", stored)


def restoring(patch):
    """What the namespaces hold is written when it comes in, and never put back."""
    write = holders.Globals.write
    entered = []

    def once(self, values):
        entered.append(self)
        if len([each for each in entered if each.space is self.space]) % 2:
            write(self, values)

    patch.setattr(holders.Globals, "write", once)


def same_as_given(patch):
    patch.setattr(copies.Copies, "of", lambda self, value: self.replaced(value))


def log_forgotten(patch):
    patch.setattr(dual_functions, "_exp", lambda a: a.ring.residues.exp(a.x))


PIECES = {
    "creation": emptied(standin, "CREATION"),
    "array and its kind": emptied(standin, "ARRAYS"),
    "empty": emptied(standin, "EMPTY"),
    "exp of a float": emptied(standin, "EXACT"),
    "the stand-ins of modules": emptied(standin, "MODULES"),
    "item assignment": deleted(RingArray, "__setitem__"),
    "indexing": deleted(RingArray, "__getitem__"),
    "in place": in_place,
    "astype": deleted(RingArray, "astype"),
    "reshape": deleted(Attributes, "reshape"),
    "the transpose": deleted(Attributes, "T"),
    "ufuncs": deleted(RingArray, "__array_ufunc__"),
    "functions": deleted(RingArray, "__array_function__"),
    "iteration and len": deleted(Attributes, "__iter__", "__len__"),
    "comparisons": emptied(ring_calls, "COMPARISONS"),
    **{name: emptied(ring_calls, "UNARY", name) for name in ("exp", "tanh", "log1p", "negative", "sqrt")},
    **{
        name: emptied(ring_calls, "BINARY", name)
        for name in ("add", "multiply", "divide", "power", "maximum", "matmul")
    },
    "moving": emptied(ring_functions, "MOVING"),
    "sums of products": emptied(ring_functions, "MULTILINEAR"),
    "sums": emptied(ring_functions, "REDUCING"),
    "by the shadow": emptied(ring_functions, "BY_SHADOW"),
    "special": emptied(ring_calls, "SPECIAL"),
    "lists of arrays": refusing(ring_array, "stacked"),
    "leaves lifted": refusing(ring_arguments, "leaves_lifted"),
    "exp of a log": refusing(Residues, "root"),
    "another prime": lambda patch: patch.setattr(execution, "MOST_PRIMES", 1),
    "more digits": lambda patch: patch.setattr(execution, "MOST_BITS", 100),
    "memory": lambda patch: patch.setattr(exact, "BUDGET", execution.Budget(entries=50)),
    "time": lambda patch: patch.setattr(exact, "BUDGET", execution.Budget(seconds=0)),
    "the log that an exp undoes": log_forgotten,
    "restoring": restoring,
    "copies": same_as_given,
    "imports": lambda patch: patch.setattr(namespaces, "importing", lambda stage, spaces: nullcontext()),
    "isinstance": lambda patch: patch.setattr(standin.Stage, "names", lambda self: {}),
}


def trials(folder):
    """(style, right or wrong) -> a trial, its floats run."""
    made = {}
    for name, (network, right, (old, new)) in STYLES.items():
        for kind, text in (("right", right), ("wrong", right.replace(old, new))):
            file = folder / f"{name.replace(' ', '_')}_{kind}.py"
            file.write_text(text)
            target = resolve(f"{file}:Net", network)
            made[name, kind] = start(fill(target.network, CASE, "float64"), target.implementation)
            _ = made[name, kind].base
    return made


def verdicts(folder):
    """(style, right or wrong, law) -> its outcome."""
    return {(*key, law.__name__): law(trial).outcome for key, trial in trials(folder).items() for law in LAWS}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The verdicts of the whole machinery."""
    return verdicts(tmp_path_factory.mktemp("styles"))


def test_the_whole_machinery_passes_what_is_right_and_refuses_what_is_wrong(whole):
    for style in STYLES:
        right, wrong = ([whole[style, kind, law.__name__] for law in LAWS] for kind in ("right", "wrong"))
        assert set(right) <= {Outcome.PASSED, Outcome.NOT_APPLICABLE}
        assert right[0] is Outcome.PASSED
        assert Outcome.FAILED in wrong
    assert list(whole.values()).count(Outcome.NOT_APPLICABLE) == 4  # two styles have no gradient


@pytest.mark.parametrize("piece", PIECES)
def test_without_a_piece_there_are_refusals_and_no_wrong_verdict(piece, tmp_path, whole, monkeypatch, record_property):
    monkeypatch.setattr(execution, "random_prime", first_prime(execution.random_prime))
    PIECES[piece](monkeypatch)
    found = verdicts(tmp_path)
    changed = {key: found[key] for key in found if found[key] is not whole[key]}
    assert set(changed.values()) <= set(REFUSALS)
    assert changed, "nothing needs it"
    record_property("removal", (piece, len(found), dict(Counter(outcome.value for outcome in changed.values()))))


def first_prime(draw):
    """The first prime of an execution divides a literal; the next are random."""
    given = []

    def prime(source):
        if source in given:
            return draw(source)
        given.append(source)
        return FIRST_PRIME

    return prime
