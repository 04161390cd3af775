"""The ledger of a gradient: what arrives at each step, on that step's own scale.

The loss is at the end of the run, so that what arrives at a step is a product of one factor for each step after it.
However small it is, each entry is compared with its own ball, and a step of which most is not known is said to be so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from rnnproof.domains.bounded import Bounded, stacked
from rnnproof.model.case import Array, Case, Cotangents
from rnnproof.model.equation import Affine
from rnnproof.model.network import Network
from rnnproof.model.verdict import Outcome, Verdict
from rnnproof.properties.agree import Compared, agree, place_of
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.cut import Order, Page, cut_after, said
from rnnproof.properties.gradient import inputs, parameters, state
from rnnproof.properties.kink import told_of_kinks
from rnnproof.properties.scale import constants
from rnnproof.properties.trial import Trial

RIGHT = "steps of the backward pass are right"
Known = Callable[[Trial], Bounds]
AS_COMPUTED: Known = attrgetter("bounds")
ABOUT_TRUTH: Known = attrgetter("bounds.about_truth")
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
    refused = trial.pulled(next(iter(trial.base.final), None)).refused
    if refused:
        return Verdict(Outcome.REFUSED, refused)
    verdict = _of_all(trial, endings(trial))
    if verdict.outcome is not Outcome.FAILED or verdict.refuted is not None:
        return verdict
    refuted = _of_all(trial, endings(trial, ABOUT_TRUTH))
    return refuted if refuted.outcome is Outcome.FAILED else verdict


def _of_all(trial: Trial, every: Iterable[Ending]) -> Verdict:
    """That of the first ending that fails; else of those from which anything is known to arrive."""
    verdicts: list[Verdict] = []
    telling: list[Verdict] = []
    for ending in every:
        verdicts.append(_of_ending(trial, ending))
        if verdicts[-1].outcome is Outcome.FAILED:
            return verdicts[-1]
        telling += [verdicts[-1]] if any(page.seen for page in ending.pages) else []
    return _together(telling or verdicts) if verdicts else Verdict(Outcome.NOT_APPLICABLE, MISSING)


def told_elsewhere(trial: Trial, verdict: Verdict, failed: Collection[str]) -> Verdict:
    """A failure, unless a law of gradients that has ``failed`` fails on this case too and nothing is cut off.

    Then that law says it, and the ledger adds which step is the first that is wrong.
    """
    laws = {"gradient.parameters": parameters, "gradient.inputs": inputs, "gradient.state": state}
    failing = [name for name, law in laws.items() if name in failed and law(trial).outcome is Outcome.FAILED]
    if verdict.kind == "truncated" or not failing:
        return verdict
    first, *others = map(str.strip, verdict.message.splitlines())
    right = next((line for line in others if line.endswith(RIGHT)), None)
    there = f"{right}, then" if right else "first wrong on the way back:"
    told = f"{', '.join(failing)} failed on the same case, and nothing is cut off; {there} {first}"
    return Verdict(Outcome.NOT_APPLICABLE, told)


def _of_ending(trial: Trial, ending: Ending) -> Verdict:
    """Failed beyond a bound; undecided where at some step most entries are smaller than their own."""
    form, where = trial.bounds.form, place_of(trial.case, ending.words)
    cut, known = cut_of(ending), constants(trial.case)
    verdict = agree(ending.compared, form, where, said(*cut) if cut else _said(ending.pages), ending.orders, known)
    if verdict.outcome is Outcome.FAILED:
        return replace(verdict, kind="truncated") if cut else verdict
    dark = sorted({n for page in ending.pages for n in page.unknown})
    if not dark and any(page.seen for page in ending.pages):
        return replace(verdict, outcome=Outcome.PASSED, message="", kind=None)
    at = f"at step {1 + dark[0]} of the backward pass " if dark else ""
    text = f"{at}most entries are smaller than their own error bound [{where}]"
    unsure = Verdict(Outcome.UNDECIDED, text, verdict.kind or "small", "rigorous", verdict.ratio)
    return told_of_kinks(unsure, trial.bounds)


def _said(pages: Sequence[Page]) -> str:
    right = min(page.right for page in pages)
    return f"the first {right} {RIGHT}" if right > 1 else ""


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    """Undecided where one is; else the largest ratio, and the bluntest of them."""
    for verdict in verdicts:
        if verdict.outcome is Outcome.UNDECIDED:
            return verdict
    blunt = [each.sensitivity for each in verdicts if each.sensitivity is not None]
    ratio = max(each.ratio or 0.0 for each in verdicts)
    return replace(verdicts[0], ratio=ratio, sensitivity=max(blunt, default=None))


def cut_of(ending: Ending) -> tuple[Page, int] | None:
    """The first page that is cut off, and after how many steps."""
    return next(((page, k) for page in ending.pages if (k := cut_after(page)) is not None), None)


def endings(trial: Trial, known: Known = AS_COMPUTED) -> Iterator[Ending]:
    """What arrived at each step, from each final state alone; if no gradient of x did, what dW shows of single steps.

    The last output stands for the final states where none is returned. As single steps are so many runs, their bounds
    are about the true values only where those are asked for.
    """
    returned = [name for name in trial.case.state if name in trial.base.final]
    last = trial if returned else _from(trial, ())
    seen, alone = False, [*returned, *([] if trial.base.last is None else ["outputs"])]
    for only in alone if returned else (None,):
        if pages := arrived(last, only):
            compared = {name: (page.got, page.ball) for name, page in pages.items()}
            orders = {name: page.order for name, page in pages.items()}
            yield Ending(words(only), list(pages.values()), compared, orders)
        seen |= "dx" in pages
    if not seen:
        for ends in _by_direction(trial.case.network, returned):
            yield from _single_steps(_from(trial, ends), known)


def _by_direction(network: Network, states: Sequence[str]) -> list[tuple[str, ...]]:
    """The states by the end at which they are final; none where there are none."""
    sides = [tuple(n for n in states if _from_the_end(network, n) is side) for side in (False, True)]
    return [side for side in sides if side] or [()]


def _from(trial: Trial, states: Sequence[str]) -> Trial:
    """The trial with cotangents of these final states and no other; of the last output where there are none."""
    full, zero = trial.case.cotangents, np.zeros_like
    outputs = zero(full.outputs)
    if not states:
        at = 0 if trial.case.network.direction == "backward" else -1
        outputs[at] = full.outputs[at]
    given = {name: value if name in states else zero(value) for name, value in full.state.items()}
    case = replace(trial.case, cotangents=Cotangents(outputs, given))
    return Trial(case, trial.implementation, trial.bounds.of(case))


def arrived(trial: Trial, only: str | None) -> dict[str, Page]:
    """What arrived at each state, where returned, and at x."""
    gradients = trial.pulled(only).gradients
    if gradients is None or (gradients.x is None and not gradients.states):
        return {}
    true, case = trial.bounds.about_truth.gradients(only), trial.case
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


def _single_steps(trial: Trial, known: Known) -> Iterator[Ending]:
    """dW = sum of dz_t x_t^T of an x that is zero but at one step: dW shows that step alone. Every row is complete."""
    gradients, multiply = trial.pulled(None).gradients, _input_weights(trial.case.network)
    weights = [] if gradients is None else [name for name in multiply if name in gradients.parameters]
    case = replace(trial.case, lengths=None)
    seen = np.where(case.x == 0, 1.0, case.x)
    states = [name for name, value in case.cotangents.state.items() if value.any()]
    met = order(case, states[0] if states else None)[:, :1]
    rows: dict[str, list[tuple[Array, Bounded]]] = {name: [] for name in weights}
    compared: dict[str, tuple[Array, Bounded]] = {}
    for t in np.argsort(met[:, 0]):
        alone = replace(case, x=np.where(np.arange(case.sizes.T)[:, None, None] == t, seen, 0.0))
        one = Trial(alone, trial.implementation, trial.bounds.of(alone))
        gradients, true = one.pulled(None).gradients, known(one).gradients(None)
        if gradients is None:
            return
        for name in weights:
            rows[name].append((gradients.parameters[name], true.parameters[name]))
            compared[f"with x at step {t} alone, d{name}"] = rows[name][-1]
    if weights:
        yield Ending(words(*states), [_page(pairs, np.sort(met, axis=0)) for pairs in rows.values()], compared, {})


def _page(pairs: Sequence[tuple[Array, Bounded]], met: Order) -> Page:
    """An array for each step as one row of numbers, (T,1,.)."""
    steps, ball = len(pairs), stacked([ball for _, ball in pairs])
    flat = Bounded(ball.value.reshape(steps, 1, -1), ball.radius.reshape(steps, 1, -1))
    return Page(np.stack([got for got, _ in pairs]).reshape(steps, 1, -1), flat, met)


def _input_weights(network: Network) -> list[str]:
    """The weights that multiply x."""
    cells = [reading.cell for reading in network.levels[0]]
    affine = [(cell, each) for cell in cells for each in cell.equations if isinstance(each, Affine)]
    return list(dict.fromkeys(name for cell, each in affine for name, seen in each.terms if seen == cell.input))


def words(*states: str | None) -> str:
    """The loss in words."""
    named = [name for name in states if name not in (None, "outputs")]
    ends = f"final {' and '.join(named)}" if named else "last output"
    return f"cotangent on the {ends} alone"
