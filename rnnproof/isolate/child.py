"""Inside the child: read the request, run the use case, say what happens on the pipe."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from rnnproof.errors import RnnproofError
from rnnproof.isolate.ending import CUT_OFF
from rnnproof.isolate.lasting import lasting
from rnnproof.isolate.watch import Watched, last_words, within
from rnnproof.model.event import Read, Running
from rnnproof.model.report import finding_as_json
from rnnproof.store import cache

Say = Callable[[dict[str, Any]], None]


def main(events: int, words: int) -> None:
    """Serve one request. Whatever the target has done to it, the process ends here and now."""
    request = json.load(sys.stdin)
    sys.argv[:] = ["rnnproof"]
    sys.dont_write_bytecode = True
    for pipe in (events, words):
        os.set_inheritable(pipe, False)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]
    last_words(words)
    own = os.getpid()

    def say(message: dict[str, Any]) -> None:
        if os.getpid() != own:  # a copy of us that the target made by a fork, and let go on
            os._exit(CUT_OFF)
        _say(events, message)

    try:
        _serve(request, say)
    except OSError:  # nobody listens any more, or the target closed our pipe
        os._exit(CUT_OFF)
    _flush()
    os._exit(0)


def _say(pipe: int, message: Mapping[str, Any]) -> None:
    data = json.dumps(message, allow_nan=False).encode() + b"\n"
    while data:
        data = data[os.write(pipe, data) :]


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):  # the target closed it
            return


def _serve(request: Mapping[str, Any], say: Say) -> None:
    """Do what is asked for; a message for what cannot be done."""
    try:
        from rnnproof.strategies.search import use_own_home

        use_own_home(str(cache() / "hypothesis"))
        TASKS[request["do"]](request, say)
        say({"event": "end"})
    except RnnproofError as problem:
        say(_problem(problem))
    except BaseException as problem:  # the child says what ended it, whatever it is
        say({"event": "raised", **_ending(problem)})


def _problem(problem: RnnproofError) -> dict[str, Any]:
    told = {"type": type(problem).__name__, "message": str(problem), "details": problem.details}
    return {"event": "problem", **told}


def _ending(problem: BaseException) -> dict[str, str]:
    """What ended the child: a KeyboardInterrupt of the target's, with its traceback, or a mistake of ours."""
    from rnnproof.adapters.foreign import own_traceback, said

    if isinstance(problem, Exception):
        frame = traceback.extract_tb(problem.__traceback__)[-1]
        place = f"({frame.name}, line {frame.lineno})"
        return {"reason": f"a mistake in rnnproof itself, please report it: {said(problem)} {place}", "details": ""}
    return {"reason": f"the target raised {said(problem)}", "details": own_traceback(problem)}


def _verify(request: Mapping[str, Any], say: Say) -> None:
    """Every target that is asked for, law by law."""
    done = {tuple(item) for item in request["done"]}
    for place in _places(request):
        try:
            _verify_one(place, request, done, say)
        except RnnproofError as problem:
            if request["alone"]:
                raise
            say({"event": "unfit", "target": place["target"], "reason": str(problem)})
    if request["group"] == 0:
        _planted(request, say)


