"""A whole scoring, event by event: the plan, the suite on a right implementation, each fault, what each needs."""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnproof.adapters.plain import PlainImplementation
from rnnproof.adapters.resolve import Target, resolve
from rnnproof.dialects import fitted
from rnnproof.errors import Unsupported, UsageError
from rnnproof.faults.bank import bank
from rnnproof.faults.fault import Fault, plant
from rnnproof.usecases.score.classes import classes, sampled
from rnnproof.usecases.score.looks import Look, everything_of
from rnnproof.usecases.score.needs import need_of
from rnnproof.usecases.score.placed import Site, placed, site_of
from rnnproof.usecases.score.result import need_as_json
from rnnproof.usecases.score.standin import StandIn, place_in
from rnnproof.usecases.score.suites import Pytest, Ran, Suite, run_command, run_pytest, suite_of

Event = dict[str, Any]
Watch = Callable[[], AbstractContextManager[None]]
ELSEWHERE = "RNNPROOF_STAND_IN"  # of a command's processes: what stands in, as JSON
ROOT = str(Path(__file__).parents[3])
MOST_RIGHT, RIGHT_S = 20, 2.0  # runs on a right implementation, to see whether all end alike; and seconds for them
BOOT = "from rnnproof.usecases.score.elsewhere import begin\nbegin()\n"


@dataclass(frozen=True)
class Asked:
    """What is to be scored, and what is known from before: the plan, the tests that pass on a right implementation.

    ``known``: who caught each fault, by its words; ``needs``: what is needed to see it.
    """

    suite: str
    target: str
    network: str | None
    dialect: str | None
    seed: int
    sample: int | None
    timeout_s: float
    known: Mapping[str, Any]
    needs: Mapping[str, Any]
    tests: int | None
    plan: Mapping[str, Any] | None = None


def session(asked: Asked, watch: Watch, say: Callable[[Event], object]) -> None:
    """Say what happens, as it happens.

    Errors: UsageError for a suite or target that cannot be found, and a suite that does not run, passes nothing or
    never calls its target; Unsupported for a target that nothing can stand in for.
    """
    suite, target = suite_of(asked.suite), resolve(asked.target, asked.network, asked.dialect)
    claims, found = target.implementation.claims, target.implementation
    if not isinstance(found, PlainImplementation):
        raise Unsupported(f"a stand-in for {asked.target} is not built yet; for a plain target, it is")
    look = everything_of(claims.gradients, claims.lengths)
    stage = Stage(suite, site_of(asked.target), asked, target, found)
    if asked.tests is None:
        say({"event": "working", "what": "the suite, on a right implementation"})
        say({"event": "baseline", "tests": _baseline(stage, watch)})
    faults = {fault.text: fault for fault in bank(target.network)}
    plan = asked.plan
    if plan is None or any(each["text"] not in faults for each in plan["planned"]):  # of another bank
        plan = _plan(asked, target, look, say)
    say({"event": "planned", **plan})
    chosen = [faults[each["text"]] for each in plan["planned"]]
    gc.freeze()  # pytest collects garbage in each run, and most of what there is stays
    passed = [each for each in chosen if _let_pass(each, stage, watch, say)]
    _needs(passed, target, look, asked, say)


def _plan(asked: Asked, target: Target, look: Look, say: Callable[[Event], object]) -> Event:
    """Which faults are put in the target's place."""
    found = classes(target.network, look, lambda done, of: say(_progress("faults compared with each other", done, of)))
    chosen = sampled(found.behaviours, asked.sample, asked.seed)
    told = [{**_told_of(each.fault), "others": list(each.others)} for each in chosen]
    counts = {"faults": found.faults, "behaviours": len(found.behaviours)}
    return {"planned": told, "network": target.network.name, **counts, "versions": dict(target.versions)}


def _told_of(fault: Fault) -> Event:
    return {"text": fault.text, "operator": fault.operator, "place": fault.place}


def _progress(what: str, done: int, of: int) -> Event:
    return {"event": "working", "what": f"{done} of {of} {what}"}


