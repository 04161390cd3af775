"""What a check of a gradient says: how the arguments were read, what was compared, and what differs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from rnnproof.domains.ring import Ring
from rnnproof.properties.exactly import RISKY, describe
from rnnproof.usecases.gradients.arguments import AS_IT_IS
from rnnproof.usecases.gradients.check import Plan
from rnnproof.usecases.gradients.compare import Found
from rnnproof.usecases.gradients.multiple import Factor
from rnnproof.usecases.gradients.update import Update

MOST_NAMES = 8
COUNT = re.compile(r"^(  )(\d+ of \d+ entries differ)", re.MULTILINE)


def passed(found: Found, plan: Plan, ring: Ring) -> str:
    """The message of a gradient that is the derivative."""
    compared = dict.fromkeys([*found.got, *(found.update.factors if found.update else ())])
    decayed = [path for path, each in (found.update.factors if found.update else {}).items() if each.decay is not None]
    besides = f"; besides, a decay or a penalty's term of {listed(decayed)}" if decayed else ""
    lines = [f"equal to the derivative, exactly: {listed(f'd{path}' for path in compared)}{besides}"]
    return "\n".join([*lines, *_update(found.update), *remarks(found, plan), *branches(ring), *on_the_way(ring)])


def failed(found: Found, plan: Plan, ring: Ring) -> str:
    """The message of one that is not: the first difference, then each wrong gradient in a line."""
    told = describe(
        found.differences, found.total, f"the derivative of {plan.pair.names[0]}, executed exactly (in Z/p^k)", ring
    )
    lines = [COUNT.sub(r"\1at least \2", told) if found.sampled else told]
    first = found.differences[0].name.removeprefix("d")
    lines += [f"  {_wrong(path, found)}" for path in found.wrong if path != first or _told(path, found)]
    lines += [f"  the loss does not depend on {listed(found.got)} at all"] if found.idle else []
    right = [f"d{path}" for path in found.got if path not in found.wrong]
    lines += [f"  right: {listed(right)}"] if right else []
    return "\n".join([*lines, *(f"  {line}" for line in (*_update(found.update), *remarks(found, plan)))])


def _told(path: str, found: Found) -> bool:
    return path in (found.exchanged or {}) or path in (found.penalties or {})


def _wrong(path: str, found: Found) -> str:
    if path in (found.exchanged or {}):
        return f"what is returned for {path} is exactly the derivative by {(found.exchanged or {})[path]}"
    if path in (found.penalties or {}):
        return f"d{path} is exactly the derivative and {(found.penalties or {})[path]} besides, which the loss has not"
    if path in (found.factors or {}) and (found.factors or {})[path].fraction is not None:
        return f"d{path} is exactly {(found.factors or {})[path]} times what it should be"
    return f"d{path} differs from the derivative by {path}, too"


def _exactly(factor: Factor) -> str:
    return f"exactly {factor}" if factor.fraction is not None else str(factor)


def _update(update: Update | None) -> list[str]:
    """What the update in place was."""
    if update is None:
        return []
    told: dict[str, list[str]] = {}
    for path, found in update.factors.items():
        besides = f" and {found.besides}" if found.besides else ""
        rule = f"{found.called or found.rule} by {_exactly(found.factor)} times the derivative{besides}"
        told.setdefault(rule, []).append(path)
    lines = [f"updated in place, {words}: {listed(paths)}" for words, paths in told.items()]
    if update.got:
        lines.append(f"recovered from the update in place with the same factor: {listed(update.got)}")
    if update.memories:
        lines.append(f"memories of squares: {listed(update.memories)}")
    if update.unmoved:
        lines.append(f"changed, but not in the loss: {listed(update.unmoved)}")
    return lines


def remarks(found: Found, plan: Plan) -> list[str]:
    """How the arguments were read, and what was not looked at."""
    arguments = found.arguments or plan.arguments
    told: dict[str, list[str]] = {}
    for path, kind in arguments.data.items():
        names = told.setdefault(AS_IT_IS.get(kind, "no numbers"), [])
        names += [arguments.name_of(path)] if arguments.name_of(path) not in names else []
    lines = [f"taken as it is ({kind}): {listed(names)}" for kind, names in told.items()]
    update = found.update
    updated = set() if update is None else {*update.factors, *update.got, *update.memories, *update.unmoved}
    covered = updated | set(found.got)
    aside = [path for path in found.changed if path not in updated and arguments.data.get(path) != "buffer"]
    lines += [f"changed, not looked at: {listed(aside)}"] if aside else []
    none = [path for path in found.none if path not in covered]
    lines += [f"None was returned as the gradient by: {listed(none)}"] if none else []
    missing = [path for path in arguments.unknown if path not in (*covered, *aside, *none)]
    lines += [f"no gradient was returned for: {listed(missing)}"] if missing else []
    lines += [f"returned beside the gradients, not looked at: {listed(found.ignored)}"] if found.ignored else []
    beside = [label for label in found.beside if label]
    return lines + ([f"returned beside the loss, not looked at: {listed(beside)}"] if beside else [])


def on_the_way(ring: Ring) -> list[str]:
    """What took part that reads a number in one of several ways, each line of the code once."""
    kinds: dict[str, dict[str, None]] = {}
    for note in ring.notes:
        if note.kind in (*RISKY, "inactive clip"):
            kinds.setdefault(_line(note.place), {})[note.kind] = None
    places: dict[str, list[str]] = {}
    for place, found in kinds.items():
        places.setdefault(", ".join(found), []).append(place)
    return [f"on the way: {'; '.join(f'{kind} ({_sorted(lines)})' for kind, lines in places.items())}"] if kinds else []


def branches(ring: Ring) -> list[str]:
    """The lines of the comparisons that took part: which way they went was decided by these arguments."""
    clips = {note.place for note in ring.notes if note.kind.endswith("clip")}
    places = [note.place for note in ring.notes if note.kind == "comparison" and note.place not in clips]
    lines = dict.fromkeys(map(_line, places))
    return [f"compared, and so on this branch alone: {_sorted(lines)}"] if lines else []


def _sorted(lines: Iterable[str]) -> str:
    return listed(sorted(lines, key=lambda line: (line.rpartition(":")[0], len(line), line)))


def _line(place: str) -> str:
    return place.partition(": ")[0]


def listed(names: Iterable[str] | Mapping[str, object]) -> str:
    """Names with commas, the first few of many."""
    every = list(names)
    more = f" and {len(every) - MOST_NAMES} more" if len(every) > MOST_NAMES else ""
    return ", ".join(every[:MOST_NAMES]) + more
