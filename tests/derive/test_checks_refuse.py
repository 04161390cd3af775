"""Every check refuses: each formula of each statement, changed, makes the check of that statement fail."""

from dataclasses import replace
from functools import cache

import pytest
import sympy
from planted_statements import planted, planted_steps

from rnnproof.catalogue import network
from rnnproof.errors import VerificationFailed
from rnnproof.usecases.derive.backwards import led_to
from rnnproof.usecases.derive.checks import points
from rnnproof.usecases.derive.checks.derivation import RULES
from rnnproof.usecases.derive.checks.drawn import case
from rnnproof.usecases.derive.checks.measure import accepted as accepted_within
from rnnproof.usecases.derive.checks.points import Point
from rnnproof.usecases.derive.checks.table import OF_A_LAYER, OF_THE_NETWORK, UNCHECKED, checked, checked_derivation
from rnnproof.usecases.derive.example import example_of
from rnnproof.usecases.derive.statements import Proved, proved
from rnnproof.usecases.derive.subject import Subject
from rnnproof.usecases.derive.unrolled import at_point, program_of, smallest

NETWORKS = (
    "lecture",
    "lstm",
    "gru",
    "jordan",
    "lstm:layers=2",
    "elman:direction=bidirectional",
    "elman:activation=relu",
)


@cache
def found(name):
    return tuple(proved(network(name)))


def accepted(subject, one):
    try:
        return UNCHECKED not in checked(subject, one)
    except VerificationFailed:
        return False


@pytest.mark.parametrize("name", NETWORKS)
def test_a_changed_formula_is_refused_and_the_right_one_accepted(name):
    subject = Subject(network(name))
    for one in found(name):
        assert accepted(subject, one), one.key
        changed = list(planted(one.statement))
        assert [formula for formula, wrong in changed if accepted(subject, Proved(one.key, wrong))] == [], one.key


DERIVATIONS = ("gru:reset=before", "lecture", "jordan", "elman:direction=bidirectional", "elman:layers=2")


def derived(name):
    """Every derivation in the document of a network."""
    return [("gate_gradients", Subject(network(name)).gradients), *((one.key, one.statement) for one in found(name))]


def follows(subject, key, statement):
    try:
        told = checked_derivation(subject, key, statement)
    except VerificationFailed:
        return False
    return UNCHECKED not in told and (key == "gate_gradients" or accepted(subject, Proved(key, statement)))


@pytest.mark.parametrize("name", DERIVATIONS)
def test_each_formula_of_a_derivation_changed_is_refused_and_the_right_one_accepted(name):
    subject = Subject(network(name))
    for key, statement in derived(name):
        assert follows(subject, key, statement), key
        wrong = [step for step, wrong in planted_steps(statement) if follows(subject, key, wrong)]
        assert wrong == [], key


def test_every_derivation_was_seen_to_be_refused():
    seen = {key for name in DERIVATIONS for key, each in derived(name) if any(True for _ in planted_steps(each))}
    assert seen - {"step_jacobian"} == RULES.keys()


def test_every_check_was_seen_to_refuse():
    seen = {one.key for name in NETWORKS for one in found(name) if any(True for _ in planted(one.statement))}
    assert seen == OF_A_LAYER.keys() | OF_THE_NETWORK.keys()


@pytest.mark.parametrize(
    "name", ["lstm", "gru:reset=before", "elman:readout=softmax", "mgu", "elman:direction=backward"]
)
def test_each_gradient_changed_is_refused_and_named(name):
    subject = Subject(network(name))
    at, right = points.points(subject.part), subject.gradients
    accepted_ = points.of_gradients(subject.part, subject.cell, right.formulas, at)
    assert accepted_.worst <= 1 and accepted_.points == 20
    leads = led_to(right)
    for formula, wrong in planted(right):
        measured = points.of_gradients(subject.part, subject.cell, wrong.formulas, at[:1])
        beyond = {end for end, worst in measured.ratios.items() if not worst <= 1}
        assert beyond and set(leads[formula.lhs.name]) & beyond, formula
        with pytest.raises(VerificationFailed, match=r"is off by .* times what it may be off"):
            accepted_within(measured, name)


@pytest.mark.parametrize("name", ["lstm", "lecture", "gru:direction=bidirectional", "elman:readout=softmax"])
def test_each_line_of_a_program_changed_is_refused(name):
    page = network(name)
    program = program_of(page, 2)
    point = Point(case(page, smallest(page, 2), 0))
    assert at_point(program, point).worst <= 1
    results = {name for names in program.results.values() for name in names}
    for k, line in enumerate(program.lines):
        if not leads_to(program.lines[k + 1 :], line.name, results):
            continue
        lines = (*program.lines[:k], replace(line, expression=line.expression + 1), *program.lines[k + 1 :])
        assert at_point(replace(program, lines=lines), point).worst > 1, line


def leads_to(lines, name, results):
    """Whether a line's value reaches a result."""
    reached = {name}
    for line in lines:
        if line.uses & reached:
            reached.add(line.name)
    return bool(reached & results)


def test_a_worked_example_with_another_number_is_refused():
    right = example_of(network("lecture"))
    assert right.checked.worst == 0
    wrong = example_of(network("lecture"))
    balls = dict(wrong.balls)
    balls["y[3][0]"] += 1
    wrong.__dict__["balls"] = balls
    assert wrong.checked.worst > 1


@pytest.mark.parametrize(("name", "old", "new"), [("lstm", "c", "z_f"), ("gru", "h", "z_z"), ("gru", "s", "z_r")])
def test_a_bound_in_which_one_signal_stands_for_another_is_refused(name, old, new):
    one = next(each for each in found(name) if each.key == "as_elman_step")
    *others, bound = one.statement.formulas
    old, new = (next(s for s in bound.free_symbols if s.name == each) for each in (old, new))
    wrong = bound.func(bound.lhs, bound.rhs.xreplace({sympy.Abs(old): sympy.Abs(new)}), evaluate=False)
    assert wrong != bound and accepted(Subject(network(name)), one)
    assert not accepted(Subject(network(name)), Proved(one.key, replace(one.statement, formulas=(*others, wrong))))


def test_a_number_that_stands_for_a_multiple_of_the_identity_is_refused():
    one = next(each for each in found("lecture") if each.key == "order_matters")
    steps = list(one.statement.steps)
    (at,) = (k for k, step in enumerate(steps) if "at every size" in step.reason)
    equation = steps[at].formula
    steps[at] = replace(steps[at], formula=sympy.Eq(equation.lhs.args[0], equation.rhs, evaluate=False))
    assert follows(Subject(network("lecture")), one.key, one.statement)
    assert not follows(Subject(network("lecture")), one.key, replace(one.statement, steps=tuple(steps)))
