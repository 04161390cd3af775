"""Targets that raise when they are looked at, or when what they returned is read: an error of theirs, said as one."""

import numpy as np
import pytest
from adapter_cases import lstm
from plain_targets import ran, target

import rnnproof
from rnnproof.errors import TargetError, UsageError


class Remote:
    """Everything it has not is looked for elsewhere, and not found."""

    def __getattr__(self, name):
        raise RuntimeError(f"no connection for {name}")

    def run(self, params, x, state):
        return lstm(params, x, state)


class Unready:
    @property
    def claims(self):
        raise ValueError("not ready")

    run = staticmethod(lstm)


class NoRun:
    @property
    def run(self):
        raise ValueError("not ready")


class Lazy(dict):
    def __getitem__(self, key):
        raise RuntimeError(f"{key} is not there yet")


class LazyClaims:
    claims = Lazy(dtypes=["float64"])
    run = staticmethod(lstm)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Remote, "Remote object: asked for its claims, the target raised RuntimeError: no connection for claims"),
        (Unready, "Unready object: asked for its claims, the target raised ValueError: not ready"),
        (NoRun, "NoRun object: asked for its run, the target raised ValueError: not ready"),
        (LazyClaims, "LazyClaims object: asked for its claims, the target raised RuntimeError: dtypes is not there"),
    ],
)
def test_a_target_that_raises_when_it_is_looked_at(found, message):
    with pytest.raises(UsageError, match=f"^{message}") as caught:
        rnnproof.verify(found(), network="lstm", properties=["forward.values"], max_examples=1)
    assert "rnnproof" not in caught.value.details


def test_a_dictionary_that_raises_when_it_is_read():
    def run(params, x, state):
        outputs, final = lstm(params, x, state)
        return outputs, Lazy(final)

    with pytest.raises(TargetError, match="final_state, when it was read, raised RuntimeError: h is") as told:
        ran(target(run=run))
    assert told.value.details.count("__getitem__") == 1


def test_what_only_looks_like_an_exception_is_told_as_one():
    def run(params, x, state):
        raise GeneratorExit

    with pytest.raises(TargetError, match="run raised GeneratorExit"):
        ran(target(run=run))


def test_ctrl_c_passes():
    def run(params, x, state):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(target(run=run))


def test_masked_numbers_are_no_result():
    def run(params, x, state):
        outputs, final = lstm(params, x, state)
        return np.ma.masked_array(outputs, mask=np.ones(outputs.shape)), final

    with pytest.raises(TargetError, match="with masked entries, expected a number in each"):
        ran(target(run=run))
