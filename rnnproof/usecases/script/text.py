"""The whole script: what it shows, how the target is loaded, the case, the calls, and the comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from textwrap import wrap

from rnnproof.domains.ball import between
from rnnproof.model.case import Case
from rnnproof.model.network import Network
from rnnproof.properties.laws import Law
from rnnproof.properties.numerals import digits
from rnnproof.usecases.script.loading import Loaded
from rnnproof.usecases.script.numbers import WIDTH, block, nested, quoted
from rnnproof.usecases.script.packed import Ends
from rnnproof.usecases.script.wrong import Scene

Checks = Sequence[tuple[str, str, Ends]]

CHECK = '''
counted = []


def check(name, got, low, high, off):
    """Print the numbers that are more than `off` outside [low, high], and count them."""
    got, low, high, off = (np.array(each, dtype=np.float64) for each in (got, low, high, off))
    for k in np.ndindex(low.shape):
        right = off[k] == np.inf or (low[k] - got[k] <= off[k] and got[k] - high[k] <= off[k])
        counted.append(right)
        if not right:
            where = ",".join(map(str, k))
            print(f"{name}[{where}]: got {got[k]:.17g}, but should be {low[k]:.17g} (at most {off[k]:.1g} off)")
'''

END = """
wrong = counted.count(False)
if wrong:
    print(f"WRONG: {wrong} of {len(counted)} numbers are not what they should be.")
    sys.exit(1)
print(f"RIGHT: all {len(counted)} numbers are what they should be.")
"""

LAID_OUT = {
    "transposed": "if value.ndim > 1:  # the first two axes are stored the other way round\n"
    "        value = np.ascontiguousarray(value.swapaxes(0, 1)).swapaxes(0, 1)",
    "stored column by column": "value = np.asfortranarray(value)  # stored column by column",
    "strided (every second row of a larger array)": "axis = max(value.ndim - 2, 0)  # every second row of a larger "
    "array\n    value = np.repeat(value, 2, axis=axis)[(slice(None),) * axis + (slice(None, None, 2),)]",
}


@dataclass(frozen=True)
class Needs:
    """What a script imports beside NumPy and the target, and the type of its arrays."""

    modules: tuple[str, ...]
    dtype: str

    def __str__(self) -> str:
        outside = [name for name in self.modules if name != "copy"]
        return " and ".join(["NumPy", *outside])


def needs_of(case: Case) -> Needs:
    """NumPy alone knows all formats but one."""
    return Needs(("ml_dtypes",) if case.dtype == "bfloat16" else (), case.dtype)


def written(
    law: Law, scene: Scene, loaded: Loaded, needs: Needs, body: Sequence[str], checks: Checks, function: Sequence[str]
) -> str:
    """The script that shows a failure of a law by wrong numbers; ``function`` is what it defines beside."""
    parts = [
        *_head(_wrong_title(scene, loaded), law, scene.call.case, str(needs), _true(scene)),
        *imports(loaded, needs),
        *_array(needs.dtype, scene.call.layout),
        *function,
        *CHECK.splitlines(),
        "",
        "",
        f"# The case: {_sizes(scene.call.case)}.",
        *body,
        "",
        "# low and high: floats with the exact result between them. off: what rounding may do to it.",
        *(line for each in checks for line in _checked(*each)),
        *END.splitlines(),
    ]
    return _joined(parts)


def plainly(title: str, law: Law, case: Case, loaded: Loaded, body: Sequence[str]) -> str:
    """A script that compares no numbers with true ones."""
    needs = replace(needs_of(case), modules=("copy", *needs_of(case).modules))
    head, told = _head(title, law, case, str(needs), ""), f"# The case: {_sizes(case)}."
    return _joined([*head, *imports(loaded, needs), *_array(case.dtype, ""), "", told, *body])


def _joined(parts: Sequence[str]) -> str:
    return "\n".join(parts).rstrip() + "\n"


def _checked(label: str, expression: str, between: Ends) -> list[str]:
    low, high, off = (nested(part).replace("inf", "np.inf") for part in between)
    items = [quoted(label), expression, f"low={low}", f"high={high}", f"off={off}"]
    line = f"check({', '.join(items)})"
    return [line] if len(line) <= WIDTH else block("check(", items, ")")


def imports(loaded: Loaded, needs: Needs) -> list[str]:
    """The import lines."""
    notes = {"ml_dtypes": "  # NumPy knows bfloat16 by name from here on"}
    first = [name for name in needs.modules if name == "copy"]
    others = [f"import {name}{notes.get(name, '')}" for name in needs.modules if name != "copy"]
    standard = [f"import {name}" for name in sorted([*first, "sys"])]
    return [*standard, "", "import numpy as np", *others, "", *loaded.lines, ""]


def _array(dtype: str, layout: str) -> list[str]:
    lines = ["", "def array(numbers):"]
    if not layout:
        return [*lines, f'    return np.array(numbers, dtype="{dtype}")', ""]
    return [
        *lines,
        f'    value = np.array(numbers, dtype="{dtype}")',
        f"    {LAID_OUT[layout]}",
        "    return value",
        "",
    ]


def _wrong_title(scene: Scene, loaded: Loaded) -> str:
    """Where, got, should be: of the first wrong number, in as many digits as tell them apart."""
    first = scene.differences[0]
    got, true = digits(float(first.got[first.first]), float(first.ball.value[first.first]))
    return f"{loaded.short}: {first.place} is {got}, but should be {true}."


def _true(scene: Scene) -> str:
    """Between which two decimals the first wrong number's true value lies; empty where nothing is known of it."""
    first = scene.differences[0]
    true = first.ball.true
    if true is None or not true[first.first].is_finite():
        return ""
    lower, upper = between(true[first.first])
    if lower == upper:
        return f"Exactly, {first.place} is {lower}."
    return f"The exact value of {first.place} lies in\n[{lower}, {upper}]."


