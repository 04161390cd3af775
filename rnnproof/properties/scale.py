"""The right numbers times a constant: which constant, and whether it is one of the case's own sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import prod

import numpy as np

from rnnproof.domains.formats import U64
from rnnproof.model.case import Array, Case

BITS = 20  # of agreement in all, beyond the entry that tells the factor: by chance once in a million


@dataclass(frozen=True, eq=False)
class Entries:
    """Wrong entries of one array: as returned, as they should be, and to within what right code may be off."""

    name: str
    got: Array
    true: Array
    radius: Array


def together(parts: Sequence[Entries]) -> Entries:
    """The entries of several arrays."""
    got, true, radius = (np.concatenate([getattr(one, n) for one in parts]) for n in ("got", "true", "radius"))
    return Entries("", got, true, radius)


def factor_of(entries: Entries) -> float | None:
    """k where got = k true in several entries, to within k times what right code may be off, and k is not 1.

    k is known as well as the entry that tells it best; the others must agree to ``BITS`` bits in all. Two entries
    of one number tell nothing, unless k is a multiple of 1/12.
    """
    got, true, radius = entries.got, entries.true, np.maximum(entries.radius, 4 * U64 * np.abs(entries.got))
    if (
        len(got) < 2
        or not np.isfinite(got / np.where(true, true, 1)).all()
        or not np.isfinite(radius).all()
        or not true.all()
    ):
        return None
    loose = radius / np.abs(true)
    best = int(np.argmin(loose))
    k = float(got[best] / true[best])
    simple = round(k * 12) / 12 if abs(k) >= 1 / 24 else k
    off = abs(k) * (radius + np.abs(true) * loose[best])
    k = simple if simple and abs(k - simple) <= 2 * abs(k) * loose[best] else k
    others = np.delete(loose, best) if k == simple else loose[np.abs(true) != abs(true[best])]
    bits = float(-np.log2(np.minimum(others, 1)).sum())
    told = k not in (0, 1) and bits >= BITS and np.all(np.abs(got - k * true) <= off)
    return k if told else None


def factors(parts: Sequence[Entries]) -> Mapping[str, float]:
    """The factor of all wrong entries, named ""; else that of each array; nothing where one has none."""
    if (k := factor_of(together(parts))) is not None:
        return {"": k}
    found = {one.name: k for one in parts if (k := factor_of(one)) is not None}
    return found if len(found) == len(parts) > 1 else {}


def constants(case: Case) -> Mapping[str, int]:
    """What a mean may be taken over: T, B, the width of an output, and their products; the lengths of the rows."""
    width = case.cotangents.outputs.shape[-1]
    sizes = {"T": case.sizes.T, "B": case.sizes.B, case.network.output_size: width}
    large = {name: size for name, size in sizes.items() if size > 1}
    every = (names for n in range(1, 4) for names in combinations(large, n))
    named = {"*".join(names): prod(large[name] for name in names) for names in every}
    return named if case.lengths is None else {**named, "the sum of the lengths": int(np.sum(case.lengths))}


def said(found: Mapping[str, float], known: Mapping[str, int]) -> str:
    """The ratio is 1/4 = 1/T in each of them."""
    if set(found) == {""}:
        return f"the ratio is {_named(found[''], known)} in each of them"
    shown = [f"{_named(k, known)} in {name}" for name, k in list(found.items())[:4]]
    return f"the ratio is {', '.join(shown)}{', ...' if len(found) > 4 else ''}"


def _named(k: float, known: Mapping[str, int]) -> str:
    """1/4 = 1/T; the number alone where it is none of those known."""
    size = abs(k) if abs(k) >= 1 else 1 / abs(k)
    names = _simplest(name for name, value in known.items() if abs(size - value) <= value * 2.0**-BITS)
    if not names:
        return _beside_one(k) if f"{abs(k):.6g}" == "1" else f"{k:.6g}"
    sign, over = "-" if k < 0 else "", "" if abs(k) >= 1 else "1/"
    told = " or ".join(f"{sign}{over}{f'({name})' if over and '*' in name else name}" for name in names)
    return f"{sign}{over}{round(size)} = {told}"


def _beside_one(k: float) -> str:
    """1 + 2e-13, or -(1 - 2e-13); or -1."""
    off = abs(k) - 1
    if not off:
        return f"{k:g}"
    told = f"1 {'+' if off > 0 else '-'} {abs(off):.2g}"
    return told if k > 0 else f"-({told})"


def _simplest(names: Iterable[str]) -> list[str]:
    """Those of the fewest factors."""
    every = list(names)
    return [name for name in every if name.count("*") == min(other.count("*") for other in every)]
