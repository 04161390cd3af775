"""A stored counterexample run again: is it fixed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnproof import store
from rnnproof.errors import UsageError
from rnnproof.model.report import INFERRED
from rnnproof.model.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from rnnproof.adapters.resolve import Target

FIXED, STILL_FAILS, CANNOT_RUN = "FIXED", "STILL FAILS", "CANNOT RUN"
EXIT_CODES = {FIXED: 0, STILL_FAILS: 1, CANNOT_RUN: 2}
WORDS = {
    Outcome.PROVED: FIXED,
    Outcome.PASSED: FIXED,
    Outcome.SUSPICIOUS: FIXED,
    Outcome.UNDECIDED: FIXED,
    Outcome.FAILED: STILL_FAILS,
}


@dataclass(frozen=True)
class Replayed:
    """What became of a counterexample: one of the three words, and what the law says of it now."""

    word: str
    message: str = ""

    @property
    def exit_code(self) -> int:
        """0 fixed, 1 still fails, 2 cannot run."""
        return EXIT_CODES[self.word]


def replay(what: str, target: object = None, directory: Path | None = None) -> Replayed:
    """Run the stored case ``what`` (an id or a file) again, in this process.

    Errors: UsageError for an id or file that cannot be read, and for a target that is not known or not found.
    """
    document = store.load(what, directory or store.default_directory(), target is not None)
    return rerun(document, stored_target(document, target))


def stored_target(document: Mapping[str, Any], target: object = None) -> Target:
    """The target of a counterexample, or another one in its place.

    Errors: UsageError where none is stored and none is given, or it cannot be found.
    """
    from rnnproof.adapters.resolve import resolve
    from rnnproof.dialects import DIALECTS
    from rnnproof.usecases.read_as import as_read

    chosen = document["target"] if target is None else target
    if chosen is None:
        raise UsageError("this counterexample is of a live Python object; say which target to run")
    spoken = document["dialect"] if isinstance(chosen, str) and document["dialect"] in DIALECTS else None
    found = resolve(chosen, document["network"], spoken)
    inferred = found.dialect is None and (document["dialect"] or "").startswith(INFERRED)
    return as_read(found) if inferred else found


def rerun(document: Mapping[str, Any], target: Target) -> Replayed:
    """The property's law on the stored case alone."""
    from rnnproof.usecases.verify import judge_stored

    return replayed(judge_stored(target, document["property"], document["case"]))


def replayed(verdict: Verdict) -> Replayed:
    """What a verdict on the stored case means."""
    if verdict.outcome is Outcome.UNDECIDED:
        return Replayed(FIXED, "every number is inside its error bound again; in so small a case that is all it says")
    return Replayed(WORDS.get(verdict.outcome, CANNOT_RUN), verdict.message or verdict.outcome.value)