def _places(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The target asked for, or a group of those that are found; without those that are known to be unfit."""
    places = request["places"]
    if places is None:
        from rnnproof.usecases.verify import targets_found

        group = targets_found()[request["group"]]
        places = [{"target": target, "network": None, "dialect": None} for target in group]
    return [place for place in places if place["target"] not in request["unfit"]]


def _verify_one(place: Mapping[str, Any], request: Mapping[str, Any], done: set[Any], say: Say) -> None:
    with lasting():
        from rnnproof.adapters.resolve import importable, resolve
        from rnnproof.usecases import diagnosed, read_as
        from rnnproof.usecases import verify as engine
        from rnnproof.usecases.options import Options, check_options

        options = Options(**{key: _frozen(value) for key, value in request["options"].items()})
        check_options(options)
        name = place["target"]
        say({"event": "opening", "target": name})
        with within(request["timeout_s"]):
            target = resolve(name, place["network"], place["dialect"])
    importable(name)
    plan = engine.plan(target, options)
    about = {"network": target.network.name, "dialect": target.dialect, "versions": dict(target.versions)}
    mine = engine.share_of(plan, request["share"])
    aside = [finding_as_json(known) for item in mine if (known := engine.known(target, options, item)) is not None]
    say({"event": "started", "target": name, "plan": plan, "mine": mine, "aside": aside, **about})
    watched = replace(target, implementation=Watched(target.implementation, request["timeout_s"]))
    left_out = frozenset(item for item in plan if item not in mine or (name, *item) in done)
    explained = diagnosed.Diagnoses().of if request["diagnosing"] else None
    readings = read_as.Readings(asked=not request["reading"])
    for event in engine.examine(watched, options, left_out, explained, readings):
        told = asdict(event) if isinstance(event, Running | Read) else {"finding": finding_as_json(event.finding)}
        say({"event": type(event).__name__.lower(), **told})


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _planted(request: Mapping[str, Any], say: Say) -> None:
    """Each law's fault planted in our LSTM."""
    from rnnproof.catalogue import network
    from rnnproof.usecases.verify import planted

    for one in planted(network("lstm"), request["options"].get("seed", 0)):
        say({"event": "planted", **asdict(one)})


def _replay(request: Mapping[str, Any], say: Say) -> None:
    """One stored case again."""
    from rnnproof.adapters.resolve import importable
    from rnnproof.usecases import replay

    document = request["document"]
    with within(request["timeout_s"]):
        target = replay.stored_target(document, request["target"])
    importable(request["target"] or document["target"])
    watched = replace(target, implementation=Watched(target.implementation, request["timeout_s"]))
    say({"event": "replayed", **asdict(replay.rerun(document, watched))})


def _script(request: Mapping[str, Any], say: Say) -> None:
    """One stored case as a script of its own."""
    from rnnproof.adapters.resolve import importable
    from rnnproof.usecases import replay
    from rnnproof.usecases.script.make import script

    document = request["document"]
    with within(request["timeout_s"]):
        target = replay.stored_target(document, request["target"])
    importable(target.name)
    watched = replace(target, implementation=Watched(target.implementation, request["timeout_s"]))
    found = script(document, watched, request["timeout_s"])
    say({"event": "replayed", "text": found.text, **asdict(found.replayed)})


def _check_gradient(request: Mapping[str, Any], say: Say) -> None:
    """A function and its gradient, on arguments of the same file."""
    from functools import partial

    from rnnproof.adapters.loading import importable, load_together
    from rnnproof.usecases import check_gradient as engine

    watch = partial(within, request["timeout_s"])
    function, gradient = request["function"], request["gradient"]
    with watch():
        found = load_together([function, gradient, request["arguments"]])
    importable(function)
    with watch():
        arguments = engine.arguments_from(found[2], request["arguments"])
    options = engine.Options(**{key: _frozen(value) for key, value in request["options"].items()})
    tell: Callable[[str], None] = lambda what: say({"event": "working", "what": what})  # noqa: E731
    report = engine.check_gradient(found[0], found[1], arguments, options, (function, gradient), tell, watch)
    say({"event": "reported", "finding": finding_as_json(report.findings[0]), "versions": dict(report.versions)})


def _score(request: Mapping[str, Any], say: Say) -> None:
    """A test suite, on faults."""
    from functools import partial

    from rnnproof.usecases.score.session import Asked, session

    asked = Asked(**request["asked"])
    sys.path.append(os.getcwd())
    session(asked, partial(within, asked.timeout_s), say)


def _calibrate(request: Mapping[str, Any], say: Say) -> None:
    """A share of the cases of a calibration."""
    from rnnproof.isolate.calibrate import judged_as_json
    from rnnproof.usecases.calibrate import Plan, judged, share

    plan = Plan(**request["plan"])
    for dtype, number in share(plan, request["which"], request["of"]):
        for one in judged(plan.seed, dtype, number):
            say({"event": "judged", **judged_as_json(one)})


def _infer(request: Mapping[str, Any], say: Say) -> None:
    """The network and the conventions of a target, from its behaviour; the start of this process takes time too."""
    from rnnproof.conventions import clock
    from rnnproof.usecases.infer import infer

    tell: Callable[[str], None] = lambda what: say({"event": "working", "what": what})  # noqa: E731
    with within(request["timeout_s"]):
        found = infer(request["target"], request["network"], tell, clock.of_process(within))
    say({"event": "inferred", **asdict(found)})


TASKS: Mapping[str, Callable[[Mapping[str, Any], Say], None]] = {
    "verify": _verify,
    "replay": _replay,
    "script": _script,
    "check_gradient": _check_gradient,
    "calibrate": _calibrate,
    "infer": _infer,
    "score": _score,
}
