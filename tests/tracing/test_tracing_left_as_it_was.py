"""Whatever the code holds between calls, it works on in the ring, and holds what it held before afterwards."""

import builtins
import os.path
import random

import numpy as np
import pytest
from elman_files import STEP, judge, not_run_in_floats, snapshot, source, trial_of, written
from keepers import KEEPERS, LEAVES_NOTHING

from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact

RAISES = """
def raise_in_the_ring(h):
    if str(h)[0] != "[":
        raise OSError("only in the ring")
"""


def everything():
    """What is there for everybody."""
    _ = np.ma, np.fft, np.testing  # NumPy puts them into its names on their first use
    shared = (np.geterr(), np.get_printoptions(), random.getstate(), np.random.get_state()[1].tolist())
    return shared, [{name: id(value) for name, value in vars(each).items()} for each in (np, builtins, random)]


@pytest.mark.parametrize("what", KEEPERS)
def test_code_that_keeps_something_runs_and_is_left_as_it_was(what, tmp_path):
    target, space = written(tmp_path, source(f"keep({STEP})", KEEPERS[what]))
    trial = trial_of(target)
    before, shared = snapshot(space), everything()
    found = exact.gradient(trial)
    assert (found.outcome, found.message) == (Outcome.PASSED, "")
    assert snapshot(space) == before
    assert everything() == shared


@pytest.mark.parametrize("what", KEEPERS)
@pytest.mark.parametrize("line", ["float(h[0, 0])", "h.resize(3)", "raise_in_the_ring(h)"])
def test_also_where_it_ends_in_a_refusal_or_an_exception(what, line, tmp_path):
    spoil = f"\ndef spoil(h):\n    {line}\n    return h\n"
    target, space = written(tmp_path, source(f"spoil(keep({STEP}))", KEEPERS[what] + RAISES + spoil))
    trials = [not_run_in_floats(target) for _ in range(2)]
    before, shared = snapshot(space), everything()
    for law, trial in zip((exact.forward, exact.gradient), trials, strict=True):
        found = law(trial)
        assert found.outcome is Outcome.NOT_APPLICABLE
        assert "elman_file.py:" in found.message
    assert snapshot(space) == before
    assert everything() == shared


def test_the_comparison_sees_what_floats_leave_behind(tmp_path):
    for number, what in enumerate(KEEPERS):
        target, space = written(tmp_path, source(f"keep({STEP})", KEEPERS[what]), f"n{number}_elman_file")
        before = snapshot(space)
        with np.errstate(), np.printoptions():
            trial_of(target)
        assert (snapshot(space) == before) == (what in LEAVES_NOTHING), what


def test_what_building_sets_is_there_when_it_runs(tmp_path):
    built = "class Elman:\n    def __init__(self):\n        SIZE['one'] = 1.0\n"
    text = source(f"SIZE['one'] * {STEP}", "SIZE = {}\n").replace("class Elman:", built)
    target, space = written(tmp_path, text)
    assert judge(target).outcome is Outcome.PASSED
    assert list(space["SIZE"]) == ["one"]  # of the floats


def test_a_number_kept_out_of_reach_is_refused_in_the_next_run(tmp_path):
    keep = "import os\n\ndef keep(h):\n    last = getattr(os.path.join, 'kept', h)\n    os.path.join.kept = h\n"
    target, _ = written(tmp_path, source(f"keep({STEP})", keep + "    return h + 0 * last\n"))
    try:
        exact.forward(not_run_in_floats(target))
        assert "kept from another run" in exact.forward(not_run_in_floats(target)).message
    finally:
        vars(os.path.join).pop("kept", None)


@pytest.mark.parametrize("zeros", ["np.zeros(h.shape, dtype=int)", "[[0] * 3] * 2", "np.zeros(h.shape)"])
def test_what_is_returned_without_a_number_of_the_ring_is_read_as_it_is(zeros, tmp_path):
    """A wrong result, and no crash of ours."""
    target, _ = written(tmp_path, source().replace('{"h": h}', f'{{"h": {zeros}}}'))
    found = judge(target, exact.forward)
    assert (found.outcome, found.kind) == (Outcome.FAILED, "ignored")


def test_objects_that_are_nested_too_deeply_are_refused(tmp_path):
    deep = "\nclass Link:\n    def __init__(self, next):\n        self.next = next\n\nlast = None\n"
    target, _ = written(tmp_path, source(before=deep + "for _ in range(5000):\n    last = Link(last)\n"))
    assert "nested too deeply" in exact.forward(not_run_in_floats(target)).message
