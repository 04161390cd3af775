"""Which calls returned what is no result of the network, and what they should have returned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from rnnproof.domains.bounded import Bounded
from rnnproof.domains.formats import Format
from rnnproof.model.case import Array
from rnnproof.properties.agree import Compared, Difference, differences
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.forward import balls
from rnnproof.properties.gradient import gradient_balls
from rnnproof.usecases.script.recorded import STEP, Call


@dataclass(frozen=True, eq=False)
class Scene:
    """A call that shows the failure, the calls that it takes before or after it, and what it should return.

    ``expected``: the true values of the arrays that are wrong, and how far right code may be off.
    """

    call: Call
    before: tuple[Call, ...]
    after: tuple[Call, ...]
    expected: Mapping[str, Bounded]
    differences: tuple[Difference, ...] = ()

    @property
    def calls(self) -> tuple[Call, ...]:
        """All, in order."""
        return (*self.before, self.call, *self.after)


def expected_of(call: Call, form: Format) -> dict[str, Bounded]:
    """Everything that a call can return, in balls about the true values."""
    bounds = Bounds(call.case, form).about_truth
    if call.what == STEP:
        return {"output": bounds.outputs[0], **bounds.final}
    found = balls(bounds) if call.case.sizes.T else {f"final {name}": ball for name, ball in bounds.final.items()}
    found |= {f"{name} of every step": ball for name, ball in bounds.tape.states().items()}
    if not call.pulled:
        return found
    steps = bounds.gradients(None).states
    return found | gradient_balls(bounds, None) | {f"d{name} of every step": ball for name, ball in steps.items()}


def scenes(calls: Sequence[Call], form: Format, gradients: bool = False) -> Iterator[Scene]:
    """What may show the failure: a call alone, after others, or before others; the plainest of each call first.

    ``gradients``: those that show a wrong gradient come first, whatever else is wrong with a call.
    """
    if gradients:
        yield from _scenes(calls, form, _of_gradient)
    yield from _scenes(calls, form, lambda name: True)


def _scenes(calls: Sequence[Call], form: Format, wanted: Callable[[str], bool]) -> Iterator[Scene]:
    """Those that show one of the wanted arrays to be wrong."""
    for n, call in enumerate(calls):
        expected, wrong = _wrong(call, call.returned, form, wanted)
        if wrong:
            for before in _before(calls[:n], call):
                yield from _with_and_without(Scene(call, before, (), expected, wrong))
    for n, call in enumerate(calls):
        if call.spoiled:
            expected, wrong = _wrong(call, call.live, form, wanted)
            if wrong:
                later = tuple(other for other in calls[n + 1 :] if other.subject == call.subject)
                for after in (later[:1], later):
                    yield from _with_and_without(Scene(call, (), after, expected, wrong))


def _wrong(
    call: Call, returned: Mapping[str, Array], form: Format, wanted: Callable[[str], bool]
) -> tuple[dict[str, Bounded], tuple[Difference, ...]]:
    """Of the wanted arrays, those that are wrong: what they should be, and how they differ."""
    beside = _beside(call, returned, expected_of(call, form))
    wrong = tuple(differences({name: pair for name, pair in beside.items() if wanted(name)}))
    return {difference.name: beside[difference.name][1] for difference in wrong}, wrong


def _with_and_without(scene: Scene) -> Iterator[Scene]:
    """The scene without its gradients, where none of them is wrong, and as it was."""
    if not any(map(_of_gradient, scene.expected)):
        yield _without_gradients(scene)
    yield scene


def _without_gradients(scene: Scene) -> Scene:
    before, after = (tuple(replace(c, pulled=False) for c in part) for part in (scene.before, scene.after))
    return replace(scene, call=replace(scene.call, pulled=False), before=before, after=after)


def _of_gradient(name: str) -> bool:
    return name.startswith("d")


def _beside(call: Call, returned: Mapping[str, Array], expected: Mapping[str, Bounded]) -> Compared:
    names = [name for name in returned if name.split("@")[0] in expected]
    return {name: (np.asarray(returned[name]), expected[name.split("@")[0]]) for name in names}


def _before(earlier: Sequence[Call], call: Call) -> Iterator[tuple[Call, ...]]:
    """None, the last on the same subject, all on it, all."""
    same = tuple(other for other in earlier if other.subject == call.subject)
    yield from dict.fromkeys(((), same[-1:], same, tuple(earlier)))
