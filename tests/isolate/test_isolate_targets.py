"""Whatever a target does to its process, its law is an error, the next goes on, and we are told why."""

import os
import select
import signal
from contextlib import closing
from threading import Event

import pytest
from target_files import FIRST, request, target

from rnnproof.errors import UsageError
from rnnproof.isolate import course
from rnnproof.model.event import Found, Printed, Running, Started
from rnnproof.model.verdict import Outcome


def events(*arguments, **more):
    return list(course.verify(request(*arguments, **more)))


def findings(happened):
    return {event.finding.property: event.finding for event in happened if isinstance(event, Found)}


def printed(happened):
    return "".join(event.text for event in happened if isinstance(event, Printed))


def only(happened):
    (finding,) = findings(happened).values()
    return finding


def test_a_right_target_is_told_about_as_it_goes():
    started, *rest = course.verify(request("numpy:lstm", "forward.values", "state.final"))
    assert isinstance(started, Started)
    assert (started.target, started.network) == ("numpy:lstm", "lstm")
    assert started.plan == (("forward.values", "float64"), ("state.final", "float64"))
    assert [type(event) for event in rest] == [Running, Found, Running, Found]
    assert {(f.property, f.outcome, f.cases) for f in findings(rest).values()} == {
        ("forward.values", Outcome.PASSED, 2),
        ("state.final", Outcome.PASSED, 2),
    }


def test_a_crash_is_an_error_and_the_next_law_goes_on(tmp_path):
    place = target(tmp_path, "def grad(self, *arguments):\n    ctypes.string_at(0)")
    found = findings(events(place, "forward.values", "gradient.inputs", "numerics.rounding"))
    assert {name: finding.outcome for name, finding in found.items()} == {
        "forward.values": Outcome.PASSED,
        "gradient.inputs": Outcome.ERROR,
        "numerics.rounding": Outcome.PASSED,
    }
    reason, *frames = found["gradient.inputs"].message.splitlines()
    assert reason == "the target crashed the interpreter: SIGSEGV (Segmentation fault)"
    assert frames[-1].endswith(f"target.py, line {FIRST + 2}, in grad")
    assert found["gradient.inputs"].kind == "crash"


def test_after_three_deaths_of_one_kind_the_rest_is_not_tried(tmp_path):
    body = f"def run(self, *arguments):\n    print('tried')\n    os.kill(os.getpid(), {int(signal.SIGKILL)})"
    happened = events(target(tmp_path, body))
    found = list(findings(happened).values())
    assert len(found) > 10
    idle = {finding.property for finding in found if finding.outcome is Outcome.NOT_APPLICABLE}
    assert idle == {"sequence.lengths", "sequence.reverse", "sequence.layers"}
    found = [finding for finding in found if finding.property not in idle]
    assert {finding.outcome for finding in found} == {Outcome.ERROR}
    killed = "the target crashed the interpreter: SIGKILL (Killed)"
    assert [finding.message for finding in found[:3]] == [killed] * 3
    untried = f"not tried, since 3 laws in a row ended so: {killed}"
    assert {finding.message for finding in found[3:]} == {untried}
    assert printed(happened) == "tried\n" * 3


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("os._exit(0)", "the target ended the process with exit code 0"),
        ("os._exit(3)", "the target ended the process with exit code 3"),
        ("raise KeyboardInterrupt", "the target raised KeyboardInterrupt"),
        ("os.closerange(3, 200)\n    return super().run(*arguments)", "the target cut the connection to its process"),
        ("os.fork() or time.sleep(600)\n    os._exit(4)", "the target ended the process with exit code 4"),
    ],
)
def test_an_end_that_is_none_is_never_success(tmp_path, body, message):
    place = target(tmp_path, f"def run(self, *arguments):\n    {body}")
    finding = only(events(place, "forward.values"))
    assert (finding.outcome, finding.message.splitlines()[0]) == (Outcome.ERROR, message)


def test_an_exception_that_is_none_comes_with_the_targets_traceback(tmp_path):
    place = target(tmp_path, "def run(self, *arguments):\n    raise KeyboardInterrupt")
    first, *told = only(events(place, "forward.values")).message.splitlines()
    assert first == "the target raised KeyboardInterrupt"
    assert told[0] == "Traceback (most recent call last):"
    assert [line for line in told if line.startswith("  File")] == [
        f'  File "{tmp_path}/target.py", line {FIRST + 2}, in run'
    ]
    body = "class Odd(BaseException): pass\ndef run(self, *arguments):\n    raise self.Odd('at odds')"
    finding = only(events(target(tmp_path, body), "forward.values"))
    assert finding.message.splitlines()[0] == "run raised target.Wrong.Odd: at odds"
    assert "rnnproof" not in finding.message and finding.message.count("Traceback") == 1


def test_a_copy_of_the_process_says_nothing(tmp_path):
    place = target(tmp_path, "def run(self, *arguments):\n    os.fork()\n    return super().run(*arguments)")
    happened = events(place, "forward.values")
    assert [type(event) for event in happened if not isinstance(event, Printed)] == [Started, Running, Found]
    assert only(happened).outcome is Outcome.PASSED


def test_sys_exit_is_an_error_that_names_the_call(tmp_path):
    place = target(tmp_path, "def run(self, *arguments):\n    sys.exit(0)")
    finding = only(events(place, "forward.values"))
    assert finding.outcome is Outcome.ERROR
    assert finding.message.splitlines()[0] == "run called sys.exit(0)"


