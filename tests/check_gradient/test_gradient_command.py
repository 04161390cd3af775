"""rnnproof check-gradient: text, reports and exit codes; what the code prints, and how its process may end."""

import json
from xml.etree import ElementTree

import pytest
from gradient_files import SHAPES, changed

from rnnproof.cli.main import run
from rnnproof.report.schema import validator

RNN = f"{SHAPES}/module_globals.py"
RIGHT = """import numpy as np
print("imported")
arguments = {"w": np.array([0.5, 2.0]), "x": np.array([1.5, -0.3])}
small = {"w": np.array([0.25]), "x": np.array([0.5])}


def made():
    return small


def loss(w, x):
    return (w * x).sum() ** 2


def gradient(w, x):
    print("hello")
    return 2 * (w * x).sum() * x, 2 * (w * x).sum() * w
"""


def told(capfd, *arguments):
    code = run(["check-gradient", *map(str, arguments)])
    captured = capfd.readouterr()
    assert "Traceback" not in captured.err.replace('Traceback (most recent call last):\n  File "', "")
    return code, captured.out, captured.err


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "code.py").write_text(RIGHT)
    return tmp_path / "code.py"


def test_right_code_is_told_in_a_few_lines(capfd):
    code, out, err = told(capfd, f"{RNN}:loss_fun", f"{RNN}:loss_fun")
    assert (code, err) == (0, "")
    assert "  exact      gradient ok\n" in out
    assert "  equal to the derivative, exactly: dWxh, dWhh, dWhy, dbh, dby\n" in out
    assert out.splitlines()[-1].startswith("PASSED  1 of 1 law passed")


def test_wrong_code_fails_and_exits_1(capfd, tmp_path):
    wrong = changed("module_globals", "dby += dy", "dby += 4 * dy", tmp_path)
    code, out, _ = told(capfd, f"{wrong}:loss_fun", f"{wrong}:loss_fun")
    assert code == 1
    assert "exact.gradient FAILED" in out
    assert "(scale)" in out
    assert "dby is exactly 4 times what it should be" in out
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) <= 80


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ([], 0, "equal to the derivative, exactly: dw, dx"),
        (["--arguments", "code.py:small"], 0, "dw, dx"),
        (["--arguments", "code.py:made"], 0, "dw, dx"),
        (["--returns", "w,x", "--wrt", "w"], 0, "exactly: dw\n"),
        (["--returns", "x,w"], 1, "what is returned for w is exactly the derivative by x"),
        (["--seed", "3"], 0, "seed 3"),
    ],
)
def test_options(capfd, file, more, code, words):
    got, out, err = told(capfd, "code.py:loss", "code.py:gradient", *more)
    assert (got, set(err.split())) == (code, {"imported", "hello"}), out + err
    assert words in out


@pytest.mark.parametrize(
    ("source", "more", "message"),
    [
        (RIGHT, ["--arguments", "code.py:none"], "code.py has no none"),
        (RIGHT, ["--wrt", "W"], "wrt: there is no argument W"),
        (RIGHT, ["--returns", "w"], "returns names w, but 2 values were returned"),
        (RIGHT.replace("arguments =", "others ="), [], "code.py has no arguments"),
        (RIGHT.replace("return small", "return 1 / 0"), ["--arguments", "code.py:made"], "code.py:made raised ZeroDiv"),
        (RIGHT.replace('print("imported")', "1 / 0"), [], "code.py cannot be imported: ZeroDivisionError"),
    ],
)
def test_what_cannot_be_asked_exits_2(capfd, file, source, more, message):
    file.write_text(source)
    code, out, err = told(capfd, "code.py:loss", "code.py:gradient", *more)
    assert (code, out) == (2, "")
    assert message in " ".join(err.split())


@pytest.mark.parametrize(
    ("old", "new", "code", "word", "words"),
    [
        ("return (w", "while True: pass\n    return (w", 1, "ERROR", "no answer for 2 s: the target hangs"),
        ("return (w", "import os; os._exit(7)\n    return (w", 1, "ERROR", "ended the process with exit code 7"),
        ("return (w", "import os; os.abort()\n    return (w", 1, "ERROR", "crashed the interpreter: SIGABRT"),
        ("return (w", "raise SystemExit(4)\n    return (w", 1, "ERROR", "called sys.exit(4)"),
        ("return (w", "return loss(w, x) + (w", 1, "ERROR", "RecursionError"),
        (
            "return (w",
            "while w.__class__.__name__ == 'RingArray': pass\n    return (w",
            2,
            "undecided",
            "took longer than 2 s: raise --timeout",
        ),
        (
            "return (w",
            "for _ in range(10**5): w = w * 1.0\n    return (w",
            2,
            "undecided",
            "exact execution needs more time",
        ),
        ('print("hello")', "x = x + np.random.rand()", 2, "n/a", "random numbers are drawn"),
    ],
)
def test_however_its_process_ends_there_is_a_report(capfd, file, old, new, code, word, words):
    file.write_text(RIGHT.replace(old, new, 1))
    got, out, err = told(capfd, "code.py:loss", "code.py:gradient", "--timeout", "2", "--report", "json:report.json")
    assert got == code, out + err
    assert f"gradient {word}" in out
    assert words in " ".join(out.split())
    document = json.loads((file.parent / "report.json").read_text())
    validator("rnnproof-report/1").validate(document)
    assert document["ok"] is False
    assert [finding["property"] for finding in document["findings"]] == ["exact.gradient"]


def test_a_report_as_json_and_as_junit(capfd, file):
    said = ("code.py:loss", "code.py:gradient", "--report", "json:-", "--report", "junit:report.xml")
    code, out, _ = told(capfd, *said)
    document = json.loads(out)
    validator("rnnproof-report/1").validate(document)
    assert (code, document["ok"], document["network"], document["seed"]) == (0, True, "", 0)
    assert document["target"] == "code.py:loss and code.py:gradient"
    (finding,) = document["findings"]
    assert (finding["outcome"], finding["bound"], finding["dtype"]) == ("passed", "exact", None)
    assert (finding["cases"], finding["decided"]) == (1, 1)
    suite = ElementTree.parse(file.parent / "report.xml").getroot()[0]
    assert suite.get("name") == "code.py:loss and code.py:gradient"
    assert (suite.get("tests"), suite.get("failures")) == ("1", "0")


def test_the_same_seed_gives_the_same_finding(capfd, tmp_path):
    wrong = changed("module_globals", "dby += dy", "dby += dy * dy", tmp_path)
    documents = []
    for _ in range(2):
        _, out, _ = told(capfd, f"{wrong}:loss_fun", f"{wrong}:loss_fun", "--seed", "5", "--report", "json:-")
        documents.append(json.loads(out)["findings"])
    assert documents[0] == documents[1]


def test_function_and_gradient_come_from_one_import(capfd, file):
    """Weights that are drawn anew at each import would be others in the gradient's module."""
    file.write_text(
        "import numpy as np\nW = np.random.rand(2)\n\n\ndef loss(x):\n    return (W * x).sum()\n\n\n"
        "def gradient(x):\n    return {'x': W}\n\n\narguments = {'x': np.array([1.5, 2.5])}\n"
    )
    code, out, err = told(capfd, "code.py:loss", "code.py:gradient")
    assert code == 0, out + err
