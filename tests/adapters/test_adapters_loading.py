"""From text to a live object: files and modules, and every way in which they cannot be found or imported."""

import sys
from pathlib import Path

import pytest

from rnnproof.adapters import frameworks
from rnnproof.adapters.loading import importable, load, parts
from rnnproof.errors import UsageError

WINDOWS = "C:\\dir\\lstm.py"


@pytest.mark.parametrize(
    ("text", "file", "module", "names"),
    [
        ("torch.nn:LSTM", None, "torch.nn", ("LSTM",)),
        ("package.module:object.attribute", None, "package.module", ("object", "attribute")),
        ("package.module", None, "package.module", ()),
        ("lstm.py", "lstm.py", "", ()),
        ("lstm.py:", "lstm.py", "", ()),
        ("path/lstm.py:LSTM", "path/lstm.py", "", ("LSTM",)),
        ("../a.py/lstm.py:LSTM.inner", "../a.py/lstm.py", "", ("LSTM", "inner")),
        ("C:/dir/lstm.py:LSTM", "C:/dir/lstm.py", "", ("LSTM",)),
        (f"{WINDOWS}:LSTM", WINDOWS, "", ("LSTM",)),
        (WINDOWS, WINDOWS, "", ()),
        ("C:\\dir\\lstm", "C:\\dir\\lstm", "", ()),
        ("path/lstm:LSTM", "path/lstm", "", ("LSTM",)),
        ("my.pyproject:x", None, "my.pyproject", ("x",)),
        ("", None, "", ()),
    ],
)
def test_parts(text, file, module, names):
    assert parts(text) == (None if file is None else Path(file), module, names)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_its_objects_and_what_stands_beside_it(here, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (here / "helper_of_it.py").write_text("VALUE = 3\n")
    (here / "mine.py").write_text("import helper_of_it\nclass Outer:\n    inner = helper_of_it.VALUE\n")
    path, modules = list(sys.path), set(sys.modules)
    assert load("mine.py:Outer.inner") == 3
    assert load(str(here / "mine.py")).Outer.inner == 3
    assert sys.path == path and "helper_of_it" not in sys.modules and not sys.dont_write_bytecode
    assert all(name.startswith("_rnnproof_target_") for name in set(sys.modules) - modules)
    assert [file.name for file in here.iterdir() if file.suffix != ".py"] == []


def test_two_files_of_one_name_and_a_file_that_changed(here):
    for directory, value in (("a", 1), ("b", 2)):
        (here / directory).mkdir()
        (here / directory / "helper_of_it.py").write_text(f"VALUE = {value}\n")
        (here / directory / "mine.py").write_text("from helper_of_it import VALUE\n")
    assert (load("a/mine.py:VALUE"), load("b/mine.py:VALUE")) == (1, 2)
    (here / "a" / "helper_of_it.py").write_text("VALUE = 33\n")
    assert load("a/mine.py:VALUE") == 33


def test_a_package_beside_a_file(here):
    (here / "package_of_it").mkdir()
    (here / "package_of_it" / "__init__.py").write_text("")
    (here / "package_of_it" / "part.py").write_text("VALUE = 4\n")
    (here / "mine.py").write_text("from package_of_it import part\nVALUE = part.VALUE\n")
    assert load("mine.py:VALUE") == 4
    assert not any(name.startswith("package_of_it") for name in sys.modules)


def test_a_dataclass_in_a_file(here):
    (here / "mine.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n"
        "@dataclass\nclass Mine:\n    value: int = 5\n"
    )
    assert load("mine.py:Mine")().value == 5


def test_a_module_in_the_current_directory(here, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (here / "module_of_mine.py").write_text("VALUE = 6\n")
    path = list(sys.path)
    try:
        assert load("module_of_mine:VALUE") == 6
    finally:
        sys.modules.pop("module_of_mine", None)
    assert sys.path == path and not (here / "__pycache__").exists()
    assert load("os.path:join") is __import__("os").path.join


def test_what_is_imported_while_a_target_runs(here, monkeypatch):
    monkeypatch.setattr(sys, "path", list(sys.path))
    (here / "later_of_it.py").write_text("VALUE = 7\n")
    (here / "mine.py").write_text("def run():\n    import later_of_it\n    return later_of_it.VALUE\n")
    run = load("mine.py:run")
    with pytest.raises(ModuleNotFoundError):
        run()
    importable("mine.py:run")
    importable("mine.py:run")
    assert sys.path.count(str(here.resolve())) == 1
    try:
        assert run() == 7
    finally:
        sys.modules.pop("later_of_it", None)


def refused(text):
    with pytest.raises(UsageError) as caught:
        load(text)
    return str(caught.value)


def test_a_file_that_is_not_there(here):
    (here / "lstm_plain.py").write_text("")
    assert refused("lstm_plane.py:LSTM") == "no file lstm_plane.py; did you mean lstm_plain.py?"
    assert refused("zzz.py") == "no file zzz.py"
    assert refused("nowhere/lstm_plain.py") == "no file nowhere/lstm_plain.py: there is no directory nowhere"
    (here / "sub").mkdir()
    assert refused("./sub:LSTM") == "sub is a directory; expected a file in it: sub/name.py:object"
    (here / "sub" / "notes.txt").write_text("")
    assert refused("sub/notes.txt:LSTM") == "sub/notes.txt is not a Python file; expected a name that ends in .py"


def test_an_object_that_is_not_there(here):
    (here / "mine.py").write_text("class LSTM:\n    def inner(self): ...\n")
    assert refused("mine.py:LSMT") == "mine.py has no LSMT; did you mean LSTM?"
    assert refused("mine.py:zzz") == "mine.py has no zzz"
    assert refused("mine.py:LSTM.iner") == "mine.py:LSTM has no iner; did you mean inner?"
    assert refused("os.path:joyn") == "os.path has no joyn; did you mean join?"
    assert refused("mine.py:Lstm") == "mine.py has no Lstm; did you mean LSTM?"


def test_a_syntax_error(here):
    (here / "mine.py").write_text("x = 1\ndef run(params, x state):\n    pass\n")
    assert refused("mine.py:run").startswith("mine.py, line 2: invalid syntax")
    assert refused("mine.py:run").endswith(": def run(params, x state):")
    (here / "other.py").write_text("import mine\n")
    assert refused("other.py").startswith("mine.py, line 2: ")
    (here / "third.py").write_bytes(b"x = '\xff'\n")
    assert refused("third.py").startswith("third.py, line ")


def test_an_exception_while_importing(here):
    (here / "mine.py").write_text("def fails():\n    return undefined_name\n\nfails()\n")
    modules = set(sys.modules)
    with pytest.raises(UsageError) as caught:
        load("mine.py:run")
    assert str(caught.value) == "mine.py cannot be imported: NameError: name 'undefined_name' is not defined"
    details = caught.value.details
    assert details.startswith("Traceback") and "return undefined_name" in details
    assert "rnnproof" not in details.replace("_rnnproof_target_", "") and "importlib" not in details
    assert set(sys.modules) == modules


DIALECT = "from rnnproof.dialects import Dialect, Stack\n\n"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("Dialect(arrays={}, state=('h', 'h'))", "dialect: state is ('h', 'h'); expected each state once"),
        ("Dialect(arrays={'W': Stack('i i', of='W')})", "Stack('i i', of='W', axis=0, transpose=False): expected at"),
    ],
)
def test_what_is_wrong_with_a_dialect_is_a_sentence_with_its_line(here, wrong, message):
    (here / "mine.py").write_text(f"{DIALECT}dialect = {wrong}\n")
    (here / "other.py").write_text("import mine\n")
    for file in ("mine.py", "other.py"):
        with pytest.raises(UsageError) as caught:
            load(file)
        assert str(caught.value).startswith(f"mine.py, line 3: {message}")
        assert caught.value.details == ""


