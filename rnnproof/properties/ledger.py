"""The ledger of a gradient: what arrives at each step, on that step's own scale.

The loss is at the end of the run, so that what arrives at a step is a product of one factor for each step after it.
However small it is, each entry is compared with its own ball, and a step of which most is not known is said to be so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnproof.domains.bounded import Bounded, stacked
from rnnproof.model.case import Array, Case, Cotangents, first_steps, last_steps
from rnnproof.model.equation import Affine
from rnnproof.model.network import Network
from rnnproof.model.trace import Gradients
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import Compared, agree, place_of
from rnnproof.properties.cut import Order, Page, cut_after, manner, said
from rnnproof.properties.gradient import forward_words
from rnnproof.properties.trial import Bounds, Trial, choices

MISSING = "the target returns no gradient of x, nor of a weight that multiplies x"


@dataclass(frozen=True, eq=False)
class Ending:
    """A loss at the end of the run: its words, what arrived as pages, and as arrays in the order of the backward pass.

    ``orders``: that of the steps and rows of an array, where it is not the order of the arrays.
    """

    words: str
    pages: Sequence[Page]
    compared: Compared
    orders: Mapping[str, Order]


def ledger(trial: Trial) -> Verdict:
    """The gradient of a loss at the end is right at every step, on that step's own scale, however far it vanished."""
    trial = trial.asked
    refused = trial.pulled(choices(trial.case)[0]).refused
    if refused:
        return Verdict(Outcome.REFUSED, refused)
    found = [ending for end, only in losses(trial) for ending in _endings(end, only)]
    if not found:
        return Verdict(Outcome.NOT_APPLICABLE, MISSING)
    verdicts = [_of_ending(trial, ending) for ending in found]
    for outcome in (Outcome.FAILED, Outcome.UNDECIDED):
        for verdict in verdicts:
            if verdict.outcome is outcome:
                return verdict
    ratio, blunt = (max(getattr(v, part) or 0.0 for v in verdicts) for part in ("ratio", "sensitivity"))
    return replace(verdicts[0], ratio=ratio, sensitivity=blunt)


def _of_ending(trial: Trial, ending: Ending) -> Verdict:
    """Failed beyond a bound; undecided where at some step most entries are smaller than their own."""
    form, where = trial.bounds.form, place_of(trial.case, ending.words)
    cut = _cut(ending)
    verdict = agree(ending.compared, form, where, said(*cut) if cut else "", ending.orders)
    if verdict.outcome is Outcome.FAILED:
        return replace(verdict, kind="truncated") if cut else verdict
    dark = sorted({n for page in ending.pages for n in page.unknown(form)})
    if not dark and verdict.sensitivity is not None:
        return replace(verdict, outcome=Outcome.PASSED, message="", kind=None)
    at = f"after {dark[0]} steps of the backward pass " if dark else ""
    text = f"{at}most entries are smaller than their own error bound [{where}]"
    return Verdict(Outcome.UNDECIDED, text, verdict.kind or "small", "rigorous", verdict.ratio)


def _cut(ending: Ending) -> tuple[Page, int] | None:
    return next(((page, k) for page in ending.pages if (k := cut_after(page)) is not None), None)


def losses(trial: Trial) -> list[tuple[Trial, str | None]]:
    """A cotangent on each final state alone; on the last output, where no final state is returned."""
    returned = [name for name in trial.case.state if name in trial.base.final]
    return [(trial, name) for name in returned] or [(_on_the_last_output(trial), None)]


def _on_the_last_output(trial: Trial) -> Trial:
    full, at = trial.case.cotangents, 0 if trial.case.network.direction == "backward" else -1
    outputs = np.zeros_like(full.outputs)
    outputs[at] = full.outputs[at]
    case = replace(trial.case, cotangents=Cotangents(outputs, {n: np.zeros_like(v) for n, v in full.state.items()}))
    return Trial(case, trial.implementation, Bounds(case))


def _endings(trial: Trial, only: str | None) -> Iterator[Ending]:
    """What arrived at each step; where no gradient of x is returned, what dW shows of inputs at one step alone."""
    gradients = trial.pulled(only).gradients
    if gradients is None:
        return
    pages = _arrived(trial, only, gradients)
    if pages:
        compared = {name: (page.got, page.ball) for name, page in pages.items()}
        orders = {name: page.order for name, page in pages.items()}
        yield Ending(_words(only), list(pages.values()), compared, orders)
    if "dx" not in pages:
        yield from _one_step_each(trial, only, gradients)


