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
    assert "dw: the true value is exactly zero where it differs" in forgotten.message


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


NORM = """
def loss(w, v, x):
    return 0.5 * ((w * v * x) ** 2).sum()


def gradient(w, v, x):
    dw, dv = w * (v * x) ** 2{wrong}, v * (w * x) ** 2
    squares = (dw ** 2).sum() + (dv ** 2).sum()
    {clip}
    return {{"w": dw, "v": dv}}
"""
BOTH = "dw, dv = factor * dw, factor * dv"
BY_NORM = [
    f"factor = 1 / np.sqrt(squares); {BOTH}",
    f"factor = 0.1 / (np.sqrt(squares) + 1e-6); {BOTH}",
    f"factor = 0.5 / np.sqrt(np.linalg.norm(dw) ** 2 + np.linalg.norm(dv) ** 2); {BOTH}",
    "dw, dv = dw / np.linalg.norm(dw), 0.5 * dv / np.linalg.norm(dv)",
    "dw = dw / np.linalg.norm(dw)",
]
NO_CLIP_BY_NORM = [
    f"factor = 1 / np.sqrt((dw ** 2).sum()); {BOTH}",
    f"factor = 0.1 / np.sqrt(3 * (w ** 2).sum()); {BOTH}",
    f"factor = 100 / np.sqrt(squares); {BOTH}",
    f"factor = np.sqrt(squares) / 100; {BOTH}",
    f"factor = 0.1 / np.sqrt(2.0 + 0 * squares); {BOTH}",
    "dw, dv = dw / np.linalg.norm(dw), 0.5 * dv",
]


def by_norm(folder, clip, wrong="", **options):
    given = {"w": np.array([1.5, -2.0, 0.7]), "v": np.array([1.2, 0.8, 0.9]), "x": np.array([0.8, 1.1, -0.6])}
    return written(folder, NORM.format(clip=clip, wrong=wrong), given, **options)


def test_a_norm_that_is_below_the_threshold_clips_nothing(tmp_path):
    unclipped = "if np.sqrt(squares) > 100: dw, dv = 0 * dw, 0 * dv"
    assert by_norm(tmp_path, unclipped).outcome is Outcome.PASSED
    assert by_norm(tmp_path, unclipped, wrong=" + 1").outcome is Outcome.FAILED


@pytest.mark.parametrize("clip", BY_NORM)
def test_a_clip_by_the_norm_is_told(clip, tmp_path):
    right = by_norm(tmp_path, clip)
    assert (right.outcome, right.kind) == (Outcome.SUSPICIOUS, "clip"), right.message
    assert right.message.startswith("equal but for a clip by the norm, to 1")
    assert by_norm(tmp_path, clip, wrong=" + 1").outcome is Outcome.FAILED


def test_the_norm_is_of_gradients_that_are_not_asked_for_too(tmp_path):
    assert by_norm(tmp_path, BY_NORM[0], wrt=["v"]).outcome is Outcome.SUSPICIOUS
    assert by_norm(tmp_path, NO_CLIP_BY_NORM[0], wrt=["v"]).outcome is Outcome.FAILED


@pytest.mark.parametrize("clip", NO_CLIP_BY_NORM)
def test_a_factor_that_is_no_clip_by_the_norm_is_refused(clip, tmp_path):
    found = by_norm(tmp_path, clip)
    assert found.outcome is Outcome.FAILED, found.message