def test_no_frame_of_ours_is_in_a_traceback(here):
    body = "try:\n    Dialect({}, layout='X')\nexcept ValueError as problem:\n    raise KeyError('x') from problem\n"
    (here / "mine.py").write_text(DIALECT + body)
    with pytest.raises(UsageError) as caught:
        load("mine.py")
    details = caught.value.details.replace("_rnnproof_target_", "").replace("rnnproof.errors.ModelError", "")
    assert "line 4" in details and "line 6" in details
    assert "rnnproof" not in details and "<string>" not in details


def test_sys_exit_while_importing(here):
    (here / "mine.py").write_text("import sys\nsys.exit(3)\n")
    assert refused("mine.py:run") == "mine.py called sys.exit(3) when it was imported"


def test_imports_that_fail_inside_a_file(here):
    (here / "mine.py").write_text("import nothing_of_this_name\n")
    assert refused("mine.py") == (
        "mine.py cannot be imported: ModuleNotFoundError: No module named 'nothing_of_this_name'"
    )
    (here / "other.py").write_text("from . import mine\n")
    assert refused("other.py").endswith("; a file of a package is named as its module: package.module:object")


def test_a_module_that_is_not_there(here):
    assert refused("nothing_of_this_name:LSTM") == "no module nothing_of_this_name"
    (here / "exitt.py").write_text("")
    assert refused("nonexistent:LSTM") == "no module nonexistent"
    assert refused("jsn:LSTM") == "no module jsn; did you mean json?"
    assert refused("json.decodr:LSTM") == "no module json.decodr; did you mean decoder?"
    assert refused("lstm") == "no module lstm; the hand-written cells are numpy:lstm"
    (here / "inner_of_mine.py").write_text("import nothing_of_this_name\n")
    assert refused("inner_of_mine:x").startswith("inner_of_mine cannot be imported: ModuleNotFoundError: No module")
    for text in ("", "my-file:LSTM", "a..b:c"):
        assert refused(text).endswith("names no module and no file; expected package.module:object or file.py:object")


def test_a_framework_that_is_not_installed(here, monkeypatch):
    found = [name for name in sys.modules if name == "torch" or name.startswith("torch.")]
    for name in found:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    told = (
        "torch is not installed: pip install 'rnnproof[torch]' "
        "(the smaller CPU build: pip install torch --index-url https://download.pytorch.org/whl/cpu)"
    )
    assert refused("torch.nn:LSTM") == told
    (here / "mine.py").write_text("import torch\n")
    assert refused("mine.py:LSTM").endswith(f"; {told}")
    assert frameworks.frameworks_found() == ()


def test_frameworks_found():
    pytest.importorskip("torch")
    layers = ("LSTM", "RNN", "GRU", "LSTMCell", "RNNCell", "GRUCell")
    assert frameworks.frameworks_found() == tuple(f"torch.nn:{layer}" for layer in layers)
    assert frameworks.how_to_install("numpy") is None
