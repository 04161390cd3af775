"""The derivatives of the loss by every pre-activation, weight, bias and state of one step, in the cell's own names.

Reference: P. J. Werbos, Backpropagation through time: what it does and how to do it, Proc. IEEE 78 (1990) 1550-1560.
"""

from __future__ import annotations

from rnnproof.model.activation import relu
from rnnproof.model.cell import Cell
from rnnproof.model.equation import Affine, Elementwise
from rnnproof.model.network import Network
from rnnproof.symbolic.chain import Backward, backward, given
from rnnproof.symbolic.roles import cell_of
from rnnproof.symbolic.statement import Statement, listed, quoted


def gate_gradients(network: Network) -> Statement | None:
    """dz = (dL/dz), dW = dz x^T, db = dz, and what goes back to the step before, for each equation of the cell.

    A formula in plain symbols holds unit by unit, one in matrices for the whole column; o is the product entry by
    entry. None for a cell without a pre-activation.
    Shapes: dz, db and a state (rows, 1); dW as W; x (I, 1).
    """
    cell = cell_of(network)
    if not any(isinstance(equation, Affine) for equation in cell.equations):
        return None
    derived = backward(cell)
    return Statement(
        name="gate gradients",
        claim=(
            f"In one step of `{network.name}`, the derivatives of the loss by {listed(_derived(derived))} follow from "
            f"those by what the step puts out and stores ({listed(_given(cell))}) by these formulas."
        ),
        formulas=tuple(derived.derivatives.values()),
        steps=tuple(derived.steps),
        conditions=(*_conditions(network, cell), *_zero(derived)),
    )


def _given(cell: Cell) -> list[str]:
    names = (given(cell, equation.target) for equation in cell.equations)
    return [name for name in names if name is not None]


def _derived(derived: Backward) -> list[str]:
    return [name for name in derived.derivatives if given(derived.cell, name) is None]


def _zero(derived: Backward) -> tuple[str, ...]:
    """What has no derivative in the formulas: no way leads from it to what is put out or stored."""
    cell = derived.cell
    without = [name for name in (cell.input, *cell.parameters) if name not in derived.derivatives]
    if not without:
        return ()
    return (f"No way leads from {quoted(without)} to what is put out or stored: the derivative is 0.",)


def _conditions(network: Network, cell: Cell) -> tuple[str, ...]:
    later = [name for name in _given(cell) if name.endswith("_later")]
    apart = f"; {listed(later)} leave{'s' * (len(later) == 1)} out the ways inside the step" if later else ""
    are = "are" if len(_given(cell)) > 1 else "is"
    conditions = [
        f"{listed(_given(cell))} {are} given: what comes from the loss by the output, and from the steps read "
        f"later{apart}.",
        "The derivative by a weight, a bias or another parameter is one step's share; the loss' is the sum over all "
        "steps.",
    ]
    if any(isinstance(equation, Elementwise) and equation.expression.has(relu) for equation in cell.equations):
        conditions.append("Where a relu meets its kink, `step(0) = 0` is the derivative that is taken.")
    if network.direction == "bidirectional":
        conditions.append("The step is one of one layer in one direction; backward, the step before it is t + 1.")
    return tuple(conditions)