def _head(title: str, law: Law, case: Case, needs: str, true: str) -> list[str]:
    """The comment at the top; ``true`` says where the first wrong number's true value lies."""
    lines = ["", *_folded(f"The rule that is broken ({law.id} of rnnproof {version('rnnproof')}): {law.statement}")]
    lines += ["", *_equations(case.network, case.lengths is not None), ""]
    if true:
        lines += _folded(
            f"The numbers of the case are exact. What should come out was computed in Arb's ball arithmetic, which "
            f"encloses the exact result; how far {case.dtype} may be off, in whatever order it computes, was derived."
        )
        lines += [*true.splitlines(), ""]
    lines += _folded(
        f"Needs {needs} and the code that it is about. It ends with exit code 1 where that is still wrong, and 0 "
        "where it is right."
    )
    return [f'"""{_safe(title)}', *map(_safe, lines), '"""', ""]


def _sizes(case: Case) -> str:
    """What the letters are, and how large; x is (T, B, I)."""
    words = {"T": "steps", "B": "rows", "I": "inputs", "H": "hidden units", "O": "outputs", "P": "projected units"}
    shapes = [*case.network.parameters.values(), ("T", "B", "I")]
    used = [letter for letter in words if any(letter in "".join(shape) for shape in shapes)]
    return ", ".join(f"{letter}={getattr(case.sizes, letter)} {words[letter]}" for letter in used)


def _safe(line: str) -> str:
    """A line inside a docstring, which it cannot end."""
    return line.replace("\\", "\\\\").replace('"""', "'''")


def _folded(text: str) -> list[str]:
    return wrap(text, 88, break_long_words=False, break_on_hyphens=False)


def _equations(network: Network, ragged: bool) -> Iterator[str]:
    """The network, in full: what a reader who has never heard of its name needs."""
    yield f"What it should compute, at every step (the network {network.name}):"
    yield ""
    cell, readout = network.cell, network.readout
    yield from (f"    {equation}" for equation in (*cell.equations, *(readout.equations if readout else ())))
    told = ", ".join(f"{state} becomes {stored}" for state, stored in cell.states)
    yield from _folded(f"The output is {readout.output if readout else cell.output}; {told}.")
    yield from _folded(_wired(network))
    if ragged:
        told = (
            "Rows have lengths: a row's final state is that at its own end (the initial one at length 0), and past it"
        )
        yield from _folded(f"{told} the outputs are {PADDED[network.padding]}.")


def _wired(network: Network) -> str:
    """How the cells are wired, where there is more than one, or the sequence is read from its end."""
    ways = {"backward": "It is read from the last step back. ", "bidirectional": f"{BOTH} {MERGED[network.merge]}. "}
    told = ways.get(network.direction, "")
    if network.layers > 1:
        told += f"There are {network.layers} layers, each on the outputs of the one before. "
    if network.layers > 1 or network.direction == "bidirectional":
        told += f"Parameters and states are named by layer and direction: {next(iter(network.parameters))}. "
    if network.readout is not None and told:
        told += "The readout is on the last layer. "
    return told.strip()


BOTH = "It is read twice, by a cell from the first step on and by another from the last step back, their outputs"
MERGED = {"concat": "side by side", "sum": "added", "mean": "averaged", "product": "multiplied"}
PADDED = {"zero": "zero", "repeat": "its last one again", "run": "what the cell makes of the inputs there"}