def _arrived(trial: Trial, only: str | None, gradients: Gradients) -> dict[str, Page]:
    """Of each state, where returned, and of x."""
    true, case = trial.bounds.gradients(only), trial.case
    pages = {
        f"d{name} of every step": Page(value, true.states[name], order(case, name))
        for name, value in (gradients.states or {}).items()
    }
    return pages if gradients.x is None else {**pages, "dx": Page(gradients.x, true.x, order(case, only))}


def order(case: Case, state: str | None) -> Order:
    """After how many steps of the backward pass from a final state each step of each row is met, (T,B)."""
    ends = np.full(case.sizes.B, case.sizes.T) if case.lengths is None else np.asarray(case.lengths)
    t = np.arange(case.sizes.T)[:, None]
    met = t + 0 * ends if _from_the_end(case.network, state) else ends - 1 - t
    return np.where(t < ends, met, -1)


def _from_the_end(network: Network, state: str | None) -> bool:
    """Whether a state is that of a reading that begins at the last step."""
    return network.direction == "backward" or (state is not None and ".backward." in state)


def _one_step_each(trial: Trial, only: str | None, gradients: Gradients) -> Iterator[Ending]:
    """dW = sum of dz_t x_t^T of an x that is zero but at one step: dW shows that step alone. Every row is complete."""
    weights = [name for name in _input_weights(trial.case.network) if name in gradients.parameters]
    if not weights:
        return
    case = replace(trial.case, lengths=None)
    met = order(case, only)[:, :1]
    rows: dict[str, list[tuple[Array, Bounded]]] = {name: [] for name in weights}
    compared: dict[str, tuple[Array, Bounded]] = {}
    for t in np.argsort(met[:, 0]):
        alone = replace(case, x=np.where(np.arange(case.sizes.T)[:, None, None] == t, case.x, 0.0))
        one = Trial(alone, trial.implementation, Bounds(alone))
        got, true = one.run(only=only).gradients, one.bounds.gradients(only)
        for name in weights if got is not None else ():
            pair = got.parameters[name], true.parameters[name]
            rows[name].append(pair)
            compared[f"d{name}, x at step {t} alone"] = pair
    pages = [_page(pairs, np.sort(met, axis=0)) for pairs in rows.values()]
    yield Ending(_words(only), pages, compared, {})


def _page(pairs: Sequence[tuple[Array, Bounded]], met: Order) -> Page:
    """An array for each step as one row of numbers, (T,1,.)."""
    steps = len(pairs)
    ball = stacked([ball for _, ball in pairs])
    flat = Bounded(ball.value.reshape(steps, 1, -1), ball.radius.reshape(steps, 1, -1))
    return Page(np.stack([got for got, _ in pairs]).reshape(steps, 1, -1), flat, met)


def _input_weights(network: Network) -> list[str]:
    """The weights that multiply x."""
    cells = [reading.cell for reading in network.levels[0]]
    affine = [(cell, each) for cell in cells for each in cell.equations if isinstance(each, Affine)]
    return list(dict.fromkeys(name for cell, each in affine for name, seen in each.terms if seen == cell.input))


def _words(only: str | None) -> str:
    return f"cotangent on the {'last output' if only is None else f'final {only}'} alone"


def notes(trial: Trial) -> str:
    """What agrees all the same; whether a cut moves with the end of the run."""
    told = [forward_words(trial)]
    asked = trial.asked
    for end, only in losses(asked):
        for ending in _endings(end, only):
            if (cut := _cut(ending)) is not None:
                how = _manner(end, only, cut[0])
                return "  " + "; ".join([*([how] if how else []), *told])
    return "  " + "; ".join(told)


def _manner(trial: Trial, only: str | None, page: Page) -> str:
    """As ``manner`` says, of runs that are as much shorter as their cotangent on the final state allows."""
    case = trial.case
    if only is None or case.lengths is not None or case.network.direction == "bidirectional":
        return ""

    def reached(steps: int) -> int:
        cut = last_steps(case, case.sizes.T - steps, case.state) if _from_the_end(case.network, only) else None
        shorter = Trial(cut or first_steps(case, steps), trial.implementation, trial.bounds)
        gradients = shorter.run(only=only).gradients
        if gradients is None or gradients.x is None:
            return 0
        return Page(gradients.x, Bounded(gradients.x, gradients.x), order(shorter.case, only)).arrived

    return manner(reached, case.sizes.T) if reached(case.sizes.T) else ""
