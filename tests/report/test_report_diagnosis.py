"""A diagnosis in the text of a report: told once, under the first finding that it explains."""

from report_examples import LAWS, failed

from rnnproof.report.failure import blocks


def test_a_diagnosis_is_told_and_explains_other_laws():
    carry = "the carry of dc is not used: each step starts from zero"
    text = f"equals the specification with one change:\n  {carry}"
    told = {"text": text, "names": [carry], "explains": ["gradient.inputs"]}
    found = [failed(LAWS[4], "dU_f[0,0]: got 0", diagnosis=told), failed(LAWS[5], "dx[0]: got 0"), failed(LAWS[0], "y")]
    lines = list(blocks(found, several=False))
    assert lines[2:7] == [
        "  dU_f[0,0]: got 0",
        "  equals the specification with one change:",
        f"    {carry}",
        "",
        "gradient.inputs: the same cause",
    ]
    assert lines[8].startswith("forward.values FAILED ")


def test_a_diagnosis_that_explains_a_part_is_told_once():
    told = {"text": "equals, but for dx, the specification with one change:\n  one", "names": ["one"], "explains": []}
    found = [failed(law, "x", diagnosis=told) for law in LAWS[:2]]
    lines = list(blocks([*found, failed(LAWS[0], "x", "float32", diagnosis=told)], True))
    assert lines.count("  equals, but for dx, the specification with one change:") == 1
    above = "  what is said of it under forward.values float64, above, is all that was found"
    assert lines.count(above) == 2


def test_what_explains_all_in_one_format_and_another_is_one_cause():
    told = {"text": "equals the specification with one change:\n  one", "names": ["one"], "explains": [], "whole": True}
    found = [failed(law, "x", dtype, diagnosis=told) for law in LAWS[:2] for dtype in ("float64", "float32")]
    lines = list(blocks(found, True))
    assert lines.count("  equals the specification with one change:") == 1
    assert lines[-1].endswith("the same cause")
    other = failed(LAWS[1], "x", "float32", diagnosis=told | {"names": ["another"], "text": "another"})
    assert "  another" in list(blocks([found[0], other], True))


def test_what_fails_on_the_same_case_and_is_not_explained_is_told_with_what_it_says():
    told = {"text": "no change of lstm that was tried explains it:\n  12 alone", "names": [], "explains": []}
    found = [failed(LAWS[0], "x", diagnosis=told), failed(LAWS[1], "y: got 1", same_case_as=LAWS[0])]
    lines = list(blocks(found, False))
    assert lines[-2:] == ["  on the same case:", f"    {LAWS[1]}: y: got 1"]
    other = {"text": "equals another\n  one", "names": ["one"], "explains": []}
    apart = failed(LAWS[1], "y: got 1", same_case_as=LAWS[0], diagnosis=other)
    assert "  equals another" in list(blocks([found[0], apart], False))
