"""The laws as a parametrised pytest function, for somebody's own test suite."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from rnnproof import store
from rnnproof.model.event import Found, Item
from rnnproof.model.report import in_dtype
from rnnproof.model.verdict import DECIDED, Finding, Outcome

if TYPE_CHECKING:
    from rnnproof.adapters.resolve import Target
    from rnnproof.usecases.options import Options

SOMETHING = "something is decided"
SKIPS = frozenset({Outcome.UNDECIDED, Outcome.NOT_APPLICABLE, Outcome.REFUSED})


def conformance(
    target: object,
    network: str | None = None,
    *,
    dialect: str | None = None,
    properties: str | Sequence[str] | None = None,
    dtype: str | Sequence[str] | None = None,
    seed: int = 0,
    max_examples: int | None = None,
    profile: str = "quick",
    diagnosis: bool = True,
) -> Callable[..., None]:
    """``test_my_lstm = conformance(target, network="lstm")``: a test with an item for each law and dtype.

    Failed and error fail with the finding's message; suspicious warns; undecided, refused and not applicable skip,
    with their reason; one item more fails where nothing at all is decided. Collecting runs no target. ``diagnosis``:
    whether a failure says which change of the specification explains it.

    Errors: UsageError and Unsupported, as ``rnnproof.verify``, where the function is made.
    """
    import pytest

    from rnnproof.adapters.resolve import resolve
    from rnnproof.usecases import verify as engine
    from rnnproof.usecases.options import options_of

    options = options_of(properties, dtype, seed, max_examples, profile)
    resolved = resolve(target, network, dialect)
    items = engine.plan(resolved, options)
    finding_of = _looker(resolved, options, target if isinstance(target, str) else None, diagnosis)

    @pytest.mark.parametrize("item", [*items, None], ids=[*("-".join(filter(None, item)) for item in items), SOMETHING])
    def conforms(item: Item | None) -> None:
        if item is None:
            _decided(finding_of(*item) for item in items)
        else:
            judge(finding_of(*item))

    conforms.__doc__ = f"{resolved.name} is {resolved.network.name}."
    anywhere = staticmethod(conforms)  # in a class too, where self would take the item's place
    vars(anywhere).update(vars(conforms))
    return anywhere


def _looker(
    resolved: Target, options: Options, named: str | None, diagnosis: bool
) -> Callable[[str, str | None], Finding]:
    """What looks at a single law in a single dtype when it is asked for, once."""
    from rnnproof.usecases.diagnosed import Diagnoses
    from rnnproof.usecases.read_as import Readings
    from rnnproof.usecases.verify import examine

    diagnosed, readings = Diagnoses().of if diagnosis else None, Readings()
    kept = store.keeper(store.default_directory(), complain=lambda problem: None)

    @cache
    def finding_of(property: str, dtype: str | None) -> Finding:
        alone = replace(options, properties=(property,), dtypes=options.dtypes if dtype is None else (dtype,))
        events = examine(resolved, alone, diagnosed=diagnosed, readings=readings)
        return next(kept(event.finding, named) for event in events if isinstance(event, Found))

    return finding_of


def judge(finding: Finding) -> None:
    """The finding as pytest says it: nothing, a warning, a skip or a failure."""
    import pytest

    text = f"{finding.property} {finding.outcome.value}{in_dtype(finding)}\n{finding.message}".rstrip()
    if finding.diagnosis is not None:
        text += "".join(f"\n  {line}" for line in str(finding.diagnosis["text"]).splitlines())
    if finding.replay is not None:
        needed = "" if (finding.counterexample or {}).get("target") else " TARGET"
        text += f"\n  again: rnnproof replay {finding.replay}{needed}"
    if finding.outcome in SKIPS:
        pytest.skip(finding.message or finding.outcome.value)
    if finding.outcome is Outcome.SUSPICIOUS:
        warnings.warn(pytest.PytestWarning(text), stacklevel=2)
    elif finding.outcome not in DECIDED or finding.outcome is Outcome.FAILED:
        pytest.fail(text, pytrace=False)


def _decided(findings: Any) -> None:
    import pytest

    seen: list[Finding] = []
    for finding in findings:
        if finding.outcome in DECIDED:
            return
        seen.append(finding)
    reasons = "\n".join(f"  {f.property} {f.outcome.value}: {f.message.partition(chr(10))[0]}" for f in seen)
    pytest.fail(f"nothing was decided\n{reasons}", pytrace=False)
