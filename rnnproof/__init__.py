"""rnnproof: is this code the network it says it is?

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from rnnproof.model.network import Network
    from rnnproof.model.report import Report
    from rnnproof.usecases.infer import Inferred

__all__ = ["__version__", "derive", "exact", "infer", "testing", "verify"]


def verify(
    target: object,
    network: str | None = None,
    *,
    dialect: str | None = None,
    properties: str | Sequence[str] | None = None,
    dtype: str | Sequence[str] | None = None,
    seed: int = 0,
    max_examples: int | None = None,
    profile: str = "quick",
) -> Report:
    """Whether ``target`` is the network it says it is, law by law, in the caller's process.

    ``target`` is an object, or a text as on the command line. Counterexamples are kept in the user's cache
    directory; a finding's ``replay`` is the id of its own, or None where nothing can be written there.

    Errors: UsageError for a target, network, option or property that does not exist, and an argument of another
    type; Unsupported for one that is not built or not modelled. What the target does wrong is in the report.
    """
    from dataclasses import replace

    from rnnproof import store
    from rnnproof.strategies.search import use_own_home
    from rnnproof.usecases import verify as engine

    use_own_home(str(store.cache() / "hypothesis"))
    report = engine.verify(
        target,
        network,
        dialect=dialect,
        properties=properties,
        dtype=dtype,
        seed=seed,
        max_examples=max_examples,
        profile=profile,
    )
    kept = store.keeper(store.default_directory(), complain=lambda problem: None)
    named = target if isinstance(target, str) else None
    return replace(report, findings=tuple(kept(finding, named) for finding in report.findings))


def infer(target: object, network: str | None = None) -> Inferred:
    """Which network and which conventions ``target`` follows, told from its behaviour alone, in the caller's process.

    ``readings`` are (network, dialect) as text, the dialect by its name or as Python to be pasted; ``also`` says the
    same function in other words; ``why`` is a sentence where nothing fits, or several do. Without ``network``, any
    network of the catalogue may be it.

    Errors: UsageError for a target or network that does not exist; Unsupported for one that is not modelled.
    """
    from rnnproof.usecases.infer import infer

    return infer(target, network)


def derive(network: str | Network, steps: int = 2, format: str = "md") -> str:
    """What is known about a network, by its string or as an object of yours, as a document in Markdown.

    Its equations, its outputs unrolled over ``steps`` steps, its gradients, the statements that hold for it and a
    worked example; each formula was checked, and the check stands beside it.

    Errors: UsageError for an unknown network, fewer than one step, or more than could be read; Unsupported for
    another format; VerificationFailed where a formula and the code that computes it do not agree.
    """
    from rnnproof.usecases.derive import derive

    return derive(network, steps, format)


def __getattr__(name: str) -> str | ModuleType:
    if name == "__version__":
        from importlib.metadata import version

        return version("rnnproof")
    if name in ("exact", "testing"):
        from importlib import import_module

        return import_module(f"rnnproof.{name}")
    raise AttributeError(f"module 'rnnproof' has no attribute {name!r}")
