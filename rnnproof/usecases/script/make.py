"""From a stored counterexample to a script that was seen to fail."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target
from rnnproof.adapters.torch_layers import TorchLayer
from rnnproof.domains.formats import claimed
from rnnproof.errors import Unsupported, UsageError, nearest
from rnnproof.model.case import Case
from rnnproof.model.document import case_from_json
from rnnproof.model.verdict import Outcome
from rnnproof.properties.bounds import Bounds
from rnnproof.properties.laws import BY_ID, Law
from rnnproof.properties.trial import Trial
from rnnproof.usecases.examine import judge
from rnnproof.usecases.replay import Replayed, replayed
from rnnproof.usecases.script import conduct, torch_calls
from rnnproof.usecases.script.calls import called, checks
from rnnproof.usecases.script.loading import Loaded, loading
from rnnproof.usecases.script.recorded import Recorder
from rnnproof.usecases.script.text import Needs, needs_of, written
from rnnproof.usecases.script.wrong import Scene, scenes

MOST_NUMBERS = 3000  # in a script that somebody is to read
MOST_TRIED = 12  # scripts, each in a process of its own
SEEN = "WRONG: "  # how the last line of a script that shows its failure begins


@dataclass(frozen=True)
class Script:
    """A script that was seen to end in its failure; or, without one, what became of the counterexample."""

    text: str
    replayed: Replayed


def script(document: Mapping[str, Any], target: Target, timeout_s: float) -> Script:
    """The plainest script that shows the stored failure of a target named by a text.

    Errors: UsageError for a property that is not known or data that is no case; Unsupported, with the reason, where
    no script can show it.
    """
    if document["property"] not in BY_ID:
        raise UsageError(f"unknown property {document['property']!r}{nearest(document['property'], BY_ID)}")
    law, case = BY_ID[document["property"]], case_from_json(document["case"], target.network)
    loaded = loading(target.name)
    recorder = Recorder(target.implementation)
    form = claimed(case.dtype, target.implementation.claims)
    verdict = judge(law, Trial(case, recorder, Bounds(case, form)))
    if verdict.outcome is not Outcome.FAILED:
        return Script("", replayed(verdict))
    if law.most is not None:  # its numbers are unknowns: the floats of the case may show it all the same
        Trial(case, recorder, Bounds(case, form)).run(only=None)
    for text in islice(_candidates(law, case, recorder, target, loaded), MOST_TRIED):
        if _shows(text, timeout_s):
            return Script(text, replayed(verdict))
    raise Unsupported(f"no script can show this failure of {law.id}: {_why(law)}")


def _candidates(law: Law, case: Case, recorder: Recorder, target: Target, loaded: Loaded) -> Iterator[str]:
    """Scripts, the plainest first."""
    found: Any = getattr(target.implementation, "implementation", target.implementation)  # watched
    if law.id in (conduct.DTYPE, conduct.UNCHANGED):
        if not isinstance(found, PlainImplementation):
            raise Unsupported(f"of {law.id} there are scripts for plain targets alone, not for {target.name}")
        yield from conduct.scripts(law, recorder.calls, found, loaded)
        return
    for scene in scenes(recorder.calls, claimed(case.dtype, found.claims), law.gradients):
        if sum(_numbers(call.case) for call in scene.calls) > MOST_NUMBERS:
            raise Unsupported(f"a script of {case.sizes} would be too long to be read: its file replays it")
        yield _of_scene(law, scene, found, target.name, loaded)


def _of_scene(law: Law, scene: Scene, found: Any, name: str, loaded: Loaded) -> str:
    """Errors: Unsupported for an implementation of another kind."""
    function: list[str] = []
    if isinstance(found, PlainImplementation):
        writer, needs = called(found, loaded.expression, scene), needs_of(scene.call.case)
    elif isinstance(found, TorchLayer):
        scene = torch_calls.seen(scene)
        writer, function = torch_calls.called(found, name, loaded, scene)
        needs = Needs(("copy", "torch"), "float64")  # its tensors have the format of the case
    else:
        raise Unsupported(f"there are scripts of plain targets and of PyTorch's layers, not of {name}")
    return written(law, scene, loaded, needs, writer.body, list(checks(writer.dialect, scene)), function)


def _numbers(case: Case) -> int:
    return case.x.size + sum(value.size for value in (*case.parameters.values(), *case.state.values()))


def _why(law: Law) -> str:
    if law.most is not None:
        return "it takes exact arithmetic; in floats it is smaller than their rounding"
    return "no single call of the target returns a wrong number"


def _shows(text: str, timeout_s: float) -> bool:
    """Whether a script, in a process of its own, ends in its failure: a script that says nothing is none."""
    with tempfile.TemporaryDirectory(prefix="rnnproof-") as directory:
        file = Path(directory) / "counterexample.py"
        file.write_text(text, encoding="utf-8")
        try:
            done = subprocess.run(
                [sys.executable, "-B", str(file)], capture_output=True, text=True, timeout=timeout_s, check=False
            )
        except subprocess.TimeoutExpired:
            return False
    last = (done.stdout.splitlines() or [""])[-1]
    return done.returncode == 1 and last.startswith(SEEN)
