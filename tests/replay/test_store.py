"""Counterexamples on disk: named by what they say, whole or not at all, and never trusted."""

import hashlib
import json
import os

import pytest

from rnnproof import store
from rnnproof.errors import UsageError
from rnnproof.model.verdict import Finding, Outcome

DOCUMENT = {
    "schema": "rnnproof-counterexample/1",
    "target": "my.py:LSTM",
    "network": "lstm",
    "dialect": None,
    "property": "forward.values",
    "dtype": "float64",
    "seed": 0,
    "case": {"x": [[[0.1, "nan", 5e-324]]]},
    "message": "y[0]: got 1, but should be 2 ± 1e-16",
}
CANONICAL = (
    '{"case":{"x":[[[0.1,"nan",5e-324]]]},"dialect":null,"dtype":"float64",'
    '"message":"y[0]: got 1, but should be 2 \\u00b1 1e-16","network":"lstm","property":"forward.values",'
    '"schema":"rnnproof-counterexample/1","seed":0,"target":"my.py:LSTM"}'
)
ID = hashlib.sha256(CANONICAL.encode()).hexdigest()


def numbered(seed):
    return DOCUMENT | {"seed": seed}


def test_the_id_is_the_sha256_of_the_canonical_content():
    assert store.content(DOCUMENT).decode() == CANONICAL
    assert store.identify(dict(reversed(DOCUMENT.items()))) == ID


def test_what_is_kept_is_read_back_by_any_prefix(tmp_path):
    assert store.keep(DOCUMENT, tmp_path / "new" / "place") == ID[:4]
    for prefix in (ID[:4], ID[:9].upper(), ID):
        assert store.load(prefix, tmp_path / "new" / "place", with_target=False) == DOCUMENT
    assert os.listdir(tmp_path / "new" / "place") == [f"{ID}.json"]


def test_keeping_it_again_changes_nothing(tmp_path):
    assert store.keep(DOCUMENT, tmp_path) == store.keep(DOCUMENT, tmp_path) == ID[:4]
    assert os.listdir(tmp_path) == [f"{ID}.json"]


def test_the_shortest_prefix_that_names_only_one_is_told(tmp_path):
    (tmp_path / f"{ID[:6]}{'0' * 58}.json").write_text("{}")
    assert store.keep(DOCUMENT, tmp_path) == ID[: 7 if ID[6] != "0" else 8]
    with pytest.raises(UsageError, match=f"counterexample {ID[:4]} is ambiguous; there are {ID[:6]}"):
        store.load(ID[:4], tmp_path, with_target=False)


def raises(what, directory, with_target=True):
    with pytest.raises(UsageError) as caught:
        store.load(str(what), directory, with_target)
    return str(caught.value)


def test_what_is_not_there_is_said(tmp_path):
    assert raises("abcd", tmp_path) == f"no counterexample abcd in {tmp_path}"
    assert raises("abc", tmp_path) == "counterexample abc: give at least 4 digits of its id"
    told = "no counterexample 'x.json': expected an id (4 digits or more) or a file"
    assert raises("x.json", tmp_path) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("{", "is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        ("[1]", "is no counterexample: its schema is None, expected 'rnnproof-counterexample/1'"),
        (
            '{"schema": "rnnproof-report/1"}',
            "is no counterexample: its schema is 'rnnproof-report/1', expected 'rnnproof-counterexample/1'",
        ),
        (
            json.dumps({key: DOCUMENT[key] for key in DOCUMENT if key not in ("case", "dtype")}),
            "is no counterexample: it has no dtype, case",
        ),
    ],
)
def test_a_file_that_is_no_counterexample_is_refused(tmp_path, text, told):
    file = tmp_path / "x.json"
    file.write_text(text)
    assert raises(file, tmp_path) == f"{file} {told}"


def test_bytes_that_are_no_text_are_refused(tmp_path):
    file = tmp_path / "x.json"
    file.write_bytes(b"\xff\xfe\x00{")
    assert raises(file, tmp_path).startswith(f"{file} is not JSON: ")


def test_what_was_changed_since_it_was_stored_is_refused(tmp_path):
    store.keep(DOCUMENT, tmp_path)
    file = tmp_path / f"{ID}.json"
    file.write_text(file.read_text().replace("0.1", "0.2"))
    assert raises(ID[:4], tmp_path) == f"counterexample {ID[:4]} was changed since it was stored, in {file}"


def test_a_file_needs_a_target(tmp_path):
    file = tmp_path / "x.json"
    file.write_text(json.dumps(DOCUMENT, indent=4))
    assert store.load(str(file), tmp_path, with_target=True) == DOCUMENT
    assert raises(file, tmp_path, False) == f"a file is replayed on a target: rnnproof replay {file} TARGET"


FINDING = Finding(
    "forward.values",
    "float64",
    Outcome.FAILED,
    DOCUMENT["message"],
    counterexample={key: DOCUMENT[key] for key in ("network", "dialect", "property", "dtype", "seed", "case")},
)


def test_a_finding_is_given_the_id_of_its_counterexample(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    complaints = []
    kept = store.keeper(tmp_path / "store", complaints.append)(FINDING, "my.py:LSTM")
    assert (kept.replay, kept.counterexample, complaints) == (ID[:4], DOCUMENT, [])


def test_a_file_is_found_from_any_directory(tmp_path, monkeypatch):
    (tmp_path / "my.py").write_text("")
    monkeypatch.chdir(tmp_path)
    kept = store.keeper(tmp_path / "store", print)
    stored = {}
    for target in ("my.py:LSTM", "my.py", "my.py:a.pyramid", "torch.nn:LSTM", None):
        finding = kept(FINDING, target)
        assert finding.counterexample["target"] == target
        stored[target] = store.load(finding.replay, tmp_path / "store", with_target=False)["target"]
    assert stored == {
        "my.py:LSTM": f"{tmp_path}/my.py:LSTM",
        "my.py": f"{tmp_path}/my.py",
        "my.py:a.pyramid": f"{tmp_path}/my.py:a.pyramid",
        "torch.nn:LSTM": "torch.nn:LSTM",
        None: None,
    }


def test_where_nothing_can_be_written_it_complains_once_and_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    complaints = []
    keep = store.keeper(tmp_path / "file" / "store", complaints.append)
    for _ in range(3):
        finding = keep(FINDING, "my.py:LSTM")
        assert (finding.replay, finding.counterexample) == (None, DOCUMENT)
    assert complaints == [f"counterexamples cannot be kept in {tmp_path}/file/store: Not a directory"]


def test_a_write_that_fails_leaves_nothing(tmp_path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UsageError, match="No space left on device"):
        store.keep(DOCUMENT, tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_finding_without_a_counterexample_stays_as_it_is(tmp_path):
    passed = Finding("forward.values", "float64", Outcome.PASSED)
    assert store.keeper(tmp_path / "store", print)(passed, "x") is passed
    assert not (tmp_path / "store").exists()
