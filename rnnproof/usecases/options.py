"""What is to be looked at and how hard, as the caller says it; what cannot be meant is refused in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import index

from rnnproof.adapters.results import kind
from rnnproof.domains.formats import FORMATS, unknown_dtype
from rnnproof.errors import CLOSE, Unsupported, UsageError, likeness, nearest
from rnnproof.properties.laws import BY_ID, LATER, LAWS, Law

PROFILES: Mapping[str, int] = {"quick": 50, "thorough": 500}


@dataclass(frozen=True)
class Options:
    """What to look at, and how hard. None: everything that the target claims."""

    properties: tuple[str, ...] | None = None
    dtypes: tuple[str, ...] | None = None
    seed: int = 0
    max_examples: int | None = None
    profile: str = "quick"


def options_of(properties: object, dtype: object, seed: object, max_examples: object, profile: object) -> Options:
    """The options of a call from Python, checked: a single name is as a list of one.

    Errors: UsageError for an argument of another type; and as ``check_options``.
    """
    options = Options(
        _names("properties", properties, "forward.values"),
        _names("dtype", dtype, "float64"),
        _whole("seed", seed),
        None if max_examples is None else _whole("max_examples", max_examples),
        _text("profile", profile),
    )
    check_options(options)
    return options


def _names(what: str, given: object, such_as: str) -> tuple[str, ...] | None:
    if given is None:
        return None
    expected = f'expected a name such as "{such_as}", a list of names, or None for all'
    if isinstance(given, str):
        return (given,)
    if not isinstance(given, Iterable) or isinstance(given, bytes | Mapping):
        raise UsageError(f"{what} is {kind(given)}; {expected}")
    names = tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise UsageError(f"{what} holds {kind(name)}; {expected}")
    if not names:
        raise UsageError(f"{what} names nothing; {expected}")
    return names


def _whole(what: str, given: object) -> int:
    try:
        if isinstance(given, bool):
            raise TypeError
        return index(given)  # type: ignore[arg-type]
    except TypeError as problem:
        raise UsageError(f"{what} is {_shown(given)}; expected a whole number") from problem


def _text(what: str, given: object) -> str:
    if not isinstance(given, str):
        raise UsageError(f"{what} is {_shown(given)}; expected one of {', '.join(PROFILES)}")
    return given


def _shown(given: object) -> str:
    """A number or text as it is written, of anything else what it is."""
    return repr(given) if isinstance(given, bool | int | float | str) else kind(given)


def check_options(options: Options) -> None:
    """Errors: UsageError or Unsupported for a property, dtype, profile or number that cannot be."""
    for name in options.properties or ():
        if name in LATER:
            raise Unsupported(f"property {name} is not built yet; built are {', '.join(BY_ID)}")
        if name not in BY_ID:
            raise UsageError(f"unknown property {name!r}{_nearest_law(name)}")
    for name in options.dtypes or ():
        if name not in FORMATS:
            raise UsageError(unknown_dtype(name))
    if options.profile not in PROFILES:
        raise UsageError(f"unknown profile {options.profile!r}{nearest(options.profile, PROFILES)}")
    if options.max_examples is not None and options.max_examples < 1:
        raise UsageError(f"max-examples is {options.max_examples}; expected at least 1")


def _nearest_law(name: str) -> str:
    """A law that is built, by its name or by the last word of it; else by its name one that is not."""

    def alike(law: str) -> float:
        return max(likeness(name, law), likeness(name.rpartition(".")[2], law.rpartition(".")[2]))

    best = max(BY_ID, key=alike)
    return f"; did you mean {best}?" if alike(best) >= CLOSE else nearest(name, (*BY_ID, *LATER))


def chosen_laws(options: Options) -> tuple[Law, ...]:
    """The laws asked for, in the order of the table."""
    return tuple(law for law in LAWS if options.properties is None or law.id in options.properties)
