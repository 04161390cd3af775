"""A target that fails, and behaves as something else: in another dialect, or as another network without some arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from rnnproof.adapters.resolve import Target
from rnnproof.conventions.clock import Clock
from rnnproof.conventions.search import Reading
from rnnproof.conventions.unsaid import listed
from rnnproof.dialects.named import PLAIN
from rnnproof.dialects.pasted import pasted
from rnnproof.model.verdict import Finding, Outcome
from rnnproof.properties.laws import BY_ID
from rnnproof.usecases.bench import Bench
from rnnproof.usecases.examine import examine_law
from rnnproof.usecases.fewer import Rest
from rnnproof.usecases.infer import reading_of

FEW = 3  # cases on which a law that failed is looked at again
IN_FLOATS = {"exact.forward": "forward.values", "exact.gradient": "gradient.parameters"}
Diagnosed = Callable[[Finding, Bench], Finding]


@dataclass(frozen=True, eq=False)
class Instead:
    """The target as what it does behave as; that in a few ``words``, and in full."""

    target: Target
    words: str
    text: str
    benches: dict[str, Bench] = field(default_factory=dict)

    def bench(self, dtype: str, seed: int) -> Bench:
        """It in a format; made once."""
        return self.benches.setdefault(dtype, Bench(self.target, dtype, seed))


def instead_of_rest(rest: Rest, clock: Clock) -> Instead | None:
    """What a target is that reads nothing of some arrays; None where it is nothing known.

    Where each array is what its name says, as in an LSTM that has no peepholes, a diagnosis says more: None too.
    """
    found, _ = reading_of(rest.target, None, clock=clock)
    if found is None or found.dialect == PLAIN:
        return None
    words = f"equals another network of the catalogue, {found.network.name}, under other names"
    told = [f"{words}:", words_of(found), f"  nothing is read of {listed(rest.unread)}"]
    told += [f"  the state {name} is returned as it was" for name in rest.idle]
    own: Any = replace(rest.target.implementation, dialect=found.dialect)  # type: ignore[type-var]
    return Instead(replace(rest.target, implementation=own, network=found.network), words, "\n".join(told))


def in_another_dialect(target: Target, found: Reading) -> Instead:
    """The ``target``, in that dialect, where the one that was declared fails."""
    words = f"in another dialect it behaves as {found.network.name}"
    return Instead(target, words, f"{words}:\n{words_of(found)}")


def explained(instead: Instead, finding: Finding, bench: Bench, diagnosed: Diagnosed) -> Finding:
    """A failure, with what the target behaves as instead where the law holds of that.

    Where the law fails of that too, its diagnosis is that of the target as what it behaves as.
    """
    own = instead.bench(bench.dtype, bench.seed)
    again = examine_law(BY_ID[finding.property], own, FEW)
    if again.outcome not in (Outcome.PASSED, Outcome.FAILED) and finding.property in IN_FLOATS:
        again = examine_law(BY_ID[IN_FLOATS[finding.property]], own, FEW)
    if again.outcome is Outcome.FAILED:
        told = f"{finding.message}\n  {instead.words}; but this fails there too"
        return replace(finding, message=told, diagnosis=diagnosed(again, own).diagnosis)
    if again.outcome is not Outcome.PASSED:
        return finding
    explains = [finding.property]
    about = {"text": instead.text, "names": [instead.words], "explains": explains, "arrays": [], "whole": True}
    return replace(finding, diagnosis=about)


def words_of(found: Reading) -> str:
    """Its dialect, by its name or to be pasted, below a line."""
    words = found.dialect.name or pasted(found.dialect)
    return "\n".join(f"    {line}" for line in words.splitlines())
