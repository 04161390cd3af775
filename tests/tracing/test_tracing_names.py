"""Names that come from NumPy, math, random and SciPy in any way of importing them; what cannot be traced, by line."""

import re

import pytest
from elman_files import STEP, judge, not_run_in_floats, source, written

from rnnproof.model.verdict import Outcome
from rnnproof.properties import exact

SUM = STEP.removeprefix("np.tanh(").removesuffix(")")
SIGMOID = "2 / (1 + np.exp(-2 * ({})))  - 1"
# What stands before the class, and the step written with it.
RIGHT = {
    "from numpy import": ("from numpy import tanh, zeros as Z", f"tanh({SUM}) + Z(3)"),
    "import inside": ("", f"__import__('numpy').tanh({SUM})"),
    "numpy under another name": ("import numpy as anything", f"anything.tanh({SUM}) + anything.zeros((2, 3))"),
    "numpy.linalg": ("import numpy.linalg as la", f"np.tanh({SUM}) + 0 * la.norm(h + 1)"),
    "math of a literal": ("import math", f"math.exp(0.5) / np.exp(0.5) * np.tanh({SUM})"),
    "from math import": ("from math import exp, log", f"log(exp(1.0)) * exp(0.5) / np.exp(0.5) * np.tanh({SUM})"),
    "autograd.numpy": ("import autograd.numpy as anp", f"anp.tanh({SUM}) + anp.zeros(3)"),
    "a function that imports": ("\ndef t(z):\n    import numpy as n\n    return n.tanh(z) + n.zeros(3)", f"t({SUM})"),
    "from inside a function": (
        "\ndef t(z):\n    from numpy import tanh, ones\n    return tanh(z) * ones(3)",
        f"t({SUM})",
    ),
    "a function in a dict": ("acts = {'t': np.tanh, 'e': [np.exp]}", f"acts['t']({SUM}) * acts['e'][0](0.0)"),
    "a default": ("\ndef t(z, f=np.tanh, zeros=np.zeros):\n    return f(z) + zeros(3)", f"t({SUM})"),
    "a lambda": ("sigmoid = lambda z: 1 / (1 + np.exp(-z))", f"2 * sigmoid(2 * ({SUM})) - 1"),
    "an array of the module": ("TWO = np.full(3, 2.0)", f"2 / (1 + np.exp(-TWO * ({SUM}))) - 1"),
    "isinstance": (
        "from collections.abc import Iterable",
        f"[np.tanh, abs][not isinstance(h, (list, Iterable)) or isinstance(3, type)]({SUM}) * isinstance(int, type)",
    ),
    "isinstance of a union": (
        "",
        f"[np.tanh, abs][isinstance(h, list | int | None) or isinstance(h[0, 0], str)]({SUM})",
    ),
    "isinstance of a number": (
        "",
        f"[abs, np.tanh][isinstance(h[0, 0], float) and not isinstance(h[0, 0], np.ndarray)]({SUM})",
    ),
    "isinstance of an array without axes": ("", f"[abs, np.tanh][isinstance(h[0, 0, ...], np.ndarray)]({SUM})"),
    "isscalar": ("", f"[abs, np.tanh][np.isscalar(h[0, 0]) and not np.isscalar(h[0, 0, ...])]({SUM})"),
    ".item()": ("", f"np.tanh({SUM}) + h * h[0, 0].item() - h[0, 0] * h"),
    ".tolist()": ("", f"np.tanh({SUM}) + np.array(h.tolist()) - h"),
    "a text of a number": ("", f"np.tanh({SUM}) * ('%.3f, %s' % (h[0, 0], h[0, 0]) > '' < f'{{h[0, 0]:.3f}}')"),
    "np.float64 and its kind": (
        "from numpy import float64",
        f"[abs, np.tanh][np.zeros(1, float64).dtype == np.float64 in (h.dtype, 1)](np.float64({SUM}))"
        " * isinstance(np.float32(h[0, 0]), np.float32) * isinstance(float64(2), np.float64)",
    ),
    "math of numbers": (
        "import math\nfrom math import floor, sqrt",
        f"np.tanh({SUM}) + floor(3.5) - 3 + math.floor(h[0, 0] - h[0, 0]) + sqrt(4) - 2 + math.isnan(h[0, 0])",
    ),
    "np.vectorize": (
        "import math\nf = np.vectorize(math.tanh)\n@np.vectorize\ndef g(v, w):\n    return v + math.pow(w, 2)",
        f"f({SUM}) + g(h, 2) - h - 4",
    ),
    "np.c_ and np.r_": ("", f"np.tanh(np.r_[{SUM}, h][:len(h)]) + np.c_[h, h[:, 0]][:, :3] - h"),
    "type": ("", f"[np.tanh, abs][type(3) is not int or type('A', (), {{}})().__class__ is int]({SUM})"),
    "a path that is only named": (
        "from pathlib import Path, PurePath\nHERE = Path(__file__)\n\ndef t(z):\n"
        "    name = HERE.parent / f'{HERE.stem}.txt'\n"
        "    assert isinstance(name, Path) and isinstance(Path('a'), PurePath) and str(name).endswith('.txt')\n"
        "    return np.tanh(z)",
        f"t({SUM})",
    ),
    "a day": (
        "import datetime\nDAY = datetime.date(2020, 1, 1)",
        f"np.tanh({SUM}) * (datetime.date(2020, 1, 2) - DAY).days * isinstance(DAY, datetime.date)",
    ),
    "names of os": ("import os", f"np.tanh({SUM}) * len(os.path.join('', 'a')) * (os.sep in os.sep)"),
    "a clock that is printed": (
        "import time\n\ndef t(z, begun):\n    end = 1000 * (time.time() - begun)\n"
        "    print('%.3f' % end, f'{end:.1f} {round(end, 2)}')\n    return np.tanh(z)",
        f"t({SUM}, time.time())",
    ),
    "time and os, not read": ("import os, time", f"(time.sleep(0), os.getcwd(), np.tanh({SUM}))[2]"),
    "a class attribute": ("\nclass A:\n    f = staticmethod(np.tanh)\n    one = np.ones(3)", f"A.f({SUM}) * A.one"),
}
# The same, and the words of the refusal.
REFUSED = {
    "np.random": ("", "np.random.randn(3) + {}", "random numbers"),
    "numpy.random as": ("import numpy.random as nr", "nr.rand() + {}", "random numbers"),
    "from numpy.random": ("from numpy.random import randn, uniform", "randn(3) + {}", "random numbers"),
    "from random": ("from random import gauss", "gauss(0, 1) + {}", "random numbers"),
    "import random inside": ("\ndef t():\n    import random\n    return random.random()", "t() + {}", "random numbers"),
    "a generator of the module": ("rng = np.random.default_rng(0)", "rng.normal(size=3) + {}", "random numbers"),
    "default_rng": ("from numpy.random import default_rng", "default_rng(0).normal() + {}", "random numbers"),
    "time.time": ("import time", "time.time() * h + {}", "the clock says is used"),
    "from time import": ("from time import perf_counter as now", "(now() > 0) * {}", "the clock says is used"),
    "os.urandom": ("import os", "os.urandom(3)[0] * 0 + {}", "random numbers"),
    "secrets": ("from secrets import randbelow", "randbelow(3) * 0 + {}", "random numbers"),
    "uuid": ("import uuid", "uuid.uuid4().int % 2 * 0 + {}", "random numbers"),
    "float()": ("", "h * float(h[0, 0]) + {}", "as a float"),
    "int()": ("", "h * int(h[0, 0]) + {}", "as an integer"),
    "complex": ("", "(h + 1j).real + {}", "complex128 is not a number"),
    "math of a number": ("import math", "math.sin(h[0, 0]) + {}", "as a float by math.sin"),
    "a number's power": ("import math", "math.pow(h[0, 0], 1.5) + {}", "a power that is no integer"),
    "from math": ("from math import gamma", "gamma(h[0, 0]) + {}", "as a float by gamma"),
    "math of a row": ("import math", "math.erf(h[0, 0]) + {}", "as a float by math.erf"),
    "a size": ("", "np.zeros(h[0, 0]) + {}", "size or limit"),
    "an index": ("", "h[h > 0.5][0] * 0 + h[:, np.argmax(h[0]) :][:, :1] * h[int(h[0, 0])] + {}", "as an integer"),
    "a shape that depends on the numbers": ("", "np.nonzero(h)[0][0] + {}", r"np\.nonzero"),
    "np.partition": ("", "np.partition(h, 1) * 0 + {}", r"np\.partition"),
    "np.sin": ("", "np.sin(h) + {}", r"np\.sin"),
    "np.linalg.inv": ("", "h @ np.linalg.inv(np.eye(3) + h.T @ h) + {}", r"np\.linalg\.inv"),
    "np.fft": ("", "np.fft.fft(h).real + {}", r"np\.fft\.fft"),
    "np.vectorize": ("", "np.vectorize(lambda v: v * 2, otypes=[int])(h) * 0 + {}", "with options"),
    "a rectifier with an integer": ("", "np.vectorize(lambda v: 0 if v == h[0, 0] else v)(h) * 0 + {}", "is no float"),
    "np.r_ with a text": ("", "np.r_['0,2', h[0], h[0]][:1, :3] * 0 + {}", "np.r_ with a text"),
    "np.hypot of three": ("import math", "math.hypot(h[0, 0], h[0, 1], h[0, 2]) * 0 + {}", "takes 2 numbers"),
    "np.bincount": ("", "np.bincount(h[0] > 0, weights=h[0], minlength=h[0, 0]) * 0 + {}", "as an integer|index"),
    "np.frompyfunc": ("", "np.frompyfunc(lambda v: v * 2, 1, 1)(h) + {}", "vectorized"),
    "np.save": ("", "(np.save('x', h), h)[1] + {}", "reads or writes"),
    "open": ("", "(open('x'), h)[1] + {}", "reads or writes"),
    "io.open": ("import io", "(io.open('x'), h)[1] + {}", "io.open reads or writes"),
    "pathlib": ("import pathlib", "(pathlib.Path('x').open(), h)[1] + {}", "Path.open reads or writes"),
    "Path": ("from pathlib import Path", "(Path('x').write_text('y'), h)[1] + {}", "Path.write_text reads or"),
    "a path": (
        "from pathlib import Path\nHOME = Path()",
        "((HOME / 'a').parent.joinpath('x').read_text(), h)[1] + {}",
        "Path.read_text reads",
    ),
    "os.system": ("import os", "(os.system('echo y > x'), h)[1] + {}", "os.system reads or .* starts a process"),
    "from os": ("from os import remove as gone", "(gone('x'), h)[1] + {}", "os.remove reads or writes"),
    "os.open": ("import os", "(os.open('x', os.O_RDONLY), h)[1] + {}", "os.open reads or writes"),
    "subprocess": ("import subprocess", "(subprocess.run('rm x', shell=True), h)[1] + {}", "subprocess.run .* process"),
    "Popen": ("from subprocess import Popen", "(Popen(['rm', 'x']), h)[1] + {}", "Popen .* starts a process"),
    "shutil": ("import shutil", "(shutil.move('x', 'y'), h)[1] + {}", "shutil.move reads or writes"),
    "tempfile": ("import tempfile", "(tempfile.mkstemp(), h)[1] + {}", "tempfile.mkstemp reads or writes"),
    "imported inside": ("def t(z):\n    import os\n    os.system('rm x')\n    return z", "t({})", "os.system reads or"),
    "datetime.now": ("from datetime import datetime", "(datetime.now(), h)[1] + {}", "clock is read .datetime.now"),
    "datetime.datetime": ("import datetime as d", "(d.datetime.utcnow(), h)[1] + {}", "clock is read"),
    "date.today": ("import datetime", "(datetime.date.today(), h)[1] + {}", "clock is read .date.today"),
    "memoryview": ("", "(memoryview(h), h)[1] + {}", "memory"),
    "struct": ("import struct", "(struct.pack('d', h[0, 0]), h)[1] + {}", "as a float"),
    "ctypes": ("import ctypes", "ctypes.c_double(h[0, 0]).value + {}", "as a float"),
    "array.array": ("import array", "array.array('d', [h[0, 0]])[0] + {}", "as a float"),
    "np.longdouble": ("", "np.asarray(h, dtype=np.longdouble) * np.longdouble(1) / 3 + {}", "is not a number"),
    "a structured array": (
        "",
        "np.zeros(3, dtype=[('a', float)])['a'] * h + np.zeros(1, dtype=[('a', float)]) * h + {}",
        "is not a number",
    ),
    "a list as dtype": ("", "np.asarray([h[0, 0], h[0, 1], 1.0], dtype=int) + {}", "int64"),
    "an object array": ("", "np.array([h[0, 0], None], dtype=object)[0] + {}", "object"),
    "isinstance": (
        "",
        "h * (1 if isinstance(h[0, 0].item() * 2, np.floating) else 2) + {}",
        "isinstance",
    ),
    "type": ("", "h * (1 if type(h) is np.ndarray else 2) + {}", r"\(type\)"),
    "a key": ("", "h * {{h[0, 0]: 1.0}}[h[0, 0]] + {}", "as a key"),
    "round": ("", "round(h[0, 0], 3) + {}", "rounded"),
    "a format": ("", "h * float(f'{{h[0, 0]:.3f}}') + {}", "could not convert"),
    "a text": ("", "h * float('%.3f' % h[0, 0]) + {}", "not finite"),
    "np.array2string": ("", "h * float(np.array2string(h[0, 0])) + {}", "array2string"),
    "eval of a text": ("", "h * eval(str(h[0, 0])) + {}", "run raised"),
    "literal_eval of a text": ("import ast", "h * ast.literal_eval(repr(h[0, 0])) + {}", "run raised"),
    "a search": ("", "h * (0.5 in h) + {}", "search"),
    "a pickle": ("import pickle", "pickle.loads(pickle.dumps(h)) + {}", "run"),
}


@pytest.mark.parametrize("what", RIGHT)
def test_names_however_they_are_imported(what, tmp_path):
    before, step = RIGHT[what]
    target, _ = written(tmp_path, source(step, before + "\n"))
    found = judge(target)
    assert found.outcome is Outcome.PASSED
    assert (what == "numpy.linalg") == found.message.startswith("square roots taken as unknowns: elman_file.py:8")
    wrong, _ = written(tmp_path, source(f"{step} + h * 1e-3", before + "\n"), "wrong_elman_file")
    assert judge(wrong).outcome is Outcome.FAILED


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_traced_is_not_applicable_with_its_line(what, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("")
    before, step, words = REFUSED[what]
    target, _ = written(tmp_path, source(step.format(STEP), before + "\n"))
    found = exact.forward(not_run_in_floats(target))
    assert found.outcome is Outcome.NOT_APPLICABLE
    assert re.search(words, found.message)
    assert (tmp_path / "x").read_text() == ""
    assert "elman_file.py:" in found.message
