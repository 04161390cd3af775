"""A network's closed form as a text: its equations, unrolled over a few steps, and one gradient."""

from __future__ import annotations

from dataclasses import replace

from rnnproof.adapters.results import kind
from rnnproof.catalogue import network as named
from rnnproof.errors import Unsupported, UsageError
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Softmax
from rnnproof.model.network import Network, Sizes
from rnnproof.symbolic import gradient, unroll

FORMATS = ("md",)
MOST_LINES = 20000  # of a program: a document of a few megabytes, in a quarter of a minute


def derive(network: str, steps: int = 2, format: str = "md") -> str:
    """The network unrolled over ``steps`` steps with one unit a layer, and the gradient of its last output.

    Errors: UsageError for an unknown network, fewer than one step, or more than anybody reads; Unsupported for
    another format.
    """
    if not isinstance(network, str):
        raise UsageError(f"network is {kind(network)}; expected the name of one, such as lstm")
    if not isinstance(steps, int) or isinstance(steps, bool):
        raise UsageError(f"steps is {steps!r}; expected a whole number")
    if format not in FORMATS:
        raise Unsupported(f"format {format} is not built yet; built are {', '.join(FORMATS)}")
    if steps < 1:
        raise UsageError(f"steps={steps}: expected at least 1")
    page = named(network)
    cell = page.step
    outputs = 2 if any(isinstance(equation, Softmax) for equation in cell.equations) else 1  # of one it is 1
    sizes = Sizes(T=steps, B=1, I=1, H=1, O=outputs)
    _refuse_long(page, sizes)
    program = unroll(page, sizes)
    output = program.results["outputs"][-1]
    weight = f"{_first_weight(cell)}[0,0]"
    known = {line.name for line in program.lines}
    chained = [line for line in gradient(program, output, weight).lines if line.name not in known]
    parts = [
        f"# {page.name}",
        f"{cell.citation}.",
        *_block("The equations of one step", "\n".join(map(str, cell.equations))),
        *_block(f"Unrolled over {steps} step{'s' * (steps > 1)}, {_sizes(outputs)}", str(program)),
        *_block(f"From there, the gradient of {output} by {weight}", "\n".join(map(str, chained))),
    ]
    return "\n\n".join(parts) + "\n"


def _refuse_long(page: Network, sizes: Sizes) -> None:
    a_step = len(unroll(page, replace(sizes, T=1)).lines)
    if sizes.T * a_step > MOST_LINES:
        size = f"the program would have {sizes.T * a_step} lines, and as many again for its gradient"
        raise UsageError(f"steps={sizes.T}: {size}; at most {MOST_LINES // a_step} steps of {page.name} are written")


def _sizes(outputs: int) -> str:
    return "with one unit in every layer" + f" and {outputs} outputs" * (outputs > 1)


def _block(title: str, text: str) -> tuple[str, str]:
    return f"## {title}", f"```\n{text}\n```"


def _first_weight(cell: Cell) -> str:
    """The first weight that a state is multiplied by; where none is, as in the minimal GRU, the first weight."""
    terms = [term for equation in cell.equations if isinstance(equation, Affine) for term in equation.terms]
    recurrent = [weight for weight, name in terms if name in cell.state_names]
    return (recurrent or [weight for weight, _ in terms])[0]
