"""What is said beside a gradient that does not arrive: what agrees all the same, and what kind of cut it is."""

from __future__ import annotations

from functools import partial

from rnnproof.model.case import first_steps, last_steps
from rnnproof.properties.cut import Page, cut_after, manner
from rnnproof.properties.gradient import forward_words
from rnnproof.properties.ledger import arrived
from rnnproof.properties.trial import Trial, start


def notes(trial: Trial) -> str:
    """Whether a cut follows the end of the run; whether the forward pass agrees."""
    return "  " + "; ".join(told for told in (_manner(trial.asked), forward_words(trial)) if told)


def _manner(trial: Trial) -> str:
    """As ``manner`` says, of the first gradient that is cut off; rows of one length, read in one direction."""
    if trial.case.lengths is not None or trial.case.network.direction == "bidirectional":
        return ""
    for only in trial.base.final:
        for name, page in arrived(trial, only).items():
            if (k := cut_after(page)) is not None:
                return manner(partial(_shorter, trial, only, name), k, page.steps)
    return ""


def _shorter(trial: Trial, only: str, name: str, steps: int) -> Page:
    """The same of a run of only so many steps: the first that are read."""
    case = trial.case
    backward = case.network.direction == "backward"
    cut = last_steps(case, case.sizes.T - steps, case.state) if backward else first_steps(case, steps)
    return arrived(start(cut, trial.implementation), only)[name]
