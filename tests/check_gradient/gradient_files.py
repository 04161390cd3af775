"""Files of from-scratch code, as they are or with one line of theirs changed, and their gradients checked."""

from pathlib import Path

from rnnproof.adapters.loading import load_together
from rnnproof.exact import check_gradient

SHAPES = Path(__file__).parent / "shapes"
# file, function, gradient, what is said beside
CODE = {
    "module_globals": ("loss_fun", "loss_fun", {}),
    "class_attributes": ("loss", "backward", {}),
    "column_vectors": ("cost", "backprop", {"wrt": ["biases", "weights"]}),
    "layout_ndt": ("lstm_forward", "lstm_backward", {}),
    "one_hot": ("loss", "gradient", {}),
    "adagrad_inside": ("step", "step", {}),
    "sgd_inside": ("loss", "backward", {}),
    "float32_buffers": ("loss", "backward", {}),
    "clipping": ("loss", "gradient", {}),
    "carried_state": ("loss", "gradient", {}),
    "piecewise_sigmoid": ("loss", "gradient", {}),
    "relu": ("hinge", "grads", {}),
}


def changed(name, old, new, folder):
    """A copy of a shape's file with one text replaced, which must be there once."""
    source = (SHAPES / f"{name}.py").read_text()
    assert source.count(old) == 1, (name, old, source.count(old))
    file = folder / f"{name}.py"
    file.write_text(source.replace(old, new))
    return file


def checked(name, file=None, arguments="arguments", **options):
    """The report's finding on a shape."""
    function, gradient, said = CODE[name]
    place = file or SHAPES / f"{name}.py"
    found = load_together([f"{place}:{part}" for part in (function, gradient, arguments)])
    given = found[2]() if callable(found[2]) else found[2]
    (finding,) = check_gradient(found[0], found[1], given, **said, **options).findings
    return finding


def written(folder, source, arguments=None, function="loss", gradient="gradient", **options):
    """The finding on code written here."""
    file = folder / "code.py"
    file.write_text("import numpy as np\n" + source)
    found = load_together([f"{file}:{function}", f"{file}:{gradient}"])
    (finding,) = check_gradient(*found, arguments, **options).findings
    return finding
