"""``import rnnproof`` and ``rnnproof --help`` import nothing heavy: a fresh process looks at sys.modules."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "sympy", "hypothesis", "numpy", "autograd", "jsonschema", "pytest", "rich", "flint"}


def imported(code):
    """Which heavy packages a fresh process has imported after some code; what it prints itself is dropped."""
    told = f"{code}\nimport sys; sys.stderr.write(' '.join({HEAVY!r} & set(sys.modules)))"
    return set(subprocess.run([sys.executable, "-c", told], capture_output=True, text=True).stderr.split())


@pytest.mark.parametrize(
    "code",
    [
        "import rnnproof",
        "import rnnproof; rnnproof.__version__; rnnproof.verify; rnnproof.derive",
        "import rnnproof; rnnproof.exact.check_gradient",
        "import rnnproof.cli.main",
        *(
            f"from rnnproof.cli.main import run; assert run({arguments}) == 0"
            for arguments in (
                ["--help"],
                ["--version"],
                ["verify", "--help"],
                ["list", "--help"],
                ["replay", "--help"],
                ["check-gradient", "--help"],
            )
        ),
    ],
)
def test_nothing_heavy_is_imported(code):
    assert imported(code) == set()


def test_what_is_imported_is_seen():
    """The check itself: SymPy is needed to write an equation, and is seen."""
    assert "sympy" in imported("import rnnproof.catalogue")
    assert "numpy" in imported("import numpy")


def test_a_framework_is_imported_only_where_it_is_verified():
    listed = "from rnnproof.cli.main import run; run(['list', 'targets']); run(['list', 'properties'])"
    assert "torch" not in imported(listed)
    plain = "import rnnproof; rnnproof.verify('numpy:elman', properties=['numerics.dtype'], max_examples=1)"
    assert "torch" not in imported(plain)


def test_there_is_no_other_attribute():
    import rnnproof

    with pytest.raises(AttributeError, match="module 'rnnproof' has no attribute 'verfy'"):
        rnnproof.verfy  # noqa: B018
