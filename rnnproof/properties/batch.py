"""Laws of the batch: its rows know nothing of each other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rnnproof.model.case import Array, rows
from rnnproof.model.verdict import Verdict
from rnnproof.properties.agree import place_of, within
from rnnproof.properties.forward import radii, results
from rnnproof.properties.trial import Trial


def independence(trial: Trial) -> Verdict:
    """Row k of a batch equals row k alone."""
    k = trial.case.sizes.B - 1
    one = np.array([k])
    alone = results(trial.run(rows(trial.case, one)))
    together = _pick(results(trial.base), one)
    words = f"row {k} of the batch, against the same row alone"
    return within(together, alone, lambda: _pick(radii(trial.bounds), one), place_of(trial.case), words)


def permutation(trial: Trial) -> Verdict:
    """Permuting the rows permutes the results."""
    order = np.roll(np.arange(trial.case.sizes.B), 1)
    permuted = results(trial.run(rows(trial.case, order)))
    expected = _pick(results(trial.base), order)
    words = "the rows permuted, against the results permuted"
    return within(permuted, expected, lambda: _pick(radii(trial.bounds), order), place_of(trial.case), words)


def _pick(arrays: dict[str, Array], index: NDArray[np.integer]) -> dict[str, Array]:
    """Rows of each result: axis 1 of the outputs (T,B,.), axis 0 of a final state (B,.)."""
    return {name: value[:, index] if name == "outputs" else value[index] for name, value in arrays.items()}
