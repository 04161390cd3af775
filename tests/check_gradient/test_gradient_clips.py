"""A clip in the function is part of it; one of the finished gradient is told; no other explains a fault."""

import numpy as np
import pytest
from gradient_files import written

from rnnproof.model.verdict import Outcome

GIVEN = {"w": np.array([0.5, -0.25, 2.0]), "x": np.array([3.5, 0.75, -0.3])}
FORWARD = """
def loss(w, x):
    h = {clip}
    return (h * x).sum() ** 2


def gradient(w, x):
    h = {clip}
    dw = 2 * (h * x).sum() * x * x
    {then}
    return {{"w": dw}}
"""
CLIPS = ["np.clip(w * x, -1, 1)", "np.maximum(np.minimum(w * x, 1), -1)"]
MASK = "dw = dw * (np.abs(w * x) < 1)"
PLAIN = """
def loss(w, x):
    return (w * x).sum() ** 2


def gradient(w, x):
    d = {d}
    return {{"w": {dw}}}
"""


def judged(folder, source, clip=CLIPS[0], **parts):
    return written(folder, source.format(clip=clip, **parts), GIVEN)


@pytest.mark.parametrize("clip", CLIPS)
def test_the_mask_of_a_clip_in_the_function_belongs_to_its_gradient(clip, tmp_path):
    right = judged(tmp_path, FORWARD, clip, then=MASK)
    assert right.outcome is Outcome.PASSED, right.message
    forgotten = judged(tmp_path, FORWARD, clip, then="pass")
    assert forgotten.outcome is Outcome.FAILED, forgotten.message
    assert "1 of 3 entries differ: dw" in forgotten.message
    assert "the true dw is exactly zero where it differs" in forgotten.message


def test_a_mask_and_a_clip_of_the_gradient_besides(tmp_path):
    last = "; dw = np.clip(dw, -1, 1)"
    right = judged(tmp_path, FORWARD, then=MASK + last)
    assert (right.outcome, right.kind) == (Outcome.SUSPICIOUS, "clip"), right.message
    assert right.message.startswith("equal where the clip at code.py:11: dw = dw * (np.abs(w * x) < 1); dw = np.clip(")
    assert judged(tmp_path, FORWARD, then="pass" + last).outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("d", "dw", "outcome"),
    [
        ("2 * (w * x).sum()", "np.clip(d * x, -1, 1)", Outcome.SUSPICIOUS),
        ("3 * (w * x).sum()", "np.clip(d * x, -1, 1)", Outcome.FAILED),
        ("np.clip(2 * (w * x).sum(), -1, 1)", "d * x", Outcome.FAILED),  # no entry is a bound
        ("2 * (np.clip(w, -1, 1) * x).sum()", "d * x", Outcome.FAILED),  # the function clips no w
    ],
)
def test_only_a_clip_of_the_finished_gradient_explains_a_difference(d, dw, outcome, tmp_path):
    found = judged(tmp_path, PLAIN, d=d, dw=dw)
    assert found.outcome is outcome, found.message