def _let_pass(each: Fault, stage: Stage, watch: Watch, say: Callable[[Event], object]) -> bool:
    """Whether the suite lets a fault pass; what is known is not run again."""
    if each.text in stage.asked.known:
        return not stage.asked.known[each.text]
    say({"event": "trying", "text": each.text})
    ran = stage.run(each, watch)[0]
    say({"event": "tried", "text": each.text, "caught_by": ran.failed})
    return not ran.failed


def _needs(passed: list[Fault], target: Target, look: Look, asked: Asked, say: Callable[[Event], object]) -> None:
    for n, each in enumerate(passed):
        if each.text not in asked.needs:
            say(_progress("faults let pass; what would it take to see them?", n, len(passed)))
            say({"event": "need", "text": each.text, **need_as_json(need_of(plant(each), target.network, look))})


def _baseline(stage: Stage, watch: Watch) -> int:
    """How many tests pass on a right implementation. Errors: UsageError where that is no ground for a score."""
    ran, calls = stage.run(None, watch)
    what = f"{stage.asked.suite}: no score"
    told = f"with a right {stage.target.network.name} in the place of {stage.asked.target} the suite"
    if ran.failed:
        raise UsageError(f"{what}: {told} fails: {ran.failed}: {ran.why}")
    if not ran.passed:
        raise UsageError(f"{what}: the suite passes no test")
    if not calls:
        raise UsageError(f"{what}: the suite never calls {stage.asked.target}, so it could catch nothing")
    if other := _other_time(stage, watch):
        chance = "what it catches would be chance"
        raise UsageError(f"{what}: {told} passes one time and fails another, so {chance}: {other.failed}: {other.why}")
    return ran.passed


def _other_time(stage: Stage, watch: Watch) -> Ran | None:
    """A later run on the right implementation that fails; a quick suite is run again so many times, any once."""
    begun = time.monotonic()
    for _ in range(MOST_RIGHT):
        ran, _ = stage.run(None, watch)
        if ran.failed:
            return ran
        if time.monotonic() - begun > RIGHT_S:
            return None
    return None


@dataclass(frozen=True, eq=False)
class Stage:
    """Where a suite is run, with something in the place of its target."""

    suite: Suite
    site: Site
    asked: Asked
    target: Target
    implementation: PlainImplementation

    def run(self, fault: Fault | None, watch: Watch) -> tuple[Ran, int]:
        """How the suite ends with the network in its target's place, changed by a fault; the calls it got."""
        if isinstance(self.suite, Pytest):
            return self._here(self.suite, fault, watch)
        with tempfile.TemporaryDirectory(prefix="rnnproof-") as directory:
            (Path(directory) / "sitecustomize.py").write_text(BOOT)
            count = Path(directory) / "calls"
            known = os.environ.get("PYTHONPATH", "")
            path = os.pathsep.join(filter(None, [directory, ROOT, known]))
            told = {**self._told(fault), "count": str(count)}
            environment = {"PYTHONPATH": path, ELSEWHERE: json.dumps(told)}
            ran = run_command(self.suite, environment, self.asked.timeout_s)
            return ran, sum(map(int, count.read_text().split())) if count.exists() else 0

    def _told(self, fault: Fault | None) -> dict[str, Any]:
        asked = self.asked
        named = {"target": asked.target, "network": asked.network, "dialect": asked.dialect}
        return {**named, "fault": None if fault is None else fault.text, "here": str(Path.cwd())}

    def _here(self, suite: Pytest, fault: Fault | None, watch: Watch) -> tuple[Ran, int]:
        standing, here = standing_in(self.implementation, self.target, fault), Path.cwd()
        with placed(self.site.file, lambda module: place_in(module, self.site.path, standing)), watch():
            sys.path.append(str(self.site.directory))
            ran = run_pytest(suite)
        os.chdir(here)
        return ran, standing.calls


def standing_in(implementation: PlainImplementation, target: Target, fault: Fault | None) -> StandIn:
    """What stands in for a target."""
    return StandIn(target.network, fitted(implementation.dialect, target.network), fault)


def fault_of(target: Target, text: str | None) -> Fault | None:
    """The fault of these words."""
    return next((fault for fault in bank(target.network) if fault.text == text), None)
