"""Every exception a user can meet. The message is the interface: which, what was given, what was expected."""


class RnnproofError(Exception):
    """The base of all of them. ``details`` is what may be shown below the message: the target's own traceback."""

    def __init__(self, message: str = "", details: str = "") -> None:
        super().__init__(message)
        self.details = details


class UsageError(RnnproofError, ValueError):
    """What the user asked for cannot be asked: an unknown network, option, property or file (exit code 2)."""


class ModelError(RnnproofError, ValueError):
    """A cell, network or case that is not well formed; the message names the equation or array."""


class Unsupported(RnnproofError, NotImplementedError):
    """Something that is not built yet, or that an adapter does not model; refused by name, never ignored."""


class TargetError(RnnproofError):
    """The target returned something that cannot be a result: a wrong shape or name, None, or it raised."""


class VerificationFailed(RnnproofError, AssertionError):
    """A report that is not ok, raised by ``Report.raise_for_failure()``."""


class Interrupted(RnnproofError):
    """The user stopped the run; what was found so far is in ``report``."""