HANGS = {
    "in a loop": "while True: pass",
    "in a call": "time.sleep(600)",
    "deaf to signals": "[signal.signal(n, signal.SIG_IGN) for n in (signal.SIGALRM, signal.SIGTERM)]; time.sleep(600)",
}


@pytest.mark.parametrize("body", HANGS.values(), ids=HANGS)
def test_a_hang_is_an_error_that_says_where(tmp_path, body):
    place = target(tmp_path, f"def run(self, *arguments):\n    {body}")
    finding = only(events(place, "forward.values", timeout=4))
    reason, where = finding.message.splitlines()
    assert (finding.outcome, finding.kind) == (Outcome.ERROR, "timeout")
    assert reason == "no answer for 4 s: the target hangs"
    assert where.endswith(f"target.py, line {FIRST + 2}, in run")


def test_a_hanging_step_is_an_error_too(tmp_path):
    place = target(tmp_path, "def step(self, *arguments):\n    time.sleep(600)")
    found = findings(events(place, "forward.values", "forward.step", timeout=4))
    assert found["forward.values"].outcome is Outcome.PASSED
    assert found["forward.step"].message.startswith("no answer for 4 s: the target hangs\n")


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import time\ntime.sleep(600)", "no answer for 4 s: the target hangs\n  "),
        ("import ctypes\nctypes.string_at(0)", "the target crashed the interpreter: SIGSEGV (Segmentation fault)\n  "),
        ("import os\nos._exit(0)", "the target ended the process with exit code 0"),
        ("raise KeyboardInterrupt", "the target raised KeyboardInterrupt"),
    ],
)
def test_an_import_that_ends_the_process_is_said(tmp_path, source, message):
    file = tmp_path / "target.py"
    file.write_text(source)
    with pytest.raises(UsageError) as caught:
        events(str(file), timeout=4)
    assert str(caught.value).startswith(f"{file} cannot be verified: {message}")


def test_what_cannot_be_verified_is_raised_as_the_child_says_it(tmp_path):
    with pytest.raises(UsageError, match=r"unknown property 'forward\.value'; did you mean"):
        events("numpy:lstm", "forward.value")
    (tmp_path / "target.py").write_text("import sys\nsys.exit(0)")
    with pytest.raises(UsageError) as caught:
        events(str(tmp_path / "target.py"))
    assert str(caught.value).endswith("target.py called sys.exit(0) when it was imported")
    assert caught.value.details.splitlines()[-1] == "SystemExit: 0"


def test_what_a_target_prints_is_only_printed(tmp_path):
    says = '{"event": "end"}'
    body = f"def run(self, *arguments):\n    print('{says}', flush=True)\n    return super().run(*arguments)"
    happened = events(target(tmp_path, body), "forward.values")
    assert only(happened).outcome is Outcome.PASSED
    assert set(printed(happened).splitlines()) == {says}


def test_what_a_target_writes_without_python_and_not_in_utf8_is_printed_too(tmp_path):
    body = "def run(self, *arguments):\n    os.write(2, b'\\xff\\n')\n    return super().run(*arguments)"
    happened = events(target(tmp_path, body), "forward.values")
    assert only(happened).outcome is Outcome.PASSED
    assert set(printed(happened).splitlines()) == {"\ufffd"}


def test_a_target_that_reads_standard_input_finds_nothing_there(tmp_path):
    finding = only(events(target(tmp_path, "def run(self, *arguments):\n    input()"), "forward.values"))
    assert finding.message.startswith("run raised EOFError")


def test_closing_ends_the_child_and_what_it_started(tmp_path):
    pids = tmp_path / "pids"
    body = (
        "def run(self, *arguments):\n"
        "    other = os.fork() or time.sleep(600)\n"
        f"    open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{other}} ')\n"
        "    print('running', flush=True)\n"
        "    time.sleep(600)"
    )
    with closing(course.verify(request(target(tmp_path, body), "forward.values"))) as happens:
        assert any(isinstance(event, Printed) for event in happens)
    child, grandchild = map(int, pids.read_text().split())
    assert _ended(child)
    assert _ended(grandchild)


def _ended(pid):
    """Whether a process has ended, or does now: a signal that was sent may take a moment."""
    try:
        return bool(select.select([os.pidfd_open(pid)], [], [], 60)[0])
    except ProcessLookupError:
        return True


def test_nothing_is_dropped_and_no_module_of_the_directory_is_taken_for_ours(tmp_path, monkeypatch):
    """A file named as a module of the standard library stands in the working directory, which is read-only."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "json.py").write_text("raise SystemExit('the wrong json')")
    place = target(tmp_path, "pass")
    here.chmod(0o555)
    monkeypatch.chdir(here)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert only(events(place, "forward.values")).outcome is Outcome.PASSED
    assert os.listdir(here) == ["json.py"]
    assert sorted(name for name in os.listdir(tmp_path) if name != "cache") == ["here", "target.py"]


def test_where_nobody_waits_any_more_a_target_that_hangs_is_left(tmp_path):
    """It is no error of the target's: without that it would be one, once the time of a run is over."""
    body = "def run(self, *arguments):\n    print('running', flush=True)\n    time.sleep(600)"
    shown, happened = Event(), []
    for event in course.verify(request(target(tmp_path, body), "forward.values", timeout=30), shown.is_set):
        happened.append(event)
        if isinstance(event, Printed):
            shown.set()
    assert printed(happened).startswith("running")  # its line may come in two pieces
    assert not [event for event in happened if isinstance(event, Found)]
